import DNS
import Testing

@testable import Mail

@Suite("Mail addresses that commands are built from")
struct EmailAddressTests {
    @Test(
        "Good ones and how commands write them",
        arguments: [
            ("a@example.org", "a@example.org"), ("first.last+tag@Example.ORG", "first.last+tag@Example.ORG"),
            ("\"a b\"@example.org", "\"a b\"@example.org"), ("\"plain\"@example.org", "plain@example.org"),
            ("\"a\\\"b\"@example.org", "\"a\\\"b\"@example.org"), ("\"a@b\"@example.org", "\"a@b\"@example.org"),
            ("jürgen@example.org", "jürgen@example.org"), ("a@bücher.example", "a@xn--bcher-kva.example"),
            ("!#$%&'*+-/=?^_`{|}~@example.org", "!#$%&'*+-/=?^_`{|}~@example.org"), ("a@localhost", "a@localhost"),
        ])
    func accepts(_ text: String, _ written: String) throws {
        let address = try EmailAddress(text)
        #expect(address.description == written)
        #expect(try EmailAddress(written) == EmailAddress(written))
    }

    @Test(
        "Bad ones and why",
        arguments: [
            ("", EmailAddressError.empty), ("a", .noAt), ("@example.org", .emptyLocalPart), ("a@", .emptyDomain),
            ("a@.", .emptyDomain), ("\"\"@example.org", .emptyLocalPart),
            ("a\r\nRCPT TO:<b>@example.org", .controlCharacter),
            ("a\u{0}@example.org", .controlCharacter), ("a@example.org\n", .controlCharacter),
            ("a@exam\u{85}ple.org", .controlCharacter), ("a..b@example.org", .badLocalPart("a..b")),
            ("a b@example.org", .badLocalPart("a b")), ("<a@example.org", .badLocalPart("<a")),
            ("\"a\"b@example.org", .badLocalPart("\"a\"b")), ("\"a@example.org", .badLocalPart("\"a")),
            ("a@[192.0.2.1]", .addressLiteral), ("a@example.org>", .badDomainCharacter("example.org>")),
            ("a@exa mple.org", .badDomainCharacter("exa mple.org")),
            ("a@b\\010.org", .badDomainCharacter("b\\010.org")),
            ("a@a..org", .badDomain("a..org", .emptyLabel)),
        ])
    func refuses(_ text: String, _ error: EmailAddressError) {
        #expect(throws: error) { try EmailAddress(text) }
        #expect(!error.description.unicodeScalars.contains { $0.value < 32 })
    }

    @Test("Lengths, RFC 5321 §4.5.3.1")
    func lengths() throws {
        let ok = String(repeating: "a", count: 64)
        #expect(throws: Never.self) { try EmailAddress(ok + "@example.org") }
        #expect(throws: EmailAddressError.localPartTooLong(65)) { try EmailAddress(ok + "a@example.org") }
        let label = String(repeating: "b", count: 60)
        #expect(throws: EmailAddressError.self) { try EmailAddress("\(ok)@\(label).\(label).\(label).\(label)") }
    }

    @Test("SMTPUTF8 is needed for the local part alone")
    func needsSMTPUTF8() throws {
        #expect(try EmailAddress("jürgen@example.org").needsSMTPUTF8)
        #expect(try !EmailAddress("a@bücher.example").needsSMTPUTF8)
    }

    @Test("Nothing that is accepted holds a line end, mutated 5,000 times")
    func hostile() async {
        var dice = Dice(1)
        let seeds = ["a@example.org", "\"a b\"@example.org", "jürgen@bücher.example"].map { Array($0.utf8) }
        for round in 0..<5_000 {
            if round.isMultiple(of: 20) { await Task.yield() }
            let text = String(decoding: mutated(seeds.randomElement(using: &dice) ?? [], with: &dice), as: UTF8.self)
            guard let address = try? EmailAddress(text) else { continue }
            if address.description.utf8.contains(where: { $0 < 32 || $0 == 127 }) {
                Issue.record("\(Array(text.utf8))")
            }
        }
    }
}
