import Testing

@testable import DNS

@Suite struct KnowledgeTests {
    @Test func `waves ask what is wanted until nothing is`() async throws {
        let zone = try Zone("example.org MX 10 mail.example.org.\nmail.example.org A 192.0.2.1")
        let domain = try DomainName("example.org")
        let (addresses, knowledge) = await inWaves(of: zone) { knowledge -> [Record] in
            guard case .success(let mx) = knowledge.outcome(domain, .mx) else { return [] }
            return mx.records.flatMap { record -> [Record] in
                guard case .mx(let data) = record.data, case .success(let a) = knowledge.outcome(data.exchange, .a)
                else { return [] }
                return a.records
            }
        }
        #expect(addresses.map(\.data) == [.a(IPv4Address(192, 0, 2, 1))])
        #expect(knowledge.outcomes.count == 2 && knowledge.wanted.isEmpty)
    }
}
