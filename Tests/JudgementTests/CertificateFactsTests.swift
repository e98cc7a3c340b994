import Foundation
import Judgement
import Mail
import Testing

@Suite("Certificates in recordings")
struct CertificateFactsTests {
    private let certificate = CertificateFacts(
        subject: "CN=a", issuer: "CN=b", serial: "01", names: ["a.example"], notBefore: Timestamp(0),
        notAfter: Timestamp(86_400 * 90), keyAlgorithm: "ECDSA", keyBits: 256, keyCurve: "secp256r1",
        signatureAlgorithm: "ecdsa-with-SHA256", signatureHash: "SHA-256", fingerprint: "00",
        der: (0...255).map { UInt8($0) } + [1])

    @Test("The certificate itself is recorded as base64 and comes back octet by octet")
    func roundTrip() throws {
        for count in 0...6 {
            var facts = certificate
            facts.der = Array(facts.der.prefix(count == 6 ? 257 : count))
            let text = try JSONEncoder().encode(facts)
            #expect(try JSONDecoder().decode(CertificateFacts.self, from: text) == facts)
        }
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(certificate)) as? [String: Any]
        #expect((object?["der"] as? String)?.hasPrefix("AAECAwQF") == true)
    }

    @Test("A recording from before the certificate was kept still decodes")
    func old() throws {
        let now = try JSONSerialization.jsonObject(with: JSONEncoder().encode(certificate)) as? [String: Any]
        var before = try #require(now)
        for key in ["der", "keyCurve", "signatureHash"] { before[key] = nil }
        let facts = try JSONDecoder().decode(
            CertificateFacts.self, from: JSONSerialization.data(withJSONObject: before))
        var expected = certificate
        (expected.der, expected.keyCurve, expected.signatureHash) = ([], nil, nil)
        #expect(facts == expected)
    }

    @Test(
        "What is left of a certificate's life is a fraction of it",
        arguments: [(0.0, 1.0), (45, 0.5), (90, 0), (120, 0), (-10, 1)])
    func fraction(day: Double, left: Double) {
        #expect(certificate.fractionLeft(at: Timestamp(day * 86_400)) == left)
    }
}
