internal import DNS
internal import Mail

/// The test message of a round trip: plain enough to be let alone on its way, and findable by its identifier.
struct ProbeMessage: Hashable, Sendable {
    /// The field of ours that holds the identifier.
    static let field = "X-Mailsonde-Id"

    let id: String
    let subject: String
    let messageID: String
    let body: String
    /// The whole message, lines ended by CRLF.
    let octets: [UInt8]

    /// nil where an address cannot be sent (RFC 6531 would be needed).
    /// - Parameters:
    ///   - id: letters and digits; anything else is taken out.
    ///   - signer: signs it; nil leaves it unsigned.
    init?(
        name: String, id: String, from: EmailAddress, to: EmailAddress, at: Timestamp, signer: DKIMSigner? = nil
    ) {
        guard let sender = SMTPPath(from), let recipient = SMTPPath(to) else { return nil }
        self.id = String(decoding: id.utf8.filter(Self.isLetterOrDigit).prefix(64), as: UTF8.self)
        subject = "mailsonde \(Self.plain(name)) \(self.id)"
        messageID = "<\(self.id)@\(from.domain)>"  // RFC 5322 §3.6.4
        body = """
            This is a test message of mailsonde, which measures how mail travels
            from \(sender)
            to \(recipient).
            It is removed once it was found. Nobody has to read or answer it.

            Id: \(self.id)
            Sent: \(at)

            """
        let header = [
            "Date: \(Self.date(at))",
            "From: \(sender)",
            "To: \(recipient)",
            "Subject: \(subject)",
            "Message-ID: \(messageID)",
            "\(Self.field): \(self.id)",
            "Auto-Submitted: auto-generated",  // RFC 3834 §5: nobody is to answer
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=us-ascii",
            "Content-Transfer-Encoding: 7bit",
        ]
        // No "\r\n" is searched for here: the literal above has line feeds alone.
        let lines =
            header + [""] + body.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
        let unsigned: [UInt8] = lines.flatMap { Array($0.utf8) + [13, 10] }
        octets = signer?.signed(unsigned, at: at) ?? unsigned
    }

    /// A configured name as a header field takes it: visible ASCII, one space at a time, at most 60 octets.
    private static func plain(_ name: String) -> String {
        let octets = name.utf8.map { (33...126).contains($0) || $0 == 32 ? $0 : UInt8(ascii: "?") }
        let words = octets.split(separator: 32).joined(separator: [32])
        return String(decoding: Array(words).prefix(60), as: UTF8.self)
    }

    /// `date-time` of RFC 5322 §3.3, in UTC: `Sun, 22 Nov 2026 12:00:00 +0000`.
    static func date(_ at: Timestamp) -> String {
        let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let civil = at.civil
        // 1970-01-01 was a Thursday.
        let days = Int((at.secondsSince1970 / 86_400).rounded(.down))
        let weekday = ((days + 4) % 7 + 7) % 7
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(names[weekday]), \(civil.day) \(months[civil.month - 1]) \(civil.year) "
            + "\(two(civil.hour)):\(two(civil.minute)):\(two(civil.second)) +0000"
    }

    private static func isLetterOrDigit(_ octet: UInt8) -> Bool {
        (48...57).contains(octet) || (65...90).contains(octet) || (97...122).contains(octet)
    }
}

/// A message as it was found.
struct ArrivedMessage: Hashable, Sendable {
    /// Without the empty line.
    let header: [UInt8]
    let body: [UInt8]

    init(_ octets: [UInt8]) {
        var index = 0
        var end = octets.count
        var bodyStart = octets.count
        while index < octets.count {
            guard let feed = octets[index...].firstIndex(of: 10) else { break }
            let line = octets[index..<feed]
            if line.isEmpty || line.elementsEqual([13]) {
                end = index
                bodyStart = feed + 1
                break
            }
            index = feed + 1
        }
        header = Array(octets[..<end])
        body = Array(octets[bodyStart...])
    }

