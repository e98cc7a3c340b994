internal import FoundationEssentials
internal import Judgement

/// Recordings as JSON Lines: keys in order, so that the same thing seen is the same line.
package struct JSONLines: LineForm {
    private let encoder: JSONEncoder
    private let decoder = JSONDecoder()

    package init() {
        encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    package func line(_ value: some Encodable) throws -> String {
        String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    package func value<Value: Decodable>(_ type: Value.Type, from line: ArraySlice<UInt8>) throws -> Value {
        try decoder.decode(type, from: Data(line))
    }
}
