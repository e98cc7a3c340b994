package import DNS

/// An MTA-STS policy file (RFC 8461 §3.2). Fetching it is not done here.
package struct MTASTSPolicy: Hashable, Sendable {
    /// The values of "mode" (RFC 8461 §5).
    package enum Mode: String, Hashable, Sendable, Codable, CaseIterable { case enforce, testing, none }

    package var mode: Mode?  // "mode"; nil where missing or wrong
    package var maximumAge: Int?  // "max_age", seconds, 0 to 31557600
    package var mx: [String]  // "mx": names, or `*.` and a name; lower case
    /// Columns count within a line; the message names the line.
    package var problems: [RecordProblem]

    package var isValid: Bool { !problems.contains(where: \.isError) }

    /// RFC 8461 §3.3 has clients stop at 64 KiB.
    package static let maximumLength = 65_536

    /// Whether the policy allows mail to go to this host (RFC 8461 §4.1): a wildcard stands for one label.
    package func allows(_ host: DomainName) -> Bool {
        mx.contains { pattern in
            if pattern.hasPrefix("*.") {
                guard let rest = try? DomainName(String(pattern.dropFirst(2))) else { return false }
                return host.parent == rest
            }
            return (try? DomainName(pattern)) == host
        }
    }

    ///     sts-policy-record = sts-policy-field *WSP *(sts-policy-term sts-policy-field *WSP) [sts-policy-term]
    ///     sts-policy-field  = "version" / "mode" / "mx" / "max_age" / extension, each `key: value`
    ///     sts-policy-term   = LF / CRLF
    package init(_ octets: [UInt8]) {
        mx = []
        var problems = Problems(Array(octets.prefix(Self.maximumLength)))
        var seen: Set<String> = []
        if octets.count > Self.maximumLength {
            problems.add(at: 0, .cut, "the policy is longer than 64 KiB")
        }
        let lines = octets.prefix(Self.maximumLength).split(separator: 10, omittingEmptySubsequences: false)
        for (index, raw) in lines.enumerated() {
            var line = raw
            if line.last == 13 { line = line.dropLast() }
            if line.allSatisfy(\.isWSP) {
                if index < lines.count - 1 {
                    problems.add(at: 0, .badSyntax, "line \(index + 1) is empty", .notice)
                }
                continue
            }
            let place = "line \(index + 1)"
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
                problems.add(at: 0, .badSyntax, "\(place): \(quoted(line)) is no “key: value”")
                continue
            }
            let key = line[..<colon].text, value = line[(colon + 1)...].trimmed()
            let at = value.startIndex - line.startIndex
            // RFC 8461 §3.2: of a key that is there twice, only the first counts; mx is a list.
            if key != "mx", !seen.insert(key).inserted {
                problems.add(
                    at: 0, .duplicate, "\(place): \(quoted(key)) stands here a second time and is ignored", .warning)
                continue
            }
            switch key {
            case "version":
                if value.text != "STSv1" {
                    problems.add(at: at, .badVersion, "\(place): the version is \(quoted(value)), not STSv1")
                }
            case "mode":
                mode = Mode(rawValue: value.text)
                if mode == nil {
                    problems.add(at: at, .badValue, "\(place): \(quoted(value)) is no mode: enforce, testing, none")
                }
            case "max_age":
                maximumAge = value.decimal(atMost: 31_557_600)
                if maximumAge == nil {
                    problems.add(at: at, .badValue, "\(place): \(quoted(value)) is no max_age: 0 to 31557600 seconds")
                }
            case "mx":
                let name = value.starts(with: "*.".utf8) ? value.dropFirst(2) : value
                if let parsed = try? DomainName(name.text), !parsed.isRoot, !name.contains(UInt8(ascii: "*")),
                    name.allSatisfy({ $0.isAlphanumeric || "-._".utf8.contains($0) })
                {
                    if mx.count < 1_000 { mx.append(value.lowercasedText) }
                } else {
                    problems.add(at: at, .badDomain, "\(place): \(quoted(value)) is no host name or “*.” and a name")
                }
            default:
                problems.add(at: 0, .unknownTag, "\(place): the key \(quoted(key)) is unknown and ignored", .notice)
            }
        }
        for key in ["version", "mode", "max_age"] where !seen.contains(key) {
            problems.add(at: 0, .missing, "“\(key)” is missing")
        }
        if mx.isEmpty, mode != Mode.none, mode != nil {
            problems.add(at: 0, .missing, "“mx” is missing")
        }
        self.problems = problems.list
    }
}
