import DNS

/// A word cut into pieces without making a list of them.
enum Pieces {
    /// The next piece that is not empty; nil at the end.
    @inline(__always)
    static func next(_ rest: inout Piece, isEnd: (UInt8) -> Bool) -> Piece? {
        var start = 0
        while start < rest.count, isEnd(rest[start]) { start += 1 }
        guard start < rest.count else { return nil }
        var end = start
        while end < rest.count, !isEnd(rest[end]) { end += 1 }
        let piece = Piece(rebasing: rest[start..<end])
        rest = Piece(rebasing: rest[end...])
        return piece
    }
}

/// Words inside a comment: between spaces, quotes, commas, “=” and inner parentheses; brackets keep theirs.
enum CommentWords {
    /// White space, “"”, “(”, “)”, “,” and “=”.
    private static let splitting: UInt64 =
        1 << 9 | 1 << 10 | 1 << 13 | 1 << 32 | 1 << 34 | 1 << 40 | 1 << 41 | 1 << 44 | 1 << 61

    static func split(_ content: Piece) -> [Piece] {
        var words: [Piece] = []
        words.reserveCapacity(12)
        var start = 0
        var index = 0
        func end(at index: Int) {
            if start < index { words.append(Piece(rebasing: content[start..<index])) }
        }
        while index < content.count, words.count < 100 {
            let octet = content[index]
            if octet == UInt8(ascii: "["), let close = content.index(of: UInt8(ascii: "]"), from: index) {
                end(at: index)
                words.append(Piece(rebasing: content[index...close]))
                index = close + 1
                start = index
                // A port behind it says nothing.
                if index < content.count, content[index] == UInt8(ascii: ":") {
                    while index < content.count, content[index] == UInt8(ascii: ":") || content[index].isDigit {
                        index += 1
                    }
                    start = index
                }
            } else if octet.isOne(of: splitting) {
                end(at: index)
                index += 1
                start = index
            } else {
                index += 1
            }
        }
        end(at: index)
        return words
    }
}

/// Addresses as Received fields have them: `[192.0.2.1]`, `[IPv6:2001:db8::1]`, `192.0.2.1:25`, `fe80::1%6`.
enum AddressWords {
    static func address(_ word: Piece) -> IPAddress? {
        guard word.count <= 80, let first = word.first,
            first == UInt8(ascii: "[") || isPart(first) || first.lower == 105
        else { return nil }
        var rest = word[...]
        if first == UInt8(ascii: "[") {
            guard let close = word.index(of: UInt8(ascii: "]")) else { return nil }
            rest = rest[1..<close].drop { $0 == UInt8(ascii: "[") }
            // MDaemon writes `[(192.0.2.1)]`.
            if rest.first == UInt8(ascii: "("), rest.last == UInt8(ascii: ")") { rest = rest.dropFirst().dropLast() }
        }
        if rest.hasPrefixIgnoringCase("ipv6:") { rest = rest.dropFirst(5) }
        if let percent = rest.firstIndex(of: UInt8(ascii: "%")) { rest = rest[..<percent] }
        if let address = plain(rest) { return address }
        guard let colon = rest.lastIndex(of: UInt8(ascii: ":")), rest[(colon + 1)...].allSatisfy(\.isDigit),
            let address = plain(rest[..<colon]), case .v4 = address
        else { return nil }
        return address
    }

    /// `root@192.0.2.1`, `@192.0.2.1`: with what the client's ident server said.
    static func behindUser(_ word: Piece) -> IPAddress? {
        guard word.count <= 120, let at = word.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        return plain(word[(at + 1)...])
    }

    /// A word that is an address and nothing else.
    static func bare(_ word: Piece) -> IPAddress? {
        var rest = word[...]
        if rest.first == UInt8(ascii: "<"), rest.last == UInt8(ascii: ">"), rest.count > 1 {
            rest = rest.dropFirst().dropLast()
        }
        if rest.last == UInt8(ascii: ",") { rest = rest.dropLast() }
        return plain(rest)
    }

    private static func isPart(_ octet: UInt8) -> Bool { octet == UInt8(ascii: ":") || hexadecimal(octet) != nil }

    private static func plain(_ octets: Slice<Piece>) -> IPAddress? {
        guard octets.count < 50, octets.allSatisfy({ isPart($0) || $0 == UInt8(ascii: ".") }) else { return nil }
        if let v4 = quad(octets) { return .v4(v4) }
        guard octets.contains(UInt8(ascii: ":")) else { return nil }
        return IPAddress(Piece(rebasing: octets).text)
    }

    /// As ``IPv4Address`` reads it: four numbers without leading zeros.
    private static func quad(_ octets: Slice<Piece>) -> IPv4Address? {
        var value: UInt32 = 0, part: UInt32 = 0, digits = 0, parts = 0
        for octet in octets {
            if octet.isDigit {
                if digits == 1, part == 0 { return nil }
                part = part * 10 + UInt32(octet - 48)
                digits += 1
                if digits > 3 || part > 255 { return nil }
            } else {
                guard octet == UInt8(ascii: "."), digits > 0, parts < 3 else { return nil }
                value = value << 8 | part
                (part, digits, parts) = (0, 0, parts + 1)
            }
        }
        return parts == 3 && digits > 0 ? IPv4Address(value << 8 | part) : nil
    }
}

