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
            case (.time, .string(let text)): if !Self.isTime(text) { complain(path, "“\(text)” is no time") }
            case (.check, .string(let text)):
                if !CheckPage.isIdentifier(text) { complain(path, "“\(text)” is no identifier of a check") }
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

        /// As ``Timestamp`` writes it; the document has the form in full.
        private static func isTime(_ text: String) -> Bool {
            let shape = text.utf8.map { (48...57).contains($0) ? UInt8(ascii: "9") : $0 }
            return shape.count >= 20 && shape.last == UInt8(ascii: "Z") && shape.starts(with: "9999".utf8)
                && shape.drop { $0 == UInt8(ascii: "9") }.starts(with: "-99-99T99:99:99".utf8)
        }

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
            case .string, .check, .word: "a string"
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
