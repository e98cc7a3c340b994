import DNS
import Judgement
import Mail
import Testing

/// What senders would do, from what was seen.
@Suite struct SendersViewTests {
    private static let one = """
        $SIGNED example.org.
        example.org. MX 10 mx.example.org.
        mx.example.org. A 192.0.2.25
        _mta-sts.example.org. TXT "v=STSv1; id=1"
        mta-sts.example.org. A 192.0.2.80

        """
    private static let two = one + "example.org. MX 20 mx2.example.org.\nmx2.example.org. A 192.0.2.26\n"
    private static let same = one + "example.org. MX 10 mx2.example.org.\nmx2.example.org. A 192.0.2.26\n"
    /// The digest of the octets of the host's name, which the examples show as its certificate.
    private static let match =
        "_25._tcp.mx.example.org. TLSA 3 0 1 1474aa2ed5f1f7fd4d8034bdd56fb2a766a3ebc6ab6ae94e16e2605f3ed53641\n"
    private static let wrong = "_25._tcp.mx.example.org. TLSA 3 1 1 \(String(repeating: "ab", count: 32))\n"
    private static let enforce = "version: STSv1\nmode: enforce\nmx: mx.example.org\nmax_age: 604800\n"
    private static let testing = "version: STSv1\nmode: testing\nmx: mx.example.org\nmax_age: 604800\n"

    struct Case: Sendable {
        var zone: String
        var options: [String: String]
        var policy = ""
        /// DANE, MTA-STS, opportunistic, in the end.
        var expected: [String]
    }

    static let cases: [Case] = [
        // No policy that says anything.
        Case(
            zone: one, options: ["mx.example.org": "good", "host": "refused"],
            expected: ["encrypted", "encrypted", "encrypted"]),
        Case(
            zone: one, options: ["mx.example.org": "untrusted", "host": "refused"],
            expected: ["encrypted", "encrypted", "encrypted"]),
        Case(
            zone: one, options: ["mx.example.org": "clear", "host": "refused"], expected: ["clear", "clear", "clear"]),
        Case(
            zone: one, options: ["mx.example.org": "fails", "host": "refused"], expected: ["clear", "clear", "clear"]),
        Case(
            zone: one, options: ["mx.example.org": "refused", "host": "refused"],
            expected: ["defers", "defers", "defers"]),
        // What could not be seen is not claimed.
        Case(
            zone: one, options: ["mx.example.org": "timeout", "host": "refused"],
            expected: ["unknown", "unknown", "unknown"]),
        Case(
            zone: one, options: ["mx.example.org": "good", "host": "timeout"],
            expected: ["encrypted", "unknown", "encrypted"]),
        Case(zone: one, options: ["host": "refused"], expected: ["unknown", "unknown", "unknown"]),
        // MTA-STS.
        Case(
            zone: one, options: ["mx.example.org": "good"], policy: enforce,
            expected: ["encrypted", "verified", "encrypted"]),
        Case(
            zone: one, options: ["mx.example.org": "expired"], policy: enforce,
            expected: ["encrypted", "refuses", "encrypted"]),
        Case(
            zone: one, options: ["mx.example.org": "name"], policy: enforce,
            expected: ["encrypted", "refuses", "encrypted"]),
        Case(
            zone: one, options: ["mx.example.org": "untrusted"], policy: enforce,
            expected: ["encrypted", "refuses", "encrypted"]),
        Case(
            zone: one, options: ["mx.example.org": "clear"], policy: enforce, expected: ["clear", "refuses", "clear"]),
        Case(zone: one, options: ["mx.example.org": "clear"], policy: testing, expected: ["clear", "clear", "clear"]),
        Case(
            zone: one, options: ["mx.example.org": "good", "host": "expired"], policy: enforce,
            expected: ["encrypted", "encrypted", "encrypted"]),
        Case(
            zone: one, options: ["mx.example.org": "good"], policy: "mode: enforce\n",
            expected: ["encrypted", "encrypted", "encrypted"]),
        // DANE.
        Case(
            zone: one + match, options: ["mx.example.org": "expired", "host": "refused"],
            expected: ["verified", "encrypted", "encrypted"]),
        Case(
            zone: one + wrong + match, options: ["mx.example.org": "good"], policy: enforce,
            expected: ["verified", "verified", "encrypted"]),
        Case(
            zone: one + wrong, options: ["mx.example.org": "good", "host": "refused"],
            expected: ["refuses", "encrypted", "encrypted"]),
        Case(
            zone: one + wrong, options: ["mx.example.org": "clear", "host": "refused"],
            expected: ["refuses", "clear", "clear"]),
        Case(
            zone: one + wrong, options: ["mx.example.org": "fails", "host": "refused"],
            expected: ["refuses", "clear", "clear"]),
        Case(
            zone: one + "_25._tcp.mx.example.org. TLSA 1 1 1 \(String(repeating: "ab", count: 32))\n",
            options: ["mx.example.org": "untrusted", "host": "refused"],
            expected: ["encrypted", "encrypted", "encrypted"]),
        Case(
            zone: one + "_25._tcp.mx.example.org. TLSA 1 1 1 \(String(repeating: "ab", count: 32))\n",
            options: ["mx.example.org": "clear", "host": "refused"], expected: ["refuses", "clear", "clear"]),
        // A look-up that fails holds mail back, whatever the server shows.
        Case(
            zone: one + "_25._tcp.mx.example.org. TLSA !servfail\n",
            options: ["mx.example.org": "good", "host": "refused"], expected: ["defers", "encrypted", "encrypted"]),
        Case(
            zone: one + "_25._tcp.mx.example.org. TLSA !timeout\n", options: ["mx.example.org": "good"],
            policy: enforce, expected: ["defers", "verified", "encrypted"]),
        // The next host.
        Case(
            zone: two + wrong, options: ["mx.example.org": "good", "mx2.example.org": "clear", "host": "refused"],
            expected: ["clear", "encrypted", "encrypted"]),
        Case(
            zone: two, options: ["mx.example.org": "refused", "mx2.example.org": "good"], policy: enforce,
            expected: ["encrypted", "defers", "encrypted"]),
        // Hosts of one preference: some mail goes to the weaker.
        Case(
            zone: same + match, options: ["mx.example.org": "good", "mx2.example.org": "good", "host": "refused"],
            expected: ["encrypted", "encrypted", "encrypted"]),
        Case(
            zone: same + match, options: ["mx.example.org": "good", "mx2.example.org": "clear"], policy: enforce,
            expected: ["clear", "verified", "clear"]),
        Case(
            zone: same + match, options: ["mx.example.org": "good", "mx2.example.org": "refused", "host": "refused"],
            expected: ["verified", "encrypted", "encrypted"]),
        Case(
            zone: same + wrong, options: ["mx.example.org": "good", "mx2.example.org": "good", "host": "refused"],
            expected: ["encrypted", "encrypted", "encrypted"]),
    ]

