/// What validating an answer found out (RFC 4033 §5, RFC 4035 §4.3).
package enum Security: Hashable, Sendable, Codable {
    /// An unbroken chain of signatures leads from a trust anchor to it; where it says "no", that is proven too.
    case secure
    /// It is proven that nothing has to be signed there: a delegation without DS, or algorithms that nobody here can, or
    /// should any longer, check.
    case insecure
    /// It has to be signed and is not, or not rightly: because ….
    case bogus(String)
    /// It could not be told, and why: no trust anchor, questions that nobody answered, a resolver that takes signatures
    /// out.
    case indeterminate(String)

    /// `secure`, `insecure`, `bogus`, `indeterminate`.
    package var word: String {
        switch self {
        case .secure: "secure"
        case .insecure: "insecure"
        case .bogus: "bogus"
        case .indeterminate: "indeterminate"
        }
    }

    /// Why it is bogus or could not be told.
    package var reason: String? {
        switch self {
        case .secure, .insecure: nil
        case .bogus(let why), .indeterminate(let why): why
        }
    }

    private var rank: Int {
        switch self {
        case .bogus: 0
        case .indeterminate: 1
        case .insecure: 2
        case .secure: 3
        }
    }

    /// The weaker of the two: a chain of aliases is worth as much as its weakest link.
    package func weaker(of other: Security) -> Security { other.rank < rank ? other : self }
}

/// An answer with what its signatures are worth.
package struct Validated: Hashable, Sendable, Codable {
    /// Of the whole: the weakest link of the chain of aliases counts.
    package var security: Security
    /// Why it is insecure, or more about what was found; nil where there is nothing to add.
    package var note: String?
    /// As the resolver gave it, with TTLs no longer than the signatures allow (RFC 4035 §5.3.3); nil where there was
    /// none.
    package var answer: Answer?
    /// The AD bit as the resolver set it (RFC 4035 §3.2.3); nil where there was no answer.
    package var authenticData: Bool?
    /// What was looked at, from the trust anchor down, for people.
    package var trace: [Step]
    /// The signatures that were checked and hold, each once.
    package var signatures: [Signature]
    /// What holds, and is weaker than it should be.
    package var weaknesses: [Weakness] = []

    /// Something on the way that holds and should be stronger.
    package enum Weakness: Hashable, Sendable, Codable {
        /// All DS records of the zone that count are of SHA-1 (RFC 9904 §3).
        case sha1Digest(zone: DomainName)
        /// Signatures of an algorithm that is not recommended any more (RFC 9904 §2).
        case algorithm(zone: DomainName, UInt8)
        /// An RSA key of so few bits that made a signature.
        case shortKey(zone: DomainName, keyTag: UInt16, bits: Int)
        /// More than no iterations of NSEC3 (RFC 9276 §3.1).
        case nsec3Iterations(zone: DomainName, Int)
    }

    /// One step of validating, with what it was made of.
    package struct Step: Hashable, Sendable, Codable {
        /// `example.org. DS`
        package var subject: String
        /// nil where the step says nothing by itself.
        package var security: Security?
        /// What was found, in a sentence without a dot.
        package var text: String
        package var children: [Step]

        package init(_ subject: String, _ security: Security?, _ text: String, children: [Step] = []) {
            self.subject = subject
            self.security = security
            self.text = text
            self.children = children
        }
    }

    /// A signature that holds.
    package struct Signature: Hashable, Sendable, Codable {
        package var name: DomainName
        package var type: RecordType
        package var signer: DomainName
        package var keyTag: UInt16
        package var algorithm: UInt8
        /// Seconds since 1970.
        package var inception: Double
        package var expiration: Double

        package init(
            name: DomainName, type: RecordType, signer: DomainName, keyTag: UInt16, algorithm: UInt8,
            inception: Double, expiration: Double
        ) {
            self.name = name
            self.type = type
            self.signer = signer
            self.keyTag = keyTag
            self.algorithm = algorithm
            self.inception = inception
            self.expiration = expiration
        }
    }

    package init(
        _ security: Security, note: String? = nil, answer: Answer? = nil, trace: [Step] = [],
        signatures: [Signature] = []
    ) {
        self.security = security
        self.note = note
        self.answer = answer
        authenticData = answer?.authenticated
        self.trace = trace
        self.signatures = signatures
    }

    /// Whether it is insecure only because nobody here knows the algorithms: others may find it signed, and rightly.
    package var isUnchecked: Bool { security == .insecure && note?.hasSuffix(Self.unchecked) == true }

    static let unchecked = "which is not checked here"

    /// The signature that expires first; nil where none was needed.
    package var soonestExpiry: Signature? { signatures.min { $0.expiration < $1.expiration } }
}
