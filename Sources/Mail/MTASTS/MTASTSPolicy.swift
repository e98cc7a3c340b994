package import DNS

/// An MTA-STS policy file (RFC 8461 §3.2). Fetching it is not done here.
package struct MTASTSPolicy: Hashable, Sendable {
    /// The values of "mode" (RFC 8461 §5).
    package enum Mode: String, Hashable, Sendable, Codable, CaseIterable { case enforce, testing, none }

    package var mode: Mode?  // "mode"; nil where missing or wrong
    package var maximumAge: Int?  // "max_age", seconds, 0 to 31557600
    package var mx: [String]  // "mx": names, or `*.` and a name; lower case
    /// With their line; the column counts within it.
    package var problems: [RecordProblem]

    /// Whether senders use it: one that is not well-formed counts as none (RFC 8461 §3.3).
    package var isValid: Bool { !problems.contains(where: \.isError) }

    /// RFC 8461 §3.3 has clients stop at 64 KiB.
    package static let maximumLength = 65_536
    /// The most that "max_age" may say, in seconds: a year (RFC 8461 §3.2).
    package static let longestAge = 31_557_600

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

    package init(_ octets: [UInt8]) {
        var reader = MTASTSPolicyReader()
        reader.read(Array(octets.prefix(Self.maximumLength)))
        if octets.count > Self.maximumLength {
            reader.report(
                line: 1, column: 1, .cut, "the policy is longer than 64 KiB: senders need not read it to its end")
        }
        (mode, maximumAge, mx, problems) = (reader.mode, reader.maximumAge, reader.mx, reader.problems)
    }
}
