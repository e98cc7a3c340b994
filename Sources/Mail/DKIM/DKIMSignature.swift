package import DNS

/// A signature as a header field carries it: DKIM-Signature (RFC 6376 §3.5), ARC-Message-Signature and ARC-Seal
/// (RFC 8617 §4.1), which have their tags in common.
///
/// What is said here is what the field says; whether it is true is ``DKIMVerifier``'s to tell. Copied fields (`z=`) are
/// left out.
package struct DKIMSignature: Hashable, Sendable {
    /// Which field it stands in; the fields differ in the tags that they need.
    package enum Kind: Hashable, Sendable {
        case dkim  // DKIM-Signature
        case arcMessage  // ARC-Message-Signature
        case arcSeal  // ARC-Seal
    }

    /// "a": how the signature is made (RFC 6376 §3.3, RFC 8301, RFC 8463).
    package enum Algorithm: Hashable, Sendable {
        case rsaSHA256
        case ed25519SHA256
        case rsaSHA1
        case other(String)

        package init(_ text: String) {
            switch text {
            case "rsa-sha256": self = .rsaSHA256
            case "ed25519-sha256": self = .ed25519SHA256
            case "rsa-sha1": self = .rsaSHA1
            default: self = .other(text)
            }
        }

        package var name: String {
            switch self {
            case .rsaSHA256: "rsa-sha256"
            case .ed25519SHA256: "ed25519-sha256"
            case .rsaSHA1: "rsa-sha1"
            case .other(let name): name
            }
        }

        /// The type of key it needs; nil where the algorithm is not known.
        package var keyType: DKIMKeyRecord.KeyType? {
            switch self {
            case .rsaSHA256, .rsaSHA1: .rsa
            case .ed25519SHA256: .ed25519
            case .other: nil
            }
        }

        /// The hash as the "h" of key records names it.
        package var hash: String { self == .rsaSHA1 ? "sha1" : "sha256" }
    }

    /// How much a header or a body may change on its way without breaking the signature (RFC 6376 §3.4).
    package enum Canonicalization: String, Hashable, Sendable {
        case simple
        case relaxed
    }

    package var kind: Kind
    package var version: String?  // "v"
    package var algorithm: Algorithm?  // "a"
    package var domain: DomainName?  // "d"; nil where it is missing or no name
    package var selector: String?  // "s"; nil where it is missing or no name
    package var signature: [UInt8]?  // "b"; nil where it is missing, empty or not base64
    package var bodyHash: [UInt8]?  // "bh"; likewise
    package var headerCanonicalization: Canonicalization  // "c"
    package var bodyCanonicalization: Canonicalization  // "c", behind the "/"
    /// Whether "c" stands there at all.
    package var statesCanonicalization = false
    package var headers: [String]  // "h", lower case, in order, as often as named
    package var bodyLength: Int?  // "l", octets of the canonical body; Int.max for more than that
    package var timestamp: Timestamp?  // "t"
    package var expiration: Timestamp?  // "x"
    /// "i" as written, decoded (RFC 6376 §2.11); nil where it is left out. For ARC see ``instance``.
    package var identity: String?
    /// The domain behind the "@" of "i"; that of "d" where it is left out.
    package var identityDomain: DomainName?
    /// "i" of ARC (RFC 8617 §4.2.1), 1 to 50.
    package var instance: Int?
    package var chainValidation: String?  // "cv" of ARC-Seal
    /// What is wrong with the field, by column of its value as written, from 1.
    package var problems: [RecordProblem]

    /// Whether it can be read without guessing what is hashed, and how: no tag twice, no broken list, “c” and “l” known.
    package var isReadable: Bool
    /// The octets of the field's raw value that are "b" and the white space around it (RFC 6376 §3.7).
    var signatureRange: Range<Int>?

    /// The first thing that keeps verifiers from taking it.
    package var firstError: RecordProblem? { problems.first(where: \.isError) }
    /// How many of the fields of a name are signed, absent ones counted.
    package func timesSigned(_ name: String) -> Int {
        let name = name.utf8.lowercasedText
        return headers.count { $0 == name }
    }

    /// How many names "h" may have; more than any message needs.
    package static let maximumHeaders = 2_000
}
