extension MessageHeader {
    /// One field of a header: places in the octets of the message it stands in, exactly as written.
    package struct Field: Sendable {
        private let message: [UInt8]
        private let start: UInt32
        private let nameEnd: UInt32
        private let valueStart: UInt32
        private let end: UInt32

        init(message: [UInt8], start: Int, nameEnd: Int, valueStart: Int, end: Int) {
            self.message = message
            self.start = UInt32(start)
            self.nameEnd = UInt32(nameEnd)
            self.valueStart = UInt32(valueStart)
            self.end = UInt32(end)
        }

        /// A field of its own, outside any message.
        package init(name: String, rawValue: some Sequence<UInt8>) {
            let name = Array(name.utf8)
            message = name + [UInt8(ascii: ":")] + rawValue
            start = 0
            nameEnd = UInt32(name.count)
            valueStart = nameEnd + 1
            end = UInt32(message.count)
        }

        /// Where it stands in the message, the name's first octet to the last before its line end.
        package var range: Range<Int> { Int(start)..<Int(end) }
        /// The field as it stands in the message: name, colon and value, folds and all, its last line end left out.
        package var octets: ArraySlice<UInt8> { message[range] }
        /// The name as written, white space behind it left out.
        package var nameOctets: ArraySlice<UInt8> { message[Int(start)..<Int(nameEnd)] }
        package var name: String { nameOctets.text }
        /// What stands behind the colon, as written, folds and all, without the last line end.
        package var rawValue: ArraySlice<UInt8> { message[Int(valueStart)..<Int(end)] }
        /// Unfolded: each line end taken out (RFC 5322 §2.2.3), white space at the ends too.
        package var value: [UInt8] {
            let raw = rawValue.trimmed()
            let isFolded = raw.withUnsafeBufferPointer { $0.index(of: 10) != nil || $0.index(of: 13) != nil }
            return isFolded ? raw.filter { $0 != 10 && $0 != 13 } : Array(raw)
        }

        /// The value as text; what is not UTF-8 becomes U+FFFD. Encoded words stand as written.
        package var text: String { value.text }
        /// The value as text with encoded words decoded (RFC 2047).
        package var decoded: String { EncodedWord.decode(rawValue.trimmed()) }

        /// Field names are equal in either case (RFC 5322 §1.2.2).
        package func isNamed(_ other: String) -> Bool {
            let count = Int(nameEnd - start)
            var other = other
            guard count == other.utf8.count else { return false }
            return message.withUnsafeBufferPointer { buffer in
                other.withUTF8 { name in
                    var index = 0
                    while index < count, buffer[Int(start) + index].lower == name[index].lower { index += 1 }
                    return index == count
                }
            }
        }
    }
}

/// Fields are equal where they are written alike, wherever they stand.
extension MessageHeader.Field: Hashable {
    package static func == (a: Self, b: Self) -> Bool {
        a.octets == b.octets && a.nameOctets.count == b.nameOctets.count
    }
    package func hash(into hasher: inout Hasher) { hasher.combine(octets) }
}
