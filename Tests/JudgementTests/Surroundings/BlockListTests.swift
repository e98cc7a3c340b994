import DNS
import Judgement
import Testing

@Suite struct BlockListTests {
    private func health(_ zone: String, of text: String) async throws -> BlockListHealth {
        let list = try #require(BlockList(text))
        return await inWaves(of: try Zone(zone)) { list.health(asking: &$0) }.result
    }

    @Test func `A list that keeps to RFC 5782 is believed for what it has entries for`() async throws {
        let zone = """
            2.0.0.127.bl.example. A 127.0.0.2
            test.bl.example. A 127.0.0.2
            """
        let health = try await health(zone, of: "bl.example")
        #expect(health.covers == [.ipv4, .domains])
        #expect(health.problems == [.ipv6: .dead])
        #expect(health.problem == nil)
    }

    @Test(arguments: [
        ("", "dead"), ("*.bl.example. A 127.0.0.2", "lists_everything"),
        ("*.bl.example. A 192.0.2.1", "lists_everything"),
        ("*.bl.example. A 127.255.255.254", "refuses"), ("*.bl.example. A 127.0.0.1", "refuses"),
        ("2.0.0.127.bl.example. A 127.255.255.255", "refuses"),
        ("2.0.0.127.bl.example. A 127.0.0.2\n1.0.0.127.bl.example. A 127.0.0.2", "lists_everything"),
        ("2.0.0.127.bl.example. !timeout", "could_not_ask"), ("2.0.0.127.bl.example. !servfail", "could_not_ask"),
        ("2.0.0.127.bl.example. A 127.0.0.2\n1.0.0.127.bl.example. !timeout", "could_not_ask"),
    ]) func `A list that fails its self-test is of no use`(zone: String, word: String) async throws {
        let health = try await health(zone, of: "bl.example")
        #expect(health.covers.isEmpty)
        #expect(health.problem?.word == word)
        #expect(health.problem?.sentence.isEmpty == false)
    }

    @Test func `Entries stand at the numbers backwards, and at the domain`() throws {
        let list = try #require(BlockList("bl.example"))
        #expect(list.name(of: try #require(IPAddress("192.0.2.99")))?.description == "99.2.0.192.bl.example")
        #expect(
            list.name(of: try #require(IPAddress("2001:db8:1:2:3:4:567:89ab")))?.description
                == "b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.bl.example")
        #expect(list.name(of: try DomainName("Example.ORG"))?.description == "example.org.bl.example")
        let long = try DomainName(labels: Array(repeating: Array(repeating: 97, count: 60), count: 4))
        #expect(list.name(of: long) == nil)
    }

    @Test func `Lists are written as zones`() throws {
        #expect(BlockList("zen.spamhaus.org")?.kind == .addresses)
        #expect(BlockList("DBL.spamhaus.org")?.kind == .domains)
        #expect(BlockList("bl.example")?.kind == .either)
        #expect(BlockList("allow:good.example")?.allows == true)
        for text in ["", "allow:", "a b", "..", "http://bl.example/"] { #expect(BlockList(text) == nil, "\(text)") }
        let read = BlockList.read(["default", "bl.example", "zen.spamhaus.org", "?"])
        #expect(read.lists.count == BlockList.usual.count + 1)
        #expect(read.wrong == ["?"])
        #expect(BlockList.usual.count == 8)
    }

    @Test(arguments: ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.1.1", "100.64.0.1"])
    func `Addresses that are not of the Internet are not asked for`(address: String) async throws {
        let zone = "example.org. MX 10 mx.example.org.\nmx.example.org. A \(address)\n2.0.0.127.bl.example. A 127.0.0.2"
        let list = try #require(BlockList("bl.example"))
        let report = try await report(zone: zone, lists: [list])
        #expect(report.fate(of: "reputation.address-listed") == "n/a")
        let asked = report.evidence.lookups.outcomes.keys.filter { $0.name.isWithin(list.zone) }.map(\.name.description)
        let octets = address.split(separator: ".").reversed().joined(separator: ".")
        #expect(!asked.contains("\(octets).bl.example") || address == "127.0.0.1")
    }

    @Test func `What a list says is kept short, and never more addresses are asked for than is decent`() async throws {
        var zone = "2.0.0.127.bl.example. A 127.0.0.2\n9.2.0.192.bl.example. A 127.0.0.2\n"
        let words = Array(repeating: "\"\(String(repeating: "x", count: 200))\"", count: 10).joined(separator: " ")
        zone += "9.2.0.192.bl.example. TXT \(words)\n"
        for number in 1...15 {
            zone += "example.org. MX 10 mx\(number).example.org.\n"
            for octet in 0..<6 { zone += "mx\(number).example.org. A 192.0.2.\(number * 8 + octet)\n" }
        }
        let report = try await report(zone: zone, lists: [try #require(BlockList("bl.example"))])
        let reputation = try #require(report.evidence.surroundings?.reputation)
        #expect(reputation.asked.filter { $0.party.address != nil }.count == ReputationEvidence.maximumAddresses)
        #expect(reputation.leftOut == 90 - ReputationEvidence.maximumAddresses)
        let finding = try #require(report.finding("reputation.address-listed"))
        #expect(finding.summary.count < 400)
        #expect(finding.severity == .warning)
    }

    @Test func `An address that sends is worse on a list than one that only receives`() async throws {
        let zone = """
            example.org. MX 10 mx.example.org.
            example.org. TXT "v=spf1 mx -all"
            mx.example.org. A 192.0.2.25
            2.0.0.127.zen.spamhaus.org. A 127.0.0.2
            25.2.0.192.zen.spamhaus.org. A 127.0.0.10
            """
        let list = try #require(BlockList("zen.spamhaus.org"))
        #expect(try await report(zone: zone, lists: [list]).finding("reputation.address-listed")?.severity == .error)
        let receives = zone.replacing("v=spf1 mx -all", with: "v=spf1 -all")
        #expect(
            try await report(zone: receives, lists: [list]).finding("reputation.address-listed")?.severity == .notice)
    }
}
