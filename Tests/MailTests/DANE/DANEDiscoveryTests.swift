import DNS
import Mail
import Testing

/// Which TLSA records a sender looks up for a mail host, and whether it uses them (RFC 7672 §2.2).
@Suite struct DANEDiscoveryTests {
    /// By the AD bit of a zone of text; names in `bogus` and `unknown` are of another state.
    private func discover(
        _ zone: String, host: String = "mx.example.org", bogus: Set<String> = [], unknown: Set<String> = []
    ) async throws -> DANEDiscovery {
        let host = try DomainName(host), domain = try DomainName("example.org")
        return await inWaves(of: try Zone(zone)) { dns in
            DANEDiscovery.discover(host, for: domain, asking: &dns) { question, dns in
                let name = "\(question.name) \(question.type)"
                if bogus.contains(name) { return .bogus("planted") }
                if unknown.contains(name) { return .indeterminate("planted") }
                switch dns.outcome(question) {
                case .failure(let why): return .indeterminate(why.reason.rawValue)
                case .success(let answer): return answer.authenticated ? .secure : .insecure
                }
            }
        }.result
    }

    private static let data = String(repeating: "ab", count: 32)
    private static let signed = """
        $SIGNED example.org.
        example.org. MX 10 mx.example.org.
        mx.example.org. A 192.0.2.25

        """
    private static let record = "_25._tcp.mx.example.org. TLSA 3 1 1 \(data)\n"

    /// The status in a word.
    private func word(_ discovery: DANEDiscovery) -> String {
        switch discovery.status {
        case .applies(let base, let records): "\(base) \(records.count)"
        case .none: "none"
        case .notUsed: "not used"
        case .fails(let question, _): "fails \(question.type)"
        case .couldNotTell(let question, _): "unknown \(question.type)"
        }
    }

    struct Case: Sendable {
        var zone: String
        var expected: String
        init(_ zone: [String], _ expected: String) {
            self.zone = zone.joined()
            self.expected = expected
        }
    }

    private static let half = "$SIGNED example.org.\nexample.org. MX 10 mx.example.org.\n"

    static let cases: [Case] = [
        Case([signed, record], "mx.example.org 1"), Case([signed], "none"),
        Case([signed, "_25._tcp.mx.example.org. TXT nothing\n"], "none"),
        Case([signed, "_25._tcp.mx.example.org. TLSA !servfail\n"], "fails TLSA"),
        Case([signed, "_25._tcp.mx.example.org. TLSA !timeout\n"], "fails TLSA"),
        Case([signed, "_25._tcp.mx.example.org. TLSA !refused\n"], "fails TLSA"),
        // One that is too short for its three fields is one that cannot be used; that beside it counts.
        Case([signed, "_25._tcp.mx.example.org. TLSA \\# 2 0301\n"], "mx.example.org 1"),
        Case([signed, record, "_25._tcp.mx.example.org. TLSA \\# 0\n"], "mx.example.org 2"),
        // TLSA records by an alias (RFC 7671 §5.1).
        Case(
            [signed, "_25._tcp.mx.example.org. CNAME k.example.org.\nk.example.org. TLSA 3 1 1 ", data],
            "mx.example.org 1"),
        Case([signed, "_25._tcp.mx.example.org. CNAME k.example.net.\nk.example.net. TLSA 3 1 1 ", data], "not used"),
        // One family suffices; one that fails is left aside.
        Case([signed, record, "mx.example.org. AAAA !servfail\n"], "mx.example.org 1"),
        Case([half, "mx.example.org. A !servfail\n", record], "fails A"),
        // RFC 7672 §2.2.1: unsigned MX records.
        Case(
            ["$SIGNED mx.example.org.\nexample.org. MX 10 mx.example.org.\nmx.example.org. A 192.0.2.25\n", record],
            "not used"),
        Case(["$SIGNED example.org.\nexample.org. MX !servfail\nmx.example.org. A 192.0.2.25\n", record], "fails MX"),
    ]

