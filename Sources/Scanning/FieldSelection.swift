package import Judgement

/// Which fields of a report a line holds: paths such as `domain`, `evidence.spf.record`, `findings.check`. What is
/// selected keeps its place, so that a program finds it as in the whole report; in an array it is selected of each
/// element.
package struct FieldSelection: Hashable, Sendable {
    /// A path that leads nowhere.
    package struct Problem: Error, Hashable, Sendable {
        package var path: String
        /// What could have been meant at that place.
        package var known: [String]
    }

    /// The names under which anything is selected; `isWhole` where all below is.
    private struct Node: Hashable, Sendable {
        var children: [String: Node] = [:]
        var isWhole = false
    }

    private var root = Node()

    /// All but what only an audit of ports could fill.
    package static let findingsOnly = FieldSelection(
        known: ["schema", "domain", "at", "verdict", "error", "findings", "unknown"])

    private init(known paths: [String]) {
        for path in paths { add(path.split(separator: ".").map(String.init)) }
    }

    /// Reads paths that are separated by commas.
    package init(_ text: String) throws(Problem) {
        for path in text.split(separator: ",", omittingEmptySubsequences: false) {
            let steps = path.split(separator: ".", omittingEmptySubsequences: false)
                .map { String($0.drop { $0 == " " }) }
            try Self.check(steps)
            add(steps)
        }
    }

    private mutating func add(_ steps: [String]) { Self.add(steps[...], to: &root) }

    private static func add(_ steps: ArraySlice<String>, to node: inout Node) {
        guard let first = steps.first else {
            node.isWhole = true
            return
        }
        add(steps.dropFirst(), to: &node.children[first, default: Node()])
    }

    /// Whether lines will hold the domain, by which a later run finds what is done.
    package var holdsDomain: Bool { root.children["domain"] != nil }

    /// Whether anything of the evidence is wanted.
    package var holdsEvidence: Bool { root.children["evidence"] != nil }

    /// What is selected of `report`.
    package func applied(to report: JSON) -> JSON { Self.select(root, of: report) ?? .object([]) }

    private static func select(_ node: Node, of value: JSON) -> JSON? {
        if node.isWhole { return value }
        switch value {
        case .object(let members):
            return .object(
                members.compactMap { member in
                    guard let child = node.children[member.key] else { return nil }
                    return select(child, of: member.value).map { .init(member.key, $0) }
                })
        case .array(let elements): return .array(elements.compactMap { select(node, of: $0) })
        default: return nil
        }
    }

    // MARK: What there is

    private static func check(_ steps: [String]) throws(Problem) {
        var known: [String: Fields] = fields
        for (index, step) in steps.enumerated() {
            guard let next = known[step] else {
                throw Problem(path: steps[...index].joined(separator: "."), known: known.keys.sorted())
            }
            switch next {
            case .anything: return
            case .value: known = [:]
            case .group(let inner): known = inner
            }
        }
    }

    private indirect enum Fields: Sendable {
        case value
        case anything
        case group([String: Fields])

        static func values(_ names: String) -> Fields {
            .group(Dictionary(names.split(separator: " ").map { (String($0), .value) }) { first, _ in first })
        }
    }

    private static let problems = Fields.values("column message severity")

    /// What stands of a record; `also` names one more, of any shape.
    private static func record(_ names: String, also: String? = nil) -> Fields {
        guard case .group(var group) = Fields.values("status record records valid " + names) else { return .anything }
        group["problems"] = problems
        if let also { group[also] = .anything }
        return .group(group)
    }

    private static let fields: [String: Fields] = [
        "schema": .value, "domain": .value, "at": .value, "duration_seconds": .value, "verdict": .value,
        "error": .value, "passed": .value,
        "findings": .group([
            "check": .value, "severity": .value, "subject": .value, "summary": .value, "detail": .anything,
            "remedy": .value, "reference": .value,
        ]),
        "unknown": .values("check subject cause summary"),
        "not_applicable": .values("check because"),
        "evidence": .group([
            "mx": .values("preference host"),
            "addresses": .values("host address family"),
            "ptr": .values("address status names forward_confirmed"),
            "spf": record("lookups void_lookups complete all", also: "tree"),
            "dkim": record("selector guessed name key_type key_bits revoked testing"),
            "dmarc": record(
                "domain policy policy_tag applied_policy testing adkim aspf rua ruf organizational_domain walk",
                also: "report_destinations"),
            "mta_sts": record("id"),
            "tls_rpt": record("rua"),
            "bimi": record("name location evidence"),
        ]),
    ]
}
