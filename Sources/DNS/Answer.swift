/// What a name server said to a ``Question``, told apart as the report will tell it:
/// records, no such record, no such name (RFC 2308 §2, RFC 8020).
///
/// Outcomes are handed about more often than anything else: what an answer holds is one reference, and nothing where it
/// holds no record.
package struct Answer: Sendable {
    package enum Kind: String, Hashable, Sendable, Codable {
        /// Records of the type asked for, after following CNAMEs.
        case records
        /// NOERROR without a record of that type (RFC 2308 §2.2): the name exists.
        case noData
        /// NXDOMAIN (RFC 2308 §2.1): the name, or the end of its CNAME chain, does not exist.
        case noSuchName
    }

    // In this order they leave the fewest gaps.
    package var kind: Kind
    /// The AD bit as the resolver set it (RFC 4035 §3.2.3). Only worth what the way to that resolver is worth.
    package var authenticated: Bool
    /// Whether UDP's answer was truncated and TCP was asked (RFC 7766 §5).
    package var truncatedThenTCP: Bool
    /// How long this may be kept, in seconds: the least TTL on the way, or the negative TTL of RFC 2308 §5.
    package var ttl: UInt32
    /// Who answered, as `address:port`; empty where nobody was asked (a zone, a recording).
    package var server: String
    /// How long it took, in seconds, retries included; 0 from a cache.
    package var seconds: Double
    /// The records of the type asked for, at the end of the CNAME chain; empty unless `kind` is `.records`.
    package var records: [Record] {
        get { content?.records ?? [] }
        set { content = Content.holding(newValue, aliases, proof) }
    }
    /// The CNAME records that led there, in the order they were followed (RFC 1034 §3.6.2).
    package var aliases: [Record] {
        get { content?.aliases ?? [] }
        set { content = Content.holding(records, newValue, proof) }
    }
    /// The whole of what was sent, for validating; nil unless signatures were asked for.
    package var proof: Proof? {
        get { content?.proof }
        set { content = Content.holding(records, aliases, newValue) }
    }

    /// Whether there is neither record nor alias nor proof.
    package var holdsNothing: Bool { content == nil }

    /// nil where there is nothing.
    private var content: Content?

    private final class Content: Sendable {
        let records, aliases: [Record]
        let proof: Proof?

        /// nil where there is nothing to hold.
        static func holding(_ records: [Record], _ aliases: [Record], _ proof: Proof?) -> Content? {
            records.isEmpty && aliases.isEmpty && proof == nil ? nil : Content(records, aliases, proof)
        }

        private init(_ records: [Record], _ aliases: [Record], _ proof: Proof?) {
            self.records = records
            self.aliases = aliases
            self.proof = proof
        }
    }

    /// The answer and authority sections as they came, signatures and proofs of absence among them; of all responses,
    /// where aliases led from one to the next.
    package struct Proof: Hashable, Sendable, Codable {
        package var answers: [Record]
        package var authority: [Record]

        package init(answers: [Record], authority: [Record]) {
            self.answers = answers
            self.authority = authority
        }
    }

    package init(
        _ kind: Kind, records: [Record] = [], aliases: [Record] = [], ttl: UInt32 = 0, authenticated: Bool = false,
        server: String = "", seconds: Double = 0, truncatedThenTCP: Bool = false, proof: Proof? = nil
    ) {
        self.kind = kind
        self.ttl = ttl
        self.authenticated = authenticated
        self.server = server
        self.seconds = seconds
        self.truncatedThenTCP = truncatedThenTCP
        content = Content.holding(records, aliases, proof)
    }

    /// The name the records stand at: the target of the last alias, or nil where there was none.
    package var canonicalName: DomainName? {
        if case .cname(let target)? = aliases.last?.data { target } else { nil }
    }
}

extension Answer: Hashable {
    package static func == (a: Answer, b: Answer) -> Bool {
        a.kind == b.kind && a.ttl == b.ttl && a.authenticated == b.authenticated && a.server == b.server
            && a.seconds == b.seconds && a.truncatedThenTCP == b.truncatedThenTCP
            && (a.content === b.content
                || a.records == b.records && a.aliases == b.aliases && a.proof == b.proof)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(records)
        hasher.combine(aliases)
        hasher.combine(ttl)
        hasher.combine(server)
    }
}

extension Answer: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind, records, aliases, ttl, authenticated, server, seconds, truncatedThenTCP, proof
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try fields.decode(Kind.self, forKey: .kind), records: try fields.decode([Record].self, forKey: .records),
            aliases: try fields.decode([Record].self, forKey: .aliases),
            ttl: try fields.decode(UInt32.self, forKey: .ttl),
            authenticated: try fields.decode(Bool.self, forKey: .authenticated),
            server: try fields.decode(String.self, forKey: .server),
            seconds: try fields.decode(Double.self, forKey: .seconds),
            truncatedThenTCP: try fields.decode(Bool.self, forKey: .truncatedThenTCP),
            proof: try fields.decodeIfPresent(Proof.self, forKey: .proof))
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(kind, forKey: .kind)
        try fields.encode(records, forKey: .records)
        try fields.encode(aliases, forKey: .aliases)
        try fields.encode(ttl, forKey: .ttl)
        try fields.encode(authenticated, forKey: .authenticated)
        try fields.encode(server, forKey: .server)
        try fields.encode(seconds, forKey: .seconds)
        try fields.encode(truncatedThenTCP, forKey: .truncatedThenTCP)
        try fields.encodeIfPresent(proof, forKey: .proof)
    }
}

/// Why there is no ``Answer``. None of these says anything about what exists.
package struct Unanswered: Error, Hashable, Sendable, Codable {
    package enum Reason: String, Hashable, Sendable, Codable {
        /// No server answered by the deadline.
        case timedOut
        /// RCODE 2 (RFC 1035 §4.1.1): among the reasons are a broken zone, dead name servers, bad DNSSEC.
        case servfail
        /// RCODE 5: the server will not answer us.
        case refused
        /// Something came that is not an answer to the question; or an RCODE that fits no case here.
        case malformed
        /// The server closed the connection over TCP before its answer was whole: nothing was said (RFC 7766 §6.2.4).
        case closedEarly
        /// Nothing could be sent: no server configured, no route, port closed.
        case unreachable
        /// CNAMEs that go round or on for too long.
        case aliasLoop
        /// `--offline`: asking was forbidden.
        case offline
        /// Not asked yet: see ``Knowledge``.
        case notAsked
    }

    package var reason: Reason
    /// Who failed to answer, as `address:port`; empty where it was nobody in particular.
    package var server: String
    /// More for a person, already free of control characters; may be empty.
    package var detail: String

    package init(_ reason: Reason, server: String = "", detail: String = "") {
        self.reason = reason
        self.server = server
        self.detail = detail
    }
}

/// An answer, or why there is none.
package typealias Outcome = Result<Answer, Unanswered>
