import Crypto
import CryptoExtras

/// The algorithms of the IANA registry: which are known here, and the arithmetic.
extension DNSSEC {
    /// `ECDSA P-256`, or `algorithm 200`.
    package static func algorithmName(_ number: UInt8) -> String {
        switch number {
        case 1: "RSA/MD5"
        case 3: "DSA/SHA-1"
        case 5: "RSA/SHA-1"
        case 6: "DSA/SHA-1 (NSEC3)"
        case 7: "RSA/SHA-1 (NSEC3)"
        case 8: "RSA/SHA-256"
        case 10: "RSA/SHA-512"
        case 12: "GOST R 34.10-2001"
        case 13: "ECDSA P-256"
        case 14: "ECDSA P-384"
        case 15: "Ed25519"
        case 16: "Ed448"
        default: "algorithm \(number)"
        }
    }

    /// `SHA-256`, or `digest 9`.
    package static func digestName(_ number: UInt8) -> String {
        switch number {
        case 1: "SHA-1"
        case 2: "SHA-256"
        case 3: "GOST R 34.11-94"
        case 4: "SHA-384"
        default: "digest \(number)"
        }
    }

    /// RFC 9904 §2 and RFC 9905 §2: RSA/SHA-1 can be checked here, and is not, unless asked for: what is signed by it
    /// alone counts as unsigned.
    static func supports(algorithm: UInt8, sha1: Bool) -> Bool {
        [8, 10, 13, 14, 15].contains(algorithm) || (sha1 && [5, 7].contains(algorithm))
    }

    static func supports(digest: UInt8) -> Bool { [1, 2, 4].contains(digest) }

    /// RFC 4034 §5.1.4: of the owner's name and the key; nil for a digest unknown here.
    package static func digest(_ type: UInt8, of key: DNSKEY, at owner: DomainName) -> [UInt8]? {
        let data = owner.lowercased.wire + key.wire
        switch type {
        case 1: return Array(Insecure.SHA1.hash(data: data))
        case 2: return Array(SHA256.hash(data: data))
        case 4: return Array(SHA384.hash(data: data))
        default: return nil
        }
    }

    /// Whether the owner of the key made the signature. False for what cannot be checked.
    static func holds(_ signature: [UInt8], of data: [UInt8], by key: DNSKEY) -> Bool {
        switch key.algorithm {
        case 5, 7, 8, 10: return RSAKey(key)?.holds(signature, of: data) ?? false
        case 13:  // RFC 6605 §4
            guard key.publicKey.count == 64, signature.count == 64,
                let key = try? P256.Signing.PublicKey(rawRepresentation: key.publicKey),
                let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
            else { return false }
            return key.isValidSignature(signature, for: data)
        case 14:
            guard key.publicKey.count == 96, signature.count == 96,
                let key = try? P384.Signing.PublicKey(rawRepresentation: key.publicKey),
                let signature = try? P384.Signing.ECDSASignature(rawRepresentation: signature)
            else { return false }
            return key.isValidSignature(signature, for: data)
        case 15:  // RFC 8080 §4
            guard key.publicKey.count == 32, signature.count == 64,
                let key = try? Curve25519.Signing.PublicKey(rawRepresentation: key.publicKey)
            else { return false }
            return key.isValidSignature(signature, for: data)
        default: return false
        }
    }

    /// RFC 5155 §5, to be done `iterations` times again.
    static func nsec3Hash(_ name: DomainName, salt: [UInt8], iterations: Int) -> [UInt8] {
        var hash = Array(Insecure.SHA1.hash(data: name.lowercased.wire + salt))
        for _ in 0..<iterations { hash = Array(Insecure.SHA1.hash(data: hash + salt)) }
        return hash
    }
}

/// An RSA key as DNSKEY holds it (RFC 3110 §2).
struct RSAKey {
    /// Big-endian, without leading zeros.
    let exponent: [UInt8]
    let modulus: [UInt8]
    private let algorithm: UInt8

    init?(_ key: DNSKEY) {
        algorithm = key.algorithm
        let octets = key.publicKey
        guard let first = octets.first, octets.count > 3 else { return nil }
        let length = first == 0 ? Int(octets[1]) << 8 | Int(octets[2]) : Int(first)
        let start = first == 0 ? 3 : 1
        guard length > 0, start + length < octets.count else { return nil }
        exponent = Array(octets[start..<(start + length)].drop { $0 == 0 })
        modulus = Array(octets[(start + length)...].drop { $0 == 0 })
        // RFC 3110 §2: at most 4096 bits; RFC 5702 §2: at least 512, with SHA-512 1024.
        let least = algorithm == 10 ? 1024 : 512
        guard !exponent.isEmpty, exponent.count <= 8, (least...4096).contains(bits) else { return nil }
    }

    var bits: Int { modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0) }

    /// RSASSA-PKCS1-v1_5 (RFC 3110 §3, RFC 5702 §3). BoringSSL does it for the keys it takes, and arithmetic of our own
    /// for small and strange ones: a zone's owner wants to hear whether the signature holds.
    func holds(_ signature: [UInt8], of data: [UInt8]) -> Bool {
        guard signature.count == modulus.count else { return false }
        switch algorithm {
        case 8: return holds(signature, SHA256.hash(data: data), Self.sha256)
        case 10: return holds(signature, SHA512.hash(data: data), Self.sha512)
        default: return holds(signature, Insecure.SHA1.hash(data: data), Self.sha1)
        }
    }

    private func holds(_ signature: [UInt8], _ digest: some Digest, _ prefix: [UInt8]) -> Bool {
        if bits >= 1024, let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent) {
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature), for: digest, padding: .insecurePKCS1v1_5)
        }
        let information = prefix + Array(digest)
        guard modulus.count >= information.count + 11,
            let opened = RSAArithmetic.power(
                signature, exponent.reduce(0) { $0 << 8 | UInt64($1) }, modulo: modulus)
        else { return false }
        let padding = [UInt8](repeating: 0xFF, count: modulus.count - information.count - 3)
        return opened == [0, 1] + padding + [0] + information  // RFC 8017 §9.2
    }

    /// What DigestInfo puts before the digest (RFC 8017 §9.2, note 1).
    private static let sha1: [UInt8] = [
        0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A, 0x05, 0x00, 0x04, 0x14,
    ]
    private static let sha256: [UInt8] = [
        0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
        0x20,
    ]
    private static let sha512: [UInt8] = [
        0x30, 0x51, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04,
        0x40,
    ]
}
