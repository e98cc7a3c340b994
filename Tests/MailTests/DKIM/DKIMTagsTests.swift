import Crypto
import DNS
import Testing

@testable import Mail

/// Signs with tags exactly as written, right or wrong, by means that share nothing with the verifier but the key.
private struct LiteralSigner {
    var key: DKIMSigningKey
    var header = DKIMSignature.Canonicalization.relaxed
    var body = DKIMSignature.Canonicalization.relaxed
    var length: Int?
    /// The names that are really signed.
    var signed = ["from", "to", "subject"]

    /// `tags` holds “%bh” where the body's hash goes and “%b” where the signature goes.
    func sign(_ text: String, _ tags: String) -> String {
        let end = text.range(of: "\r\n\r\n")
        let head = end.map { String(text[..<$0.lowerBound]) } ?? text
        var content = ARCSealer.canonicalBody(end.map { String(text[$0.upperBound...]) } ?? "", body)
        if let length { content = Array(content.prefix(length)) }
        let open = "DKIM-Signature:" + tags.replacing("%bh", with: Base64.encode(Array(SHA256.hash(data: content))))
        var fields = ARCSealer.fields(head)
        var octets: [UInt8] = []
        for name in signed {
            guard let place = fields.lastIndex(where: { $0.lowercased().hasPrefix(name + ":") }) else { continue }
            octets += ARCSealer.canonical(fields.remove(at: place), header) + [13, 10]
        }
        // RFC 6376 §3.5: the blanks around the value go with it.
        octets += ARCSealer.canonical(open.replacing(" %b ", with: "").replacing("%b", with: ""), header)
        return open.replacing("%b", with: key.signature(of: octets).map { Base64.encode($0) } ?? "") + "\r\n" + text
    }
}

@Suite("Signatures and keys, tag by tag, RFC 6376 §3.5 and §3.6.1")
struct DKIMTagsTests {
    private static let now = Timestamp(1_795_348_800)
    private static let text =
        "From: Alice <alice@example.org>\r\nTo: bob@example.net\r\nSubject: a  b\r\n\r\nHello  Bob, \r\n\r\nbye\r\n"
    private static let usual =
        " v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s; h=from:to:subject; bh=%bh; b=%b"

