import Crypto
import CryptoExtras
import DNS
import SwiftASN1

/// An RSA public key and the one operation that verifying needs (RFC 8017 §8.2.2, RSASSA-PKCS1-v1_5).
///
/// BoringSSL does it for keys it takes. It takes none below 1024 bits; those are judged here by arithmetic of our own,
/// so that a signature that policy refuses can still be said to hold or not. Nothing here is secret, so nothing is
/// guarded against being timed.
struct RSAPublicKey: Hashable, Sendable {
    /// Big-endian, without leading zeros.
    let modulus: [UInt8]
    let exponent: [UInt8]
    private let der: [UInt8]

    private static let rsaEncryption: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 1, 1]
    /// The largest modulus that is reckoned with here; BoringSSL takes 16,384.
    static let maximumBits = 8_192

    /// Reads SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) or bare RSAPublicKey (RFC 8017 §A.1.1), which RFC 6376 §3.6.1
    /// names.
    init?(der: [UInt8]) {
        guard let node = try? DER.parse(der), let key = Self.bare(node) ?? Self.wrapped(node) else { return nil }
        modulus = Array(key.modulus.drop { $0 == 0 })
        exponent = Array(key.exponent.drop { $0 == 0 })
        self.der = der
        guard !modulus.isEmpty, exponent.last.map({ $0 & 1 == 1 }) == true else { return nil }
    }

    /// The size of the modulus.
    var bits: Int { modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0) }

    private static func bare(_ node: ASN1Node) -> (modulus: ArraySlice<UInt8>, exponent: ArraySlice<UInt8>)? {
        try? DER.sequence(node, identifier: .sequence) { nodes in
            (try ArraySlice<UInt8>(derEncoded: &nodes), try ArraySlice<UInt8>(derEncoded: &nodes))
        }
    }

    private static func wrapped(_ node: ASN1Node) -> (modulus: ArraySlice<UInt8>, exponent: ArraySlice<UInt8>)? {
        let key = try? DER.sequence(node, identifier: .sequence) { nodes -> ASN1BitString in
            guard let identifier = nodes.next() else { throw ASN1Error.truncatedASN1Field() }
            try DER.sequence(identifier, identifier: .sequence) { nodes in
                let algorithm = try ASN1ObjectIdentifier(derEncoded: &nodes)
                guard algorithm == rsaEncryption else { throw ASN1Error.invalidASN1Object(reason: "not RSA") }
                _ = nodes.next()  // NULL, or left out
            }
            return try ASN1BitString(derEncoded: &nodes)
        }
        guard let key, key.paddingBits == 0, let inner = try? DER.parse(key.bytes) else { return nil }
        return bare(inner)
    }

    /// Whether `signature` is the key owner's for `digest`.
    func verifies(_ signature: [UInt8], of digest: SignedDigest) -> Bool {
        if bits >= 1024, let key = try? _RSA.Signing.PublicKey(unsafeDERRepresentation: der) {
            let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
            return switch digest {
            case .sha256(let digest): key.isValidSignature(signature, for: digest, padding: .insecurePKCS1v1_5)
            case .sha1(let digest): key.isValidSignature(signature, for: digest, padding: .insecurePKCS1v1_5)
            }
        }
        return verifiesByArithmetic(signature, of: digest)
    }

    /// RFC 8017 §8.2.2, steps 1 to 4: what the signature opens to must be exactly the padded digest.
    func verifiesByArithmetic(_ signature: [UInt8], of digest: SignedDigest) -> Bool {
        guard bits <= Self.maximumBits, exponent.count <= 8, signature.count == modulus.count,
            let expected = Self.padded(digest, to: modulus.count),
            let opened = RSAArithmetic.power(signature, exponent.reduce(0) { $0 << 8 | UInt64($1) }, modulo: modulus)
        else { return false }
        return opened == expected
    }

    /// Whether a signature opens to some padded digest: then its maker had the private key, and signed something. Nil
    /// where the key is too large or too strange to be reckoned with.
    func opens(_ signature: [UInt8]) -> Bool? {
        guard bits <= Self.maximumBits, exponent.count <= 8 else { return nil }
        guard signature.count == modulus.count,
            let opened = RSAArithmetic.power(signature, exponent.reduce(0) { $0 << 8 | UInt64($1) }, modulo: modulus)
        else { return false }
        guard opened.starts(with: [0, 1, 0xFF, 0xFF, 0xFF, 0xFF]) else { return false }
        let rest = opened.dropFirst(2).drop { $0 == 0xFF }
        return rest.first == 0 && rest.dropFirst().first == 0x30
    }

    /// EMSA-PKCS1-v1_5 (RFC 8017 §9.2); nil where the key is too small for it.
    private static func padded(_ digest: SignedDigest, to length: Int) -> [UInt8]? {
        let information = digest.prefix + digest.octets
        guard length >= information.count + 11 else { return nil }
        return [0, 1] + Array(repeating: 0xFF, count: length - information.count - 3) + [0] + information
    }
}

/// The digest that a signature is made of.
enum SignedDigest: Sendable {
    case sha256(SHA256Digest)
    case sha1(Insecure.SHA1Digest)

    init(of octets: UnsafeRawBufferPointer, isSHA1: Bool) {
        if isSHA1 {
            var hash = Insecure.SHA1()
            hash.update(bufferPointer: octets)
            self = .sha1(hash.finalize())
        } else {
            var hash = SHA256()
            hash.update(bufferPointer: octets)
            self = .sha256(hash.finalize())
        }
    }

    var octets: [UInt8] {
        switch self {
        case .sha256(let digest): Array(digest)
        case .sha1(let digest): Array(digest)
        }
    }

    /// What DigestInfo puts before the digest (RFC 8017 §9.2, note 1).
    fileprivate var prefix: [UInt8] {
        switch self {
        case .sha256:
            [
                0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
                0x04, 0x20,
            ]
        case .sha1: [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00, 0x04, 0x14]
        }
    }
}
