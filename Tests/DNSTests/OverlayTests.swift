import DNS
import Testing

@Suite("Overlay")
struct OverlayTests {
    private static let zone = """
        example.org. MX 10 mx.example.org.
        example.org. TXT "v=spf1 mx -all"
        www.example.org. CNAME host.example.org.
        host.example.org. A 192.0.2.1
        """

    @Test(
        "puts its records in place of those of the DNS",
        arguments: [
            ("example.org. MX 5 a.example.org.\n", "example.org", RecordType.mx, "records"),
            ("example.org. MX 5 a.example.org.\n", "example.org", .txt, "records"),
            ("example.org. TXT !delete\n", "example.org", .txt, "noData"),
            ("example.org. TXT !delete\n", "example.org", .mx, "records"),
            ("$ORIGIN org.\nexample TXT !delete\n", "example.org", .txt, "noData"),
            ("host.example.org. !delete\n", "host.example.org", .a, "noSuchName"),
            ("host.example.org. A 192.0.2.9\n", "www.example.org", .a, "records"),
            ("a.new.example.org. A 192.0.2.9\n", "new.example.org", .a, "noData"),
            ("*.new.example.org. A 192.0.2.9\n", "x.new.example.org", .a, "records"),
            ("n.example.org. CNAME host.example.org.\n", "n.example.org", .a, "records"),
            ("n.example.org. CNAME n.example.org.\n", "n.example.org", .a, "aliasLoop"),
        ])
    func replaces(text: String, name: String, type: RecordType, expected: String) async throws {
        let overlay = try Overlay(text)
        let resolver = OverlaidResolver(overlay, before: try Zone(Self.zone))
        let outcome = await resolver.outcome(Question(try DomainName(name), type))
        let found: String
        switch outcome {
        case .success(let answer):
            found = answer.kind.rawValue
        case .failure(let why): found = why.reason.rawValue
        }
        #expect(found == expected)
    }

    @Test(
        "is refused where it cannot be meant",
        arguments: ["", "; nothing\n", "example.org. NOPE !delete\n", " TXT !delete\n", "x. A 1\n"])
    func refused(text: String) { #expect(throws: OverlayError.self) { try Overlay(text) } }
}
