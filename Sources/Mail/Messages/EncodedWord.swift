/// Text of other character sets in a header field (RFC 2047):
///
///     encoded-word = "=?" charset "?" encoding "?" encoded-text "?="
///
/// More is read than may be written: words longer than 75, spaces in Q text, words not set apart by spaces.
package enum EncodedWord {
    /// Decodes all encoded words of an unfolded value. A word of an unknown character set, or a broken one, stays as
    /// written; other octets are read as UTF-8 (RFC 6532 §3.2).
    package static func decode(_ value: some Collection<UInt8>) -> String {
        let octets = Array(value)
        var text = ""
        var plain: [UInt8] = []
        var pending: (charset: Charset, octets: [UInt8])?
        var index = 0
        func flushWord() {
            if let word = pending { text += word.charset.decode(word.octets) }
            pending = nil
        }
        func flushPlain() {
            text += String(decoding: plain, as: UTF8.self)
            plain = []
        }
        while index < octets.count {
            if octets[index] == UInt8(ascii: "="), let (word, end) = read(octets, at: index) {
                // White space between two encoded words is no text (RFC 2047 §6.2); a character may be split over them.
                if pending != nil, plain.allSatisfy(\.isSpace) { plain = [] } else { flushWord() }
                flushPlain()
                if let earlier = pending, earlier.charset == word.charset {
                    pending = (word.charset, earlier.octets + word.octets)
                } else {
                    flushWord()
                    pending = word
                }
                index = end
            } else {
                if pending != nil, !octets[index].isSpace { flushWord() }
                plain.append(octets[index])
                index += 1
                // Words follow each other only over white space; other text ends the word before it.
                if pending == nil { flushPlainIfLong(&plain, &text) }
            }
        }
        flushWord()
        flushPlain()
        return text
    }

    /// Long plain text is moved over in whole, up to a place where no UTF-8 character is split.
    private static func flushPlainIfLong(_ plain: inout [UInt8], _ text: inout String) {
        guard plain.count > 4_096, let last = plain.last, last < 128 else { return }
        text += String(decoding: plain, as: UTF8.self)
        plain = []
    }

    /// The word that begins at `start`, and where it ends; nil if none does.
    private static func read(_ octets: [UInt8], at start: Int) -> (word: (charset: Charset, octets: [UInt8]), end: Int)?
    {
        guard start + 7 < octets.count, octets[start + 1] == UInt8(ascii: "?") else { return nil }
        let maximum = 500  // RFC 2047 §2 allows 75; a bound all the same
        let limit = min(octets.count, start + maximum)
        guard let first = octets[(start + 2)..<limit].firstIndex(of: UInt8(ascii: "?")), first + 3 < limit,
            octets[first + 2] == UInt8(ascii: "?"), let charset = Charset(octets[(start + 2)..<first])
        else { return nil }
        let begin = first + 3
        var end = begin
        while end + 1 < limit, !(octets[end] == UInt8(ascii: "?") && octets[end + 1] == UInt8(ascii: "=")) { end += 1 }
        guard end + 1 < limit else { return nil }
        let content = octets[begin..<end]
        switch octets[first + 1].lower {
        case UInt8(ascii: "b"):
            guard case .success(let decoded) = Base64.decode(content) else { return nil }
            return ((charset, decoded), end + 2)
        case UInt8(ascii: "q"): return ((charset, decodeQ(content)), end + 2)
        default: return nil
        }
    }

    /// RFC 2047 §4.2: "_" is a space, "=XX" an octet in hexadecimal.
    private static func decodeQ(_ content: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        var index = content.startIndex
        while index < content.endIndex {
            let octet = content[index]
            if octet == UInt8(ascii: "="), index + 2 < content.endIndex, let high = hex(content[index + 1]),
                let low = hex(content[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
                continue
            }
            decoded.append(octet == UInt8(ascii: "_") ? 32 : octet)
            index += 1
        }
        return decoded
    }

    private static func hex(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 48...57: digit - 48
        case 65...70: digit - 55
        case 97...102: digit - 87
        default: nil
        }
    }
}
