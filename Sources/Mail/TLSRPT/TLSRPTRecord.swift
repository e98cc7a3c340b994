/// Where reports on TLS in SMTP go (RFC 8460 §3).
package struct TLSRPTRecord: Hashable, Sendable {
    package var text: String
    package var destinations: [String]  // "rua": valid mailto: and https: URIs
    package var problems: [RecordProblem]

    package var isValid: Bool { !problems.contains(where: \.isError) }
}
