package import DNS

/// The seven results of `check_host()` (RFC 7208 §2.6).
package enum SPFResult: String, Hashable, Sendable, Codable, CaseIterable {
    /// No record, or no domain to ask for one.
    case none
    /// The record says nothing of this sender.
    case neutral
    case pass
    case fail
    case softfail
    /// The DNS did not answer: later it may.
    case temperror
    /// The record cannot be read or followed: somebody must mend it.
    case permerror
}

/// What `check_host()` made of one sender (RFC 7208 §4), and how it came to it.
package struct SPFEvaluation: Hashable, Sendable {
    /// Which of the two identities was checked (RFC 7208 §2.3, §2.4).
    package enum Identity: String, Hashable, Sendable, Codable {
        case mailFrom = "mailfrom"
        /// The name given in EHLO; also where the reverse-path is empty.
        case helo
    }

    /// One thing that was done: a record read, a term evaluated, the explanation looked for.
    package struct Step: Hashable, Sendable {
        package enum Subject: Hashable, Sendable {
            /// `check_host()` begins for a domain; the text of its record, once there is one.
            case record(String?)
            case term(SPFRecord.Term)
            /// What `exp` leads to (RFC 7208 §6.2).
            case explanation(SPFRecord.Term)
        }

        package enum Outcome: Hashable, Sendable {
            /// The record is evaluated: its terms follow.
            case read
            case noMatch
            /// No match, for a reason that does not show in the answers.
            case cannotMatch(String)
            case matches(SPFResult)
            /// The evaluation of this domain ends with that, and why.
            case ends(SPFResult, String)
            /// What the explanation became; nil where it is dropped, and why.
            case explains(String?, String)
            /// An answer was still missing: not the end of it.
            case wanting
        }

        /// 0 for the domain itself, one more inside each `include` and `redirect`.
        package var depth: Int
        /// The domain whose record is evaluated (RFC 7208 §4.1, `<domain>`).
        package var domain: DomainName
        package var subject: Subject
        /// The name that the term leads to, macros expanded.
        package var target: DomainName?
        /// What was asked of the DNS for it, and what came, in the order it was used.
        package var asked: [Asked] = []
        package var outcome: Outcome
        /// Terms that cost a lookup so far, this one counted (RFC 7208 §4.6.4).
        package var lookups: Int
        /// Terms whose lookups found nothing so far.
        package var voidLookups: Int
    }

    package struct Asked: Hashable, Sendable {
        package var question: Question
        package var outcome: Outcome
    }

    package var result: SPFResult
    package var identity: Identity
    /// As evaluated: an IPv4-mapped address has become IPv4 (RFC 7208 §5).
    package var ip: IPAddress
    /// `<sender>`: with `postmaster` where there was no local part (RFC 7208 §4.3).
    package var sender: String
    /// As given.
    package var helo: String
    /// The domain checked; nil where there was no usable one.
    package var domain: DomainName?
    /// What the domain's owner says of a fail (RFC 7208 §6.2); visible ASCII and spaces only. nil without one.
    package var explanation: String?
    /// Terms that cost a lookup (RFC 7208 §4.6.4): the eleventh ends the evaluation.
    package var lookups = 0
    /// Terms whose lookups found nothing: the third ends the evaluation.
    package var voidLookups = 0
    /// The term that decided, as written: in the domain's own record, or the one it redirects to.
    package var matched: SPFRecord.Term?
    /// The domain whose record `matched` stands in.
    package var matchedDomain: DomainName?
    /// In words, one clause: why the result is what it is.
    package var reason: String
    /// The question whose missing answer made it a temperror.
    package var unanswered: Asked?
    package var trace: [Step] = []
    /// There were more steps than are kept.
    package var isTraceCut = false
    /// False where the knowledge lacked answers that it now wants: the result is not final. (A result of
    /// ``SPFResult/temperror`` that is complete is one.) Where only the explanation is lacking, the result stands.
    package var isComplete = true
}
