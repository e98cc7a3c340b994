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
    /// The name of a signed field with a line beneath it that is no field: who reads on there reads more than was signed.
    var disturbedField: String?

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
                signature: signature, digest: digest, bodyHashMatches: matches, bodyIsTooShort: isTooShort,
                disturbedField: disturbedField(of: signature, at: place, in: fields))
        }
    }

    private static func disturbedField(of signature: DKIMSignature, at place: Int, in fields: SignedFields) -> String? {
        let header = fields.message.header
        if header.fieldsAboveStrays.isEmpty { return nil }
        let disturbed = Set(header.fieldsAboveStrays)
        return fields.selection.fields(signature.headers, except: place).first { disturbed.contains($0) }
            .map { header.fields[$0].name }
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
