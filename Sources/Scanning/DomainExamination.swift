package import DNS
package import Judgement
package import Mail
internal import Networking

/// Examines one domain by the DNS alone and judges it by all rules that the DNS can answer.
package struct DomainExamination: Sendable {
    private let resolver: any Resolver
    private let guesses: [String]
    private let selectors: [String]
    private let suffixes: PublicSuffixList?
    /// Seconds after which no further questions are asked about a domain; those on their way end by the resolver's
    /// own deadline.
    private let seconds: Double
    private let shared = SharedEvidence()

    /// `suffixes` gives the verdict of RFC 7489 beside that of RFC 9989; nil leaves it out.
    package init(
        resolver: any Resolver, selectors: [String], guesses: [String], suffixes: PublicSuffixList?, seconds: Double
    ) {
        self.resolver = resolver
        self.suffixes = suffixes
        self.selectors = selectors
        self.guesses = guesses
        self.seconds = seconds
    }

    /// Waves of questions at most: what is wanted after that stays unknown.
    private static let maximumWaves = 40

    /// What was seen of a domain.
    struct Seen: Sendable {
        var evidence: Evidence
        var questions: Int
        var seconds: Double

        /// What to think of it.
        var report: Report { judge(evidence, durationSeconds: seconds, by: Rule.answeredByDNS) }
    }

    /// What the DNS says of `domain` and what to think of it, and how many questions that took.
    package func report(on domain: DomainName, at: Timestamp) async -> (report: Report, questions: Int) {
        let seen = await look(at: domain, at)
        return (seen.report, seen.questions)
    }

    /// What the DNS says of `domain`.
    func look(at domain: DomainName, _ at: Timestamp) async -> Seen {
        let began = ContinuousClock.now
        let deadline = Deadline(began + .seconds(seconds))
        var known = Knowledge()
        let target = Target(
            name: domain.description, domain: domain, dkimSelectors: selectors,
            publicSuffix: suffixes?.suffix(of: domain))
        var gathering = DomainGathering(
            domain, selectors: selectors, guesses: guesses, publicSuffix: target.publicSuffix, sharing: shared)
        gathering.gather(asking: &known)
        for _ in 0..<Self.maximumWaves where !known.isSettled {
            if deadline.hasPassed || Task.isCancelled { break }
            let questions = known.wantedInOrder
            let outcomes = await resolver.outcomes(questions)
            known.learn(wanted: outcomes)
            gathering.gather(asking: &known)
        }
        let evidence = gathering.evidence(asking: &known)
        return Seen(
            evidence: Evidence(evidence, lookups: known, of: target, at: at), questions: known.count,
            seconds: began.duration(to: .now) / .seconds(1))
    }

    /// Whether more domains at once would only wait for one another.
    var isFull: Bool { (resolver as? NetworkResolver)?.isFull ?? false }

    /// Runs `body` where questions cost least: on the resolver's own thread, where it has one.
    func beside(_ body: @Sendable () async -> Void) async {
        if let network = resolver as? NetworkResolver {
            await network.runBeside(body)
        } else {
            await body()
        }
    }
}
