package import DNS
package import Mail

/// A domain's MTA-STS policy as a sender comes to know it (RFC 8461): the record that announces it, the file, and
/// whether it counts.
///
/// Left out: whether the policy changed under the same id, which takes two looks at different times.
package struct MTASTSEvidence: Sendable {
    package enum Status: Hashable, Sendable {
        /// No record: senders do not ask for the file.
        case none
        /// The policy counts.
        case usable
        /// It is announced, and for certain it does not count: why. Senders act as if there were none, or by one that
        /// they remember.
        case unusable(Obstacle)
        case couldNotTell(Failure)
    }

    /// Why a policy does not count.
    package enum Obstacle: Hashable, Sendable {
        /// The record at `_mta-sts`: several, or not well-formed (RFC 8461 §3.1).
        case record(String)
        /// Its host has no address, or cannot be reached there.
        case host(String)
        /// The host's certificate (RFC 8461 §3.3).
        case certificate(String)
        /// Not 200, or a redirect (RFC 8461 §3.3).
        case answer(String)
        /// The file is not well-formed (RFC 8461 §3.2), or too large.
        case file(String)

        package var text: String {
            switch self {
            case .record(let text), .host(let text), .certificate(let text), .answer(let text), .file(let text): text
            }
        }
    }

    /// An `mx` of the policy that no MX record has, and whether there is such a host.
    package struct Pattern: Sendable {
        package var text: String
        package var addresses: Told<[IPAddress]>
    }

    /// `mta-sts.` and the domain; nil where that is too long for a name.
    package var host: DomainName?
    package var addresses: Told<[IPAddress]>
    /// nil where nobody tried.
    package var fetch: PolicyObservation?
    /// What was read, whether it counts or not; nil where no file came.
    package var policy: MTASTSPolicy?
    package var status: Status
    /// The host's, apart from all else; nil where nothing is wrong or nothing was seen.
    package var certificateProblem: String?
    /// Whether a policy that would count is served where no record announces one.
    package var canBeAnnounced: Bool { policy?.isValid == true && certificateProblem == nil && status == .none }
    /// Names in the policy that no MX record has; without wildcards, at most ``maximumPatterns``.
    package var idlePatterns: [Pattern]

    /// More names of a policy are not looked up.
    package static let maximumPatterns = 20

    /// The policy that senders who get it now go by; nil where there is none, or it does not count.
    package var effective: MTASTSPolicy? { status == .usable ? policy : nil }
}

extension MTASTSEvidence {
    static func gather(
        _ domain: DomainName, _ record: RecordLookup<MTASTSRecord>, hosts: [DomainName], _ fetch: PolicyObservation?,
        at now: Timestamp, asking dns: inout Knowledge
    ) -> MTASTSEvidence {
        let host = PolicyObservation.host(of: domain)
        let addresses = host.map { hostAddresses($0, asking: &dns) } ?? .noSuchName
        var evidence = MTASTSEvidence(
            host: host, addresses: addresses, fetch: fetch, policy: nil, status: .none, idlePatterns: [])
        // A policy is read whatever the status, so that more can be said than "no policy".
        if let fetch, fetch.status == 200, fetch.failure == nil { evidence.policy = MTASTSPolicy(fetch.body) }
        evidence.certificateProblem = fetch?.tls.flatMap { problem(of: $0, at: now) }
        evidence.status = evidence.status(of: record, of: domain)
        if let policy = evidence.policy {
            let known = Set(hosts)
            for text in policy.mx where !text.hasPrefix("*.") {
                guard let name = try? DomainName(text), !known.contains(name) else { continue }
                if evidence.idlePatterns.count == maximumPatterns { break }
                evidence.idlePatterns.append(Pattern(text: text, addresses: hostAddresses(name, asking: &dns)))
            }
        }
        return evidence
    }

