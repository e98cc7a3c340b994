/// What is asked of the DNS: one name, one type, class IN (RFC 1035 §4.1.2).
package struct Question: Hashable, Sendable, Codable {
    package var name: DomainName
    package var type: RecordType
    /// Whether signatures are wanted: the query sets DO (RFC 4035 §3.2.1) and CD (§3.2.2, so that a resolver that
    /// validates does not hide what it rejects), and the answer comes with ``Answer/proof``.
    package var signatures = false

    package init(_ name: DomainName, _ type: RecordType, signatures: Bool = false) {
        self.name = name
        self.type = type
        self.signatures = signatures
    }

    /// The same without the wish for signatures: what stands in the question section.
    package var plain: Question { Question(name, type) }
}

extension Question {
    private enum CodingKeys: String, CodingKey { case name, type, signatures }

    /// Recordings from before there were signatures leave the flag out, as all do that want none.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try container.decode(DomainName.self, forKey: .name), try container.decode(RecordType.self, forKey: .type),
            signatures: try container.decodeIfPresent(Bool.self, forKey: .signatures) ?? false)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(type, forKey: .type)
        if signatures { try container.encode(true, forKey: .signatures) }
    }
}

extension Question: CustomStringConvertible {
    /// As in a zone file: `example.org MX`.
    package var description: String { signatures ? "\(name) \(type) with signatures" : "\(name) \(type)" }
}
