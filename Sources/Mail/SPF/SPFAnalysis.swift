package import DNS

/// An SPF record and all that it draws in, looked at without a message: what stands there, what it costs,
/// what is wrong. It does not tell what a given sender would get: that is `check_host()` (RFC 7208 §4).
package struct SPFAnalysis: Hashable, Sendable {
    /// A term and the record it stands in.
    package struct PlacedTerm: Hashable, Sendable {
        package var domain: DomainName
        package var term: SPFRecord.Term
        /// The name it leads to, where the term names one.
        package var target: DomainName?
        package init(_ domain: DomainName, _ term: SPFRecord.Term, target: DomainName? = nil) {
            self.domain = domain
            self.term = term
            self.target = target
        }
    }

    /// One record in the tree of includes and redirects.
    ///
    /// A class: the records of a provider stand in the trees of all its customers.
    package final class Node: Sendable {
        package let domain: DomainName
        package let status: RecordLookup<SPFRecord>
        /// Lookups (RFC 7208 §4.6.4) of this record alone, those of its children not counted.
        package let ownLookups: Int
        /// Lookups of this record and all below it.
        package let lookups: Int
        package let children: [Node]
        /// The terms that are evaluated, in order, and what each costs.
        package let costs: [TermCost]
        /// The record includes or redirects to one above it: not followed.
        package let isLoop: Bool
        /// The qualifier that ends it: its own `all`, or that of the record it redirects to. nil: no `all` is reached
        /// (RFC 7208 §4.7), or it could not be told.
        package let all: SPFRecord.Qualifier?
        /// Everyone passes through an include of this record, or of one it redirects to (RFC 7208 §5.2).
        package let drawsInPassAll: Bool
        /// A check of this record passes for every server.
        package let passesAll: Bool
        /// As it is written below the record of a domain.
        package let rendition = Rendition()

        /// A record with what it draws in.
        init(
            _ domain: DomainName, _ record: SPFRecord, ownLookups: Int, children: [Node], costs: [TermCost]
        ) {
            self.domain = domain
            status = .found(record)
            self.ownLookups = ownLookups
            lookups = ownLookups + children.reduce(0) { $0 + $1.lookups }
            self.children = children
            self.costs = costs
            isLoop = false
            // A redirect is followed last; one that goes round leads nowhere.
            let last = costs.last.flatMap { $0.term.isRedirect ? $0.child : nil }.map { children[$0] }
            let next = last?.isLoop == true ? nil : last
            all = record.all ?? next?.all
            // What includes a record that everyone passes always matches (RFC 7208 §5.2): “-include:” of one refuses
            // everyone, and nothing behind it is reached.
            let decisive = costs.first { cost in
                cost.child.map { children[$0].passesAll && !cost.term.isRedirect } ?? false
            }
            let drawsInPassAll = decisive.map { $0.term.qualifier == .pass } ?? next?.drawsInPassAll ?? false
            self.drawsInPassAll = record.isValid && drawsInPassAll
            passesAll = record.isValid && (drawsInPassAll || decisive == nil && all == .pass)
        }

        /// A name where there is no record to look at.
        init(_ domain: DomainName, without status: RecordLookup<SPFRecord>, isLoop: Bool = false) {
            self.domain = domain
            self.status = status
            ownLookups = 0
            lookups = 0
            children = []
            costs = []
            self.isLoop = isLoop
            all = nil
            drawsInPassAll = false
            passesAll = false
        }
    }

    /// What a term costs of the ten lookups (RFC 7208 §4.6.4).
    package struct TermCost: Hashable, Sendable {
        package var term: SPFRecord.Term
        /// With all below it, where it draws in a record.
        package var lookups: Int
        /// The place among the node's children of the record that it draws in.
        package var child: Int?
    }

    /// Two strings of a TXT record that meet without a space between two terms (RFC 7208 §3.3).
    package struct Seam: Hashable, Sendable {
        package var domain: DomainName
        /// The word that the end of one string and the start of the next become.
        package var joined: String
        /// The two terms that will have been meant.
        package var left: String
        package var right: String
    }

    /// What the `exp` of the root record leads to (RFC 7208 §6.2).
    package enum Explanation: Hashable, Sendable {
        /// There is no `exp`.
        case none
        /// Macros stand in the name: it depends on the message.
        case depends
        case found(at: DomainName)
        /// Receivers pass over it, and why.
        case useless(at: DomainName, String)
        case couldNotTell(Question, Unanswered)
    }

    /// An answer with TXT records as it comes over the wire.
    package struct AnswerSize: Hashable, Sendable {
        package var domain: DomainName
        /// Octets of the DNS message at least: header, question, records.
        package var octets: Int
        /// Whether it was truncated over UDP when it was asked for.
        package var neededTCP: Bool
    }

    /// A question that nobody answered, and why.
    package struct UnknownLookup: Hashable, Sendable {
        package var question: Question
        package var why: Unanswered
        package init(_ question: Question, _ why: Unanswered) {
            self.question = question
            self.why = why
        }
    }

    package var domain: DomainName
    package var status: RecordLookup<SPFRecord>
    package var root: Node
    /// Terms that cost a lookup, through all includes and past the limit of ten (RFC 7208 §4.6.4).
    /// A lower bound where `isComplete` is false.
    package var lookups = 0
    /// Lookups of terms that found no name or no record; two are allowed (RFC 7208 §4.6.4).
    package var voidLookups = 0
    /// What came back void.
    package var voids: [PlacedTerm] = []
    /// Whether every record of the tree was told. (Other lookups that were not told are in `unknown` alone: they
    /// leave `lookups` as it is, and make `voidLookups` a lower bound.)
    package var isComplete = true
    /// What could not be told.
    package var unknown: [UnknownLookup] = []
    /// The tree was too large and not followed to its end.
    package var isCut = false

    /// Includes and redirects that lead to a record above themselves.
    package var loops: [PlacedTerm] = []
    /// Includes and redirects whose target has no SPF record: permerror (RFC 7208 §5.2, §6.1).
    package var targetsWithoutRecord: [PlacedTerm] = []
    /// Includes and redirects whose target has several: permerror too (RFC 7208 §4.5).
    package var targetsWithSeveralRecords: [PlacedTerm] = []
    /// Whether some include or redirect leads to a target where the check fails.
    package var hasFailingTargets: Bool { !targetsWithoutRecord.isEmpty || !targetsWithSeveralRecords.isEmpty }
    /// Included records that have syntax errors, the root's not among them.
    package var brokenRecords: [Node] = []
    /// The qualifier that ends the root record: its own `all`, or that of the record it redirects to.
    /// nil: no `all` was reached, so the result is neutral (RFC 7208 §4.7), or it could not be told.
    package var all: SPFRecord.Qualifier?
    /// The `include` through which everyone passes, as the record it draws in lets everyone pass (RFC 7208 §5.2);
    /// nil where there is none, or it could not be told.
    package var drawnInPassAll: PlacedTerm?
    /// Terms of the root record that stand behind `all` and are never looked at (RFC 7208 §5.1).
    package var termsAfterAll: [SPFRecord.Term] = []
    /// A `redirect` that is ignored because there is an `all` (RFC 7208 §6.1).
    package var ignoredRedirect: SPFRecord.Term?
    /// RFC 7208 §5.5: should not be published.
    package var ptrTerms: [PlacedTerm] = []
    /// Terms that stand in the root record twice, and includes that are drawn in twice: the later ones.
    package var duplicates: [PlacedTerm] = []
    /// ip4 shorter than /16 and ip6 shorter than /32, and a or mx with such prefixes.
    package var broadRanges: [PlacedTerm] = []
    /// Ranges that no mail can come from over the Internet (RFC 6890).
    package var privateRanges: [PlacedTerm] = []
    /// `a` and `mx` terms whose target has no such record.
    package var missingTargets: [PlacedTerm] = []
    /// `mx` terms whose target has more than ten mail hosts (RFC 7208 §4.6.4).
    package var crowdedMX: [PlacedTerm] = []
    /// Terms whose target cannot exist as nobody has registered the domain above it; `target` is that domain.
    package var unregistered: [PlacedTerm] = []
    /// Domains of which it could not be told whether anybody owns them.
    package var unknownOwners: [UnknownLookup] = []
    /// Strings that meet without a space.
    package var seams: [Seam] = []
    package var explanation = Explanation.none
    /// Of the root and of each record that was drawn in.
    package var answerSizes: [AnswerSize] = []
    /// Records of the type SPF, which nobody asks for any more (RFC 7208 §3.1).
    package var typeSPF: RecordLookup<SPFRecord> = .none
    /// How many strings the TXT record at the domain consists of; 0 where there is none.
    package var strings = 0
    /// TXT records at the domain of another kind.
    package var otherTexts: [String] = []

    package init(domain: DomainName, status: RecordLookup<SPFRecord>) {
        self.domain = domain
        self.status = status
        root = Node(domain, without: status)
    }
}

extension SPFAnalysis.Node: Hashable {
    package static func == (a: SPFAnalysis.Node, b: SPFAnalysis.Node) -> Bool {
        a === b
            || a.domain == b.domain && a.status == b.status && a.ownLookups == b.ownLookups && a.costs == b.costs
                && a.isLoop == b.isLoop && a.children == b.children
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(domain)
        hasher.combine(lookups)
    }
}
