import DNS
import Judgement
import Mail
import Testing

@Suite struct ReportDestinationTests {
    private func gather(_ record: String, _ zone: String = "") async throws -> [ReportDestination] {
        let name = try DomainName("example.org")
        // A string of a TXT record holds 255 octets (RFC 1035 §3.3).
        var rest = "v=DMARC1; p=none; \(record)"[...]
        var strings: [String] = []
        while !rest.isEmpty {
            strings.append("\"\(rest.prefix(200))\"")
            rest = rest.dropFirst(200)
        }
        let text =
            "_dmarc.example.org. TXT \(strings.joined(separator: " "))\nexample.org. MX 10 mx.example.org.\n" + zone
        return await inWaves(of: try Zone(text)) { dns in
            ReportDestination.gather(DMARCDiscovery.discover(for: name, asking: &dns), asking: &dns)
        }.result
    }

    @Test(arguments: [
        ("rua=mailto:a@example.org", "", ReportDestination.Permission.notNeeded),
        ("rua=mailto:a@sub.example.org", "", .notNeeded),
        ("rua=mailto:a@sub.example.org", "_dmarc.sub.example.org. TXT \"v=DMARC1; p=none; psd=n\"", .missing),
        ("rua=mailto:a@other.org", "", .missing), ("rua=mailto:a@example.net", "", .missing),
        ("rua=mailto:a@example.net", "example.org._report._dmarc.example.net. TXT \"v=DMARC1\"", .granted(instead: [])),
        ("ruf=https://example.net/x", "*._report._dmarc.example.net. TXT \"v=DMARC1;\"", .granted(instead: [])),
        (
            "rua=mailto:a@example.net",
            "example.org._report._dmarc.example.net. TXT \"v=DMARC1; rua=mailto:b@example.net\"",
            .granted(instead: ["mailto:b@example.net"])
        ),
        (
            "rua=mailto:a@example.net",
            "example.org._report._dmarc.example.net. TXT \"v=DMARC1; rua=mailto:b@c.example\"",
            .leadsElsewhere(["mailto:b@c.example"])
        ),
        ("rua=mailto:a@example.net", "example.org._report._dmarc.example.net. TXT \"v=dmarc1\"", .missing),
        (
            "rua=mailto:a@example.net", "example.org._report._dmarc.example.net. !timeout",
            .couldNotTell(Unanswered(.timedOut))
        ),
        ("rua=mailto:a@other.org", "_dmarc.other.org. !servfail", .couldNotTell(Unanswered(.servfail))),
    ]) func `Another organization has to agree`(
        world: (record: String, zone: String, permission: ReportDestination.Permission)
    ) async throws {
        let destinations = try await gather(world.record, world.zone)
        #expect(destinations.count == 1)
        switch (destinations.first?.permission, world.permission) {
        case (.couldNotTell(let seen)?, .couldNotTell(let wanted)): #expect(seen.reason == wanted.reason)
        case (let seen, let wanted): #expect(seen == wanted)
        }
    }

    @Test func `Each domain is looked at once, and no more than twenty`() async throws {
        let one = try await gather("rua=mailto:a@example.net,mailto:b@EXAMPLE.net; ruf=mailto:c@example.net")
        #expect(one.map(\.tags) == [["rua", "ruf"]])
        let uris = (0..<60).map { "mailto:a@d\($0).example" }.joined(separator: ",")
        #expect(try await gather("rua=\(uris)").count == ReportDestination.maximumCount)
    }

    @Test func `A name that would be too long is no permission`() async throws {
        let label = String(repeating: "a", count: 62)
        let long = [label, label, label, "example"].joined(separator: ".")
        let found = try await gather("rua=mailto:a@\(long)")
        #expect(found.map(\.permission) == [.missing])
        let longer = [label, label, label, String(repeating: "b", count: 46), "example"].joined(separator: ".")
        #expect(try await gather("rua=https://\(longer)/").map(\.permission) == [.nameTooLong])
    }

    @Test(arguments: [
        ("", ReportDestination.Mail.noSuchName), ("d.example. MX 0 .", .nullMX),
        ("d.example. MX 5 m.d.example.", .taken),
        ("d.example. AAAA 2001:db8::1", .taken), ("d.example. TXT x", .noHost),
    ]) func `Reports are mail`(world: (zone: String, mail: ReportDestination.Mail)) async throws {
        #expect(try await gather("rua=mailto:a@d.example", world.zone).map(\.mail) == [world.mail])
        #expect(try await gather("rua=https://d.example/x", world.zone).map(\.mail) == [.notByMail])
    }
}
