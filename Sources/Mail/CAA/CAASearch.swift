package import DNS

/// Which authorities a domain's owner lets issue certificates for a name (RFC 8659), found by climbing from the name
/// to the top.
///
/// It binds those who issue, at the moment they do; nobody who sends mail looks at it.
package struct CAASearch: Hashable, Sendable {
    package enum Status: Hashable, Sendable {
        /// The records of the nearest name that has some (RFC 8659 §3).
        case found([CAA], at: DomainName)
        /// None at the name or anywhere above: any authority may issue.
        case none
        case couldNotTell(Question, Unanswered)
    }

    package var name: DomainName
    package var status: Status

    /// More records of one name are left out.
    package static let maximumRecords = 100
    /// Names above that are asked; deeper ones have no hosts.
    package static let maximumSteps = 12

    /// RFC 8659 §3; what is not known yet becomes wanted. All names are asked at once, because most have none.
    package static func climb(from name: DomainName, asking dns: inout Knowledge) -> CAASearch {
        var search = CAASearch(name: name, status: .none)
        var next: DomainName? = name
        var isSettled = false
        var steps = 0
        while let here = next, !here.isRoot, steps < maximumSteps {
            steps += 1
            next = here.parent
            let question = Question(here, .caa)
            let outcome = dns.outcome(question)
            if isSettled { continue }
            switch outcome {
            // Registries publish none for their top-level domains. A resolver that knows only some zones refuses to say.
            case .failure(let why) where here.parent?.isRoot == true && steps > 1 && why.reason != .notAsked:
                isSettled = true
            case .failure(let why):
                search.status = .couldNotTell(question, why)
                isSettled = true
            case .success(let answer):
                let records = answer.records.prefix(maximumRecords).compactMap { record -> CAA? in
                    if case .caa(let caa) = record.data { caa } else { nil }
                }
                if !records.isEmpty {
                    search.status = .found(records, at: here)
                    isSettled = true
                }
            }
        }
        return search
    }
}

/// What a set of CAA records says (RFC 8659 §4, RFC 9495).
package struct CAAPolicy: Hashable, Sendable {
    /// Domains of authorities named by `issue`; nil where no such property is there, so that all may.
    package var issue: [DomainName]?
    /// The same of `issuewild`, for wildcards; nil where `issue` counts.
    package var issueWildcard: [DomainName]?
    /// The same of `issuemail` (RFC 9495), for S/MIME; nil where all may.
    package var issueMail: [DomainName]?
    /// Where authorities report (`iodef`).
    package var reports: [String] = []
    /// What is wrong, in words.
    package var problems: [String] = []
    /// A critical property that no authority knows, by its tag: nobody may issue (RFC 8659 §4.1).
    package var unknownCritical: [String] = []

    package init(_ records: [CAA]) {
        for record in records {
            switch record.tag.lowercased() {
            case "issue": add(record, to: \.issue)
            case "issuewild": add(record, to: \.issueWildcard)
            case "issuemail": add(record, to: \.issueMail)
            case "iodef":
                let text = record.value.prefix(500).text
                reports.append(text)
                if !["mailto:", "http:", "https:"].contains(where: text.lowercased().hasPrefix) {
                    problems.append("“iodef” takes a mailto: or https: URI, not \(quoted(record.value))")
                }
            case "contactemail", "contactphone", "issuevmc": break  // CA/B Forum, BIMI
            default:
                // RFC 8659 §4.1: bit 0 of the flags.
                if record.flags & 0x80 != 0 { unknownCritical.append(String(record.tag.prefix(40))) }
            }
        }
    }

    ///     issue-value = *WSP [issuer-domain-name *WSP] [";" *WSP [parameters *WSP]]
    private mutating func add(_ record: CAA, to list: WritableKeyPath<CAAPolicy, [DomainName]?>) {
        if self[keyPath: list] == nil { self[keyPath: list] = [] }
        let name = record.value.prefix { $0 != UInt8(ascii: ";") }.trimmed()
        if name.isEmpty { return }  // nobody
        if let domain = try? DomainName(hostName: name.text) {
            self[keyPath: list]?.append(domain)
        } else {
            // RFC 8659 §4.2: what is not well-formed lets nobody issue.
            problems.append("“\(record.tag)” does not name an authority's domain: \(quoted(record.value))")
        }
    }

    /// Whether the authority of one of `domains` may issue a certificate of `kind`.
    package func allows(anyOf domains: [DomainName], isWildcard: Bool) -> Bool {
        if !unknownCritical.isEmpty { return false }
        guard let list = isWildcard ? issueWildcard ?? issue : issue else { return true }
        return list.contains { domains.contains($0) }
    }
}
