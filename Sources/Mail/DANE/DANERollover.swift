package import DNS

/// What of a host's TLSA records would still match after its next certificate (RFC 7671 §8).
package struct DANERollover: Hashable, Sendable {
    /// The certificate is renewed, by the same authority, over the same key.
    package var sameKey: Bool
    /// The certificate is renewed by the same authority over a new key.
    package var sameAuthority: Bool
    /// Records that match nothing now: keys or authorities announced for later, or forgotten.
    package var spare: [TLSA]

    /// From what a verification found; nil where nothing matches now.
    package init?(_ verification: DANEVerification) {
        guard verification.result == .verified else { return nil }
        sameKey = false
        sameAuthority = false
        spare = []
        for entry in verification.entries {
            switch entry.fate {
            case .matchesServer: if entry.record.selector == 1 { sameKey = true }
            case .matchesAuthority:
                // The key of an authority, or its certificate, outlives the server's certificate.
                sameKey = true
                sameAuthority = true
            case .noMatch: spare.append(entry.record)
            case .unusable, .weakerDigest, .matchesButFails, .couldNotTell: break
            }
        }
    }

    /// Whether some certificate other than today's is provided for: the next key, or the authority.
    package var isProvidedFor: Bool { sameAuthority || !spare.isEmpty }
}
