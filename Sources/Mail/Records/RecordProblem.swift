/// Something wrong, or worth a word, in a record that a person wrote, with the place to point at.
package struct RecordProblem: Hashable, Sendable, Codable {
    /// How much it matters.
    package enum Severity: String, Hashable, Sendable, Codable, CaseIterable {
        /// The record, or this part of it, does not work.
        case error
        /// It works, but not as its author will have meant.
        case warning
        /// Of no effect, or old.
        case notice
    }

    /// What kind of thing it is, for those who decide by it.
    package enum Code: String, Hashable, Sendable, Codable, CaseIterable {
        case badSyntax = "bad-syntax"
        case notASCII = "not-ascii"
        case badVersion = "bad-version"
        case unknownMechanism = "unknown-mechanism"
        case badAddress = "bad-address"
        case badPrefix = "bad-prefix"
        case badDomain = "bad-domain"
        case badMacro = "bad-macro"
        case duplicate
        case missing
        case badOrder = "bad-order"
        case unknownTag = "unknown-tag"
        case removedTag = "removed-tag"
        case badValue = "bad-value"
        case badURI = "bad-uri"
        case badKey = "bad-key"
        case weakHash = "weak-hash"
        case noEffect = "no-effect"
        /// More than a limit of the standard allows.
        case tooMany = "too-many"
        case cut
    }

    /// Where, in characters of the record's text, from 1. One past the end where something is missing there.
    package var column: Int
    /// In a file of lines: which, from 1; the column counts within it then.
    package var line: Int?
    package var code: Code
    /// One sentence; what it quotes of the record is free of control characters.
    package var message: String
    package var severity: Severity

    package init(column: Int, line: Int? = nil, _ code: Code, _ message: String, severity: Severity = .error) {
        self.column = column
        self.line = line
        self.code = code
        self.message = message
        self.severity = severity
    }

    package var isError: Bool { severity == .error }
}
