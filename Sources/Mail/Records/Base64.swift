/// Base 64 with white space between the letters, as mail and DNS records carry it (RFC 4648 §4, RFC 6376 §3.2).
package enum Base64 {
    /// The octets, or the offset of the first letter that does not belong; the text's length where it ends too early.
    package static func decode(_ text: some Sequence<UInt8>) -> Result<[UInt8], BadBase64> {
        var octets: [UInt8] = []
        var bits: UInt32 = 0
        var letters = 0, pads = 0, offset = 0
        for letter in text {
            defer { offset += 1 }
            if letter.isSpace { continue }
            if letter == UInt8(ascii: "=") {
                pads += 1
                if pads > 2 || (letters + pads) % 4 == 1 { return .failure(BadBase64(offset: offset)) }
                continue
            }
            guard pads == 0, let value = value(of: letter) else { return .failure(BadBase64(offset: offset)) }
            bits = bits << 6 | UInt32(value)
            letters += 1
            if letters % 4 == 0 {
                octets += [
                    UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 8),
                    UInt8(truncatingIfNeeded: bits),
                ]
                bits = 0
            }
        }
        // Padding may be left out; a single letter over makes no octet.
        switch letters % 4 {
        case 1: return .failure(BadBase64(offset: offset))
        case 2: octets.append(UInt8(truncatingIfNeeded: bits >> 4))
        case 3:
            octets.append(UInt8(truncatingIfNeeded: bits >> 10))
            octets.append(UInt8(truncatingIfNeeded: bits >> 2))
        default: if pads > 0 { return .failure(BadBase64(offset: offset)) }
        }
        return .success(octets)
    }

    /// The text of octets, padded, on one line.
    package static func encode(_ octets: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        text.reserveCapacity((octets.count + 2) / 3 * 4)
        var index = 0
        while index < octets.count {
            let group = octets[index..<min(index + 3, octets.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                text.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
            index += 3
        }
        return text.text
    }

    static func value(of letter: UInt8) -> UInt8? {
        switch letter {
        case 65...90: letter - 65
        case 97...122: letter - 71
        case 48...57: letter + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}

/// Where base 64 breaks off: the offset of a letter that does not belong, or the text's length.
package struct BadBase64: Error, Hashable { package var offset: Int }
