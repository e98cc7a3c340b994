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
    static func write<Sink: JSONSink>(_ node: SPFAnalysis.Node, depth: Int = 0, into sink: inout Sink) {
        let (status, record) = told(node)
        sink.object { sink in
            sink.key("domain")
            sink.name(node.domain)
            sink.member("status", status)
            sink.key("record")
            sink.optional(record.map { bounded($0, 4_000) })
            sink.key("lookups")
            sink.integer(node.lookups)
            sink.key("terms")
            sink.array { sink in
                for index in 0..<min(node.costs.count, depth >= maximumDepth ? 0 : maximumTerms) {
                    sink.object { write(node.costs[index], of: node, depth: depth, into: &$0) }
                }
            }
        }
    }

    private static func write<Sink: JSONSink>(
        _ cost: SPFAnalysis.TermCost, of node: SPFAnalysis.Node, depth: Int, into sink: inout Sink
    ) {
        sink.member("term", bounded(cost.term.text, 500))
        sink.key("lookups")
        sink.integer(cost.lookups)
        guard let child = cost.child else { return }
        sink.key("record")
        let drawn = node.children[child]
        // How deep it stands decides how much of it is told.
        if depth == 0 {
            sink.shared(drawn.rendition) { write(drawn, depth: 1, into: &$0) }
        } else {
            write(drawn, depth: depth + 1, into: &sink)
        }
    }

    /// At most so many characters; nearly always fewer octets than that.
    private static func bounded(_ text: String, _ limit: Int) -> String {
        text.utf8.count <= limit ? text : String(text.prefix(limit))
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
        guard isVerbose || spf.lookups >= 8 || !spf.loops.isEmpty || spf.hasFailingTargets else {
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