    @Test(arguments: cases)
    func `A sender comes to know of records`(example: Case) async throws {
        #expect(word(try await discover(example.zone)) == example.expected)
    }

    @Test func `An unsigned host has none that count, but what stands there is told`() async throws {
        let zone = """
            $SIGNED example.org.
            example.org. MX 10 mx.example.net.
            mx.example.net. A 192.0.2.25
            _25._tcp.mx.example.net. TLSA 3 1 1 \(Self.data)
            """
        let found = try await discover(zone, host: "mx.example.net")
        #expect(word(found) == "not used")
        #expect(found.published.count == 1)
        #expect(found.mx == .secure)
        #expect(found.addresses == .insecure)
    }

    static let atEnd = "_25._tcp.real.example.org. TLSA 3 1 1 \(data)\n"
    static let atName = "_25._tcp.mx.example.org. TLSA 3 1 1 \(data)\n"

    // RFC 7672 §2.2.2, §2.2.3.
    @Test(arguments: [
        Case([atEnd], "real.example.org 1"), Case([atName], "mx.example.org 1"),
        Case([atEnd, atName], "real.example.org 1"),
        Case(["_25._tcp.real.example.org. TLSA !servfail\n", atName], "fails TLSA"), Case([], "none"),
    ])
    func `The end of a secure alias is asked first`(example: Case) async throws {
        let zone = """
            $SIGNED example.org.
            example.org. MX 10 mx.example.org.
            mx.example.org. CNAME real.example.org.
            real.example.org. A 192.0.2.25

            """
        let found = try await discover(zone + example.zone)
        #expect(word(found) == example.expected)
        #expect(found.lookups.first?.base.description == "real.example.org")
    }

    @Test func `A secure alias into an unsigned zone keeps its own name`() async throws {
        let zone = """
            $SIGNED example.org.
            example.org. MX 10 mx.example.org.
            mx.example.org. CNAME mx.example.net.
            mx.example.net. A 192.0.2.25
            _25._tcp.mx.example.org. TLSA 3 1 1 \(Self.data)
            _25._tcp.mx.example.net. TLSA 3 1 1 \(Self.data)
            """
        let found = try await discover(zone)
        #expect(word(found) == "mx.example.org 1")
        #expect(found.lookups.map(\.base.description) == ["mx.example.org"])
    }

    // RFC 7672 §3.2.2.
    @Test func `A certificate may name the base domain, the domain and where its alias leads`() async throws {
        let found = try await discover(
            """
            $SIGNED example.org.
            $SIGNED example.com.
            example.org. CNAME mail.example.com.
            mail.example.com. MX 10 mx.example.org.
            mx.example.org. CNAME real.example.org.
            real.example.org. A 192.0.2.25
            _25._tcp.real.example.org. TLSA 2 1 1 \(Self.data)
            """)
        #expect(found.names.map(\.description) == ["real.example.org", "example.org", "mail.example.com"])
    }

    @Test func `What is bogus is not used, and what could not be told is not claimed`() async throws {
        let zone = Self.signed + Self.record
        #expect(word(try await discover(zone, bogus: ["example.org MX"])) == "fails MX")
        #expect(word(try await discover(zone, bogus: ["mx.example.org A"])) == "fails A")
        #expect(word(try await discover(zone, bogus: ["_25._tcp.mx.example.org TLSA"])) == "fails TLSA")
        #expect(word(try await discover(zone, unknown: ["example.org MX"])) == "unknown MX")
        #expect(word(try await discover(zone, unknown: ["_25._tcp.mx.example.org TLSA"])) == "unknown TLSA")
        // Nothing is there to be used, secure or not.
        #expect(
            word(try await discover(Self.signed, unknown: ["example.org MX", "_25._tcp.mx.example.org TLSA"]))
                == "not used")
    }
}
