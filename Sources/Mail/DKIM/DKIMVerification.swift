package import DNS

/// What a verifier takes beyond what the standard leaves it no choice in.
package struct DKIMPolicy: Hashable, Sendable {
    /// RSA keys below this are refused (RFC 8301 §3.2: never below 1024).
    package var minimumKeyBits: Int
    /// RFC 8301 §3.1 forbids it; for looking at old mail.
    package var acceptsSHA1: Bool

    package init(minimumKeyBits: Int = 1024, acceptsSHA1: Bool = false) {
        self.minimumKeyBits = minimumKeyBits
        self.acceptsSHA1 = acceptsSHA1
    }
}

/// What came of verifying one signature of a message (RFC 6376 §6, RFC 8601 §2.7.1).
package struct DKIMVerification: Hashable, Sendable {
    /// RFC 8601 §2.7.1. "none" is a message without signatures: no verification at all.
    package enum Result: String, Hashable, Sendable, Codable {
        case none
        /// It holds and is acceptable.
        case pass
        /// It was made for another message, or the message was changed.
        case fail
        /// It holds, and is refused all the same: SHA-1, or a key that is too short.
        case policy
        /// It was not looked at as far as that: too many, too much.
        case neutral
        /// The key could not be fetched for now.
        case temperror
        /// It can never be verified: the field, or the key, is broken.
        case permerror
    }

    /// What of the message is not as it was signed.
    package enum Change: String, Hashable, Sendable, Codable {
        case body
        /// A signed header field, or the signature itself; or another key signed it.
        case header
    }

    package var signature: DKIMSignature
    package var result: Result
    /// Why it is no pass, in a sentence without its stop; nil for a pass.
    package var reason: String?
    /// The arithmetic alone, whatever policy says of signature and key: body and header are as the key's owner signed
    /// them. Nil where it cannot be told, for want of a key or of tags.
    package var signatureValid: Bool?
    /// Whether the body is as it was signed; nil where "bh", "c" or "l" cannot be read.
    package var bodyHashMatches: Bool?
    package var change: Change?
    /// Whether "b" is the key owner's for the header as it is, "bh" with it, whatever the body is; nil as above. Where
    /// this holds and the body does not, the body was changed after it was signed.
    package var headerHolds: Bool?
    /// Whether "b" was made with another key than the published one: it opens to nothing with that. Told for RSA only,
    /// and only where the header does not hold.
    package var isOfAnotherKey: Bool?
    /// The key that was used, or would have been.
    package var key: DKIMKeyRecord?
    /// Where its key was looked for; nil where the signature names none.
    package var lookup: DKIMKeyLookup?

    package var domain: DomainName? { signature.domain }
    package var selector: String? { signature.selector }
    /// The size of the RSA key's modulus, 256 for Ed25519; nil where there is no key.
    package var keyBits: Int? { key?.keyBits }
    /// RFC 6376 §3.6.1, t=y: whether it fails or not must not matter.
    package var isTesting: Bool { key?.isTesting == true }

    package init(_ signature: DKIMSignature, _ result: Result, reason: String? = nil) {
        self.signature = signature
        self.result = result
        self.reason = reason
    }

    /// Verifies all signatures of a message, from the top. Who asks more than once makes a ``DKIMVerifier`` and keeps
    /// it: the message's hashes are its.
    package static func verify(
        _ message: Message, at now: Timestamp, policy: DKIMPolicy = DKIMPolicy(), asking dns: inout Knowledge
    ) -> [DKIMVerification] {
        DKIMVerifier(message).verify(at: now, policy: policy, asking: &dns)
    }
}
