import DNS
import Mail

/// The signatures of a message: `checks/dkim` (RFC 6376, RFC 8301).
enum DKIMMessageRules {
    static let all: [Rule] = [
        signatureFails, changedInTransit, otherKey, weakSignature, subdomainForbidden, unaligned, unsignedFields,
        notOverSigned, lengthTag, lifetime, fragile,
    ]

    // RFC 6376 §6.1.
    static let signatureFails = onSigned("dkim.signature-fails") { message in
        let failing = message.dkim.filter { $0.result == .fail || $0.result == .permerror }
        if failing.isEmpty { return firstFailure(message).map { .cannotTell($0) } ?? .passes }
        let reasons = failing.map { "\(name($0)): \($0.reason ?? $0.result.rawValue)" }
        // Where another signature speaks for the author, nothing is lost.
        let isCovered = message.dmarc.result == .pass || alignedPass(message)
        return .finds(
            Found(
                "\(count(failing.count, "DKIM signature")) of \(message.dkim.count) \(failing.count == 1 ? "does" : "do") not "
                    + "hold: \(list(reasons, limit: 3)).",
                detail: [.init("signatures", .array(failing.prefix(20).map(detail)))],
                severity: isCovered ? .warning : nil))
    }

    /// "b" covers "bh": where it holds and the body's hash does not, the body is what was changed.
    static let changedInTransit = onSigned("dkim.changed-in-transit") { message in
        let changed = message.dkim.filter { $0.headerHolds == true && $0.bodyHashMatches == false }
        if changed.isEmpty { return firstFailure(message).map { .cannotTell($0) } ?? .passes }
        return .finds(
            Found(
                "The body was changed after \(list(changed.map(name))) signed it; the signed header is untouched.",
                detail: [.init("signatures", .array(changed.prefix(20).map(detail)))],
                severity: message.dmarc.result == .pass ? .warning : nil))
    }

    /// An RSA signature opens to a padded digest with the key that made it, and to noise with any other.
    static let otherKey = onSigned("dkim.other-key") { message in
        let others = message.dkim.filter { $0.isOfAnotherKey == true }
        if others.isEmpty { return firstFailure(message).map { .cannotTell($0) } ?? .passes }
        return .finds(
            Found(
                "\(list(others.map(name))): the signature was made with another key than the published one, or is damaged.",
                detail: [.init("signatures", .array(others.prefix(20).map(detail)))]))
    }

    // RFC 8301 §3.1, §3.2.
    static let weakSignature = onSigned("dkim.weak-signature") { message in
        let weak = message.dkim.filter { $0.signature.algorithm == .rsaSHA1 || $0.result == .policy }
        if weak.isEmpty { return firstFailure(message).map { .cannotTell($0) } ?? .passes }
        let reasons = weak.map { verification in
            verification.signature.algorithm == .rsaSHA1
                ? "\(name(verification)) signs with rsa-sha1"
                : "\(name(verification)): \(verification.reason ?? "the key is too short")"
        }
        return .finds(
            Found(
                "Receivers do not take \(weak.count == 1 ? "a signature" : "signatures") of the message: \(list(reasons)).",
                detail: [.init("signatures", .array(weak.prefix(20).map(detail)))],
                severity: alignedPass(message) ? .warning : nil))
    }

    // RFC 6376 §3.6.1, t=s.
    static let subdomainForbidden = onSigned("dkim.subdomain-forbidden") { message in
        let forbidden = message.dkim.filter { verification in
            guard let key = verification.key, key.forbidsSubdomains,
                let identity = verification.signature.identityDomain
            else { return false }
            return identity != verification.domain
        }
        if forbidden.isEmpty { return firstFailure(message).map { .cannotTell($0) } ?? .passes }
        return .finds(
            Found(
                "\(list(forbidden.map(name))): the key says `t=s`, and the signature names a subdomain in `i=`; it never holds.",
                detail: [.init("signatures", .array(forbidden.prefix(20).map(detail)))]))
    }

    // RFC 9989 §4.4: only a signature in the author's house counts for DMARC.
    static let unaligned = Rule.onMessages("dkim.unaligned") { message in
        guard let author = message.identities.first(where: { $0.kind == .from })?.domain else {
            return .doesNotApply("From names nobody: see message.form")
        }
        // Where SPF is aligned, nothing is lost as long as nobody forwards it.
        let severity: Severity? = message.dmarc.result == .pass ? .warning : nil
        if message.dkim.isEmpty {
            return .finds(Found("The message is not signed with DKIM.", severity: severity))
        }
        if alignedPass(message) { return .passes }
        if let failure = firstFailure(message) { return .cannotTell(failure) }
        let passing = message.dkim.filter { $0.result == .pass }.compactMap { $0.domain?.description }
        return .finds(
            Found(
                passing.isEmpty
                    ? "No DKIM signature of the message passes for \(author), the domain in From."
                    : "DKIM passes for \(list(passing)), and not for \(author), the domain in From.",
                detail: [.init("from", .string(author.description)), .init("passing", .strings(passing))],
                severity: severity))
    }

