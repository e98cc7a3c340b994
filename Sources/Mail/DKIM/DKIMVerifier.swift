package import DNS

/// Verifies the DKIM signatures of one message (RFC 6376 §6).
///
/// Made once a message: what is dear, its hashes, is computed then; asking for keys and trying them can be repeated
/// with more knowledge. All work is bounded: by the size of the header that is read, by ``maximumSignatures`` and
/// ``DKIMSignature/maximumHeaders``.
package struct DKIMVerifier: Sendable {
    /// How many signatures of a message are tried, from the top; of all others it is only said that they are there.
    package static let maximumSignatures = 25

    /// The signatures, from the top, verified or not.
    package let signatures: [DKIMSignature]
    private let prepared: [PreparedSignature]
    /// Why nothing can be told of the fields: part of the header was not read.
    private let cut: String?

    package init(_ message: Message) {
        let places = message.header.fields.indices.filter { message.header.fields[$0].isNamed("DKIM-Signature") }
        signatures = places.prefix(200).map { DKIMSignature(message.header.fields[$0]) }
        cut = message.header.cut
        let tried = Array(zip(signatures, places).prefix(Self.maximumSignatures))
        prepared = tried.isEmpty || cut != nil ? [] : PreparedSignature.prepare(tried, of: message)
    }

    /// One verification for each signature, from the top; none for a message without. Keys that are not known yet
    /// become wanted.
    package func verify(
        at now: Timestamp, policy: DKIMPolicy = DKIMPolicy(), asking dns: inout Knowledge
    ) -> [DKIMVerification] {
        var verifications: [DKIMVerification] = []
        verifications.reserveCapacity(signatures.count)
        for (place, signature) in signatures.enumerated() {
            if let cut {
                verifications.append(DKIMVerification(signature, .neutral, reason: cut))
            } else if place >= prepared.count {
                verifications.append(
                    DKIMVerification(
                        signature, .neutral,
                        reason: "only the first \(Self.maximumSignatures) signatures of a message are tried"))
            } else {
                verifications.append(prepared[place].verify(at: now, policy: policy, asking: &dns))
            }
        }
        return verifications
    }
}
