package import DNS
package import Mail

/// What a probe saw. Facts only; a failure is a fact too. Observations are `Codable`: a recorded audit can be
/// judged again tomorrow.
package enum Observation: Sendable, Codable {
    case lookup(LookupObservation)
    case port(PortObservation)
    case roundTrip(RoundTripObservation)
    case message(MessageObservation)
    case policy(PolicyObservation)
    case authority(AuthorityObservation)
    case web(WebObservation)
    /// What another resolver says to a question.
    case secondLookup(LookupObservation)
}

/// One question to the DNS and what came of it.
package struct LookupObservation: Hashable, Sendable, Codable {
    package var question: Question
    package var answer: Answer?
    package var unanswered: Unanswered?

    package init(_ question: Question, _ outcome: Outcome) {
        self.question = question
        switch outcome {
        case .success(let answer): self.answer = answer
        case .failure(let unanswered): self.unanswered = unanswered
        }
    }

    package var outcome: Outcome {
        if let answer { .success(answer) } else { .failure(unanswered ?? Unanswered(.notAsked)) }
    }
}

/// What was seen of TLS on one connection. Whether it is good enough is for the rules.
package struct TLSFacts: Hashable, Sendable, Codable {
    /// How TLS began: after a command, or at once.
    package enum Mode: String, Hashable, Sendable, Codable { case starttls, implicit }

    package var mode: Mode
    /// `TLSv1.2`, `TLSv1.3`, …
    package var version: String
    /// IANA name of the cipher suite: `TLS_AES_128_GCM_SHA256`; nil where it could not be read.
    package var cipher: String?
    /// The key exchange group: `x25519`, `secp256r1`, …; nil where it could not be read.
    package var keyExchange: String?
    /// As the server sent it, its own certificate first.
    package var chain: [CertificateFacts]
    /// Whether the chain leads to a trusted root, dates and names left aside; nil where it could not be told.
    package var trusted: Bool?
    /// Why not, for a person.
    package var trustProblem: String?
    /// Why not, for programs; nil where it is trusted, or where it could not be told.
    package var trustIssue: TrustIssue?
    /// When the last way to a trusted root ends because an issuer's certificate does; nil where that is not before the
    /// end of the server's own, or where it is not trusted.
    package var trustedUntil: Timestamp?
    /// Whether anything was read inside TLS: until then the server may still turn us away (RFC 8446 §2). nil where
    /// it was not recorded.
    package var isConfirmed: Bool?
    /// Whether the certificate names the host that was dialled (RFC 9525); nil without a certificate.
    package var nameMatches: Bool?

    package init(
        mode: Mode, version: String, cipher: String? = nil, keyExchange: String? = nil, chain: [CertificateFacts] = [],
        trusted: Bool? = nil, trustProblem: String? = nil, nameMatches: Bool? = nil
    ) {
        self.mode = mode
        self.version = version
        self.cipher = cipher
        self.keyExchange = keyExchange
        self.chain = chain
        self.trusted = trusted
        self.trustProblem = trustProblem
        self.nameMatches = nameMatches
    }
}

extension TLSFacts {
    /// What keeps a chain from being trusted.
    package enum TrustIssue: String, Hashable, Sendable, Codable {
        case selfSigned = "self_signed"
        /// It ends with a root that is not among ours.
        case unknownRoot = "unknown_root"
        /// An intermediate certificate was not sent, and the one below it says where it is to be had.
        case intermediateMissing = "intermediate_missing"
        /// The issuer's certificate was neither sent nor is it among the roots.
        case issuerUnknown = "issuer_unknown"
        /// An issuer's certificate is not in date.
        case issuerOutdated = "issuer_outdated"
        /// A signature is not that of the issuer that is named.
        case badSignature = "bad_signature"
        /// It leads to a trusted root and breaks a rule of RFC 5280 §6 on the way.
        case breaksRules = "breaks_rules"
    }

    /// How the certificates stand (RFC 5246 §7.4.2: each one certifies the one before it).
    package enum ChainOrder: String, Hashable, Sendable, Codable {
        case inOrder = "in_order"
        /// All is there, in another order.
        case outOfOrder = "out_of_order"
        /// Certificates that have nothing to do with the path.
        case superfluous
    }

    /// nil with one certificate or none, and where one can't be read.
    package var chainOrder: ChainOrder? {
        guard chain.count > 1, chain.allSatisfy({ !$0.subject.isEmpty && !$0.issuer.isEmpty }) else { return nil }
        if zip(chain, chain.dropFirst()).allSatisfy({ $0.issuer == $1.subject }) { return .inOrder }
        // Up the path from the server's own certificate, by names; no certificate twice.
        var path: Set<Int> = [0]
        var tip = chain[0]
        while tip.issuer != tip.subject,
            let next = chain.indices.first(where: { !path.contains($0) && chain[$0].subject == tip.issuer })
        {
            path.insert(next)
            tip = chain[next]
        }
        // A path that stands at the front, in order, with something behind it: cross-signed roots mostly.
        let isPrefix = path == Set(0..<path.count)
        let front = chain.prefix(path.count)
        let isOrdered = isPrefix && zip(front, front.dropFirst()).allSatisfy { $0.issuer == $1.subject }
        if isOrdered { return .superfluous }
        return .outOfOrder
    }
}

/// A test message sent and looked for.
package struct RoundTripObservation: Hashable, Sendable, Codable {
    /// What became of the message.
    package enum Outcome: String, Hashable, Sendable, Codable, CaseIterable {
        case delivered, late, lost, bounced, duplicated, misplaced, altered, rejected, deferred, unknown
    }

    /// The configured name.
    package var name: String
    /// What makes this message findable: stands in its Subject, Message-ID and a header field of ours.
    package var id: String
    package var outcome: Outcome
    package var submittedAt: Timestamp
    /// From dialling to the 250 after DATA.
    package var submissionSeconds: Double?
    /// From that 250 to the message being seen in the mailbox.
    package var deliverySeconds: Double?
    /// The mailbox it was found in: `INBOX`, `Junk`.
    package var folder: String?
    package var phases: [Phase] = []
    /// The message as fetched, header section only, as bytes; empty where none was.
    package var header: [UInt8] = []
    /// What followed the empty line, where the message was small enough to keep; nil where none was, or only the header.
    package var body: [UInt8]?
    package var failure: Failure?
    /// What was said on both connections, secrets left out; bounded.
    package var transcript: [String] = []

    package init(name: String, id: String, outcome: Outcome, submittedAt: Timestamp) {
        self.name = name
        self.id = id
        self.outcome = outcome
        self.submittedAt = submittedAt
    }
}
