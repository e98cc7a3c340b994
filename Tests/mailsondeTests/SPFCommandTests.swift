import DNS
import Foundation
import Lab
import Testing

@Suite("spf check, against a name server")
struct SPFCommandTests {
    private static let zone = """
        example.org. TXT "v=spf1 mx include:_spf.example.net -all exp=why.example.org"
        example.org. MX 10 mail.example.org.
        mail.example.org. A 192.0.2.1
        mail.example.org. TXT "v=spf1 a -all"
        _spf.example.net. TXT "v=spf1 ip6:2001:db8::/32 ~all"
        why.example.org. TXT "%{i} is not ours, says %{d} to %{r}"
        soft.example.org. TXT "v=spf1 ~all"
        broken.example.org. TXT "v=spf1 inlude:x.example -all"
        ill.example.org. TXT !servfail
        """

    @Test(
        "The result and the status it ends with",
        arguments: [
            ("192.0.2.1", "a@example.org", "pass", Int32(0)), ("192.0.2.2", "a@example.org", "fail", 2),
            ("2001:db8::1", "a@example.org", "pass", 0), ("::ffff:192.0.2.1", "a@example.org", "pass", 0),
            ("192.0.2.1", "", "pass", 0), ("192.0.2.2", "", "fail", 2),
            ("192.0.2.2", "a@soft.example.org", "softfail", 0), ("192.0.2.2", "a@broken.example.org", "permerror", 2),
            ("192.0.2.2", "a@ill.example.org", "temperror", 3), ("192.0.2.2", "a@none.example.org", "none", 0),
        ])
    func results(ip: String, from: String, result: String, status: Int32) async throws {
        try await withLab { lab in
            let endpoint = try await lab.start(DNSAuthority(try Zone(Self.zone)))
            let (object, ended) = try await Program.object([
                "spf", "check", "--ip", ip, "--mail-from", from, "--helo", "mail.example.org", "--resolver",
                "\(endpoint)",
            ])
            #expect(object["result"] as? String == result)
            #expect(ended == status)
            let keys = Set(object.keys)
            #expect(keys.isSuperset(of: ["result", "explanation", "lookups", "void_lookups", "matched", "trace"]))
        }
    }

    @Test("The explanation, the receiver's name in it, and the derivation")
    func explanation() async throws {
        try await withLab { lab in
            let endpoint = try await lab.start(DNSAuthority(try Zone(Self.zone)))
            let arguments = [
                "spf", "check", "--ip", "192.0.2.2", "--mail-from", "a@example.org", "--helo", "x", "--resolver",
                "\(endpoint)", "--receiver", "mx.example.net",
            ]
            let (object, _) = try await Program.object(arguments)
            #expect(object["explanation"] as? String == "192.0.2.2 is not ours, says example.org to mx.example.net")
            #expect(object["lookups"] as? Int == 2)
            let text = try await Program.run(arguments + ["--trace"]).output
            #expect(text.contains("include:_spf.example.net  → no match"))
            #expect(!(try await Program.run(arguments).output).contains("How it came about"))
        }
    }

    @Test("Offline it could not be told")
    func offline() async throws {
        let outcome = try await Program.run([
            "spf", "check", "--ip", "192.0.2.2", "--mail-from", "a@example.org", "--helo", "x", "--offline",
        ])
        #expect(outcome.status == 3)
        #expect(outcome.output.contains("offline"))
    }

    @Test("Wrong usage", arguments: [["--ip", "x", "--helo", "a"], ["--ip", "192.0.2.1"]])
    func usage(_ arguments: [String]) async throws {
        #expect(try await Program.run(["spf", "check"] + arguments).status == 64)
    }

    @Test("An audit checks the addresses that mail leaves by")
    func senders() async throws {
        try await withLab { lab in
            let endpoint = try await lab.start(DNSAuthority(try Zone(Self.zone)))
            let report = ReportObject(
                object: try await Program.object([
                    "audit", "example.org", "--ports", "none", "--sender-ip", "192.0.2.9", "--resolver", "\(endpoint)",
                ]).object)
            #expect(report.found.contains("spf.sender-address"))
        }
    }
}
