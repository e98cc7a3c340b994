package import Judgement

/// The shape of a JSON value, as far as our own output needs it; ``SchemaDocument`` writes it as JSON Schema (draft
/// 2020-12) and holds values against it.
///
/// Each writer of JSON has its shape beside it, in a file `…+Schema.swift`. Whoever writes a new key adds a line there:
/// objects are closed, so that a key nobody described, or one that is misspelt, fails the tests.
package indirect enum Schema: Sendable {
    case string, integer, number, bool
    /// `2026-11-22T12:00:00Z`
    case time
    /// A check's identifier: `spf.lookup-limit`.
    case check
    /// One of these words.
    case word([String])
    case array(Schema)
    /// These keys and no others.
    case object([Key])
    /// Keys that are values themselves, such as names of suites.
    case map(Schema)
    /// The value or null.
    case orNull(Schema)
    /// A shape of the document's definitions.
    case named(String)
    /// What differs from check to check.
    case anything

    /// A key of an object.
    package struct Key: Sendable {
        package var name: String
        package var schema: Schema
        package var isRequired: Bool
        /// What it says, in a few words; empty where the name says it.
        package var text: String

        /// A key that is always there.
        package static func always(_ name: String, _ schema: Schema, _ text: String = "") -> Key {
            Key(name: name, schema: schema, isRequired: true, text: text)
        }

        /// A key that is left out where there is nothing to say.
        package static func maybe(_ name: String, _ schema: Schema, _ text: String = "") -> Key {
            Key(name: name, schema: schema, isRequired: false, text: text)
        }
    }

    /// All words of a closed list.
    package static func word<Word: CaseIterable & RawRepresentable>(of type: Word.Type) -> Schema
    where Word.RawValue == String { .word(type.allCases.map(\.rawValue)) }

    package static let strings = Schema.array(.string)
    package static let stringOrNull = Schema.orNull(.string)
    package static let integerOrNull = Schema.orNull(.integer)
    package static let numberOrNull = Schema.orNull(.number)
    package static let boolOrNull = Schema.orNull(.bool)
    package static let timeOrNull = Schema.orNull(.time)

    /// The shape in the words of JSON Schema.
    var json: [JSON.Member] {
        switch self {
        case .string: [.init("type", "string")]
        case .integer: [.init("type", "integer")]
        case .number: [.init("type", "number")]
        case .bool: [.init("type", "boolean")]
        case .time: [.init("type", "string"), .init("format", "date-time"), .init("pattern", .string(Self.timeForm))]
        case .check: [.init("type", "string"), .init("pattern", .string(Self.checkForm))]
        case .word(let words): [.init("type", "string"), .init("enum", .array(words.map { .string($0) }))]
        case .array(let element): [.init("type", "array"), .init("items", .object(element.json))]
        case .map(let value): [.init("type", "object"), .init("additionalProperties", .object(value.json))]
        case .orNull(let schema): schema.jsonOrNull
        case .named(let name): [.init("$ref", .string("#/$defs/\(name)"))]
        case .anything: []
        case .object(let keys):
            [
                .init("type", "object"),
                .init("properties", .object(keys.map { .init($0.name, .object($0.json)) })),
                .init("required", .array(keys.filter(\.isRequired).map { .string($0.name) })),
                .init("additionalProperties", false),
            ]
        }
    }

    /// Years of one to six digits, as ``Timestamp`` writes them.
    static let timeForm = "^-?[0-9]{4,6}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z$"

    static let checkForm = "^[a-z]([a-z0-9-]*[a-z0-9])?\\.[a-z]([a-z0-9-]*[a-z0-9])?$"

    /// A type beside `null` where that can be said so, otherwise a choice of two shapes.
    private var jsonOrNull: [JSON.Member] {
        var members = json
        guard case .string(let type)? = members.first?.value, members.first?.key == "type" else {
            return [.init("anyOf", .array([.object(json), ["type": "null"]]))]
        }
        members[0].value = .array([.string(type), "null"])
        if let index = members.firstIndex(where: { $0.key == "enum" }), case .array(let words) = members[index].value {
            members[index].value = .array(words + [.null])
        }
        return members
    }
}

extension Schema.Key {
    fileprivate var json: [JSON.Member] {
        (text.isEmpty ? [] : [.init("description", .string(text))]) + schema.json
    }
}

/// A whole schema: what `mailsonde schema NAME` prints.
package struct SchemaDocument: Sendable {
    package var title: String
    package var text: String
    package var root: Schema
    package var definitions: [(name: String, schema: Schema)]

    package init(
        title: String, text: String, root: Schema, definitions: [(name: String, schema: Schema)] = []
    ) {
        self.title = title
        self.text = text
        self.root = root
        self.definitions = definitions
    }

    /// The document as JSON Schema (draft 2020-12), complete in itself.
    package var json: JSON {
        var members: [JSON.Member] = [
            .init("$schema", "https://json-schema.org/draft/2020-12/schema"),
            .init("title", .string(title)), .init("description", .string(text)),
        ]
        members += root.json
        if !definitions.isEmpty {
            members.append(.init("$defs", .object(definitions.map { .init($0.name, .object($0.schema.json)) })))
        }
        return .object(members)
    }

    /// The schemas that are published, by the word that names them on the command line.
    package static let all: [(name: String, document: SchemaDocument)] = [
        ("report", .report), ("scan", .scan), ("message", .message), ("roundtrip", .roundTrip), ("diff", .difference),
        ("fix", .fix),
    ]
}