    private func status(of record: RecordLookup<MTASTSRecord>, of domain: DomainName) -> Status {
        switch record {
        case .none, .noSuchName: return .none
        case .couldNotTell(let why):
            return .couldNotTell(
                Failure(why, asking: Question((try? domain.prepending("_mta-sts")) ?? domain, .txt)))
        case .multiple(let texts): return .unusable(.record("\(texts.count) records stand at _mta-sts"))
        case .found(let record):
            if let problem = record.problems.first(where: \.isError) { return .unusable(.record(problem.message)) }
        }
        guard let host else { return .unusable(.host("its host would have too long a name")) }
        if let fetch, !fetch.tried.isEmpty || fetch.tls != nil {
            return Self.status(of: fetch, policy, certificateProblem)
        }
        switch addresses {
        case .noSuchName: return .unusable(.host("\(host) does not exist (NXDOMAIN)"))
        case .noData: return .unusable(.host("\(host) has neither an A nor an AAAA record"))
        case .couldNotTell(let why): return .couldNotTell(Failure(why, asking: Question(host, .a)))
        case .records: break
        }
        guard let fetch else {
            return .couldNotTell(Failure(.notStated, "the policy file was not fetched"))
        }
        return Self.status(of: fetch, policy, certificateProblem)
    }

    private static func status(
        of fetch: PolicyObservation, _ policy: MTASTSPolicy?, _ certificateProblem: String?
    ) -> Status {
        // What the certificate shows was seen, whatever came after.
        if let certificateProblem { return .unusable(.certificate(certificateProblem)) }
        if let failure = fetch.failure {
            switch failure.cause {
            case .connectRefused: return .unusable(.host("\(fetch.host) refuses connections to port 443"))
            case .tlsHandshake where fetch.tls != nil:
                return .unusable(.answer("TLS came about, a whole answer did not: \(failure.detail)"))
            case .tlsHandshake: return .unusable(.certificate("TLS does not come about: \(failure.detail)"))
            case .protocolViolation: return .unusable(.answer("the answer is not HTTP: \(failure.detail)"))
            default: return .couldNotTell(failure)
            }
        }
        guard let tls = fetch.tls, let code = fetch.status else {
            return .couldNotTell(Failure(.notStated, "the policy file was not fetched"))
        }
        if code != 200 {
            let where_ = fetch.location.map { " to \(quoted($0))" } ?? ""
            return .unusable(
                .answer(
                    (300..<400).contains(code)
                        ? "the server redirects\(where_) (\(code)), which senders do not follow"
                        : "the server answers \(code) instead of 200"))
        }
        guard let policy else { return .couldNotTell(Failure(.internal, "the policy was not read")) }
        if fetch.isCut { return .unusable(.file("the file is longer than 64 KiB")) }
        if let problem = policy.problems.first(where: \.isError) {
            return .unusable(.file("\(problem.message) (line \(problem.line ?? 1), column \(problem.column))"))
        }
        // Without roots to compare with nothing is known of the certificate.
        if tls.trusted == nil {
            return .couldNotTell(
                Failure(
                    .notStated, during: .tls,
                    "whether the certificate of \(fetch.host) is trusted: \(tls.trustProblem ?? "it could not be judged")"
                ))
        }
        return .usable
    }

    /// Why a sender that verifies turns a certificate down; nil where it does not, or where that is not known.
    static func problem(of tls: TLSFacts, at now: Timestamp) -> String? {
        guard let leaf = tls.chain.first else { return "the server sends no certificate" }
        if leaf.notAfter < now { return "the certificate expired at \(leaf.notAfter)" }
        if now < leaf.notBefore { return "the certificate is valid from \(leaf.notBefore) on" }
        if tls.trusted == false { return tls.trustProblem ?? "the certificate leads to no trusted root" }
        if tls.nameMatches == false {
            let names = leaf.names.isEmpty ? "no name at all" : "another name (\(list(leaf.names, limit: 3)))"
            return "the certificate is for \(names)"
        }
        return nil
    }
}

/// All addresses of a host; "could not tell" only where neither family has one.
func hostAddresses(_ host: DomainName, asking dns: inout Knowledge) -> Told<[IPAddress]> {
    var found: [IPAddress] = []
    var failure: Unanswered?
    var exists = false
    for type in [RecordType.a, .aaaa] {
        switch dns.outcome(host, type) {
        case .failure(let why): failure = failure ?? why
        case .success(let answer):
            if answer.kind != .noSuchName { exists = true }
            for record in answer.records.prefix(16) {
                switch record.data {
                case .a(let address): found.append(.v4(address))
                case .aaaa(let address): found.append(.v6(address))
                default: break
                }
            }
        }
    }
    if !found.isEmpty { return .records(found) }
    if let failure { return .couldNotTell(failure) }
    return exists ? .noData : .noSuchName
}
