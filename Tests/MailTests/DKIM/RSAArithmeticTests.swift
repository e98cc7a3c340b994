import Crypto
import CryptoExtras
import DNS
import Testing

@testable import Mail

@Suite("RSA by arithmetic of our own")
struct RSAArithmeticTests {
    @Test(
        "Small powers", arguments: [(4, 13, 497, 445), (2, 10, 1_023, 1), (3, 1, 7, 3), (0, 5, 9, 0), (5, 3, 255, 125)])
    func small(_ base: Int, _ exponent: Int, _ modulus: Int, _ power: Int) {
        func octets(_ number: Int) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 255)] }
        #expect(RSAArithmetic.power(octets(base), UInt64(exponent), modulo: octets(modulus)) == octets(power))
    }

    @Test("What cannot be reckoned with is refused")
    func refused() {
        #expect(RSAArithmetic.power([5], 3, modulo: [4]) == nil)
        #expect(RSAArithmetic.power([5], 3, modulo: []) == nil)
        #expect(RSAArithmetic.power([7], 3, modulo: [7]) == nil)
        #expect(RSAArithmetic.power([5], 0, modulo: [7]) == nil)
    }

    @Test("It agrees with BoringSSL, and tells another key from another text", arguments: [1024, 2048, 3072])
    func agrees(_ bits: Int) throws {
        let key = try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: bits))
        let other = try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: bits))
        let own = try #require(RSAPublicKey(der: Array(key.publicKey.derRepresentation)))
        let bare = try #require(RSAPublicKey(der: Array(key.publicKey.pkcs1DERRepresentation)))
        #expect(own.bits == bits && bare.modulus == own.modulus)
        let digest = SHA256.hash(data: Array("text".utf8))
        let signature = Array(try key.signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation)
        let foreign = Array(try other.signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation)
        let changed = SHA256.hash(data: Array("test".utf8))
        for key in [own, bare] {
            #expect(
                key.verifies(signature, of: .sha256(digest)) && key.verifiesByArithmetic(signature, of: .sha256(digest))
            )
            #expect(!key.verifies(signature, of: .sha256(changed)))
            #expect(!key.verifiesByArithmetic(signature, of: .sha256(changed)))
            #expect(!key.verifiesByArithmetic(foreign, of: .sha256(digest)))
            #expect(key.opens(signature) == true && key.opens(foreign) == false && key.opens([1, 2]) == false)
        }
        let old = Insecure.SHA1.hash(data: Array("text".utf8))
        let oldSignature = Array(try key.signature(for: old, padding: .insecurePKCS1v1_5).rawRepresentation)
        #expect(own.verifies(oldSignature, of: .sha1(old)) && own.verifiesByArithmetic(oldSignature, of: .sha1(old)))
        var damaged = signature
        for place in damaged.indices.prefix(64) {
            damaged[place] ^= 1
            #expect(!own.verifiesByArithmetic(damaged, of: .sha256(digest)))
            damaged[place] ^= 1
        }
    }
}
