package import DNS
package import Mail

/// Whose names a message bears, and what of that anyone but its bearer could have written.
package struct MessageIdentity: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case envelope, returnPath = "return_path", from, sender, replyTo = "reply_to"

        /// The field, as messages have it.
        package var title: String {
            switch self {
            case .envelope: "MAIL FROM"
            case .returnPath: "Return-Path"
            case .from: "From"
            case .sender: "Sender"
            case .replyTo: "Reply-To"
            }
        }
    }

    package enum Proof: Hashable, Sendable {
        /// The domain's owner let it be sent: by what, in words.
        case proven(String)
        /// Part of what an aligned signature covers: its signer stands for it, its own domain said nothing.
        case signed(String)
        /// Anyone could have written it; what is lacking, in words.
        case unproven(String)
        case couldNotTell(String)
    }

    package var kind: Kind
    package var mailbox: Mailbox
    /// nil where the address has none that can be read.
    package var domain: DomainName?
    package var proof: Proof
}

extension MessageEvidence {
    /// The domains that DKIM and SPF vouch for, or might if more could be told.
    private struct Vouchers {
        /// Signatures that passed: their domain and the fields they cover.
        var signatures: [DKIMSignature]
        var spf: DomainName?
        /// Domains of signatures whose keys could not be fetched.
        var unfetched: [DomainName]
        /// Why SPF could not be told, and for which domain; nil for whichever it may be.
        var spfDoubt: (domain: DomainName?, why: String)?

        init(_ reading: MessageReading, _ spf: SPFEvaluation?, _ dkim: [DKIMVerification]) {
            signatures = dkim.filter { $0.result == .pass }.map(\.signature)
            unfetched = dkim.filter { $0.result == .temperror }.compactMap(\.domain)
            self.spf = spf?.result == .pass ? spf?.domain : nil
            if let spf {
                if spf.result == .temperror { spfDoubt = (spf.domain, "SPF could not be evaluated: \(spf.reason)") }
            } else {
                spfDoubt = (nil, "SPF could not be evaluated: \(reading.clientBasis)")
            }
        }

        /// What might vouch for a domain in a field that readers see, if more could be told.
        func doubt(of domain: DomainName, countingSPF: Bool) -> String? {
            if unfetched.contains(where: { isAligned($0, domain) }) { return "a DKIM key could not be fetched" }
            return countingSPF ? spfDoubt(of: domain) : nil
        }

        func spfDoubt(of domain: DomainName) -> String? {
            guard let spfDoubt, spfDoubt.domain.map({ isAligned($0, domain) }) ?? true else { return nil }
            return spfDoubt.why
        }
    }

    /// Every identity that the message bears, in the order that readers meet them.
    static func identities(
        _ reading: MessageReading, spf: SPFEvaluation?, dkim: [DKIMVerification], dmarc: DMARCEvaluation?
    ) -> [MessageIdentity] {
        let vouchers = Vouchers(reading, spf, dkim)
        var identities: [MessageIdentity] = []
        func add(_ kind: MessageIdentity.Kind, _ mailbox: Mailbox) {
            let domain = domain(of: mailbox.address)
            let proof = proof(kind, domain, vouchers, dmarc)
            identities.append(MessageIdentity(kind: kind, mailbox: mailbox, domain: domain, proof: proof))
        }
        for (kind, name) in [(MessageIdentity.Kind.from, "From"), (.sender, "Sender"), (.replyTo, "Reply-To")] {
            for field in reading.message.header.all(name).prefix(5) {
                for mailbox in Mailbox.list(field.rawValue).prefix(20) { add(kind, mailbox) }
            }
        }
        if let client = reading.client { add(.envelope, Mailbox(address: client.mailFrom)) }
        if let path = MessageClient.returnPath(reading.message.header), path != reading.client?.mailFrom {
            add(.returnPath, Mailbox(address: path))
        }
        return identities
    }

    static func domain(of address: String) -> DomainName? {
        guard let at = address.utf8.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        let text = String(address[address.utf8.index(after: at)...])
        guard let name = try? DomainName(text), name.labelCount > 1 else { return nil }
        return name
    }

    private static func proof(
        _ kind: MessageIdentity.Kind, _ domain: DomainName?, _ vouchers: Vouchers, _ dmarc: DMARCEvaluation?
    ) -> MessageIdentity.Proof {
        guard let domain else {
            return kind == .envelope
                ? .unproven("it is empty, as that of bounces is")
                : .unproven("it has no domain that could vouch for it")
        }
        if kind == .envelope || kind == .returnPath {
            if vouchers.spf == domain { return .proven("SPF passes for \(domain)") }
            if let doubt = vouchers.spfDoubt(of: domain) { return .couldNotTell(doubt) }
            return .unproven("SPF does not pass for \(domain)")
        }
        // Alignment by the domain's own choice where DMARC was evaluated for it.
        if kind == .from, let dmarc, dmarc.discovery.domain == domain, dmarc.result != .none {
            if let identifier = dmarc.identifiers.first(where: { $0.isAligned == true && $0.passed }) {
                let method = identifier.method == .dkim ? "DKIM signed by" : "SPF passes for"
                return .proven("\(method) \(identifier.domain), aligned")
            }
        } else if let signature = vouchers.signatures.first(where: { isAligned($0.domain, domain) }) {
            return .proven("DKIM signed by \(signature.domain.map(\.description) ?? "?")")
        } else if kind == .from, let spf = vouchers.spf, isAligned(spf, domain) {
            return .proven("SPF passes for \(spf)")
        }
        if let doubt = vouchers.doubt(of: domain, countingSPF: kind == .from) { return .couldNotTell(doubt) }
        let field = kind == .replyTo ? "reply-to" : kind == .sender ? "sender" : "from"
        if kind != .from, let signature = vouchers.signatures.first(where: { $0.headers.contains(field) }) {
            return .signed("\(signature.domain.map(\.description) ?? "?") signed it; \(domain) says nothing")
        }
        return .unproven("neither DKIM nor SPF passes for \(domain)")
    }
}

/// Equal, or one within the other: what relaxed alignment comes to where no policy says more (RFC 9989 §4.4).
private func isAligned(_ signer: DomainName?, _ domain: DomainName) -> Bool {
    guard let signer, signer.labelCount > 1 else { return false }
    return domain.isWithin(signer) || signer.isWithin(domain)
}
