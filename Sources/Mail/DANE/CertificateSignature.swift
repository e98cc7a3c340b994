import Crypto
import CryptoExtras

// Whether one certificate was signed by the owner of a key: the one piece of path validation (RFC 5280 §6.1.3) that
// needs cryptography. A trust anchor named by DANE-TA(2) may be known to nobody else, so no list of roots helps here.

extension PresentedCertificate {
    /// Whether the owner of `key`, a SubjectPublicKeyInfo in DER, signed this certificate; nil where the kind of key or
    /// signature is not known here.
    func isSigned(byKey key: [UInt8]) -> Bool? {
        guard let info = DERElement(key, DERElement.sequence) else { return false }
        let parts = info.elements(limit: 2)
        guard parts.count == 2, parts[1].tag == DERElement.bitString, parts[1].content.first == 0,
            let kind = parts[0].elements(limit: 2).first?.dotted,
            let method = DERElement(algorithm, DERElement.sequence)?.elements(limit: 2).first?.dotted
        else { return false }
        let point = Array(parts[1].content.dropFirst())
        switch kind {
        case "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10": return isSignedByRSA(key, method)
        case "1.2.840.10045.2.1":
            return isSignedByECDSA(curve: parts[0].elements(limit: 2).last?.dotted, point, method)
        case "1.3.101.112":
            guard method == kind else { return false }
            return (try? Curve25519.Signing.PublicKey(rawRepresentation: point))?
                .isValidSignature(signature, for: signed) ?? false
        default: return nil
        }
    }

    private func isSignedByRSA(_ key: [UInt8], _ method: String) -> Bool? {
        let isPSS = method == "1.2.840.113549.1.1.10"
        guard let hash = isPSS ? hashOfPSS : Self.hashes[method] else { return nil }
        guard let publicKey = try? _RSA.Signing.PublicKey(unsafeDERRepresentation: key) else { return nil }
        let value = _RSA.Signing.RSASignature(rawRepresentation: signature)
        let padding: _RSA.Signing.Padding = isPSS ? .PSS : .insecurePKCS1v1_5
        switch hash {
        case .sha1: return publicKey.isValidSignature(value, for: Insecure.SHA1.hash(data: signed), padding: padding)
        case .sha256: return publicKey.isValidSignature(value, for: SHA256.hash(data: signed), padding: padding)
        case .sha384: return publicKey.isValidSignature(value, for: SHA384.hash(data: signed), padding: padding)
        case .sha512: return publicKey.isValidSignature(value, for: SHA512.hash(data: signed), padding: padding)
        }
    }

    private func isSignedByECDSA(curve: String?, _ point: [UInt8], _ method: String) -> Bool? {
        guard let hash = Self.hashes[method], method.hasPrefix("1.2.840.10045.4.") else { return nil }
        switch (curve, hash) {
        case ("1.2.840.10045.3.1.7", .sha256): return p256(point, SHA256.hash(data: signed))
        case ("1.2.840.10045.3.1.7", .sha384): return p256(point, SHA384.hash(data: signed))
        case ("1.2.840.10045.3.1.7", .sha512): return p256(point, SHA512.hash(data: signed))
        case ("1.3.132.0.34", .sha256): return p384(point, SHA256.hash(data: signed))
        case ("1.3.132.0.34", .sha384): return p384(point, SHA384.hash(data: signed))
        case ("1.3.132.0.34", .sha512): return p384(point, SHA512.hash(data: signed))
        case ("1.3.132.0.35", .sha256): return p521(point, SHA256.hash(data: signed))
        case ("1.3.132.0.35", .sha384): return p521(point, SHA384.hash(data: signed))
        case ("1.3.132.0.35", .sha512): return p521(point, SHA512.hash(data: signed))
        default: return nil
        }
    }

    private func p256(_ point: [UInt8], _ digest: some Digest) -> Bool {
        guard let key = try? P256.Signing.PublicKey(x963Representation: point),
            let value = try? P256.Signing.ECDSASignature(derRepresentation: signature)
        else { return false }
        return key.isValidSignature(value, for: digest)
    }

    private func p384(_ point: [UInt8], _ digest: some Digest) -> Bool {
        guard let key = try? P384.Signing.PublicKey(x963Representation: point),
            let value = try? P384.Signing.ECDSASignature(derRepresentation: signature)
        else { return false }
        return key.isValidSignature(value, for: digest)
    }

    private func p521(_ point: [UInt8], _ digest: some Digest) -> Bool {
        guard let key = try? P521.Signing.PublicKey(x963Representation: point),
            let value = try? P521.Signing.ECDSASignature(derRepresentation: signature)
        else { return false }
        return key.isValidSignature(value, for: digest)
    }

    private enum Hash { case sha1, sha256, sha384, sha512 }

    private static let hashes: [String: Hash] = [
        "1.2.840.113549.1.1.5": .sha1, "1.2.840.113549.1.1.11": .sha256, "1.2.840.113549.1.1.12": .sha384,
        "1.2.840.113549.1.1.13": .sha512, "1.2.840.10045.4.3.2": .sha256, "1.2.840.10045.4.3.3": .sha384,
        "1.2.840.10045.4.3.4": .sha512,
    ]

    /// RSASSA-PSS-params ::= SEQUENCE { hashAlgorithm [0] DEFAULT sha1, … } (RFC 4055 §3.1)
    private var hashOfPSS: Hash? {
        let parameters = DERElement(algorithm, DERElement.sequence)?.elements(limit: 2).dropFirst().first
        guard let hash = parameters?.elements(limit: 4).first(where: { $0.tag == 0xA0 }) else { return .sha1 }
        switch hash.elements(limit: 1).first?.elements(limit: 1).first?.dotted {
        case "2.16.840.1.101.3.4.2.1": return .sha256
        case "2.16.840.1.101.3.4.2.2": return .sha384
        case "2.16.840.1.101.3.4.2.3": return .sha512
        default: return nil
        }
    }
}
