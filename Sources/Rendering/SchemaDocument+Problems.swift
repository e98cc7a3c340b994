package import Judgement

extension SchemaDocument {
    /// Where `value` is not of this shape, each as `PATH: what is wrong`; at most so many.
    package func problems(in value: JSON, atMost limit: Int = 50) -> [String] {
        var check = Check(definitions: Dictionary(definitions.map { ($0.name, $0.schema) }) { first, _ in first })
        check.hold(value, against: root, at: "")
        return Array(check.problems.prefix(limit))
    }

    private struct Check {
        var definitions: [String: Schema]
        var problems: [String] = []

        mutating func complain(_ path: String, _ what: String) {
            problems.append("\(path.isEmpty ? "the value" : path): \(what)")
        }

        mutating func hold(_ value: JSON, against schema: Schema, at path: String) {
            switch (schema, value) {
            case (.anything, _), (.string, .string), (.integer, .integer), (.bool, .bool): break
            case (.number, .number(let number)):
                if !number.isFinite { complain(path, "is no finite number and would be written as null") }
            case (.number, .integer), (.orNull, .null): break
            case (.orNull(let schema), _): hold(value, against: schema, at: path)
            case (.named(let name), _):
                if let schema = definitions[name] {
                    hold(value, against: schema, at: path)
                } else {
                    complain(path, "its shape “\(name)” is not among the schema's definitions")
                }
            case (.time, .string(let text)): if !text.contains(Self.time) { complain(path, "“\(text)” is no time") }
            case (.pattern(let form), .string(let text)):
                if (try? Regex(form).firstMatch(in: text)) == nil {
                    complain(path, "“\(text)” is not of the form \(form)")
                }
            case (.word(let words), .string(let text)):
                if !words.contains(text) { complain(path, "“\(text)” is none of \(words.joined(separator: ", "))") }
            case (.array(let element), .array(let values)):
                for (index, value) in values.enumerated() { hold(value, against: element, at: "\(path)[\(index)]") }
            case (.map(let schema), .object(let members)):
                twice(members, at: path)
                for member in members { hold(member.value, against: schema, at: join(path, member.key)) }
            case (.object(let keys), .object(let members)): hold(members, against: keys, at: path)
            default: complain(path, "is \(Self.kind(value)), and should be \(Self.kind(schema))")
            }
        }

        private mutating func hold(_ members: [JSON.Member], against keys: [Schema.Key], at path: String) {
            twice(members, at: path)
            for member in members {
                if let key = keys.first(where: { $0.name == member.key }) {
                    hold(member.value, against: key.schema, at: join(path, member.key))
                } else {
                    complain(
                        join(path, member.key),
                        "this key is written and not described. Is it misspelt? Otherwise add .always(\"\(member.key)\", …) or"
                            + " .maybe(\"\(member.key)\", …) in the file …+Schema.swift beside its writer in Sources/Rendering"
                    )
                }
            }
            for key in keys where key.isRequired && !members.contains(where: { $0.key == key.name }) {
                complain(join(path, key.name), "this key is missing; where it may be left out, its schema says .maybe")
            }
        }

        private mutating func twice(_ members: [JSON.Member], at path: String) {
            var seen: Set<String> = []
            for member in members where !seen.insert(member.key).inserted {
                complain(join(path, member.key), "this key stands twice")
            }
        }

        private func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

        nonisolated(unsafe) private static let time =
            /^-?[0-9]{4,6}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$/

        private static func kind(_ value: JSON) -> String {
            switch value {
            case .null: "null"
            case .bool: "true or false"
            case .integer: "an integer"
            case .number: "a number"
            case .string: "a string"
            case .array: "an array"
            case .object: "an object"
            }
        }

        private static func kind(_ schema: Schema) -> String {
            switch schema {
            case .string, .pattern, .word: "a string"
            case .time: "a time"
            case .integer: "an integer"
            case .number: "a number"
            case .bool: "true or false"
            case .array: "an array"
            case .object, .map: "an object"
            case .orNull(let schema): "\(kind(schema)) or null"
            case .named(let name): "of the shape \(name)"
            case .anything: "anything"
            }
        }
    }
}
