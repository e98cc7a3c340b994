import DNS
import Mail

/// The logo and the mark certificate that a BIMI record names, fetched: `checks/bimi`.
enum BIMIPictureRules {
    static let all: [Rule] = [logo, profile, certificate, differs]

    static let logo = on(.logo, "bimi.logo") { seen, _ in
        switch seen.result {
        case .notSeen(let why): return .doesNotApply("the logo was not seen: \(why)")
        case .fetched: return .passes
        case .nothing, .broken:
            return .finds(
                Found(
                    "The logo at \(seen.url) cannot be fetched: \(seen.result.problem).",
                    detail: [.init("url", .string(seen.url))], severity: severity(of: seen)))
        }
    }

    static let profile = on(.logo, "bimi.logo-profile") { seen, _ in
        guard seen.result == .fetched else { return .doesNotApply("the logo was not fetched") }
        let logo = BIMILogo(seen.body, isCut: seen.isCut)
        var notices = logo.notices
        let type = seen.contentType.map { $0.prefix { $0 != ";" }.lowercased() }
        if let type, type != "image/svg+xml" { notices.append("it is served as \(quoted(type)), not image/svg+xml") }
        let problems = logo.errors + notices
        if problems.isEmpty { return .passes }
        return .finds(
            Found(
                "The logo at \(seen.url) does not meet the profile: \(list(problems, limit: 4)).",
                detail: [.init("problems", .strings(problems))], severity: logo.errors.isEmpty ? .notice : nil))
    }

    // draft-fetch-validation-vmc-wchuang §5: dates, purpose, names and chain.
    static let certificate = on(.mark, "bimi.mark-certificate-invalid") { seen, evidence in
        switch seen.result {
        case .notSeen(let why): return .doesNotApply("the mark certificate was not seen: \(why)")
        case .nothing, .broken:
            return .finds(
                Found(
                    "The mark certificate at \(seen.url) cannot be fetched: \(seen.result.problem).",
                    severity: severity(of: seen)))
        case .fetched: break
        }
        guard let mark = seen.mark, let leaf = mark.chain.first else {
            return .finds(
                Found("What stands at \(seen.url) is no certificate: \(seen.mark?.problem ?? "it cannot be read")."))
        }
        var problems: [String] = []
        if leaf.notAfter < evidence.at { problems.append("it expired on \(leaf.notAfter)") }
        if leaf.notBefore > evidence.at { problems.append("it is not valid before \(leaf.notBefore)") }
        if !mark.isForMarks { problems.append("it is not for marks (purpose 1.3.6.1.5.5.7.3.31)") }
        if let domain = evidence.domain,
            !names(of: domain).contains(where: { name in
                leaf.names.contains { $0.lowercased() == name }
            })
        {
            problems.append(
                "it is for \(leaf.names.isEmpty ? "no domain" : list(leaf.names)), not for \(domain.domain)")
        }
        if mark.isSigned == false { problems.append("the certificates behind it have not signed it") }
        if mark.chain.count == 1, leaf.issuer != leaf.subject {
            problems.append("its issuer’s certificate is not in the file")
        }
        if leaf.issuer == leaf.subject { problems.append("it is signed by itself") }
        if problems.isEmpty { return .passes }
        return .finds(
            Found(
                "The mark certificate at \(seen.url) does not hold: \(list(problems)).",
                detail: [.init("problems", .strings(problems)), .init("names", .strings(leaf.names))]))
    }

    /// Names that a mark certificate may have for the domain: its own, its organization's, and that of the record.
    private static func names(of domain: DomainEvidence) -> Set<String> {
        var names: Set<String> = [domain.domain.description.lowercased(), domain.bimi.name.description.lowercased()]
        if let organization = domain.dmarc.organizationalDomain {
            names.insert(organization.description.lowercased())
            names.insert("default._bimi.\(organization)".lowercased())
        }
        return names
    }

    static let differs = on(.mark, "bimi.logo-differs") { seen, evidence in
        guard let mark = seen.mark, let logo = evidence.web.first(where: { $0.purpose == .logo }),
            logo.result == .fetched, !logo.isCut
        else { return .doesNotApply("there are no two pictures to compare") }
        guard mark.picture != nil || !mark.hashes.isEmpty else {
            return .doesNotApply("the picture in the mark certificate cannot be read")
        }
        if mark.picture.map(lines) == lines(logo.body) || !Set(mark.hashes).isDisjoint(with: mark.logoHashes) {
            return .passes
        }
        // Told by its hash alone, and of what the hash is, compressed or not, is not certain.
        if mark.picture == nil { return .doesNotApply("the mark certificate has no picture, only its hash") }
        return .finds(
            Found(
                "The picture in the mark certificate is not the one at \(logo.url): \(mark.picture?.count ?? 0) octets "
                    + "there, \(logo.body.count) here.",
                detail: [
                    .init("certificate_octets", .integer(mark.picture?.count ?? 0)),
                    .init("logo_octets", .integer(logo.body.count)),
                ]))
    }

    /// A name without an address may have one elsewhere, where the DNS that was asked is one of a closed network.
    private static func severity(of seen: WebObservation) -> Severity? { seen.hasNoAddress ? .notice : nil }

    /// Without what line ends and blanks at the end make of the same picture.
    private static func lines(_ picture: [UInt8]) -> [UInt8] {
        var octets = picture.filter { $0 != 13 }[...]
        while let last = octets.last, last <= 32 { octets.removeLast() }
        return Array(octets)
    }

    private static func on(
        _ purpose: WebObservation.Purpose, _ identifier: String,
        _ verdict: @escaping @Sendable (WebObservation, Evidence) -> Verdict
    ) -> Rule {
        Rule.ofDomain(identifier) { domain, evidence in
            guard let seen = evidence.web.first(where: { $0.purpose == purpose }) else {
                return [
                    Rule.inapplicable(
                        purpose == .logo ? "no logo was fetched" : "no mark certificate was fetched", evidence)
                ]
            }
            return [Ruling(.domain(domain.domain), verdict(seen, evidence))]
        }
    }
}
