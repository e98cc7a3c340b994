import Foundation
import Testing
import Yams

/// Published suites that stand beside the package where someone has put them; tests name what they skip.
enum Suites {
    /// `../shared/suites` from the package's root, found from where this file stands.
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "../shared/suites").standardized

    static func has(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: path).path(percentEncoded: false))
    }

    /// What a JSON file holds.
    static func value(_ path: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(contentsOf: folder.appending(path: path)))
    }

    /// What the documents of a YAML file hold. Scalars are text, whatever they look like; an empty one is null.
    static func documents(_ path: String) throws -> [Value] {
        let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
        let documents = try Yams.compose_all(yaml: withoutDuplicates(text))
        let values = documents.map(Value.init)
        if let error = documents.error { throw error }
        return values
    }

    /// Some cases of the suites bear the same name, which YAML forbids: the second is called “name again”.
    private static func withoutDuplicates(_ text: String) -> String {
        var seen: Set<Substring> = []
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line.hasPrefix("---") { seen = [] }
            guard line.hasPrefix("  "), let colon = line.firstIndex(of: ":"), line.dropFirst(2).first?.isLetter == true,
                !seen.insert(line[..<colon]).inserted
            else { return String(line) }
            return line[..<colon] + " again" + line[colon...]
        }.joined(separator: "\n")
    }

    /// A file's octets.
    static func octets(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: path))) }

    /// `VERBOSE=1 swift test` names each difference.
    static let isVerbose = ProcessInfo.processInfo.environment["VERBOSE"] != nil

    /// `HOSTILE=10 swift test` mutates ten times as much.
    static let hostility = max(1, Int(ProcessInfo.processInfo.environment["HOSTILE"] ?? "") ?? 1)

    static let skipped: Comment = "the published suites are not beside the package, in ../shared/suites"

    /// Any JSON value.
    enum Value: Decodable {
        case null
        case bool(Bool)
        case number(Double)
        case string(String)
        case array([Value])
        case object([String: Value])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else if let value = try? container.decode(String.self) {
                self = .string(value)
            } else if let value = try? container.decode([Value].self) {
                self = .array(value)
            } else {
                self = .object(try container.decode([String: Value].self))
            }
        }

        init(_ node: Node) {
            switch node {
            case .scalar(let scalar):
                self = scalar.string.isEmpty && scalar.style == .plain ? .null : .string(scalar.string)
            case .sequence(let nodes): self = .array(nodes.map(Value.init))
            case .mapping(let pairs):
                self = .object(
                    Dictionary(pairs.map { ($0.key.string ?? "", Value($0.value)) }, uniquingKeysWith: { $1 }))
            case .alias: self = .null
            }
        }

        /// The octets that a string of a suite means: those of Latin-1 where it can be that.
        var octets: [UInt8]? {
            guard let text else { return nil }
            let latin = text.unicodeScalars.compactMap { UInt8(exactly: $0.value) }
            return latin.count == text.unicodeScalars.count ? latin : Array(text.utf8)
        }

        subscript(key: String) -> Value? { if case .object(let fields) = self { fields[key] } else { nil } }
        var text: String? { if case .string(let text) = self { text } else { nil } }
        var number: Int? { if case .number(let number) = self { Int(number) } else { nil } }
        var array: [Value]? { if case .array(let values) = self { values } else { nil } }
        var isNull: Bool { if case .null = self { true } else { false } }
    }
}
