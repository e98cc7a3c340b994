/// Character sets of one octet a character; `SingleByteTables` holds what they mean.
enum SingleByteSet: String, Hashable, Sendable, CaseIterable {
    case iso8859_1, iso8859_2, iso8859_3, iso8859_4, iso8859_5, iso8859_6, iso8859_7, iso8859_8, iso8859_9, iso8859_10
    case iso8859_11, iso8859_13, iso8859_14, iso8859_15, iso8859_16
    case windows874, windows1250, windows1251, windows1252, windows1253, windows1254, windows1255, windows1256
    case windows1257, windows1258
    case koi8r, koi8u, ibm437, ibm850, ibm852, ibm866, macRoman, macCyrillic, ptcp154

    /// The 128 scalars of octets 80 to FF.
    var upper: [UInt32] { Self.tables[self] ?? [] }

    private static let tables: [SingleByteSet: [UInt32]] = SingleByteTables.rows.mapValues { text in
        let scalars = text.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }.unicodeScalars.map(\.value)
        return scalars + Array(repeating: 0xFFFD, count: max(0, 128 - scalars.count))
    }
}
