import Crypto
import DNS

/// A signature with the message's side of the arithmetic done: what its key has to have signed.
struct PreparedSignature: Sendable {
    let signature: DKIMSignature
    /// Of the signed fields; nil where the signature's tags do not say which, or how.
    let digest: SignedDigest?
    /// Nil where "bh", "c" or "a" cannot be read.
    let bodyHashMatches: Bool?
    /// "l" is more than the body has.
    let bodyIsTooShort: Bool

    /// All at once, so that the body is gone over once for all of them.
    static func prepare(_ signatures: [(DKIMSignature, Int)], of message: Message) -> [PreparedSignature] {
        let fields = SignedFields(message)
        let wanted = signatures.map(\.0).filter { canHashBody($0) }.map { BodyHashes.Wanted($0) }
        let hashes = message.octets.withUnsafeBufferPointer {
            BodyHashes(of: UnsafeBufferPointer(rebasing: $0[message.bodyStart...]), for: wanted)
        }
        return signatures.map { signature, place in
            var matches: Bool?
            var isTooShort = false
            if canHashBody(signature) {
                let hash = hashes[BodyHashes.Wanted(signature)]
                matches = hash == signature.bodyHash
                isTooShort = hash == nil
            }
            let digest = canHashFields(signature) ? digest(of: fields.octets(of: signature, at: place), signature) : nil
            return PreparedSignature(
                signature: signature, digest: digest, bodyHashMatches: matches, bodyIsTooShort: isTooShort)
        }
    }

    static func digest(of octets: [UInt8], _ signature: DKIMSignature) -> SignedDigest {
        octets.withUnsafeBytes { SignedDigest(of: $0, isSHA1: signature.algorithm == .rsaSHA1) }
    }

    private static func canHashBody(_ signature: DKIMSignature) -> Bool {
        signature.isReadable && signature.bodyHash != nil && signature.algorithm?.keyType != nil
    }

    private static func canHashFields(_ signature: DKIMSignature) -> Bool {
        canHashBody(signature) && signature.signature != nil && signature.signatureRange != nil
            && (!signature.headers.isEmpty || signature.kind == .arcMessage)
    }
}
