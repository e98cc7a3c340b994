/// A DKIM public key as published (RFC 6376 §3.6.1, RFC 8301, RFC 8463).
package struct DKIMKeyRecord: Hashable, Sendable {
    /// The "k" tag (RFC 6376 §3.6.1, RFC 8463).
    package enum KeyType: Hashable, Sendable {
        case rsa
        case ed25519  // RFC 8463 §4
        case other(String)

        package init(_ text: String) {
            switch text {
            case "rsa": self = .rsa
            case "ed25519": self = .ed25519
            default: self = .other(text)
            }
        }

        package var name: String {
            switch self {
            case .rsa: "rsa"
            case .ed25519: "ed25519"
            case .other(let name): name
            }
        }
    }

    package var text: String
    package var version: String?  // "v"; nil where it is left out, which is allowed
    package var keyType: KeyType  // "k"; rsa where it is left out
    package var hashes: [String]?  // "h"; nil allows all
    package var notes: String?  // "n"
    package var services: [String]  // "s"; ["*"] where it is left out
    package var flags: [String]  // "t"
    /// The octets of "p"; nil where it is missing or not base64, empty where the key is revoked.
    package var publicKey: [UInt8]?
    /// The size of an RSA modulus, or 256 for Ed25519; nil where no key could be read.
    package var keyBits: Int?
    package var problems: [RecordProblem]

    /// An empty "p" (RFC 6376 §3.6.1).
    package var isRevoked: Bool { publicKey?.isEmpty == true }
    /// "t=y"
    package var isTesting: Bool { flags.contains("y") }
    /// "t=s": the domain of "i=" must be that of "d=".
    package var forbidsSubdomains: Bool { flags.contains("s") }
    /// "s" names email or all services.
    package var servesEmail: Bool { services.contains("*") || services.contains("email") }
    package var isValid: Bool { !problems.contains(where: \.isError) }
}
