internal import Mail

/// Why a text is no recording: the line, and what would be right. What it quotes is not escaped yet.
package struct RecordingError: Error, Equatable, CustomStringConvertible {
    /// From 1.
    package var line: Int
    package var problem: String

    package var description: String { "line \(line): \(problem)" }
}

extension Recording {
    /// Octets of a recording that are read at most, and of one of its lines.
    package static let maximumLength = 256 << 20
    static let maximumLine = 8 << 20
    /// Targets in one recording at most.
    static let maximumTargets = 10_000
    /// No number in a recording is farther from 0: moments, sizes and counts stay where arithmetic holds.
    static let largestNumber = 1e15

    /// Reads the text of a recording. Cut, broken and foreign texts are refused as a whole.
    package init(reading octets: [UInt8], in form: some LineForm) throws(RecordingError) {
        var lines = Lines(octets, form)
        let head = try lines.next(Head.self, "a recording begins with {\"schema\":\"\(Self.schema)\",…}")
        guard head.schema == Self.schema else {
            throw lines.error("its schema is “\(head.schema.prefix(60))”; \(Self.schema) is read")
        }
        guard (0...Self.maximumTargets).contains(head.targets) else {
            throw lines.error("targets: write a number from 0 to \(Self.maximumTargets)")
        }
        examinations = []
        for _ in 0..<head.targets { examinations.append(try Self.examination(&lines)) }
        let end = try lines.next(End.self, "a recording ends with {\"end\":\"\(Self.schema)\"}")
        guard end.end == Self.schema else { throw lines.error("the end is that of another recording") }
        guard lines.isAtEnd else { throw lines.error("there is text behind the end of the recording") }
    }

    private static func examination(_ lines: inout Lines<some LineForm>) throws(RecordingError) -> Examination {
        let beginning = try lines.next(
            Beginning.self, "a target with at, moment and seconds is expected, as {\"target\":{…},\"at\":…}")
        guard abs(beginning.at.secondsSince1970) < 253_402_300_800, (0...1e9).contains(beginning.seconds) else {
            throw lines.error("at is in seconds since 1970 before the year 10000, and seconds is not negative")
        }
        var observations: [Observation] = []
        while true {
            if let count = lines.peek(Count.self) {
                guard count.seen == observations.count else {
                    throw lines.error(
                        "\(count.seen) things were seen, and \(observations.count) are here: the recording was cut or changed"
                    )
                }
                return Examination(
                    target: beginning.target, at: beginning.at, seconds: beginning.seconds, observations: observations)
            }
            observations.append(
                try lines.next(Observation.self, "something seen is expected: lookup, port or policy"))
        }
    }

    /// The lines of a text, one value each.
    private struct Lines<Form: LineForm> {
        private let octets: [UInt8]
        private var position = 0
        /// The number of the line that was read last; from 1.
        private(set) var number = 0
        private let form: Form

        init(_ octets: [UInt8], _ form: Form) {
            self.octets = octets
            self.form = form
        }

        var isAtEnd: Bool { position >= octets.count }

        func error(_ problem: String) -> RecordingError { RecordingError(line: number, problem: problem) }

        private var upcoming: ArraySlice<UInt8> {
            octets[position..<(octets[position...].firstIndex(of: UInt8(ascii: "\n")) ?? octets.endIndex)]
        }

        /// The next line, if it is such a value: then it is read.
        mutating func peek<Value: Decodable>(_ type: Value.Type) -> Value? {
            // All that is peeked for is short: most lines need not be read twice.
            let line = upcoming
            guard line.count <= 64, let value = try? form.value(type, from: line) else { return nil }
            advance(past: line)
            return value
        }

        private mutating func advance(past line: ArraySlice<UInt8>) {
            // The last line may have no line feed.
            position = min(line.endIndex + 1, octets.count)
            number += 1
        }

        mutating func next<Value: Decodable>(_ type: Value.Type, _ right: String) throws(RecordingError) -> Value {
            if isAtEnd {
                number += 1
                throw error("the recording ends too early; \(right)")
            }
            let line = upcoming
            advance(past: line)
            guard line.count <= Recording.maximumLine else {
                throw error("it is longer than \(Recording.maximumLine) octets")
            }
            let bare = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            let json: JSON
            do throws(JSONReadingError) {
                json = try JSON(reading: Array(bare))
            } catch {
                throw self.error("this is no JSON (column \(error.column): \(error.problem)); \(right)")
            }
            guard json.isModest else {
                throw error("a number here is beyond \(Int(Recording.largestNumber)), which nothing that is seen is")
            }
            do {
                return try form.value(type, from: bare)
            } catch let problem as DecodingError {
                throw error("\(Self.words(of: problem)); \(right)")
            } catch {
                throw self.error(right)
            }
        }

        /// Where in the value, and what is missing there.
        private static func words(of error: DecodingError) -> String {
            func place(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
                let path = (context.codingPath + (last.map { [$0] } ?? []))
                    .map { $0.intValue.map(String.init) ?? $0.stringValue }.filter { $0 != "_0" }
                return path.isEmpty ? "the line" : String(path.joined(separator: ".").prefix(120))
            }
            switch error {
            case .keyNotFound(let key, let context): return "\(place(context, key)) is missing"
            case .valueNotFound(_, let context): return "\(place(context)) has no value"
            case .typeMismatch(_, let context): return "\(place(context)) is of another kind than expected"
            case .dataCorrupted(let context):
                return "\(place(context)): \(context.debugDescription.prefix(200))"
            @unknown default: return "it cannot be read"
            }
        }
    }
}

extension JSON {
    /// Whether every number in it is one that can be calculated with.
    fileprivate var isModest: Bool {
        switch self {
        case .null, .bool, .string: true
        case .integer(let value): abs(Double(value)) <= Recording.largestNumber
        case .number(let value): value.isFinite && abs(value) <= Recording.largestNumber
        case .array(let elements): elements.allSatisfy(\.isModest)
        case .object(let members): members.allSatisfy(\.value.isModest)
        }
    }
}