    @Test(arguments: cases) func `Senders do what the policies say`(example: Case) async throws {
        let delivery = try #require(CheckPage.Example.Delivery(example.options, text: example.policy))
        let report = try await report(on: "example.org", in: Zone(example.zone), meeting: delivery)
        let view = try #require(SendersView(report.evidence.transport))
        let words = Sender.allCases.map { sender -> String in
            switch view.outcomes[sender]?.action.kind {
            case .verified?: "verified"
            case .encrypted?: "encrypted"
            case .clear?: "clear"
            case .refuses?, .defers?:
                view.rows.count == 1
                    ? (view.rows[0].actions[sender]?.kind == .refuses ? "refuses" : "defers") : "defers"
            case .unknown?, nil: "unknown"
            }
        }
        #expect(words == example.expected, "\(view.rows.map(\.actions))")
        for row in view.rows {
            for action in row.actions.values { #expect(!action.reason.isEmpty && !action.reason.hasSuffix(".")) }
        }
        // The view says the same from a recording, judged again.
        let again = judge(report.evidence.ports.map(Observation.port), of: report.target, at: noon)
        #expect(SendersView(again.evidence.transport) == nil)
    }

    @Test func `A weaker backup stands out`() async throws {
        let delivery = try #require(
            CheckPage.Example.Delivery(["mx.example.org": "good", "mx2.example.org": "untrusted"], text: Self.enforce))
        let report = try await report(on: "example.org", in: Zone(Self.two), meeting: delivery)
        let rows = HostMatrix(report.evidence).rows
        #expect(rows.map(\.host.description) == ["mx.example.org", "mx2.example.org"])
        #expect(rows.map { $0.cells[.certificate]?.state } == [.good, .weak])
        #expect(rows.map { $0.cells[.sts]?.state } == [.good, .bad])
        let finding = try #require(report.finding("mx.weaker-backup"))
        #expect(finding.subject.description == "mx2.example.org")
    }

    @Test func `Nothing is said of senders where nothing was asked`() async throws {
        let report = try await report(on: "example.org", in: Zone(Self.one))
        #expect(report.evidence.transport == nil)
        for area in ["dane", "caa"] {
            #expect(!report.findings.contains { $0.check.identifier.hasPrefix(area) })
            #expect(!report.unknown.contains { $0.check.identifier.hasPrefix(area) })
        }
    }
}
