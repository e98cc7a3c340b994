import DNS

/// One evaluation on its way: who asks, and what has come of it so far.
struct SPFRun {
    /// Why `check_host()` ends before its terms do.
    enum Stop: Error {
        case permerror(String)
        case temperror(Question, Unanswered)
        /// The knowledge lacks an answer: run again when it has it.
        case wanting
    }

    /// What one `check_host()` gave.
    struct Verdict {
        var result: SPFResult
        var term: SPFRecord.Term?
        /// The record that decided, and where it stands.
        var record: SPFRecord?
        var domain: DomainName
        var reason: String
    }

    let session: SPFSession
    var evaluation: SPFEvaluation
    /// The names of the client that lead back to it, once looked for.
    var validatedNames: [DomainName]?
    /// Whether the client's address has no names at all.
    var hasNoNames = false
    /// Whether the term being evaluated has met a lookup that found nothing.
    private var isVoid = false

    init(_ session: SPFSession, _ evaluation: SPFEvaluation) {
        self.session = session
        self.evaluation = evaluation
    }

    mutating func start(asking dns: inout Knowledge) {
        guard let domain = evaluation.domain else {
            // RFC 7208 §4.3: malformed, or not a name of several labels.
            evaluation.reason = "\(quoted(session.domain)) is no domain that could have a record"
            return
        }
        do throws(Stop) {
            let verdict = try check(domain, depth: 0, asking: &dns)
            evaluation.result = verdict.result
            evaluation.reason = verdict.reason
            evaluation.matched = verdict.term
            if verdict.term != nil { evaluation.matchedDomain = verdict.domain }
            // RFC 7208 §6.2: once the result is known, and by the record that gave it.
            if verdict.result == .fail, let record = verdict.record {
                explain(record, in: verdict.domain, asking: &dns)
            }
        } catch {
            switch error {
            case .permerror(let why): (evaluation.result, evaluation.reason) = (.permerror, why)
            case .temperror(let question, let why):
                evaluation.result = .temperror
                evaluation.reason = "nobody could tell \(question)"
                evaluation.unanswered = .init(question: question, outcome: .failure(why))
            case .wanting:
                evaluation.result = .temperror
                evaluation.reason = "not all that is needed was asked"
                evaluation.isComplete = false
            }
        }
    }

    // MARK: check_host()

    /// RFC 7208 §4: the record of `domain`, and its terms in order.
    mutating func check(_ domain: DomainName, depth: Int, asking dns: inout Knowledge) throws(Stop) -> Verdict {
        let place = begin(.record(nil), domain, depth)
        let record: SPFRecord
        do throws(Stop) {
            guard let found = try read(domain, place, asking: &dns) else {
                let why = "\(domain) has no SPF record"
                end(place, .ends(.none, why))
                return Verdict(result: .none, domain: domain, reason: why)  // RFC 7208 §4.5
            }
            record = found
        } catch {
            stop(place, error)
            throw error
        }
        for term in record.terms {
            guard case .directive(let directive) = term.kind else { continue }
            if try evaluate(directive, term, domain, depth, asking: &dns) {
                return Verdict(
                    result: directive.qualifier.result, term: term, record: record, domain: domain,
                    reason: "“\(term.text.prefix(200))” of \(domain) matches")
            }
        }
        // RFC 7208 §6.1: only where no mechanism matched.
        if let target = record.redirect, let term = record.terms.first(where: \.isRedirect) {
            return try redirect(to: target, term, domain, depth, asking: &dns)
        }
        return Verdict(
            result: .neutral, record: record, domain: domain, reason: "no term of \(domain) matches")  // RFC 7208 §4.7
    }

    /// The one record of a domain (RFC 7208 §4.4, §4.5); nil where there is none.
    private mutating func read(
        _ domain: DomainName, _ place: Int?, asking dns: inout Knowledge
    ) throws(Stop) -> SPFRecord? {
        let texts = try answer(Question(domain, .txt), place, asking: &dns).records.compactMap { record -> [UInt8]? in
            guard case .txt(let txt) = record.data else { return nil }
            let octets = txt.joined  // RFC 7208 §3.3: without a space between
            return SPFRecord.isSPF(octets) ? octets : nil
        }
        guard let octets = texts.first else { return nil }
        guard texts.count == 1 else {
            throw .permerror("\(domain) has \(texts.count) SPF records")  // RFC 7208 §4.5
        }
        let record = SPFRecord.readBefore(octets)
        if let place {
            evaluation.trace[place].subject = .record(record.text)
            evaluation.trace[place].outcome = .read
        }
        // RFC 7208 §4.6: an error anywhere, even behind the term that matches.
        if let problem = record.problems.first(where: \.isError) {
            throw .permerror("the record of \(domain) has an error in column \(problem.column): \(problem.message)")
        }
        return record
    }

