import Crypto
import CryptoExtras
import SwiftASN1

/// A private key that signs (RFC 6376 §3.3, RFC 8463). It prints as `***` whatever prints it.
package struct DKIMSigningKey: Sendable {
    private enum Key: Sendable {
        case rsa(_RSA.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)
    }

    private let key: Key

    /// Reads the text of a key file: PEM of PKCS #1 (`RSA PRIVATE KEY`) or PKCS #8 (`PRIVATE KEY`: RSA or Ed25519), or
    /// the 32 octets of an Ed25519 seed in base 64, as `dknewkey` writes them. Keys below 1024 bits sign nothing.
    package init(_ text: String) throws(DKIMSigningKeyError) {
        guard let block = PEMBlock(Array(text.utf8)) else {
            guard case .success(let seed) = Base64.decode(text.utf8), seed.count == 32 || seed.count == 64,
                let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed.prefix(32))
            else { throw .notAKey }
            self.key = .ed25519(key)
            return
        }
        switch block.label {
        case "ENCRYPTED PRIVATE KEY": throw .encrypted
        case "PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE": throw .notPrivate
        case "RSA PRIVATE KEY" where block.isEncrypted: throw .encrypted
        case "PRIVATE KEY", "RSA PRIVATE KEY": break
        default: throw .notAKey
        }
        if let seed = Self.ed25519Seed(block.octets),
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        {
            self.key = .ed25519(key)
        } else if let key = try? _RSA.Signing.PrivateKey(unsafeDERRepresentation: block.octets) {
            self.key = .rsa(key)
        } else {
            throw .notUsable
        }
    }

    /// OneAsymmetricKey with the algorithm id-Ed25519 (RFC 8410 §7).
    private static func ed25519Seed(_ der: [UInt8]) -> ArraySlice<UInt8>? {
        let id: ASN1ObjectIdentifier = [1, 3, 101, 112]
        guard let node = try? DER.parse(der) else { return nil }
        return try? DER.sequence(node, identifier: .sequence) { nodes in
            _ = try Int(derEncoded: &nodes)
            guard let algorithm = nodes.next() else { throw ASN1Error.truncatedASN1Field() }
            try DER.sequence(algorithm, identifier: .sequence) { nodes in
                guard try ASN1ObjectIdentifier(derEncoded: &nodes) == id else {
                    throw ASN1Error.invalidASN1Object(reason: "not Ed25519")
                }
            }
            let wrapped = try ASN1OctetString(derEncoded: &nodes)
            while nodes.next() != nil {}  // attributes, and the public key
            return try ASN1OctetString(derEncoded: Array(wrapped.bytes)).bytes
        }
    }

    package var algorithm: DKIMSignature.Algorithm {
        switch key {
        case .rsa: .rsaSHA256
        case .ed25519: .ed25519SHA256
        }
    }

    /// What to publish at the selector (RFC 6376 §3.6.1, RFC 8463 §4).
    package var record: String {
        switch key {
        case .rsa(let key): "v=DKIM1; k=rsa; p=\(Base64.encode(Array(key.publicKey.derRepresentation)))"
        case .ed25519(let key): "v=DKIM1; k=ed25519; p=\(Base64.encode(Array(key.publicKey.rawRepresentation)))"
        }
    }

    /// Signs what is to be signed; nil where the key cannot.
    func signature(of octets: [UInt8]) -> [UInt8]? {
        let digest = SHA256.hash(data: octets)
        switch key {
        case .rsa(let key):
            return (try? key.signature(for: digest, padding: .insecurePKCS1v1_5)).map { Array($0.rawRepresentation) }
        case .ed25519(let key): return (try? key.signature(for: Array(digest))).map { Array($0) }
        }
    }
}

extension DKIMSigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "***" }
    package var debugDescription: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a text is no key to sign with. None quotes it.
package enum DKIMSigningKeyError: Error, Hashable, Sendable, CustomStringConvertible {
    case notAKey
    case notPrivate
    case encrypted
    case notUsable

    package var description: String {
        switch self {
        case .notAKey: "no private key: PEM is expected (PKCS #1 or PKCS #8), or an Ed25519 seed in base64"
        case .notPrivate: "no private key, but a public one"
        case .encrypted: "the key is encrypted; decrypt it with “openssl pkey”"
        case .notUsable: "no RSA key of 1024 bits or more, and no Ed25519 key"
        }
    }
}

/// The first block of a PEM text (RFC 7468 §2).
private struct PEMBlock {
    var label: String
    var octets: [UInt8]
    /// The old headers of OpenSSL that say so (RFC 1421 §4.6).
    var isEncrypted: Bool

    init?(_ text: [UInt8]) {
        guard text.count <= 100_000 else { return nil }
        let lines = text.split(whereSeparator: { $0 == 10 || $0 == 13 }).map { $0.trimmed() }
        guard let first = lines.firstIndex(where: { $0.starts(with: Array("-----BEGIN ".utf8)) }),
            let last = lines[first...].firstIndex(where: { $0.starts(with: Array("-----END ".utf8)) })
        else { return nil }
        label = lines[first].dropFirst(11).dropLast(5).text
        let inner = lines[(first + 1)..<last]
        isEncrypted = inner.contains { $0.hasPrefixIgnoringCase("Proc-Type:") }
        let letters = inner.filter { !$0.contains(UInt8(ascii: ":")) }.joined()
        guard case .success(let octets) = Base64.decode(letters) else { return nil }
        self.octets = octets
    }
}