    /// The unfolded values of a field (RFC 5322 §2.2.3), white space at the ends taken away.
    func values(of name: String) -> [[UInt8]] {
        var values: [[UInt8]] = []
        var isWanted = false
        for line in header.split(separator: 10).map({ $0.last == 13 ? $0.dropLast() : $0 }) {
            if line.first == 32 || line.first == 9 {
                if isWanted { values[values.count - 1] += line }
                continue
            }
            isWanted = line.startsWithASCII(name + ":")
            if isWanted { values.append(Array(line.dropFirst(name.utf8.count + 1))) }
        }
        return values.map { value in
            let isSpace: (UInt8) -> Bool = { $0 == 32 || $0 == 9 }
            return Array(value.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
        }
    }

    /// Whether it is this message: by our field, which says so exactly.
    func carries(_ id: String) -> Bool { values(of: ProbeMessage.field).contains(Array(id.utf8)) }

    /// Whether it is a copy of this message: by our field, or, where a gateway took that out, by its whole Message-ID,
    /// which no reply and no report has (RFC 5322 §3.6.4).
    func isCopy(of sent: ProbeMessage) -> Bool {
        carries(sent.id) || values(of: "Message-ID").contains(Array(sent.messageID.utf8))
    }

    /// Whether it is a report of delivery (RFC 3464 §2).
    var isReport: Bool {
        values(of: "Content-Type").contains { $0.startsWithASCII("multipart/report") }
            || values(of: "Auto-Submitted").contains { $0.startsWithASCII("auto-replied") }
    }

    /// How it differs from what was sent, in words; nil where it does not, as far as can be told. Only the body and the
    /// subject are compared: header fields are added on the way by right.
    func alteration(of sent: ProbeMessage) -> String? {
        // Gateways may encode what needs no encoding (RFC 2047).
        let subject = Array(EncodedWord.decode(values(of: "Subject").first ?? []).utf8)
        if subject.split(separator: 32).elementsEqual(
            sent.subject.utf8.split(separator: 32), by: { $0.elementsEqual($1) }) == false
        {
            return "the subject became “\(printable(subject))”"
        }
        let due = Self.lines(Array(sent.body.utf8))
        let type = values(of: "Content-Type").first ?? []
        if type.startsWithASCII("multipart/") {
            // A gateway wrapped it up. Whether our words are still in it is all that is asked.
            return body.offset(of: "Id: \(sent.id)".utf8) != nil ? nil : "the body is not the one that was sent"
        }
        let encoding = values(of: "Content-Transfer-Encoding").first?.uppercasedASCII ?? []
        let decoded: [UInt8]
        switch String(decoding: encoding, as: UTF8.self) {
        case "BASE64": decoded = Self.base64Decoded(body)
        case "QUOTED-PRINTABLE": decoded = Self.quotedPrintableDecoded(body)
        default: decoded = body
        }
        let found = Self.lines(decoded)
        if found == due { return nil }
        return found.starts(with: due)
            ? "\(found.count - due.count) lines were added to the body" : "the body is not the one that was sent"
    }

    /// Lines without white space at their ends, empty lines at the end left out.
    private static func lines(_ octets: [UInt8]) -> [[UInt8]] {
        var lines = octets.split(separator: 10, omittingEmptySubsequences: false).map { line in
            Array(line.reversed().drop { $0 == 13 || $0 == 32 || $0 == 9 }.reversed())
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// RFC 2045 §6.8: what is not of the alphabet is passed over.
    static func base64Decoded(_ octets: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var bits = 0, count = 0
        for octet in octets {
            let value: Int
            switch octet {
            case 65...90: value = Int(octet) - 65
            case 97...122: value = Int(octet) - 71
            case 48...57: value = Int(octet) + 4
            case 43: value = 62
            case 47: value = 63
            case 61: return result
            default: continue
            }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                result.append(UInt8(bits >> count & 255))
                bits &= (1 << count) - 1
            }
        }
        return result
    }

    /// RFC 2045 §6.7; what is no escape stands as it is.
    static func quotedPrintableDecoded(_ octets: [UInt8]) -> [UInt8] {
        func digit(_ octet: UInt8) -> UInt8? {
            switch octet {
            case 48...57: octet - 48
            case 65...70: octet - 55
            case 97...102: octet - 87
            default: nil
            }
        }
        var result: [UInt8] = []
        var index = 0
        while index < octets.count {
            let octet = octets[index]
            if octet == 61, index + 2 < octets.count, let high = digit(octets[index + 1]),
                let low = digit(octets[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else if octet == 61, index + 1 < octets.count, octets[index + 1] == 10 {
                index += 2
            } else if octet == 61, index + 2 < octets.count, octets[index + 1] == 13, octets[index + 2] == 10 {
                index += 3
            } else {
                result.append(octet)
                index += 1
            }
        }
        return result
    }
}
