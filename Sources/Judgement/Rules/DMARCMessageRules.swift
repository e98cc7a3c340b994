import DNS
import Mail

/// What a received message shows of its domain's DMARC: `checks/dmarc` (RFC 9989 §4.4, §5.1).
enum DMARCMessageRules {
    static let all: [Rule] = [strictAlignment, onlySPF]

    // RFC 9989 §4.4
    static let strictAlignment = Rule.onMessages("dmarc.strict-alignment") { message in
        guard let evaluation = message.dmarc.decisive, let record = evaluation.discovery.record else {
            return .doesNotApply("there is no DMARC record")
        }
        guard record.dkimAlignment == .strict || record.spfAlignment == .strict else { return .passes }
        let author = evaluation.discovery.domain
        let organization = evaluation.discovery.organizationalDomain ?? author
        for identifier in evaluation.identifiers where identifier.passed && identifier.isAligned == false {
            let tag = identifier.method == .spf ? "aspf" : "adkim"
            let mode = identifier.method == .spf ? record.spfAlignment : record.dkimAlignment
            guard mode == .strict, identifier.domain.isWithin(organization) else { continue }
            return .finds(
                Found(
                    "\(identifier.method == .spf ? "SPF" : "DKIM") passed for \(identifier.domain), which `\(tag)=s` keeps "
                        + "from counting for \(author).",
                    detail: [
                        .init("tag", .string(tag)), .init("domain", .string(identifier.domain.description)),
                        .init("author", .string(author.description)),
                    ],
                    severity: evaluation.result == .pass ? nil : .warning,
                    remedy: "Remove `\(tag)=s` from the DMARC record, or send with \(author) itself."))
        }
        return .passes
    }

    // RFC 9989 §5.1.2 and §7.4: forwarding breaks SPF, and a domain that asks to reject must sign.
    static let onlySPF = Rule.onMessages("dmarc.only-spf") { message in
        guard let evaluation = message.dmarc.decisive else { return .doesNotApply("From tells no domain") }
        guard evaluation.result == .pass else { return .doesNotApply("DMARC does not pass by what is known here") }
        let aligned = evaluation.identifiers.filter { $0.passed && $0.isAligned == true }
        if aligned.contains(where: { $0.method == .dkim }) { return .passes }
        let mayBe = evaluation.identifiers.contains { $0.method == .dkim && !$0.passed && $0.isAligned != false }
        if mayBe {
            return .cannotTell(
                Failure(.dnsTimeout, during: .dns, "the key of an aligned DKIM signature could not be asked for"))
        }
        return .finds(
            Found(
                "DMARC passes for \(evaluation.discovery.domain) by SPF alone: whoever forwards the message makes it fail.",
                detail: [.init("domain", .string(evaluation.discovery.domain.description))],
                remedy: "Sign mail with DKIM in the name of \(evaluation.discovery.domain)."))
    }
}
