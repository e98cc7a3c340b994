import DNS
import FoundationEssentials
import Judgement
import Mail
import Networking
import Probes
import SwiftASN1
import Testing
import X509

private let noon = TestAuthority.noon
private let day = TestAuthority.day

@Suite struct CertificatesTests {
    let root: TestAuthority
    let intermediate: TestAuthority
    let roots: TrustRoots

    init() throws {
        root = try TestAuthority("Root")
        intermediate = try root.intermediate("Intermediate")
        roots = try TrustRoots(der: [root.certificate.der])
    }

    private func trust(_ chain: [Certificate], at now: Timestamp = noon) async throws -> Trust {
        try await Trust(chain.map { try $0.der }, roots: roots, at: now)
    }

    // MARK: Trust

    @Test func `a chain to a trusted root is trusted, with the root sent or not, in any order`() async throws {
        let leaf = try intermediate.issue()
        for chain in [
            [leaf, intermediate.certificate], [leaf, intermediate.certificate, root.certificate],
            [leaf, root.certificate, intermediate.certificate],
            [leaf, try TestAuthority("Stranger").certificate, intermediate.certificate],
        ] {
            let trust = try await trust(chain)
            #expect(trust.isTrusted == true)
            #expect(trust.problem == nil)
        }
        #expect(try await trust([try root.issue()]).isTrusted == true)
    }

