package import DNS
package import Mail

/// What answers of the resolver say of it.
extension SelfTest {
    /// - Parameter outcome: of a question for the name servers of the root.
    package static func reach(_ outcome: Outcome) -> Line {
        switch outcome {
        case .success(let answer): Line("resolver", .ok, "the resolver answers (\(answer.server))")
        case .failure(let why):
            Line(
                "resolver", why.reason == .offline ? .unknown : .cannot,
                "the resolver does not answer: \(why.reason.rawValue)", means: "nothing can be told of any domain",
                remedy: "look at /etc/resolv.conf, or name another server by --resolver")
        }
    }

    /// - Parameters:
    ///   - outcome: of a question for the address of a name that nobody has.
    ///   - zone: where that name was invented.
    package static func truth(_ outcome: Outcome, below zone: DomainName) -> Line {
        let key = "resolver_truthful"
        switch outcome {
        case .success(let answer):
            switch answer.kind {
            case .noSuchName: return Line(key, .ok, "an invented name below \(zone) does not exist")
            case .records: return inventing(answer.records, below: zone)
            case .noData:
                return Line(
                    key, .unknown, "an invented name below \(zone) exists without addresses",
                    means: "whether the resolver rewrites could not be told",
                    remedy: "name a zone without wildcards by --zone")
            }
        case .failure(let why):
            return Line(key, .unknown, "an invented name could not be asked for: \(why.reason.rawValue)")
        }
    }

    static func inventing(_ records: [Record], below zone: DomainName) -> Line {
        let addresses = records.prefix(3).map { "\($0.data)" }
        return Line(
            "resolver_truthful", .cannot,
            "the resolver makes up answers: a name below \(zone) that nobody has is said to be at \(list(addresses))",
            means: "whether a name has an address cannot be told where it is this one",
            remedy: "use another resolver, by --resolver")
    }

    /// - Parameters:
    ///   - plain: of a question for records of a signed zone.
    ///   - own: what our own validation makes of that zone.
    package static func validation(_ plain: Outcome, _ own: Security) -> Line {
        let key = "resolver_validates"
        guard case .success(let answer) = plain else { return Line(key, .unknown, "the resolver did not answer") }
        let ours =
            switch own {
            case .secure: "our own validation holds"
            case .insecure: "our own validation sees no signatures"
            case .bogus(let why): "our own validation fails: \(why)"
            case .indeterminate(let why): "our own validation cannot tell: \(why)"
            }
        if answer.authenticated {
            return Line(key, .ok, "the resolver says that it validates DNSSEC (AD); \(ours)")
        }
        return Line(
            key, .cannot, "the resolver does not say that it validates DNSSEC; \(ours)",
            means: own == .secure
                ? "results rest on our own validation, as DANE does" : "TLSA records count for nothing from here",
            remedy: "use a validating resolver, such as unbound on this machine")
    }

    /// - Parameter outcome: of a question that asked for signatures in a signed zone.
    package static func signatures(_ outcome: Outcome) -> Line {
        let key = "edns"
        guard case .success(let answer) = outcome, let proof = answer.proof else {
            return Line(key, .unknown, "no answer to a question for signatures")
        }
        if proof.answers.contains(where: { $0.type == .rrsig }) {
            return Line(key, .ok, "EDNS passes: signatures come with answers")
        }
        return Line(
            key, .cannot, "signatures are taken out of answers, or EDNS does not pass",
            means: "DNSSEC and DANE cannot be judged by ourselves", remedy: "use a resolver that passes EDNS and DO")
    }

    /// By the validity of the root's signature, which is renewed every day: right to within days, not finer.
    /// - Parameter outcome: of a question for the root's SOA record with signatures.
    package static func clock(_ outcome: Outcome, _ now: Timestamp) -> Line {
        let key = "clock"
        let means = "dates of certificates and signatures are judged wrongly where the clock is wrong"
        let signature = (try? outcome.get())?.proof?.answers.lazy
            .compactMap { record -> RRSIG? in if case .rrsig(let data) = record.data { data } else { nil } }
            .first { $0.typeCovered == .soa }
        guard let signature else {
            return Line(key, .unknown, "nothing signed was seen to hold the clock against", means: means)
        }
        // Serial arithmetic (RFC 4034 §3.1.5).
        let second = UInt32(truncatingIfNeeded: Int64(now.secondsSince1970))
        let since = Int32(bitPattern: second &- signature.inception)
        let left = Int32(bitPattern: signature.expiration &- second)
        if since >= 0, left >= 0 {
            return Line(
                key, .ok, "the clock (\(now)) is within the validity of the root's signature: right to within days")
        }
        return Line(
            key, .cannot,
            "the clock (\(now)) is \(since < 0 ? "behind" : "ahead of") the validity of the root's signature",
            means: means, remedy: "set the clock, as by chrony")
    }

    /// - Parameter outcome: whether an answer came over TCP; nil where that was not tried.
    package static func overTCP(_ answers: Bool?) -> Line {
        let key = "resolver_tcp"
        guard let answers else { return Line(key, .unknown, "whether the resolver answers over TCP was not tried") }
        if answers { return Line(key, .ok, "the resolver answers over TCP") }
        return Line(
            key, .cannot, "the resolver does not answer over TCP",
            means: "long answers (keys, many TXT records) are unknown", remedy: "open TCP port 53 towards the resolver")
    }
}
