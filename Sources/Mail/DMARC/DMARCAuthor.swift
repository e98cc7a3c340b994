package import DNS

/// The domain whose DMARC policy a message is held against, taken from its From field (RFC 9989 §5.3.1).
package enum DMARCAuthor: Hashable, Sendable {
    /// The domains of the mailboxes in From, each once, in their order: usually one.
    case domains([DomainName])
    /// None can be told; a receiver's DMARC result is `permerror`.
    case unusable(Reason)

    package enum Reason: Hashable, Sendable {
        case noFrom
        /// RFC 5322 §3.6 allows one.
        case severalFromFields(Int)
        /// From holds nobody, or something without a domain name in it; here it is as written.
        case noDomain(String)
        /// More authors than anyone evaluates.
        case tooManyDomains(Int)
    }

    /// A From field with more domains is none that anyone means well; the standard lets receivers stop at two.
    package static let maximumDomains = 10

    package init(_ header: MessageHeader) {
        let fields = header.all("From")
        guard let field = fields.first else {
            self = .unusable(.noFrom)
            return
        }
        self = fields.count > 1 ? .unusable(.severalFromFields(fields.count)) : Self.reading(field.value)
    }

    /// Reads the value of one From field.
    package static func reading(_ value: [UInt8]) -> DMARCAuthor {
        if isAmbiguous(value) { return .unusable(.noDomain(value.prefix(500).text)) }
        var domains: [DomainName] = []
        var seen: Set<DomainName> = []
        for mailbox in Mailbox.list(value) {
            // An address that cannot be read may be the one that the reader sees: nothing is guessed then.
            guard let domain = domain(of: mailbox.address) else { return .unusable(.noDomain(mailbox.address)) }
            if seen.insert(domain).inserted { domains.append(domain) }
        }
        if domains.isEmpty { return .unusable(.noDomain("")) }
        return domains.count > maximumDomains ? .unusable(.tooManyDomains(domains.count)) : .domains(domains)
    }

    /// Whether a reader may see another address than the one that would be evaluated: a second pair of angle brackets,
    /// text behind one, a second “@” in an address outside quotes. No form of RFC 5322 has these, and none is guessed.
    private static func isAmbiguous(_ value: [UInt8]) -> Bool {
        var comments = Comments()
        var ats = 0
        var isOpen = false, isOver = false
        var index = 0
        while index < value.count {
            let octet = value[index]
            if octet == UInt8(ascii: "("), let end = comments.end(value, from: index) {
                index = end
                continue
            }
            index += 1
            if octet.isSpace { continue }
            switch octet {
            case UInt8(ascii: ","), UInt8(ascii: ";"):
                if isOpen { continue }  // between the hosts of a route
                if ats > 1 { return true }
                ats = 0
                isOver = false
            case _ where isOver: return true
            case UInt8(ascii: "\""):
                while index < value.count, value[index] != UInt8(ascii: "\"") {
                    index += value[index] == UInt8(ascii: "\\") ? 2 : 1
                }
                index += 1
            case UInt8(ascii: "<"):
                if isOpen { return true }
                isOpen = true
                ats = 0  // those before it stand in a name
            case UInt8(ascii: ">") where isOpen:
                isOpen = false
                isOver = true
            case UInt8(ascii: ":"): ats = 0  // a route, or a group's name, ends
            case UInt8(ascii: "@"): ats += 1
            default: break
            }
        }
        return ats > 1
    }

    /// What stands behind the last "@", as A-labels (RFC 9989 §5.3.1); the local part may be anything.
    private static func domain(of address: String) -> DomainName? {
        let octets = Array(address.utf8)
        guard let at = octets.lastIndex(of: UInt8(ascii: "@")), at > 0 else { return nil }
        let domain = octets[(at + 1)...].text
        // Blanks and marks that nobody sees, of any script, stand in no name.
        let hidesSomething = domain.unicodeScalars.contains {
            $0.properties.isWhitespace || $0.properties.isDefaultIgnorableCodePoint
        }
        return hidesSomething ? nil : try? DomainName(hostName: domain, underscores: true)
    }
}

extension DMARCEvaluation {
    /// What DMARC makes of a whole message.
    package struct OfMessage: Hashable, Sendable {
        package var author: DMARCAuthor
        package var result: Result
        /// One for each domain in From. Where there are several, DMARC need not apply (RFC 9989 §5.3.1); here each is
        /// evaluated, and the worst counts (§11.5).
        package var evaluations: [DMARCEvaluation]

        /// The evaluation that counts: of those with ``result`` the one whose policy is strictest.
        package var decisive: DMARCEvaluation? {
            evaluations.filter { $0.result == result }
                .max { ($0.discovery.appliedPolicy ?? .none) < ($1.discovery.appliedPolicy ?? .none) }
        }
    }

    /// Evaluates a message by its header; what is not known yet becomes wanted.
    package static func evaluate(
        _ header: MessageHeader, spf: [Authenticated], dkim: [Authenticated], in dns: inout Knowledge
    ) -> OfMessage {
        let author = DMARCAuthor(header)
        guard case .domains(let domains) = author else {
            return OfMessage(author: author, result: .permerror, evaluations: [])
        }
        let evaluations = domains.map { evaluate(from: $0, spf: spf, dkim: dkim, in: &dns) }
        // A domain of the attacker's own beside the one he forges must not lend it a pass.
        let worst = [Result.fail, .temperror, .none, .pass].first { result in
            evaluations.contains { $0.result == result }
        }
        return OfMessage(author: author, result: worst ?? .none, evaluations: evaluations)
    }
}
