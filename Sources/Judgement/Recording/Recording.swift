package import Mail

/// Everything that an audit saw: what `audit --record` keeps and `audit --replay` judges again. The judge is a function
/// of observations, target and moment, so that these are the whole of it; a kind of observation that is added later is
/// kept as well.
///
/// As text it is JSON Lines: a head that says what this is; for each target a line with what was examined, a line for
/// each thing seen, and a line that counts them; at last a line that ends the recording. There are no secrets in it:
/// an audit logs in nowhere.
///
/// Left out: roots of trust (what a chain led to was told when it was seen), and whatever says how to write a report.
package struct Recording: Sendable {
    /// The value of `schema` in the head.
    package static let schema = "mailsonde.recording/1"

    /// One target and what was seen of it.
    package struct Examination: Sendable {
        package var target: Target
        /// The moment to judge as of.
        package var at: Timestamp
        /// How long observing took, in seconds.
        package var seconds: Double
        package var observations: [Observation]

        package init(target: Target, at: Timestamp, seconds: Double, observations: [Observation]) {
            self.target = target
            self.at = at
            self.seconds = seconds
            self.observations = observations
        }

        /// What it is judged to be.
        package var report: Report { judge(observations, of: target, at: at, durationSeconds: seconds) }
    }

    package var examinations: [Examination]

    package init(examinations: [Examination]) { self.examinations = examinations }

    /// The lines of the text; what they hold beside observations.
    struct Head: Codable {
        var schema: String
        /// Who wrote it, for a person.
        var program: String
        var targets: Int
    }
    struct Beginning: Codable {
        var target: Target
        var at: Timestamp
        /// The same moment for a person.
        var moment: String
        var seconds: Double
    }
    struct Count: Codable { var seen: Int }
    struct End: Codable { var end: String }

    /// The recording as text.
    /// - Parameters:
    ///   - program: who writes it, for a person.
    ///   - form: writes a value on one line, without line feed.
    package func text(by program: String, in form: some LineForm) throws -> String {
        var text = ""
        func line(_ value: some Encodable) throws { text += try form.line(value) + "\n" }
        try line(Head(schema: Self.schema, program: program, targets: examinations.count))
        for examination in examinations {
            try line(
                Beginning(
                    target: examination.target, at: examination.at, moment: examination.at.description,
                    seconds: examination.seconds))
            for observation in examination.observations { try line(observation) }
            try line(Count(seen: examination.observations.count))
        }
        try line(End(end: Self.schema))
        return text
    }
}

/// How a value becomes a line of JSON and comes back: by whoever has a coder.
package protocol LineForm: Sendable {
    /// The value on one line, without line feed; the same value gives the same line.
    func line(_ value: some Encodable) throws -> String
    /// Throws a `DecodingError` where the line is another thing.
    func value<Value: Decodable>(_ type: Value.Type, from line: ArraySlice<UInt8>) throws -> Value
}
