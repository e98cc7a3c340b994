import Crypto
import DNS

extension PreparedSignature {
    /// RFC 6376 §6.1: the signature's field, then its key, then the arithmetic; what the field got wrong decides, and the
    /// arithmetic is told all the same.
    func verify(at now: Timestamp, policy: DKIMPolicy, asking dns: inout Knowledge) -> DKIMVerification {
        var verification = DKIMVerification(signature, .permerror)
        verification.bodyHashMatches = bodyHashMatches
        if let domain = signature.domain, let selector = signature.selector {
            let lookup = DKIMKeyLookup.look(selector: selector, domain: domain, asking: &dns)
            verification.lookup = lookup
            judgeKeys(lookup, policy, &verification)
        }
        if let error = signature.firstError {
            verification.result = .permerror
            verification.reason = "the signature cannot be used: \(error.message) (column \(error.column))"
        } else if bodyIsTooShort, let length = signature.bodyLength {
            verification.result = .permerror
            verification.reason = "the signature is for \(length) octets of body (l=), and the body has fewer"
        } else if let expiration = signature.expiration, now > expiration {
            verification.result = .permerror
            verification.reason = "the signature expired at \(expiration)"
        } else if verification.result == .pass, let disturbedField {
            // RFC 6376 §3.8: what is no message by RFC 5322 need not be taken; §8.15 says what comes of it.
            verification.result = .policy
            verification.reason =
                "a line that is no field stands beneath \(quoted(disturbedField.utf8)): it is not signed, "
                + "and some readers take it for a part of that field"
        }
        return verification
    }

    /// RFC 6376 §6.1.2: where several keys stand at one name, each is tried; the best result counts.
    private func judgeKeys(_ lookup: DKIMKeyLookup, _ policy: DKIMPolicy, _ verification: inout DKIMVerification) {
        let name = lookup.name.map(\.description) ?? quoted(lookup.selector)
        switch lookup.status {
        case .found(let record): judge(record, at: name, policy, &verification)
        case .multiple(let texts):
            var best: DKIMVerification?
            for text in texts.prefix(8) {
                var attempt = verification
                judge(DKIMKeyRecord(text: text), at: name, policy, &attempt)
                if best.map({ attempt.result.rank > $0.result.rank }) ?? true { best = attempt }
            }
            if let best { verification = best }
        case .none:
            verification.reason = "there is no key at \(name)"
        case .noSuchName:
            verification.reason = "there is no key: the name \(name) does not exist"
        case .couldNotTell(let why):
            verification.result = .temperror
            verification.reason = "the key at \(name) could not be fetched: \(why.reason.rawValue)"
        }
    }

    /// One key (RFC 6376 §6.1.2, steps 4 to 9; §6.1.3).
    private func judge(
        _ record: DKIMKeyRecord, at name: String, _ policy: DKIMPolicy, _ verification: inout DKIMVerification
    ) {
        verification.key = record
        if let digest, let bodyHashMatches, let holds = holds(with: record, digest) {
            verification.signatureValid = holds && bodyHashMatches
            verification.headerHolds = holds
            if !holds { verification.isOfAnotherKey = isOfAnotherKey(record) }
            if !bodyHashMatches {
                verification.change = .body
            } else if !holds {
                verification.change = .header
            }
        }
        if let objection = objection(to: record) {
            verification.result = .permerror
            verification.reason = "the key at \(name) \(objection)"
            return
        }
        guard let isValid = verification.signatureValid else {
            verification.result = .permerror
            verification.reason = "the signature cannot be computed"
            return
        }
        guard isValid else {
            verification.result = .fail
            verification.reason =
                verification.change == .body
                ? "the body is not as it was signed"
                : "the signed header fields are not as they were signed, or by another key"
            return
        }
        if let refusal = refusal(of: record, policy) {
            verification.result = .policy
            verification.reason = refusal
        } else {
            verification.result = .pass
            verification.reason = nil
        }
    }

    /// What of the key keeps it from verifying this signature; nil where nothing does.
    private func objection(to record: DKIMKeyRecord) -> String? {
        if record.isRevoked { return "is revoked (its “p=” is empty)" }
        let hashes = record.hashes ?? []
        // That “h=” names no hash worth having is told below, in terms of this signature.
        if let problem = record.problems.first(where: { $0.isError && $0.code != .notASCII && $0.code != .weakHash }) {
            return "cannot be used: \(problem.message)"
        }
        if let algorithm = signature.algorithm {
            if let type = algorithm.keyType, type != record.keyType {
                return "is of type \(record.keyType.name), the signature is \(algorithm.name)"
            }
            if record.hashes != nil, !hashes.contains(algorithm.hash) {
                return "is not for the hash \(algorithm.hash) (h=)"
            }
        }
        if !record.servesEmail { return "is not for mail (s=)" }
        // RFC 6376 §3.6.1, t=s: no subdomain in "i".
        if record.forbidsSubdomains, let identity = signature.identityDomain, let domain = signature.domain,
            identity != domain
        {
            return "forbids subdomains (t=s), and “i=” names \(identity)"
        }
        return nil
    }

    /// What policy has against a signature that holds.
    private func refusal(of record: DKIMKeyRecord, _ policy: DKIMPolicy) -> String? {
        if signature.algorithm == .rsaSHA1, !policy.acceptsSHA1 {
            return "rsa-sha1 must not be accepted any more (RFC 8301 §3.1)"
        }
        if record.keyType == .rsa, let bits = record.keyBits, bits < policy.minimumKeyBits {
            return "the RSA key has \(bits) bits, fewer than \(policy.minimumKeyBits)"
        }
        return nil
    }

    /// Whether the signature opens to no digest at all with the key; nil where that cannot be told.
    private func isOfAnotherKey(_ record: DKIMKeyRecord) -> Bool? {
        guard record.keyType == .rsa, let octets = signature.signature, let key = record.publicKey else { return nil }
        return RSAPublicKey(der: key)?.opens(octets).map { !$0 }
    }

    /// The arithmetic; nil where key and algorithm do not go together.
    private func holds(with record: DKIMKeyRecord, _ digest: SignedDigest) -> Bool? {
        guard let octets = signature.signature, let key = record.publicKey, record.keyBits != nil,
            signature.algorithm?.keyType == record.keyType
        else { return nil }
        switch record.keyType {
        case .rsa: return RSAPublicKey(der: key)?.verifies(octets, of: digest)
        case .ed25519:
            // RFC 8463 §3: PureEdDSA over the SHA-256 of what is signed.
            return (try? Curve25519.Signing.PublicKey(rawRepresentation: key))
                .map { $0.isValidSignature(octets, for: digest.octets) }
        case .other: return nil
        }
    }
}

extension DKIMVerification.Result {
    /// Which of several keys' results is told: the best.
    fileprivate var rank: Int {
        switch self {
        case .pass: 6
        case .policy: 5
        case .fail: 4
        case .temperror: 3
        case .permerror: 2
        case .neutral: 1
        case .none: 0
        }
    }
}
