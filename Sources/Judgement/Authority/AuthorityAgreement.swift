package import DNS

/// What the servers of a zone say to one question, side by side.
package struct AuthorityAgreement: Sendable {
    package var question: Question
    /// The records as text, sorted, and who has them; those of most servers first.
    package var versions: [(records: [String], servers: [AuthorityObservation])]

    package var agree: Bool { versions.count < 2 }

    /// `keep` says which TXT records count: others may come and go.
    package init(
        _ question: Question, in zone: AuthorityEvidence.Zone, keep: (TXT) -> Bool = { _ in true }
    ) {
        self.question = question
        var versions: [[String]: [AuthorityObservation]] = [:]
        for server in zone.seen {
            guard let reply = server.reply(to: question) else { continue }
            versions[Self.text(of: reply.records, question, keep), default: []].append(server)
        }
        self.versions = versions.map { ($0.key, $0.value) }.sorted { a, b in
            a.1.count == b.1.count ? a.0.joined() < b.0.joined() : a.1.count > b.1.count
        }
    }

    /// Records as text to compare. Of an alias in the zone only the alias: what it leads to may stand elsewhere.
    package static func text(of records: [Record], _ question: Question, _ keep: (TXT) -> Bool) -> [String] {
        for record in records where record.type == .cname && record.name == question.name {
            if case .cname(let target) = record.data { return ["CNAME \(target.lowercased)"] }
        }
        let texts = records.filter { $0.type == question.type }.compactMap { record -> String? in
            switch record.data {
            case .mx(let mx): "\(mx.preference) \(mx.exchange.lowercased.absolute)"
            case .txt(let txt): keep(txt) ? txt.text : nil
            case .a(let address): address.description
            case .aaaa(let address): address.description
            case .ns(let name): name.lowercased.description
            default: nil
            }
        }
        return Array(Set(texts)).sorted()
    }
}
