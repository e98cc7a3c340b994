/// A server's reply (RFC 5321 §4.2), all of its lines.
struct SMTPReply: Hashable, Sendable {
    /// 200 to 599.
    var code: Int
    /// RFC 3463, where the first line begins with one: `5.7.1`.
    var enhancedCode: String?
    /// The text of each line behind the code and its separator.
    var lines: [[UInt8]]

    enum Kind: Hashable, Sendable { case positive, intermediate, transient, permanent }

    /// The first digit (§4.2.1): 2, 3, 4, 5.
    var kind: Kind {
        switch code / 100 {
        case 2: .positive
        case 3: .intermediate
        case 4: .transient
        default: .permanent
        }
    }

    /// Code and text in one line, as people quote it.
    var summary: [UInt8] {
        Array("\(code) ".utf8) + lines.prefix(3).joined(separator: [UInt8(ascii: " ")])
    }

    /// One line of a reply, taken apart:
    /// `Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF`,
    /// `Reply-code = %x32-35 %x30-35 %x30-39` (§4.2). The second digit is not held to its range: servers are not.
    struct Line: Hashable {
        var code: Int
        var isLast: Bool
        var text: [UInt8]

        init?(_ octets: [UInt8]) {
            guard octets.count >= 3, (UInt8(ascii: "2")...UInt8(ascii: "5")).contains(octets[0]),
                octets[1...2].allSatisfy({ (48...57).contains($0) })
            else { return nil }
            code = octets[0..<3].reduce(0) { $0 * 10 + Int($1 - 48) }
            switch octets.dropFirst(3).first {
            case nil: isLast = true
            case UInt8(ascii: " ")?: isLast = true
            case UInt8(ascii: "-")?: isLast = false
            default: return nil
            }
            text = Array(octets.dropFirst(4))
        }
    }

    /// The enhanced code that stands in front of `text`: `status-code = class "." subject "." detail`
    /// (RFC 3463 §2), behind it a space or nothing.
    static func enhancedCode(in text: [UInt8]) -> String? {
        let word = text.prefix { $0 != 32 }
        let parts = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 1, [50, 52, 53].contains(parts[0].first),
            parts.dropFirst().allSatisfy({ (1...3).contains($0.count) && $0.allSatisfy { (48...57).contains($0) } })
        else { return nil }
        return String(decoding: word, as: UTF8.self)
    }
}

/// What a server says it can do, in its reply to EHLO (RFC 5321 §4.1.1.1).
struct SMTPExtensions: Hashable, Sendable {
    /// The name it gives itself, the first word of the first line.
    var name: String
    /// A keyword with its parameters, a string a line, as sent.
    var keywords: [String]

    init(_ reply: SMTPReply) {
        func text(_ octets: some Collection<UInt8>) -> String { String(decoding: octets, as: UTF8.self) }
        let words = (reply.lines.first ?? []).split(separator: 32)
        name = words.first.map(text) ?? ""
        keywords = reply.lines.dropFirst().map { line in text(Array(line.split(separator: 32).joined(separator: [32])))
        }
        .filter { !$0.isEmpty }
    }

    /// The parameters of a keyword, nil where it is not offered; keywords are equal in either case.
    func parameters(of keyword: String) -> [String]? {
        for line in keywords {
            let words = line.utf8.split(separator: 32)
            if words.first.map({ $0.uppercasedASCII == keyword.utf8.uppercasedASCII }) == true {
                return words.dropFirst().map { String(decoding: $0, as: UTF8.self) }
            }
        }
        return nil
    }

    func offers(_ keyword: String) -> Bool { parameters(of: keyword) != nil }

    /// SASL mechanisms in upper case, each once: from `AUTH PLAIN LOGIN` (RFC 4954 §3), and from `AUTH=PLAIN LOGIN`,
    /// which old servers say for old clients.
    var mechanisms: [String] {
        var found: [String] = []
        for line in keywords {
            var words = line.uppercasedASCII.split(separator: " ").map(String.init)
            guard let first = words.first, first == "AUTH" || first.hasPrefix("AUTH=") else { continue }
            words[0] = String(first.dropFirst("AUTH=".count))
            for word in words where !word.isEmpty && !found.contains(word) { found.append(word) }
        }
        return found
    }
}
