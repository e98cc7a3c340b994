package import Judgement
package import Mail

/// What is to be said of the text of one record, for `record check`.
package enum RecordRendering {
    /// The judgement on one record. `record` is left out for a file.
    package static func json(_ kind: RecordKind, _ record: String, _ check: RecordKind.Check) -> JSON {
        var members: [JSON.Member] = [
            .init("kind", .string(kind.rawValue)), .init("valid", .bool(check.isValid)),
            .init("problems", .array(check.problems.map(json))),
        ]
        if !kind.isFile { members.append(.init("record", .string(record))) }
        return .object(members)
    }

    private static func json(_ problem: RecordProblem) -> JSON {
        var members: [JSON.Member] = []
        if let line = problem.line { members.append(.init("line", .integer(line))) }
        members += [
            .init("column", .integer(problem.column)), .init("message", .string(problem.message)),
            .init("severity", .string(problem.severity.rawValue)), .init("code", .string(problem.code.rawValue)),
        ]
        return .object(members)
    }

    /// Each problem with the part of the record it is about, and a caret at its column.
    package static func text(
        _ kind: RecordKind, _ record: String, _ check: RecordKind.Check, _ look: Look
    ) -> String {
        var text = check.isValid ? "valid" : "not valid"
        if check.problems.isEmpty { return text + ": nothing to be said of it\n" }
        if check.isValid, check.problems.contains(where: \.isError) { text += ", but parts of it do not work" }
        text += "\n"
        let lines = kind.isFile ? self.lines(of: record) : [record]
        for problem in check.problems {
            let place = problem.line.map { "line \($0), column \(problem.column)" } ?? "column \(problem.column)"
            text += "\n\(problem.severity.rawValue), \(place): \(Escaping.visible(problem.message))\n"
            let line = problem.line ?? 1
            if lines.indices.contains(line - 1) {
                text += excerpt(lines[line - 1], at: problem.column, width: max(20, look.width - 4))
            }
        }
        return text
    }

    /// By octets: Swift takes CR LF for one character.
    private static func lines(of text: String) -> [String] {
        text.utf8.split(separator: 10, omittingEmptySubsequences: false).map { line in
            String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
        }
    }

    private static func excerpt(_ record: String, at column: Int, width: Int) -> String {
        // One column a character whatever stands there, so that the caret is right.
        let scalars = record.unicodeScalars.map { (32...126).contains($0.value) ? $0 : "·" }
        let start = max(0, min(column - 1 - width / 2, scalars.count - width))
        var shown = ""
        shown.unicodeScalars.append(contentsOf: scalars[start..<min(scalars.count, start + width)])
        return "  \(shown)\n  \(String(repeating: " ", count: max(0, column - 1 - start)))^\n"
    }
}
