/// How the octets of a part are written (RFC 2045 §6). Broken writing is read as far as it can be, and said to be broken.
package enum TransferEncoding: Hashable, Sendable {
    case sevenBit, eightBit, binary, quotedPrintable, base64
    /// uuencode and whatever else someone writes: the octets stay as they are.
    case other(String)

    /// RFC 2045 §6.1: nothing said means 7bit.
    package init(_ value: some Collection<UInt8>) {
        let word = value.prefix(200).filter { !$0.isSpace && $0 != UInt8(ascii: "\"") }
            .prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "(") }.lowercasedText
        switch word {
        case "", "7bit", "7-bit": self = .sevenBit
        case "8bit", "8-bit": self = .eightBit
        case "binary": self = .binary
        case "quoted-printable", "quotedprintable", "qp": self = .quotedPrintable
        case "base64", "base-64": self = .base64
        default: self = .other(String(word.prefix(60)))
        }
    }

    package var name: String {
        switch self {
        case .sevenBit: "7bit"
        case .eightBit: "8bit"
        case .binary: "binary"
        case .quotedPrintable: "quoted-printable"
        case .base64: "base64"
        case .other(let word): word
        }
    }

    /// The octets meant, and whether anything in them did not belong.
    package func decode(_ octets: ArraySlice<UInt8>) -> (octets: [UInt8], isBroken: Bool) {
        switch self {
        case .sevenBit, .eightBit, .binary: (Array(octets), false)
        case .other: (Array(octets), true)
        case .quotedPrintable: Self.decodeQuotedPrintable(octets)
        case .base64: Self.decodeBase64(octets)
        }
    }

    /// RFC 2045 §6.7. “=” at a line's end joins it with the next; blanks at a line's end are no text; “=” that begins no
    /// octet stands for itself.
    private static func decodeQuotedPrintable(_ octets: ArraySlice<UInt8>) -> ([UInt8], Bool) {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(octets.count)
        var isBroken = false
        octets.withUnsafeBufferPointer { buffer in
            var index = 0
            /// The end of what was decoded that is not blanks as written.
            var solid = 0
            while index < buffer.count {
                let octet = buffer[index]
                index += 1
                switch octet {
                case UInt8(ascii: "="):
                    if index + 1 < buffer.count, let high = hexadecimal(buffer[index]),
                        let low = hexadecimal(buffer[index + 1])
                    {
                        decoded.append(high << 4 | low)
                        index += 2
                    } else {
                        var end = index
                        while end < buffer.count, buffer[end].isWSP { end += 1 }
                        if end < buffer.count, buffer[end] == 13 { end += 1 }
                        if end == buffer.count || buffer[end] == 10 {
                            index = min(end + 1, buffer.count)
                        } else {
                            decoded.append(octet)
                            isBroken = true
                        }
                    }
                    solid = decoded.count
                case 13, 10:
                    decoded.removeLast(decoded.count - solid)
                    decoded.append(octet)
                    solid = decoded.count
                default:
                    decoded.append(octet)
                    if !octet.isWSP { solid = decoded.count }
                    if octet >= 128 { isBroken = true }
                }
            }
        }
        return (decoded, isBroken)
    }

    /// RFC 2045 §6.8: what is no base 64 is left out, text behind the padding (a footer, as lists add them) too.
    private static func decodeBase64(_ octets: ArraySlice<UInt8>) -> ([UInt8], Bool) {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(octets.count / 4 * 3)
        var isBroken = false
        octets.withUnsafeBufferPointer { buffer in
            var bits: UInt32 = 0, letters = 0, pads = 0
            for octet in buffer {
                if let value = Base64.value(of: octet) {
                    if pads > 0 {
                        // Some join padded pieces; the padding ends a piece.
                        if letters % 4 != 0 { (bits, letters) = (0, 0) }
                        isBroken = true
                        pads = 0
                    }
                    bits = bits << 6 | UInt32(value)
                    letters += 1
                    if letters % 4 == 0 {
                        decoded.append(UInt8(truncatingIfNeeded: bits >> 16))
                        decoded.append(UInt8(truncatingIfNeeded: bits >> 8))
                        decoded.append(UInt8(truncatingIfNeeded: bits))
                    }
                } else if octet == UInt8(ascii: "=") {
                    if pads == 0 {
                        if letters % 4 == 2 { decoded.append(UInt8(truncatingIfNeeded: bits >> 4)) }
                        if letters % 4 == 3 {
                            decoded.append(UInt8(truncatingIfNeeded: bits >> 10))
                            decoded.append(UInt8(truncatingIfNeeded: bits >> 2))
                        }
                        if letters % 4 < 2 { isBroken = true }
                    }
                    pads += 1
                } else if !octet.isSpace {
                    isBroken = true
                }
            }
            if pads == 0 {
                if letters % 4 == 2 { decoded.append(UInt8(truncatingIfNeeded: bits >> 4)) }
                if letters % 4 == 3 {
                    decoded.append(UInt8(truncatingIfNeeded: bits >> 10))
                    decoded.append(UInt8(truncatingIfNeeded: bits >> 2))
                }
                if letters % 4 != 0 { isBroken = true }
            }
        }
        return (decoded, isBroken)
    }
}
