internal import Rendering

/// Something wrong in a configuration, with its place.
package struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
    package var file: String
    /// From 1; 0 where the file itself is the problem.
    package var line: Int
    /// From 1, in Unicode scalars; 0 where the file itself is the problem.
    package var column: Int
    /// What is wrong and what would be right; free of control characters and secrets.
    package var message: String

    package init(file: String, line: Int = 0, column: Int = 0, _ message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    /// `monitor.yaml:12:5: unknown key “intervall”, did you mean “interval”?`
    package var description: String {
        let file = printable(file, limit: 400)
        return line == 0 ? "\(file): \(message)" : "\(file):\(line):\(column): \(message)"
    }
}

/// Why there is no configuration: everything that is wrong, in the order of files and lines.
package struct ConfigurationProblems: Error, Hashable, Sendable, CustomStringConvertible {
    package var problems: [ConfigurationProblem]

    package init(_ problems: [ConfigurationProblem]) { self.problems = problems }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// Outside text made safe to show in a message, cut to `limit` characters.
func printable(_ text: String, limit: Int = 80) -> String { Escaping.visible(text, limit: limit) }

/// `“text”`, safe to show.
func quoted(_ text: String) -> String { "“\(printable(text))”" }

/// The word of `words` that was probably meant: at most two slips of the pen away, and less than half of it.
func suggestion(for text: String, among words: [String]) -> String? {
    let typed = Array(text.lowercased().utf8.prefix(64))
    let ranked = words.map { (word: $0, slips: slips(typed, Array($0.utf8))) }
    guard let best = ranked.min(by: { $0.slips < $1.slips }), best.slips <= 2, best.slips * 2 < best.word.utf8.count
    else { return nil }
    return best.word
}

/// Insertions, deletions, substitutions and exchanges of neighbours between two words.
private func slips(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in 0..<a.count {
        var row = [i + 1]
        for j in 0..<b.count {
            var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
            row.append(cost)
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}
