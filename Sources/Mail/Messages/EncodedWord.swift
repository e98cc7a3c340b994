/// Text of other character sets in a header field (RFC 2047).
package enum EncodedWord {
    /// Decodes all encoded words of an unfolded value.
    package static func decode(_ value: [UInt8]) -> String { String(decoding: value, as: UTF8.self) }
}
