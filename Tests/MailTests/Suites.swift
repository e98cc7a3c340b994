import Foundation
import Testing

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

    /// A file's octets.
    static func octets(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: path))) }

    /// `VERBOSE=1 swift test` names each difference.
    static let isVerbose = ProcessInfo.processInfo.environment["VERBOSE"] != nil

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

        subscript(key: String) -> Value? { if case .object(let fields) = self { fields[key] } else { nil } }
        var text: String? { if case .string(let text) = self { text } else { nil } }
        var number: Int? { if case .number(let number) = self { Int(number) } else { nil } }
        var array: [Value]? { if case .array(let values) = self { values } else { nil } }
        var isNull: Bool { if case .null = self { true } else { false } }
    }
}
