/// Validating answers ourselves (RFC 4033 to 4035, 5155, 6840): what an answer is worth is decided by its signatures,
/// from a trust anchor down, and not by the AD bit of whoever passed it on.
///
/// Work is bounded whatever is sent: so many signatures and hashes for one answer (KeyTrap, CVE-2023-50387 and
/// CVE-2023-50868), and what takes more is bogus.
///
/// Left out: following rollovers of trust anchors (RFC 5011), asking name servers without a resolver between,
/// algorithms that hardly a zone has (Ed448, GOST, SM2): what is signed by them alone is insecure.
package enum DNSSEC {
    /// What is up to whoever validates.
    package struct Options: Hashable, Sendable {
        /// Whether RSA/SHA-1 (5 and 7) is checked; RFC 9905 §2 has operators treat it as unsupported.
        package var acceptsSHA1 = false

        package init(acceptsSHA1: Bool = false) { self.acceptsSHA1 = acceptsSHA1 }
    }

    /// Signatures that are checked for one answer, its chain included.
    static let mostSignatures = 160
    /// Of one set of records: keys that share a tag, signatures that do not hold.
    static let mostTries = 8
    /// Keys of one zone, DS records of one delegation.
    static let mostKeys = 32
    /// SHA-1 computations for one answer.
    static let mostHashes = 40_000

    /// What the answer to `question` is worth. A function of what is known: answers that it needs (always asked with
    /// ``Question/signatures``) and that nobody has asked for become wanted, and the result is `indeterminate` until
    /// they are there. The question may come with or without that flag.
    /// - Parameter now: seconds since 1970.
    package static func validate(
        _ question: Question, in knowledge: inout Knowledge, anchors: TrustAnchors = .iana,
        options: Options = Options(), at now: Double
    ) -> Validated {
        var validator = Validator(knowledge, anchors, options, now: now)
        defer { knowledge = validator.knowledge }
        return validator.run(question)
    }

    /// Seconds since 1970 of a signature's time: of all that it may mean, the one nearest to `now`
    /// (RFC 4034 §3.1.5, RFC 1982).
    static func seconds(_ time: UInt32, near now: UInt32) -> Double {
        Double(Int64(now) + Int64(Int32(bitPattern: time &- now)))
    }

    /// `2026-11-22 12:00:00 UTC`
    static func time(_ time: UInt32, near now: UInt32) -> String {
        let digits = Array(SecurityText.time(time))
        guard digits.count == 14 else { return "\(time)" }
        func part(_ range: Range<Int>) -> String { String(digits[range]) }
        return "\(part(0..<4))-\(part(4..<6))-\(part(6..<8)) \(part(8..<10)):\(part(10..<12)):\(part(12..<14)) UTC"
    }
}