    @Test func `a missing intermediate is said to be missing`() async throws {
        let trust = try await trust([try intermediate.issue(saysWhereIssuerIs: true)])
        #expect(trust.isTrusted == false)
        #expect(trust.problem == "the intermediate that signed it was not sent: “CN=Intermediate”")
        let other = try await self.trust([try intermediate.issue()])
        #expect(other.isTrusted == false)
        #expect(
            other.problem
                == "the certificate that signed it was not sent and is not among the trusted roots: “CN=Intermediate”")
    }

    @Test func `self-signed is said to be self-signed`() async throws {
        let trust = try await trust([try TestAuthority("Me").certificate])
        #expect(trust.isTrusted == false)
        #expect(trust.problem == "the certificate is self-signed")
    }

    @Test func `a self-signed certificate that is itself a root is trusted`() async throws {
        #expect(try await trust([root.certificate]).isTrusted == true)
    }

    @Test func `an unknown root is named`() async throws {
        let stranger = try TestAuthority("Stranger\u{1B}[31m")
        let trust = try await trust([try stranger.issue(), stranger.certificate])
        #expect(trust.isTrusted == false)
        #expect(trust.problem == "the chain ends at “CN=Stranger?[31m”, which is not among the trusted roots")
    }

    @Test func `a root of the same name but another key has not signed it`() async throws {
        let impostor = try TestAuthority("Root")
        let trust = try await trust([try impostor.issue()])
        #expect(trust.isTrusted == false)
        #expect(trust.problem == "the certificate names “CN=Root” as its issuer, whose key has not signed it")
    }

    @Test func `one that is no authority can't issue`() async throws {
        let server = try root.intermediate("Server", isAuthority: false)
        let trust = try await trust([try server.issue(), server.certificate])
        #expect(trust.isTrusted == false)
        #expect(trust.problem?.contains("does not keep the rules of RFC 5280") == true)
    }

    @Test func `a certificate for other purposes is not one for servers`() async throws {
        #expect(try await trust([try root.issue(usage: [.emailProtection])]).isTrusted == false)
        #expect(try await trust([try root.issue(usage: [.any])]).isTrusted == true)
    }

    @Test func `critical names, as with an empty subject, are understood`() async throws {
        #expect(try await trust([try root.issue(namesAreCritical: true)]).isTrusted == true)
    }

    // MARK: Dates

    @Test(arguments: [-100.0, 100])
    func `a certificate out of date is trusted all the same: its dates are told apart`(days: Double) async throws {
        let leaf = try intermediate.issue()
        let trust = try await trust([leaf, intermediate.certificate], at: noon + days * day)
        #expect(trust.isTrusted == true)
    }

    @Test func `also where its issuers have ended since`() async throws {
        let trust = try await trust([try intermediate.issue(), intermediate.certificate], at: noon + 5_000 * day)
        #expect(trust.isTrusted == true)
    }

    @Test func `out of date and untrusted is untrusted`() async throws {
        #expect(try await trust([try TestAuthority("Me").issue()], at: noon + 100 * day).isTrusted == false)
    }

    @Test func `a certificate in date under an issuer that ended is not trusted`() async throws {
        let old = try root.intermediate("Old", to: noon + -1 * day)
        let trust = try await trust([try old.issue(), old.certificate])
        #expect(trust.isTrusted == false)
        #expect(trust.problem == "the certificate of its issuer “CN=Old” expired at 2026-11-21T12:00:00Z")
    }

    @Test func `an issuer's old certificate does not matter where its name and key are a root`() async throws {
        let elder = try TestAuthority("Elder")
        let cross = try elder.intermediate("Root", from: noon + -900 * day, to: noon + -1 * day, keyOf: root)
        let trust = try await trust([try root.issue(), cross.certificate])
        #expect(trust.isTrusted == true && trust.until == nil)
    }

    @Test func `it is told when an issuer's certificate ends before the server's own`() async throws {
        let soon = try root.intermediate("Soon", to: noon + 3 * day)
        let trust = try await trust([try soon.issue(), soon.certificate])
        #expect(trust.isTrusted == true && trust.until == noon + 3 * day)
        let later = try root.intermediate("Soon", keyOf: soon)
        let renewed = try await self.trust([try soon.issue(), later.certificate])
        #expect(renewed.isTrusted == true && renewed.until == nil)
    }

    @Test func `of an issuer's certificate that was renewed the one in date counts, wherever it stands`() async throws {
        let old = try root.intermediate("Renewed", from: noon + -900 * day, to: noon + -2 * day)
        let new = try root.intermediate("Renewed", to: noon + 300 * day, keyOf: old)
        let future = try root.intermediate("Renewed", from: noon + 100 * day, to: noon + 900 * day, keyOf: old)
        let leaf = try old.issue()
        for chain in [[old, new], [new, old], [old, new, future], [future, new, old], [future, old, new]] {
            let trust = try await trust([leaf] + chain.map(\.certificate))
            #expect(trust.isTrusted == true && trust.until == nil)
        }
        let ended = try await trust([leaf, old.certificate, future.certificate])
        #expect(ended.isTrusted == false && ended.issue == .issuerOutdated)
    }

    @Test func `a certificate that is itself trusted needs no authority, and has to be in date`() async throws {
        let alone = try TestAuthority.alone()
        let roots = try TrustRoots(der: [alone.der])
        #expect(await Trust([try alone.der], roots: roots, at: noon).isTrusted == true)
        #expect(try await trust([alone]).problem == "the certificate is self-signed")
        #expect(await Trust([try TestAuthority.alone().der], roots: roots, at: noon).isTrusted == false)
    }

    @Test func `an issuer's own usages and purposes bind what it issues`() async throws {
        let signer = try root.intermediate("Signer", usage: KeyUsage(keyCertSign: true), purposes: [.serverAuth])
        #expect(try await trust([try signer.issue(), signer.certificate]).isTrusted == true)
        let other = try root.intermediate("Other", usage: KeyUsage(digitalSignature: true))
        #expect(try await trust([try other.issue(), other.certificate]).isTrusted == false)
        let client = try root.intermediate("Client", purposes: [.clientAuth])
        #expect(try await trust([try client.issue(), client.certificate]).isTrusted == false)
    }

    // MARK: What could not be told

    @Test func `without roots nothing is told, least of all that it is false`() async throws {
        let chain = [try root.issue().der]
        let trust = await Trust(chain, roots: .none(because: "no roots here"), at: noon)
        #expect(trust.isTrusted == nil)
        #expect(trust.problem == "no roots here")
        #expect(await Trust(chain, roots: try TrustRoots(der: []), at: noon).isTrusted == nil)
    }

    @Test func `without a certificate nothing is told`() async {
        #expect(await Trust([], roots: roots, at: noon).isTrusted == nil)
    }

    @Test(arguments: [CertificateFixtures.rsa1024, CertificateFixtures.ed448])
    func `a certificate that can't be verified is not told to be bad`(pem: String) async throws {
        let trust = await Trust([try PEMDocument(pemString: pem).derBytes], roots: roots, at: noon)
        #expect(trust.isTrusted == nil)
        #expect(trust.problem?.isEmpty == false)
    }

    @Test func `no mutation crashes it or makes it trusted`() async throws {
        let leaf = try intermediate.issue().der
        let issuer = try intermediate.certificate.der
        var generator = Linear(state: 11)
        for _ in 0..<200 {
            await Task.yield()
            var mutated = leaf
            let place = Int.random(in: 0..<mutated.count, using: &generator)
            let value = UInt8.random(in: 0...255, using: &generator)
            if mutated[place] == value { continue }
            mutated[place] = value
            let trust = await Trust([mutated, issuer], roots: roots, at: noon)
            #expect(trust.isTrusted != true)
            _ = CertificateReading(mutated)
        }
        for cut in stride(from: 0, to: leaf.count, by: 7) { _ = CertificateReading(Array(leaf[..<cut])) }
    }

    @Test func `a chain laid out as a maze comes to an end`() async throws {
        let maze = try (0..<60).map { _ in try TestAuthority("Maze").certificate.der }
        let started = ContinuousClock.now
        let leaf = try TestAuthority("Maze").issue().der
        #expect(await Trust([leaf] + maze, roots: roots, at: noon).isTrusted == false)
        #expect(ContinuousClock.now - started < .seconds(120))
    }

    // MARK: Facts

    @Test func `what OpenSSL wrote is read`() throws {
        let reading = CertificateReading(try PEMDocument(pemString: CertificateFixtures.p384).derBytes)
        #expect(reading.isComplete)
        let facts = reading.facts
        #expect(facts.subject.contains("CN=mx.example.org") && facts.subject.contains("C=DE"))
        #expect(facts.issuer == facts.subject)
        #expect(facts.serial == "0fedcba987654321")
        #expect(facts.names == ["mx.example.org", "*.example.org", "2001:db8::1"])
        #expect(facts.notBefore.description == "2026-11-22T18:04:37Z")
        #expect(facts.notAfter.description == "2051-07-14T18:04:37Z")
        #expect(facts.keyAlgorithm == "ECDSA" && facts.keyBits == 384)
        #expect(facts.signatureAlgorithm == "ecdsa-with-SHA384")
        #expect(facts.fingerprint == "12be18456a8da53ec02eb4fed9abe8892e8d5d6d50acafcbf0b4ab1ff790136a")
    }

    @Test func `a strict parser's refusals are read all the same`() throws {
        let rsa = CertificateReading(try PEMDocument(pemString: CertificateFixtures.rsa1024).derBytes)
        #expect(rsa.isComplete)
        #expect(rsa.facts.keyAlgorithm == "RSA" && rsa.facts.keyBits == 1_024)
        #expect(rsa.facts.signatureAlgorithm == "sha256WithRSAEncryption")
        #expect(rsa.facts.serial == "0102")
        #expect(rsa.facts.names == ["old.test", "192.0.2.7"])
        let ed448 = CertificateReading(try PEMDocument(pemString: CertificateFixtures.ed448).derBytes)
        #expect(ed448.isComplete)
        #expect(ed448.facts.keyAlgorithm == "Ed448" && ed448.facts.keyBits == 456)
        #expect(ed448.facts.names == ["goldilocks.test"])
    }

    @Test func `what is no certificate has a fingerprint, and does not count as expired`() {
        let reading = CertificateReading(Array("no certificate".utf8))
        #expect(!reading.isComplete)
        #expect(reading.facts.fingerprint.count == 64)
        #expect(reading.facts.notAfter.description == "9999-12-31T23:59:59Z")
    }

    @Test func `a handshake becomes facts`() async throws {
        let leaf = try intermediate.issue()
        let handshake = TLSHandshake(
            version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256", keyExchange: "x25519",
            chain: [try leaf.der, try intermediate.certificate.der], seconds: 0.01)
        let facts = await TLSFacts(
            handshake, mode: .starttls, host: try DomainName("mx.example.org"), roots: roots, at: noon)
        #expect(facts.version == "TLSv1.3" && facts.cipher == "TLS_AES_128_GCM_SHA256" && facts.keyExchange == "x25519")
        #expect(facts.mode == .starttls)
        #expect(facts.trusted == true && facts.trustProblem == nil && facts.nameMatches == true)
        #expect(facts.chain.map(\.subject) == ["CN=a server", "CN=Intermediate"])
        #expect(facts.chain[0].keyAlgorithm == "ECDSA" && facts.chain[0].keyBits == 256)
        let other = await TLSFacts(
            handshake, mode: .implicit, host: try DomainName("other.example"), roots: roots, at: noon)
        #expect(other.trusted == true && other.nameMatches == false)
        let none = await TLSFacts(
            TLSHandshake(version: "TLSv1.2", cipher: nil, keyExchange: nil, chain: [], seconds: 0), mode: .implicit,
            host: try DomainName("other.example"), roots: roots, at: noon)
        #expect(none.chain.isEmpty && none.trusted == nil && none.nameMatches == nil)
    }

    @Test func `garbage for a certificate tells nothing of names`() async throws {
        let facts = await TLSFacts(
            TLSHandshake(version: "TLSv1.2", cipher: nil, keyExchange: nil, chain: [[1, 2, 3]], seconds: 0),
            mode: .implicit, host: try DomainName("mx.example.org"), roots: roots, at: noon)
        #expect(facts.nameMatches == nil)
        #expect(facts.trusted == nil)
    }
}

