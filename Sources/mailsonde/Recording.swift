import DNS
import FoundationEssentials
import Judgement
import Mail

/// Everything that an audit saw: what `audit --record` keeps and `audit --replay` judges again. The judge is a function
/// of observations, target and moment, so that these are the whole of it; a kind of observation that is added later is
/// kept as well.
///
/// As text it is JSON Lines: a head that says what this is; for each target a line with what was examined, a line for
/// each thing seen, and a line that counts them; at last a line that ends the recording. There are no secrets in it:
/// an audit logs in nowhere.
///
/// Left out: roots of trust (what a chain led to was told when it was seen), and whatever says how to write a report.
struct Recording: Sendable {
    /// The value of `schema` in the head.
    static let schema = "mailsonde.recording/1"

    /// One target and what was seen of it.
    struct Examination: Sendable {
        var target: Target
        /// The moment to judge as of.
        var at: Timestamp
        /// How long observing took, in seconds.
        var seconds: Double
        var observations: [Observation]
    }

    var examinations: [Examination]

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
    var text: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            func line(_ value: some Encodable) throws -> String {
                String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
            }
            var text = try line(
                Head(schema: Self.schema, program: "mailsonde \(Version.number)", targets: examinations.count))
            for examination in examinations {
                text += try line(
                    Beginning(
                        target: examination.target, at: examination.at, moment: examination.at.description,
                        seconds: examination.seconds))
                for observation in examination.observations { text += try line(observation) }
                text += try line(Count(seen: examination.observations.count))
            }
            return text + (try line(End(end: Self.schema)))
        }
    }
}
