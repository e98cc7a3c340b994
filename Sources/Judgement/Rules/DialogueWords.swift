import DNS

/// How the words of greetings and capabilities look: names, versions, what a firewall has masked.
extension DialogueRules {
    /// Four numbers behind one of these are a version and no address.
    static let programs: Set<String> = ["dovecot", "cyrus", "courier", "imap", "pop3", "exchange", "zimbra"]

    static func versionWord(_ greeting: String) -> Substring? {
        let words = greeting.split { " []()".contains($0) }
        for (index, word) in words.enumerated() {
            if isVersion(word, numbers: 2...3) { return word }
            if index > 0, programs.contains(words[index - 1].lowercased()), isVersion(word, numbers: 4...4) {
                return word
            }
        }
        return nil
    }

    /// `2.3.19`, `v1.2.3`, `Cyrus-3.6.1-Debian`: digits, a dot, digits, after letters and a hyphen perhaps. Capability
    /// atoms (`IMAP4rev1`), addresses and names are none.
    static func isVersion(_ word: Substring, numbers range: ClosedRange<Int>) -> Bool {
        if word.contains("@") { return false }
        for part in word.split(whereSeparator: { "-/_,;".contains($0) }) {
            let text = part.utf8.first == UInt8(ascii: "v") ? part.dropFirst() : part
            let numbers = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            if range.contains(numbers.count),
                numbers.allSatisfy({ (1...4).contains($0.count) && $0.allSatisfy { (48...57).contains($0) } })
            {
                return true
            }
        }
        return false
    }

    static func isFullName(_ word: String) -> Bool {
        guard let name = try? DomainName(word), name.labels.count >= 2, IPAddress(word) == nil else { return false }
        return name.labels.allSatisfy { label in
            label.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 95
            }
        }
    }

    static func isLiteral(_ word: String) -> Bool { word.hasPrefix("[") && word.hasSuffix("]") }

    /// `220 ****************************`
    static func isMasked(_ word: String) -> Bool {
        let stars = word.utf8.count { $0 == UInt8(ascii: "*") }
        return stars >= 5 && stars * 2 >= word.utf8.count
    }

    /// `XXXXXXXA`, which was STARTTLS.
    static func isMaskedKeyword(_ word: String) -> Bool {
        word.utf8.count >= 4 && word.utf8.dropLast().allSatisfy { $0 == UInt8(ascii: "X") }
    }

    /// The first word of each line in upper case.
    static func keywords(_ lines: [String]) -> Set<String> {
        Set(lines.compactMap { $0.split(separator: " ").first?.uppercased() })
    }
}
