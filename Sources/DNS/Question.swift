/// What is asked of the DNS: one name, one type, class IN (RFC 1035 §4.1.2).
package struct Question: Hashable, Sendable, Codable {
    package var name: DomainName
    package var type: RecordType

    package init(_ name: DomainName, _ type: RecordType) {
        self.name = name
        self.type = type
    }
}

extension Question: CustomStringConvertible {
    /// As in a zone file: `example.org MX`.
    package var description: String { "\(name) \(type)" }
}
