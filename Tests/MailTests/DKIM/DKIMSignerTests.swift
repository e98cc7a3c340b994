import Crypto
import CryptoExtras
import DNS
import Testing

@testable import Mail

/// Keys of tests, made on each run.
enum TestKeys {
    static let rsa = made { try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: 1024)).pemRepresentation }
    static let rsa2048 = made { try _RSA.Signing.PrivateKey(keySize: .bits2048).pkcs8PEMRepresentation }
    static let ed25519 = made { Base64.encode(Array(Curve25519.Signing.PrivateKey().rawRepresentation)) }

    private static func made(_ text: () throws -> String) -> DKIMSigningKey? { try? DKIMSigningKey(text()) }

    /// A zone with the key at `selector._domainkey.domain`.
    static func zone(_ signer: DKIMSigner, _ extra: String = "") -> String {
        let record = signer.key.record.replacing("v=DKIM1; ", with: "v=DKIM1; \(extra)")
        let pieces = stride(from: 0, to: record.utf8.count, by: 200).map { start in
            "\"\(String(decoding: record.utf8.dropFirst(start).prefix(200), as: UTF8.self))\""
        }
        return "\(signer.selector)._domainkey.\(signer.domain). TXT ( \(pieces.joined(separator: " ")) )"
    }
}

let plainMessage = """
    Received: from a.example (a.example [192.0.2.1]) by mx.example.net; Sun, 22 Nov 2026 12:00:00 +0000\r
    From: Alice <alice@example.org>\r
    To: bob@example.net\r
    Subject:  a  subject\r
    \tthat is folded \r
    Date: Sun, 22 Nov 2026 12:00:00 +0000\r
    Message-ID: <1@example.org>\r
    \r
    Hello  Bob, \r
    \r
    \tgoodbye.\r
    \r
    \r
    """ + "\n"

@Suite("Signing, RFC 6376 §5")
struct DKIMSignerTests {
    static let now = Timestamp(1_795_348_800)

    private func verify(_ octets: [UInt8], _ zone: String, at now: Timestamp = now) -> [DKIMVerification] {
        known(zone) { DKIMVerification.verify(Mail.Message(parsing: octets), at: now, asking: &$0) }
    }

    @Test("What is signed here holds here, with each algorithm and canonicalization")
    func roundTrip() throws {
        for key in [TestKeys.rsa, TestKeys.rsa2048, TestKeys.ed25519] {
            for header in [DKIMSignature.Canonicalization.simple, .relaxed] {
                for body in [DKIMSignature.Canonicalization.simple, .relaxed] {
                    let signer = DKIMSigner(
                        domain: name("example.org"), selector: "s1", key: try #require(key), headers: header,
                        body: body, lifetime: 86_400, identity: "@mail.example.org")
                    let signed = try #require(signer.signed(Array(plainMessage.utf8), at: Self.now))
                    let field = signed.prefix(signed.count - plainMessage.utf8.count)
                    #expect(field.split(separator: 10).allSatisfy { $0.count <= 79 })
                    let found = verify(signed, TestKeys.zone(signer))
                    #expect(found.map(\.result) == [.pass], "\(found.map(\.reason))")
                    let signature = try #require(found.first?.signature)
                    #expect(signature.timesSigned("From") == 2 && signature.timesSigned("received") == 0)
                    #expect(signature.problems.isEmpty)
                    #expect(signature.identityDomain == name("mail.example.org"))
                    #expect(verify(signed, TestKeys.zone(signer), at: Self.now + 86_401).map(\.result) == [.permerror])
                }
            }
        }
    }

    @Test("Keys come as PKCS #1, PKCS #8 or a seed, and show nothing")
    func keys() throws {
        let rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let one = try DKIMSigningKey(rsa.pemRepresentation)
        let eight = try DKIMSigningKey("some words\n" + rsa.pkcs8PEMRepresentation)
        #expect(one.record == eight.record && one.algorithm == .rsaSHA256)
        let seed = Array(Curve25519.Signing.PrivateKey().rawRepresentation)
        let raw = try DKIMSigningKey(Base64.encode(seed) + "\n")
        let wrapped = [0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20] + seed
        let pem = "-----BEGIN PRIVATE KEY-----\r\n\(Base64.encode(wrapped))\r\n-----END PRIVATE KEY-----\r\n"
        #expect(try DKIMSigningKey(pem).record == raw.record)
        #expect("\(raw)" == "***" && String(reflecting: one) == "***")
    }

    @Test("What is no key is said to be none, without being quoted")
    func noKeys() throws {
        let rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let cases: [(String, DKIMSigningKeyError)] = [
            ("", .notAKey), ("secret", .notAKey), (rsa.publicKey.pemRepresentation, .notPrivate),
            ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----", .encrypted),
            (
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----",
                .encrypted
            ),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", .notUsable),
        ]
        for (text, error) in cases {
            #expect(throws: error) { try DKIMSigningKey(text) }
            #expect(!error.description.isEmpty)
        }
    }

    @Test("A message without From is not signed")
    func withoutFrom() throws {
        let signer = DKIMSigner(
            domain: name("example.org"), selector: "s1", key: try #require(TestKeys.ed25519), overSigned: [])
        #expect(signer.signed(Array("To: a@example.org\r\n\r\nx".utf8), at: Self.now) == nil)
    }
}
