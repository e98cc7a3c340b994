import DNS
import Judgement
import Mail

/// The tree of SPF records that draw each other in, and what each term costs of the ten lookups.
enum SPFTree {
    /// So many terms of a record, and records within each other, are told.
    private static let maximumTerms = 100
    private static let maximumDepth = 12
    /// Lines for a person.
    private static let maximumRows = 30

    /// For a program: each record with its terms, and under each the record it draws in.
    static func json(_ node: SPFAnalysis.Node, depth: Int = 0) -> JSON {
        let (status, record) = told(node)
        return [
            "domain": .string(node.domain.description), "status": .string(status),
            "record": record.map { .string(String($0.prefix(4_000))) } ?? .null, "lookups": .integer(node.lookups),
            "terms": depth >= maximumDepth
                ? .array([])
                : .array(
                    node.costs.prefix(maximumTerms).map { cost in
                        var members: [JSON.Member] = [
                            .init("term", .string(String(cost.term.text.prefix(500)))),
                            .init("lookups", .integer(cost.lookups)),
                        ]
                        if let child = cost.child {
                            members.append(.init("record", json(node.children[child], depth: depth + 1)))
                        }
                        return .object(members)
                    }),
        ]
    }

    private static func told(_ node: SPFAnalysis.Node) -> (String, String?) {
        if node.isLoop { return ("loop", nil) }
        return switch node.status {
        case .found(let record): (record.isValid ? "found" : "invalid", record.text)
        case .none: ("none", nil)
        case .noSuchName: ("no_such_name", nil)
        case .multiple: ("multiple", nil)
        case .couldNotTell: ("could_not_tell", nil)
        }
    }

    /// For a person, one line a term that costs something: where the limit is near or passed, or all is to be shown.
    static func rows(of spf: SPFAnalysis, isVerbose: Bool) -> [Span] {
        guard isVerbose || spf.lookups >= 8 || !spf.loops.isEmpty || !spf.targetsWithoutRecord.isEmpty else {
            return []
        }
        var rows: [Span] = []
        add(spf.root, 0, &rows)
        if rows.count > maximumRows {
            let more = rows.count - maximumRows
            rows = Array(rows.prefix(maximumRows)) + [Span("and \(more) more terms that cost a lookup", .faint)]
        }
        return rows
    }

    private static func add(_ node: SPFAnalysis.Node, _ depth: Int, _ rows: inout [Span]) {
        guard depth < maximumDepth, rows.count < 1_000 else { return }
        for cost in node.costs where cost.lookups > 0 {
            let child = cost.child.map { node.children[$0] }
            let number = String(cost.lookups)
            let lead = String(repeating: " ", count: max(0, 3 - number.count)) + number
            rows.append(
                Span(
                    lead + String(repeating: "  ", count: depth + 1) + Escaping.visible(cost.term.text, limit: 120)
                        + (child.flatMap(trouble) ?? ""),
                    child.flatMap(trouble) == nil ? .faint : .bad))
            if let child { add(child, depth + 1, &rows) }
        }
    }

    /// What is wrong with a record that is drawn in.
    private static func trouble(_ node: SPFAnalysis.Node) -> String? {
        switch told(node).0 {
        case "loop": ", a circle"
        case "invalid": ", cannot be read"
        case "none", "no_such_name": ", no record there"
        case "multiple": ", several records there"
        case "could_not_tell": ", could not be told"
        default: nil
        }
    }
}
