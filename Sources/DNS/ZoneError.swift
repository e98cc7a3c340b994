/// Where zone text is wrong, what is wrong, and what would be right.
package struct ZoneError: Error, Hashable, Sendable {
    /// From 1.
    package var line: Int
    /// From 1, in characters of Unicode.
    package var column: Int
    /// `the preference “ten” is no number from 0 to 65535`
    package var problem: String
    /// `write: 10 mail.example.org.`; may be empty.
    package var remedy: String
    /// The line as it stands, for a caret below it.
    package var text: String

    package init(line: Int, column: Int, problem: String, remedy: String, text: String) {
        self.line = line
        self.column = column
        self.problem = problem
        self.remedy = remedy
        self.text = text
    }
}

extension ZoneError: CustomStringConvertible {
    package var description: String {
        "line \(line), column \(column): \(problem)" + (remedy.isEmpty ? "" : "; \(remedy)")
    }

    /// The line and a caret below the column.
    package var excerpt: String {
        text + "\n" + String(repeating: " ", count: max(0, column - 1)) + "^"
    }
}