    /// Whether a mechanism matches (RFC 7208 §4.6.2, §5).
    private mutating func evaluate(
        _ directive: SPFRecord.Directive, _ term: SPFRecord.Term, _ domain: DomainName, _ depth: Int,
        asking dns: inout Knowledge
    ) throws(Stop) -> Bool {
        evaluation.lookups += directive.mechanism.lookups
        let place = begin(.term(term), domain, depth)
        isVoid = false
        do throws(Stop) {
            if evaluation.lookups > SPFCheck.maximumLookups, directive.mechanism.costsLookup { throw tooManyLookups() }
            let matches = try matches(directive.mechanism, domain, depth, place, asking: &dns)
            if let place, evaluation.trace[place].outcome == .wanting || matches {
                end(place, matches ? .matches(directive.qualifier.result) : .noMatch)
            }
            return matches
        } catch {
            stop(place, error)
            throw error
        }
    }

    /// RFC 7208 §6.1.
    private mutating func redirect(
        to target: MacroString, _ term: SPFRecord.Term, _ domain: DomainName, _ depth: Int,
        asking dns: inout Knowledge
    ) throws(Stop) -> Verdict {
        evaluation.lookups += target.lookups
        let place = begin(.term(term), domain, depth)
        do throws(Stop) {
            if evaluation.lookups > SPFCheck.maximumLookups { throw tooManyLookups() }
            guard let name = try name(of: target, domain, place, asking: &dns) else {
                throw .permerror("“\(term.text.prefix(200))” of \(domain) leads to no name")
            }
            let verdict = try check(name, depth: depth + 1, asking: &dns)
            if verdict.result == .none {
                throw .permerror("“\(term.text.prefix(200))” of \(domain) leads to a domain without an SPF record")
            }
            end(place, .ends(verdict.result, "as \(name) says"))
            return verdict
        } catch {
            stop(place, error)
            throw error
        }
    }

    private func tooManyLookups() -> Stop {
        .permerror("more than \(SPFCheck.maximumLookups) terms need a DNS lookup")  // RFC 7208 §4.6.4
    }

    // MARK: Asking

    /// The answer; a failure ends the evaluation (RFC 7208 §2.6.6).
    mutating func answer(
        _ question: Question, _ place: Int?, asking dns: inout Knowledge
    ) throws(Stop) -> Answer {
        switch note(question, place, asking: &dns) {
        case .success(let answer): return answer
        case .failure(let why) where why.reason == .notAsked: throw .wanting
        case .failure(let why): throw .temperror(question, why)
        }
    }

    /// The outcome, noted in the trace.
    mutating func note(_ question: Question, _ place: Int?, asking dns: inout Knowledge) -> Outcome {
        let outcome = dns.outcome(question)
        if let place { evaluation.trace[place].asked.append(.init(question: question, outcome: outcome)) }
        return outcome
    }

    /// A lookup of the term found nothing. A term counts once however many names it asks for: the limit is one of
    /// terms (RFC 7208 §4.6.4).
    mutating func noteVoid(_ place: Int?) throws(Stop) {
        if isVoid { return }
        isVoid = true
        evaluation.voidLookups += 1
        if let place { evaluation.trace[place].voidLookups = evaluation.voidLookups }
        if evaluation.voidLookups > SPFCheck.maximumVoidLookups {
            throw .permerror("more than \(SPFCheck.maximumVoidLookups) lookups find nothing")
        }
    }

    // MARK: The trace

    mutating func begin(_ subject: SPFEvaluation.Step.Subject, _ domain: DomainName, _ depth: Int) -> Int? {
        guard evaluation.trace.count < SPFCheck.maximumSteps else {
            evaluation.isTraceCut = true
            return nil
        }
        evaluation.trace.append(
            SPFEvaluation.Step(
                depth: depth, domain: domain, subject: subject, outcome: .wanting, lookups: evaluation.lookups,
                voidLookups: evaluation.voidLookups))
        return evaluation.trace.count - 1
    }

    mutating func end(_ place: Int?, _ outcome: SPFEvaluation.Step.Outcome) {
        if let place { evaluation.trace[place].outcome = outcome }
    }

    private mutating func stop(_ place: Int?, _ stop: Stop) {
        switch stop {
        case .permerror(let why): end(place, .ends(.permerror, why))
        case .temperror(let question, _): end(place, .ends(.temperror, "nobody could tell \(question)"))
        case .wanting: end(place, .wanting)
        }
    }
}

extension SPFRecord.Qualifier {
    /// What a match gives (RFC 7208 §4.6.2).
    package var result: SPFResult {
        switch self {
        case .pass: .pass
        case .fail: .fail
        case .softfail: .softfail
        case .neutral: .neutral
        }
    }
}
