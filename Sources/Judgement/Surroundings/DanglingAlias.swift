package import DNS

/// A CNAME at one of the names that mail looks for, which leads to no such name: the service behind it is gone, and who
/// registers the target speaks in the domain's name.
package struct DanglingAlias: Hashable, Sendable {
    package var name: DomainName
    package var target: DomainName

    /// Names with servers behind them, and names with text; `_dmarc` and selectors have checks of their own.
    private static let names: [(String, RecordType)] = [
        ("mta-sts", .a), ("autoconfig", .a), ("autodiscover", .a), ("_mta-sts", .txt), ("_smtp._tls", .txt),
        ("default._bimi", .txt),
    ]

    /// How many names there are to look at.
    static var count: Int { names.count }

    /// Those found, and the questions that nobody answered.
    static func gather(
        _ domain: DomainName, asking dns: inout Knowledge
    ) -> (found: [DanglingAlias], notTold: [(Question, Unanswered)]) {
        var found: [DanglingAlias] = []
        var notTold: [(Question, Unanswered)] = []
        for (prefix, type) in names {
            guard let name = try? domain.prepending(prefix) else { continue }
            switch dns.outcome(name, type) {
            case .failure(let why): notTold.append((Question(name, type), why))
            case .success(let answer):
                // RFC 2308 §2.1: with an alias in the answer, NXDOMAIN is about the alias's end.
                guard answer.kind == .noSuchName, let target = answer.canonicalName else { continue }
                found.append(DanglingAlias(name: name, target: target))
            }
        }
        return (found, notTold)
    }
}
