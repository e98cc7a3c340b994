/// The header section of a message (RFC 5322 §2.2): its fields, the newest trace field first.
package struct MessageHeader: Hashable, Sendable {
    package struct Field: Hashable, Sendable {
        /// As written.
        package var name: String
        /// What stands behind the colon, as written, folds and all, without the last line end.
        package var rawValue: [UInt8]
        /// Unfolded: each line end before white space taken out (RFC 5322 §2.2.3), white space at the ends too.
        package var value: [UInt8]

        /// The value as text; what is not UTF-8 becomes U+FFFD. Encoded words stand as written.
        package var text: String { String(decoding: value, as: UTF8.self) }
        /// The value as text with encoded words decoded (RFC 2047).
        package var decoded: String { EncodedWord.decode(value) }
    }

    package var fields: [Field]
    /// Why fields are missing at the end, in words; nil where all are here.
    package var cut: String?
    /// Octets of the header section, the empty line not counted.
    package var length: Int
}