@Suite struct CertificateNamesTests {
    @Test(arguments: [
        ("mx.example.org", "mx.example.org", true), ("MX.Example.ORG", "mx.example.org", true),
        ("mx.example.org", "mx.example.com", false), ("*.example.org", "mx.example.org", true),
        ("*.EXAMPLE.org", "mx.example.ORG", true), ("*.example.org", "example.org", false),
        ("*.example.org", "a.mx.example.org", false), ("m*.example.org", "mx.example.org", false),
        ("mx.*.org", "mx.example.org", false), ("*.*.org", "mx.example.org", false), ("*", "org", false),
        ("*", "mx.example.org", false), ("**.example.org", "mx.example.org", false), ("", "mx.example.org", false),
        ("mx.example.org.", "mx.example.org", false), (".example.org", "mx.example.org", false),
        ("mx.example.org\0.evil.test", "mx.example.org", false), ("192.0.2.1", "192.0.2.1", false),
        ("*.0.2.1", "192.0.2.1", false), ("xn--bcher-kva.example", "bücher.example", true),
        ("bücher.example", "bücher.example", false), ("*.example", "bücher.example", true),
        ("\u{212A}.example", "k.example", false),
    ])
    func `dNSName`(pattern: String, host: String, matches: Bool) throws {
        #expect(PresentedName.dns(Array(pattern.utf8)).matches(try DomainName(host)) == matches)
    }

    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("2001:db8::1", "2001:db8:0::1", true),
        ("192.0.2.1", "mx.example.org", false), ("::ffff:192.0.2.1", "192.0.2.1", false),
    ])
    func `iPAddress`(address: String, host: String, matches: Bool) throws {
        let address = try #require(IPAddress(address))
        #expect(PresentedName.address(address).matches(try DomainName(host)) == matches)
    }
}

