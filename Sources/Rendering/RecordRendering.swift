package import Judgement
package import Mail

/// What is to be said of the text of one record, for `record check`.
package enum RecordRendering {
    /// The problems of one record.
    package static func json(_ kind: RecordKind, _ problems: [RecordProblem]) -> JSON {
        [
            "kind": .string(kind.rawValue), "valid": .bool(!problems.contains(where: \.isError)),
            "problems": .array(
                problems.map { problem in
                    [
                        "column": .integer(problem.column), "message": .string(problem.message),
                        "severity": .string(problem.severity.rawValue), "code": .string(problem.code.rawValue),
                    ]
                }),
        ]
    }

    /// Each problem with the part of the record it is about, and a caret at its column.
    package static func text(
        _ kind: RecordKind, _ record: String, _ problems: [RecordProblem], _ look: Look
    ) -> String {
        if problems.isEmpty { return "valid: nothing to be said of it\n" }
        let word = problems.contains(where: \.isError) ? "not valid" : "valid"
        var text = "\(word)\n"
        for problem in problems {
            text += "\n\(problem.severity.rawValue), column \(problem.column): \(Escaping.visible(problem.message))\n"
            // The columns of a file count within a line, which the message names.
            if !kind.isFile { text += excerpt(record, at: problem.column, width: max(20, look.width - 4)) }
        }
        return text
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
