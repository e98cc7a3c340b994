import DNS
import Foundation
import Lab
import Testing

@Suite("doctor, on loopback", .serialized)
struct DoctorTests {
    /// A name server for these records, a mail host and a closed port of one lab.
    private func withDoctor(
        _ zone: Zone, isClosed: Bool = false, within seconds: String = "30",
        _ body: ([String: [String: String]], Int32) throws -> Void
    ) async throws {
        try await withLab { lab in
            let names = try await lab.start(DNSAuthority(zone))
            let mail = isClosed ? try await lab.closedPort() : names
            let (object, status) = try await Program.object(
                [
                    "doctor", "--resolver", "\(names)", "--zone", "com", "--dnsbl", "bl.example", "--port25-host",
                    "\(mail)", "--timeout", seconds,
                ])
            #expect(object["schema"] as? String == "mailsonde.doctor/1")
            let lines = object["self_test"] as? [[String: String]] ?? []
            try body(Dictionary(lines.map { ($0["key"] ?? "", $0) }) { first, _ in first }, status)
        }
    }

    private static let well = """
        . SOA a.example. b.example. 1 7200 3600 1209600 3600
        . NS a.example.
        com. SOA a.example. b.example. 1 7200 3600 1209600 3600
        com. NS a.example.
        2.0.0.127.bl.example. A 127.0.0.2
        test.bl.example. A 127.0.0.2
        """

    @Test("a resolver that validates and tells the truth, an open port 25, a list that answers")
    func well() async throws {
        var zone = try Zone(Self.well)
        zone.sign(.root)
        try await withDoctor(zone) { lines, _ in
            for key in ["resolver", "resolver_truthful", "resolver_validates", "resolver_tcp", "port25", "dnsbl"] {
                #expect(lines[key]?["state"] == "ok", "\(key): \(lines[key] ?? [:])")
            }
            // Nothing here is signed by the root.
            #expect(lines["clock"]?["state"] == "unknown")
        }
    }

    @Test("a resolver that makes up addresses is told of, one that does not validate too; the exit status says so")
    func lying() async throws {
        try await withDoctor(try Zone(Self.well + "\n*.com. A 192.0.2.99\n")) { lines, status in
            #expect(lines["resolver_truthful"]?["state"] == "cannot")
            #expect(lines["resolver_truthful"]?["summary"]?.contains("192.0.2.99") == true)
            #expect(lines["resolver_truthful"]?["remedy"]?.isEmpty == false)
            #expect(lines["resolver_validates"]?["state"] == "cannot")
            #expect(status == 1)
        }
    }

    @Test("a closed port 25, a list that is gone, and a silent resolver keep to the deadline")
    func closed() async throws {
        let zone = try Zone(Self.well.replacing("2.0.0.127.bl", with: "x.bl").replacing("test.bl", with: "y.bl"))
        try await withDoctor(zone, isClosed: true) { lines, status in
            #expect(lines["port25"]?["state"] == "cannot")
            #expect(lines["port25"]?["summary"]?.contains("refused") == true)
            #expect(lines["dnsbl"]?["state"] == "cannot")
            #expect(status == 1)
        }
        let began = ContinuousClock.now
        try await withDoctor(try Zone(". !timeout\n*. !timeout\n"), within: "2") { lines, _ in
            #expect(lines["resolver"]?["state"] == "cannot")
            #expect(lines["resolver_truthful"]?["state"] == "unknown")
        }
        #expect(ContinuousClock.now - began < .seconds(10))
    }

    @Test("offline nothing is told, and nothing is wrong")
    func offline() async throws {
        let (object, status) = try await Program.object(["doctor", "--offline"])
        let lines = object["self_test"] as? [[String: String]] ?? []
        for line in lines where !["trusted_roots", "public_suffixes"].contains(line["key"]) {
            #expect(line["state"] == "unknown", "\(line)")
        }
        #expect(status == 3 || status == 1)
    }
}