@Suite struct TrustRootsTests {
    private func pem(_ certificate: Certificate) throws -> String {
        PEMDocument(type: "CERTIFICATE", derBytes: try certificate.der).pemString
    }

    @Test func `a file gives exactly its certificates, whatever stands between`() async throws {
        let root = try TestAuthority("Root"), other = try TestAuthority("Other")
        let path = "/tmp/mailsonde-roots-\(UInt64.random(in: 0 ... .max)).pem"
        let text = "# Root\n\(try pem(root.certificate))\n\nsome words\n\(try pem(other.certificate))\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let roots = try TrustRoots(caFile: path)
        #expect(roots.count == 2)
        #expect(await Trust([try root.issue().der], roots: roots, at: noon).isTrusted == true)
        #expect(await Trust([try TestAuthority("Third").issue().der], roots: roots, at: noon).isTrusted == false)
    }

    @Test func `a file that gives none says why`() throws {
        let path = "/nonexistent/roots.pem"
        #expect(throws: TrustRootsError.unreadable(path)) { try TrustRoots(caFile: path) }
        #expect(throws: TrustRootsError.unreadable("/tmp")) { try TrustRoots(caFile: "/tmp") }
        #expect(throws: TrustRootsError.empty("a file")) { try TrustRoots(pem: "", from: "a file") }
        #expect(throws: TrustRootsError.empty("a file")) { try TrustRoots(pem: "just words\n", from: "a file") }
        #expect(throws: TrustRootsError.badCertificate(number: 1, "a file")) {
            try TrustRoots(pem: PEMDocument(type: "CERTIFICATE", derBytes: [1, 2, 3]).pemString, from: "a file")
        }
        #expect(throws: TrustRootsError.noPEM("a file")) {
            try TrustRoots(pem: "-----BEGIN CERTIFICATE-----\n***\n-----END CERTIFICATE-----\n", from: "a file")
        }
    }

    @Test func `the system's roots are read, or it is said that there are none`() {
        let roots = TrustRoots.system
        #expect(roots.isEmpty == (roots.problem != nil))
        let path = "/etc/ssl/certs/ca-certificates.crt"
        guard ProcessInfo.processInfo.environment["SSL_CERT_FILE"] == nil,
            let data = try? Data(contentsOf: URL(fileURLWithPath: path))
        else { return }
        let begins = String(decoding: data, as: UTF8.self).split(separator: "\n").count { $0.contains("-BEGIN CERT") }
        #expect(roots.count > begins * 9 / 10)
    }

    @Test func `a key in the file is no certificate`() throws {
        let key = PEMDocument(type: "PRIVATE KEY", derBytes: [48, 0]).pemString
        #expect(throws: TrustRootsError.empty("a file")) { try TrustRoots(pem: key, from: "a file") }
    }
}

private struct Linear: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
    }
}
