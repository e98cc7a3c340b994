/// The TXT record that says a domain has an MTA-STS policy, and which (RFC 8461 §3.1).
package struct MTASTSRecord: Hashable, Sendable {
    package var text: String
    package var id: String?  // "id": 1 to 32 letters and digits; nil where missing or wrong
    package var problems: [RecordProblem]

    package var isValid: Bool { !problems.contains(where: \.isError) }
}