    // RFC 6376 §5.4.1.
    static let unsignedFields = onSigned("dkim.unsigned-fields") { message in
        var found: [String] = []
        for verification in message.dkim where !verification.signature.headers.isEmpty {
            let missing = ["From", "Subject", "Date"].filter { field in
                message.header.first(field) != nil && verification.signature.timesSigned(field) == 0
            }
            if !missing.isEmpty { found.append("\(name(verification)) leaves out \(list(missing))") }
        }
        if found.isEmpty { return .passes }
        return .finds(
            Found(
                "What readers look at first is not signed: \(list(found, limit: 3)).",
                detail: [.init("signatures", .strings(found))]))
    }

    // RFC 6376 §8.15.
    static let notOverSigned = onSigned("dkim.not-oversigned") { message in
        let present = message.header.all("From").count
        let open = message.dkim.filter {
            $0.signature.timesSigned("From") > 0 && $0.signature.timesSigned("From") <= present
        }
        if open.isEmpty { return .passes }
        return .finds(
            Found(
                "\(list(open.map(name))): a second From can be put into the message without breaking the signature.",
                detail: [.init("signatures", .array(open.prefix(20).map(detail)))]))
    }

    // RFC 6376 §8.2.
    static let lengthTag = onSigned("dkim.length-tag") { message in
        let limited = message.dkim.filter { $0.signature.bodyLength != nil }
        if limited.isEmpty { return .passes }
        let what = limited.map { verification in
            let length = verification.signature.bodyLength ?? 0
            return length == 0
                ? "\(name(verification)) signs no body at all" : "\(name(verification)) ends at octet \(length)"
        }
        return .finds(
            Found(
                "Text can be added to the message without breaking a signature (`l=`): \(list(what)).",
                detail: [.init("signatures", .array(limited.prefix(20).map(detail)))]))
    }

    /// How long a queue may keep a message (RFC 5321 §4.5.4.1: at least 4 to 5 days).
    private static let queueLife = 4 * 86_400.0
    /// So far a clock may be wrong.
    private static let clockTolerance = 600.0

    // RFC 6376 §3.5, "t" and "x".
    static let lifetime = onSigned("dkim.lifetime") { message in
        var found: [String] = []
        for verification in message.dkim {
            let signature = verification.signature
            let who = name(verification)
            if let made = signature.timestamp, made - message.at > clockTolerance {
                found.append("\(who) was made in the future, at \(made)")
            }
            guard let end = signature.expiration else { continue }
            if let made = signature.timestamp, end <= made {
                found.append("\(who) expires before it was made")
            } else if let made = signature.timestamp, end - made < queueLife {
                found.append("\(who) holds for \(span(end - made)) only")
            } else if message.at > end, signature.timestamp == nil {
                found.append("\(who) expired at \(end)")
            }
        }
        if found.isEmpty { return .passes }
        return .finds(
            Found(
                "The times of a signature do not fit the life of mail: \(list(found, limit: 3)).",
                detail: [.init("signatures", .strings(found))]))
    }

    // RFC 6376 §3.4.
    static let fragile = onSigned("dkim.fragile") { message in
        let fragile = message.dkim.filter {
            $0.signature.isReadable && $0.signature.headerCanonicalization == .simple && $0.signature.firstError == nil
        }
        if fragile.isEmpty { return .passes }
        let forms = fragile.map {
            "\(name($0)) with \($0.signature.headerCanonicalization.rawValue)/\($0.signature.bodyCanonicalization.rawValue)"
        }
        return .finds(
            Found(
                "A space that a server changes breaks the signature: \(list(forms)).",
                detail: [.init("signatures", .array(fragile.prefix(20).map(detail)))]))
    }

    // MARK: Shapes

    /// On each message that has signatures.
    private static func onSigned(
        _ identifier: String, _ verdict: @escaping @Sendable (MessageEvidence) -> Verdict
    ) -> Rule {
        Rule.onMessages(identifier) { message in
            message.dkim.isEmpty ? .doesNotApply("the message is not signed with DKIM") : verdict(message)
        }
    }

    /// Why a key could not be fetched, if one could not.
    private static func firstFailure(_ message: MessageEvidence) -> Failure? {
        message.dkim.lazy.compactMap(\.failure).first
    }

    /// Whether a signature passes for the author's domain, or one above or below it in the same house.
    private static func alignedPass(_ message: MessageEvidence) -> Bool {
        guard let author = message.identities.first(where: { $0.kind == .from })?.domain else { return false }
        let byDMARC = message.dmarc.decisive?.identifiers.filter { $0.method == .dkim && $0.passed } ?? []
        if byDMARC.contains(where: { $0.isAligned == true }) { return true }
        return message.dkim.contains { verification in
            guard verification.result == .pass, let domain = verification.domain else { return false }
            if let identifier = byDMARC.first(where: { $0.domain == domain }), let aligned = identifier.isAligned {
                return aligned
            }
            return domain == author || (domain.labelCount > 1 && author.isWithin(domain))
                || (author.labelCount > 1 && domain.isWithin(author))
        }
    }

    /// `example.org (s1)`.
    private static func name(_ verification: DKIMVerification) -> String {
        let domain = verification.domain?.description ?? "a signature without a domain"
        return verification.selector.map { "\(domain) (\($0.prefix(63)))" } ?? domain
    }

    private static func detail(_ verification: DKIMVerification) -> JSON {
        .object([
            .init("domain", .string(verification.domain?.description ?? "")),
            .init("selector", .string(String((verification.selector ?? "").prefix(253)))),
            .init("result", .string(verification.result.rawValue)),
            .init("reason", .string(verification.reason ?? "")),
        ])
    }
}