/// The values of “with” that IANA or custom knows (RFC 3848, RFC 4954, RFC 6531), whatever stands around them.
enum ReceivedProtocols {
    private static let names: Set<String> = [
        "SMTP", "ESMTP", "ESMTPA", "ESMTPS", "ESMTPSA", "LMTP", "LMTPA", "LMTPS", "LMTPSA", "UTF8SMTP", "UTF8SMTPA",
        "UTF8SMTPS", "UTF8SMTPSA", "UTF8LMTP", "UTF8LMTPA", "UTF8LMTPS", "UTF8LMTPSA", "HTTP", "HTTPS", "HTTPREST",
        "LOCAL", "MAPI", "IMAP", "POP3", "ASMTP", "BSMTP", "UUCP", "MMS", "QMQP", "QMTP", "SMTPS", "SMTPSVC",
        "ESMTP-TLS",
    ]
    /// What Microsoft, Google and CommuniGate write for the same.
    private static let aliases = ["SMTPSVC": "SMTP", "HTTPREST": "HTTP", "ESMTP-TLS": "ESMTPS"]

    static func known(_ word: Piece) -> String? {
        guard (3..<20).contains(word.count) else { return nil }
        let name = word.hasPrefixIgnoringCase("local-") ? Piece(rebasing: word.dropFirst(6)) : word
        let upper = String(unsafeUninitializedCapacity: name.count) { buffer in
            for (index, octet) in name.enumerated() {
                buffer.initializeElement(at: index, to: (97...122).contains(octet) ? octet & 0xDF : octet)
            }
            return name.count
        }
        guard names.contains(upper) else { return nil }
        return aliases[upper] ?? upper
    }
}

/// TLS version and cipher, in any of the ways servers write them.
enum TLSWords {
    /// Whether it is worth looking: “TLS”, “SSL” or “encrypted” is in every form.
    static func mayStand(in content: Piece) -> Bool {
        guard content.count >= 3 else { return false }
        for index in 0..<(content.count - 2) {
            switch content[index].lower {
            case 116: if content[index + 1].lower == 108, content[index + 2].lower == 115 { return true }  // tls
            case 115: if content[index + 1].lower == 115, content[index + 2].lower == 108 { return true }  // ssl
            case 99: if content[index + 1].lower == 105 || content[index + 1].lower == 114 { return true }  // ci, cr
            default: break
            }
        }
        return false
    }

    static func read(_ words: [Piece], _ version: inout String?, _ cipher: inout String?) {
        if version != nil, cipher != nil { return }
        var saysTLS = false
        for word in words.prefix(40) {
            var rest = word
            while let part = Pieces.next(&rest, isEnd: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }) {
                if let found = self.version(part) {
                    if version == nil { version = found }
                    saysTLS = true
                } else if part.equalsIgnoringCase("cipher") || part.equalsIgnoringCase("tls_cipher")
                    || part.equalsIgnoringCase("encrypted")
                {
                    saysTLS = true
                } else if saysTLS, cipher == nil, isCipher(part) {
                    cipher = part.text
                }
            }
        }
        // `(AES256-SHA encrypted)`
        if cipher == nil, words.count == 2, words[1].equalsIgnoringCase("encrypted"), isCipher(words[0]) {
            cipher = words[0].text
        }
    }

    /// `TLSv1.3`, `TLS1.3`, `TLS1_2`, `TLS-1.0`, `TLSv1`, `SSLv3`
    private static func version(_ word: Piece) -> String? {
        guard (4...8).contains(word.count) else { return nil }
        let isTLS = word.hasPrefixIgnoringCase("tls")
        guard isTLS || word.hasPrefixIgnoringCase("ssl") else { return nil }
        var digits = 0, number = 0
        for octet in word.dropFirst(word[word.startIndex + 3].lower == UInt8(ascii: "v") ? 4 : 3) {
            if octet.isDigit {
                digits += 1
                number = number * 10 + Int(octet) - 48
            } else if octet != UInt8(ascii: "."), octet != UInt8(ascii: "_"), octet != UInt8(ascii: "-") {
                return nil
            }
        }
        switch (isTLS, digits, number) {
        case (false, 1, 3): return "SSLv3"
        case (true, 1, 1), (true, 2, 10): return "TLSv1.0"
        case (true, 2, 11): return "TLSv1.1"
        case (true, 2, 12): return "TLSv1.2"
        case (true, 2, 13): return "TLSv1.3"
        default: return nil
        }
    }

    private static let beginnings: [StaticString] = [
        "TLS_", "TLS13_", "ECDHE", "ECDH", "DHE", "EDH", "AECDH", "ADH", "RSA_", "RSA-", "AES", "DES", "CHACHA20",
        "CAMELLIA", "RC4", "PSK", "SRP", "ARIA", "EXP", "IDEA", "NULL-",
    ]

    /// Names of OpenSSL (`ECDHE-RSA-AES256-GCM-SHA384`), IANA and GnuTLS: capitals, digits, with a joint.
    static func isCipher(_ word: some Collection<UInt8>) -> Bool {
        guard (6...100).contains(word.count),
            word.contains(where: { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }),
            word.allSatisfy({ $0.isUpper || $0.isDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") })
        else { return false }
        return beginnings.contains { word.hasPrefixIgnoringCase($0) }
    }
}
