internal import DNS
package import Judgement
package import Mail

/// What a runner of probes gives back: what was seen, or why nothing was.
package struct Observed: Sendable {
    package var observations: [Observation]
    /// Set where the probe itself could not be carried out.
    package var failure: Failure?

    package init(_ observations: [Observation], failure: Failure? = nil) {
        self.observations = observations
        self.failure = failure
    }
}

/// One run of a probe, judged: what the ledger, the history and the pages are made of.
package struct ProbeResult: Sendable {
    /// The metrics' label `result`.
    package enum Verdict: String, Hashable, Sendable, Codable, CaseIterable { case pass, fail, unknown }

    package var plan: ProbePlan
    package var startedAt: Timestamp
    package var durationSeconds: Double
    package var verdict: Verdict
    /// The main reason where it did not pass: a ``Failure/Cause`` or ``findingReason``.
    package var reason: String?
    /// The failure behind the reason, where there is one.
    package var failure: Failure?
    package var observations: [Observation]
    package var report: Report

    /// The reason where nothing failed, but a check found an error.
    package static let findingReason = "finding"

    /// Judges what was seen. A function of its arguments.
    ///
    /// Errors and critical findings fail a probe; warnings do not, nor does that there is no TLS where a module says that
    /// there need not be (`require_tls: false`). What could not be told makes it unknown, unless
    /// something failed for certain.
    package init(
        _ plan: ProbePlan, _ observed: Observed, startedAt: Timestamp, durationSeconds: Double,
        by rules: [Rule] = Rule.all
    ) {
        self.plan = plan
        self.startedAt = startedAt
        self.durationSeconds = durationSeconds
        observations = observed.observations
        report = plan.baseline.applied(
            to: judge(
                observed.observations, of: plan.target, at: startedAt, durationSeconds: durationSeconds, by: rules))
        let seen = Self.failures(plan, observed)
        let hasError = report.findings.contains {
            $0.severity >= .error && !(plan.mayLackTLS && $0.check.identifier == "smtp.starttls")
        }
        if let certain = seen.first(where: { !$0.cause.meansCouldNotTell }) {
            (verdict, failure, reason) = (.fail, certain, certain.cause.rawValue)
        } else if hasError {
            (verdict, failure, reason) = (.fail, nil, Self.findingReason)
        } else if let doubtful = seen.first ?? report.unknown.first?.failure {
            (verdict, failure, reason) = (.unknown, doubtful, doubtful.cause.rawValue)
        } else {
            (verdict, failure, reason) = (.pass, nil, nil)
        }
    }

    /// What went wrong in the run itself. In an audit, what fails on a port is for the rules to weigh.
    private static func failures(_ plan: ProbePlan, _ observed: Observed) -> [Failure] {
        var failures: [Failure] = observed.failure.map { [$0] } ?? []
        switch plan.work {
        case .audit: break
        case .ports(_, _, _, let requireTLS):
            for case .port(let port) in observed.observations {
                if let failure = port.failure ?? (requireTLS ? port.tlsShortcoming : nil) { failures.append(failure) }
            }
            if failures.isEmpty, !observed.observations.contains(where: { if case .port = $0 { true } else { false } })
            {
                failures = lookupFailures(observed.observations)
            }
        case .roundTrip:
            for case .roundTrip(let trip) in observed.observations {
                if let failure = trip.failureOrOutcome { failures.append(failure) }
            }
            if observed.observations.isEmpty, failures.isEmpty {
                failures = [Failure(.internal, "the probe came back without a result")]
            }
        }
        return failures
    }

    /// Why a host has no address to dial.
    private static func lookupFailures(_ observations: [Observation]) -> [Failure] {
        var none: Failure?
        for case .lookup(let lookup) in observations {
            switch lookup.outcome {
            case .failure(let why): return [Failure(why, asking: lookup.question)]
            case .success(let answer) where answer.kind != .records:
                none = none ?? Failure(.noSuchName, during: .dns, "\(lookup.question.name) has no address")
            case .success: break
            }
        }
        return [none ?? Failure(.internal, "no port was tried")]
    }
}

extension Failure.Cause {
    /// Whether it says more of us, our network or our DNS than of what was probed.
    package var meansCouldNotTell: Bool {
        switch self {
        case .dnsTimeout, .dnsServfail, .dnsRefused, .dnsMalformed, .dnsEarlyClose, .dnsUnreachable, .dnsBogus,
            .dnsUnvalidated, .tlsUnsupported, .egressBlocked, .greylisted, .overload, .cancelled, .offline, .internal:
            true
        default: false
        }
    }
}

extension PortObservation {
    /// What is wrong with a connection that has to be encrypted. Between MTAs certificates are often not meant to
    /// be verified (RFC 7435), so there only TLS itself is asked for.
    fileprivate var tlsShortcoming: Failure? {
        guard let tls else { return Failure(.starttlsMissing, during: .starttls, "no TLS on \(service.rawValue)") }
        guard service.isForUsers else { return nil }
        if tls.trusted == false {
            return Failure(.certificateUntrusted, during: .tls, tls.trustProblem ?? "the certificate is not trusted")
        }
        if tls.nameMatches == false {
            return Failure(.certificateName, during: .tls, "the certificate does not name \(endpoint.host)")
        }
        if let certificate = tls.chain.first, certificate.notAfter < at {
            return Failure(.certificateExpired, during: .tls, "the certificate expired on \(certificate.notAfter)")
        }
        return nil
    }
}

extension RoundTripObservation {
    /// nil where the message arrived as it should.
    fileprivate var failureOrOutcome: Failure? {
        switch outcome {
        case .delivered: nil
        case .late: failure ?? Failure(.notReceived, during: .fetch, "it came after the deadline")
        case .lost: failure ?? Failure(.notReceived, during: .fetch, "it did not come by the deadline")
        case .bounced: failure ?? Failure(.bounced, "it came back")
        case .misplaced: failure ?? Failure(.misplaced, during: .fetch, "it was not filed under the inbox")
        case .rejected: failure ?? Failure(.dataRejected, "a server rejected it")
        case .deferred: failure ?? Failure(.greylisted, "a server asked to try again later")
        case .duplicated, .altered: failure ?? Failure(.protocolViolation, during: .fetch, "it was \(outcome.rawValue)")
        case .unknown: failure ?? Failure(.internal, "it is not known what became of it")
        }
    }
}