    private func signer() throws -> LiteralSigner { LiteralSigner(key: try #require(TestKeys.ed25519)) }

    private func verify(_ octets: [UInt8], _ record: [UInt8], at domain: String = "example.org") -> DKIMVerification? {
        let owner = name("s._domainkey.\(domain)")
        let strings = stride(from: 0, to: record.count, by: 30).map { Array(record[$0...].prefix(30)) }
        let answer = Answer(.records, records: [Record(owner, .txt(TXT(strings: strings)))])
        var dns = Knowledge([Question(owner, .txt): .success(answer)])
        return DKIMVerification.verify(Mail.Message(parsing: octets), at: Self.now, asking: &dns).first
    }

    private func verify(_ text: String, _ signer: LiteralSigner) -> DKIMVerification? {
        verify(Array(text.utf8), Array(signer.key.record.utf8))
    }

    private typealias Result = DKIMVerification.Result

    @Test(
        "The field in many forms",
        arguments: [
            (usual, Result.pass),
            // White space around names, “=” and “;”, folds, another order, a last “;”.
            (
                "\r\n\tv = 1 ;\r\n a\t=\r\n ed25519-sha256; c= relaxed/relaxed ;d=example.org; s=s ; h = from :\r\n to:subject; bh=%bh; b = %b ;",
                .pass
            ),
            (" b=%b; bh=%bh; h=From:TO:Subject; s=s; d=EXAMPLE.org; c=RELAXED/relaxed; a=ED25519-SHA256; v=1", .pass),
            // What looks like “b=” elsewhere is no signature.
            (usual.replacing("; bh", with: "; z=Subject:b=3Dx|From:it's=20(me; x1=b=y; bh"), .pass),
            (usual.replacing("v=1", with: "v=2"), .permerror), (usual.replacing("v=1", with: "v=1.0"), .permerror),
            (usual.replacing("v=1; ", with: ""), .permerror), (usual.replacing("v=1", with: "V=1"), .permerror),
            (usual.replacing("; s=s", with: "; s=s; s=s"), .permerror),
            (usual.replacing("; s=s", with: "; S=s"), .permerror),
            (usual.replacing("; s=s", with: ";; s=s"), .permerror),
            (usual.replacing("; s=s", with: "; s=s; x"), .permerror),
            (usual.replacing("from:to", with: "to"), .permerror),
            (usual.replacing("h=from:to:subject", with: "h="), .permerror),
            (usual.replacing("a=ed25519-sha256", with: "a=ed25519-sha1"), .permerror),
            (usual.replacing("c=relaxed/relaxed", with: "c=nofws"), .permerror),
            (usual.replacing("; s=s", with: "; s=s; q=dns/txt"), .pass),
            (usual.replacing("; s=s", with: "; s=s; q=x/y:dns/txt"), .pass),
            (usual.replacing("; s=s", with: "; s=s; q=dns/mx"), .permerror),
            (usual.replacing("; s=s", with: "; s=s; t=1700000000; x=1900000000"), .pass),
            (usual.replacing("; s=s", with: "; s=s; x=1700000000"), .permerror),
            (usual.replacing("; s=s", with: "; s=s; t=1900000000; x=1900000000"), .permerror),
            (usual.replacing("; s=s", with: "; s=s; t=0x10"), .permerror),
            (usual.replacing("; s=s", with: "; s=s; t="), .permerror),
            (usual.replacing("; s=s", with: "; s=s; x=abc"), .permerror),
            (usual.replacing("; s=s", with: "; s=s; x=999999999999999999999999"), .pass),
            (usual.replacing("; s=s", with: "; s=s; i=@example.org"), .pass),
            (usual.replacing("; s=s", with: "; s=s; i=a=20b=40c@mail.Example.ORG"), .pass),
            (usual.replacing("; s=s", with: "; s=s; i=@example.com"), .permerror),
            (usual.replacing("; s=s", with: "; s=s; i=@notexample.org"), .permerror),
            (usual.replacing("; s=s", with: "; s=s; i=alice"), .permerror),
            (usual.replacing("; s=s", with: "; s=s; l=-1"), .permerror),
            (usual.replacing("; s=s", with: "; s=s; l=1x"), .permerror),
        ] as [(String, DKIMVerification.Result)])
    func forms(_ tags: String, _ result: DKIMVerification.Result) throws {
        let signer = try signer()
        let found = try #require(verify(signer.sign(Self.text, tags), signer))
        #expect(found.result == result, "\(tags): \(found.reason ?? "")")
    }

    @Test(
        "A signature may cover a part of the body: what follows is open, what is less is none",
        arguments: [0, 1, 5, 13, 18, 19])
    func lengths(_ length: Int) throws {
        var signer = try signer()
        signer.length = length
        let tags = Self.usual.replacing("; s=s", with: "; s=s; l=00\(length)")
        let signed = signer.sign(Self.text, tags)
        // The canonical body is “Hello Bob,␍␊␍␊bye␍␊”, 19 octets.
        #expect(verify(signed, signer)?.result == .pass)
        #expect(verify(signed + "more\r\n", signer)?.result == .pass)
        #expect(verify(signed.replacing("Hello", with: "Hallo"), signer)?.result == (length < 2 ? .pass : .fail))
        let longer = signer.sign(Self.text, Self.usual.replacing("; s=s", with: "; s=s; l=20"))
        #expect(verify(longer, signer)?.result == .permerror)
    }

    @Test("Names that are signed once more than they occur keep others from being added")
    func overSigned() throws {
        var signer = try signer()
        let double = Self.text.replacing("To:", with: "From: Eve <eve@example.com>\r\nTo:")
        // Once signed, the lowest is meant, and one above it goes unnoticed.
        let once = signer.sign(Self.text, Self.usual)
        #expect(verify("From: eve@example.com\r\n" + once, signer)?.result == .pass)
        signer.signed = ["from", "from", "to", "subject", "x-none"]
        let tags = Self.usual.replacing("h=from", with: "h=from:x-none:from")
        signer.signed = ["from", "x-none", "from", "to", "subject"]
        let over = signer.sign(Self.text, tags)
        #expect(verify(over, signer)?.result == .pass)
        #expect(verify("From: eve@example.com\r\n" + over, signer)?.result == .fail)
        #expect(verify("X-None: 1\r\n" + over, signer)?.result == .fail)
        #expect(verify(signer.sign(double, tags), signer)?.result == .pass)
    }

    @Test("Letters of any script stand in domains, fields and bodies, RFC 6532 and RFC 8616")
    func internationalised() throws {
        var signer = try signer()
        let text = Self.text.replacing("Alice <alice@example.org>", with: "Jörg <jörg@bücher.example>")
            .replacing("a  b", with: "\u{FC}  \u{FC}").replacing("bye", with: "Tschüß")
        for form in [DKIMSignature.Canonicalization.relaxed, .simple] {
            (signer.header, signer.body) = (form, form)
            let tags = Self.usual.replacing("relaxed/relaxed", with: "\(form.rawValue)/\(form.rawValue)")
                .replacing("d=example.org", with: "d=bücher.example; i=jörg@bücher.example")
            let signed = signer.sign(text, tags)
            let found = verify(Array(signed.utf8), Array(signer.key.record.utf8), at: "xn--bcher-kva.example")
            #expect(found?.result == .pass, "\(found?.reason ?? "")")
            #expect(found?.domain == name("xn--bcher-kva.example"))
            // Octets that are no UTF-8 are as good as any.
            let latin = Array(signed.utf8).replacing(Array("ß".utf8), with: [0xDF])
            #expect(verify(latin, Array(signer.key.record.utf8), at: "xn--bcher-kva.example")?.result == .fail)
        }
    }

    @Test("Lines of a hundred thousand octets, and line ends of either kind, hold")
    func longLines() throws {
        var signer = try signer()
        let text = Self.text.replacing("a  b", with: String(repeating: "word  ", count: 20_000) + "end")
            .replacing("bye", with: String(repeating: "x", count: 100_000))
        for form in [DKIMSignature.Canonicalization.relaxed, .simple] {
            (signer.header, signer.body) = (form, form)
            let signed = signer.sign(
                text, Self.usual.replacing("relaxed/relaxed", with: "\(form.rawValue)/\(form.rawValue)"))
            #expect(verify(signed, signer)?.result == .pass)
            #expect(verify(Array(signed.utf8.filter { $0 != 13 }), Array(signer.key.record.utf8))?.result == .pass)
        }
        // A message that begins with an empty line has no fields at all.
        #expect(verify("\r\n" + signer.sign(Self.text, Self.usual), signer) == nil)
    }

    @Test(
        "Key records: what may be left out, and what keeps a key from being used",
        arguments: [
            ("k=ed25519; p=%", Result.pass), ("v=DKIM1; k=ed25519; p=%", .pass), ("v=DKIM1;k=ED25519;p=%;", .pass),
            (" v = DKIM1 ; k = ed25519 ; p = % ; ", .pass), ("k=ed25519; v=DKIM1; p=%", .pass),
            ("v=DKIM1; n=it's (a \\ note=1; k=ed25519; x=y; p=%", .pass), ("v=DKIM1; t=y; k=ed25519; p=%", .pass),
            ("v=DKIM1; t=s; k=ed25519; p=%", .pass), ("v=DKIM1; t=y : s : z; k=ed25519; p=%", .pass),
            ("v=DKIM1; s=email; k=ed25519; p=%", .pass), ("v=DKIM1; s=web : *; k=ed25519; p=%", .pass),
            ("v=DKIM1; h=sha1:sha256; k=ed25519; p=%", .pass), ("v=DKIM1; g=; k=ed25519; p=%", .pass),
            ("v=DKIM1; s=web; k=ed25519; p=%", .permerror), ("v=DKIM1; h=sha1; k=ed25519; p=%", .permerror),
            ("v=DKIM2; k=ed25519; p=%", .permerror), ("v=dkim1; k=ed25519; p=%", .permerror),
            ("v=DKIM1; p=%", .permerror), ("v=DKIM1; k=rsa; p=%", .permerror), ("v=DKIM1; k=dsa; p=%", .permerror),
            ("v=DKIM1; k=ed25519; p=", .permerror), ("v=DKIM1; k=ed25519; p=; p=%", .permerror),
            ("v=DKIM1; k=ed25519; p=%A", .permerror), ("v=DKIM1; k=ed25519", .permerror),
        ] as [(String, DKIMVerification.Result)])
    func keys(_ record: String, _ result: DKIMVerification.Result) throws {
        let signer = try signer()
        let public_ = try #require(signer.key.record.components("p=").last)
        // Long keys are broken into strings anywhere, here every 30 octets, and may have blanks in them.
        for key in [public_, String(public_.prefix(7)) + " " + public_.dropFirst(7)] {
            let found = verify(
                Array(signer.sign(Self.text, Self.usual).utf8), Array(record.replacing("%", with: key).utf8))
            #expect(found?.result == result, "\(record): \(found?.reason ?? "")")
        }
    }

    @Test(
        "A line that is no field, beneath a signed field: it holds, and is not taken",
        arguments: [
            "\u{A0}, eve@example.com", "\u{3000}x", "\u{B}, eve@example.com", "\u{C}x", "\r, eve@example.com",
            "no colon",
        ])
    func strayLines(_ line: String) throws {
        let signer = try signer()
        let signed = signer.sign(Self.text, Self.usual)
        for (field, result) in [
            ("From: Alice <alice@example.org>\r\n", Result.policy), ("To: bob@example.net\r\n", .policy),
        ] {
            let found = verify(signed.replacing(field, with: field + line + "\r\n"), signer)
            #expect(found?.result == result && found?.signatureValid == true)
            #expect(found?.reason?.contains(field.prefix { $0 != ":" }) == true)
        }
        // Beneath a field that is not signed it does no harm, nor does the first line of a mailbox file.
        let above = verify("X-A: b\r\n\(line)\r\n" + signed, signer)
        #expect(above?.result == .pass)
        #expect(verify("From alice Sun Nov 22 12:00:00 2026\r\n" + signed, signer)?.result == .pass)
    }

    @Test("A key that forbids sub-domains (t=s) forbids them in “i=” alone")
    func strictIdentity() throws {
        let signer = try signer()
        let record = Array(signer.key.record.replacing("v=DKIM1;", with: "v=DKIM1; t=y:s;").utf8)
        for (identity, result) in [
            ("i=@example.org; ", Result.pass), ("i=x@EXAMPLE.org; ", .pass), ("i=@a.example.org; ", .permerror),
        ] {
            let signed = signer.sign(Self.text, Self.usual.replacing("s=s; ", with: "s=s; " + identity))
            let found = verify(Array(signed.utf8), record)
            #expect(found?.result == result && found?.signatureValid == true && found?.isTesting == true)
        }
    }
}
