/// Text of other character sets in a header field (RFC 2047):
///
///     encoded-word = "=?" charset "?" encoding "?" encoded-text "?="
///
/// More is read than may be written: words longer than 75, spaces and folds in them, words not set apart by spaces,
/// characters split over words, padding left out.
package enum EncodedWord {
    /// Decodes all encoded words of a value, folded or not. A word of an unknown character set, or a broken one, stays
    /// as written; other octets are read as UTF-8 (RFC 6532 §3.2). Line ends are taken out (RFC 5322 §2.2.3).
    package static func decode(_ value: some Collection<UInt8>) -> String {
        let octets = Array(value)
        let hasWords = octets.withUnsafeBufferPointer { buffer in
            var index = buffer.index(of: UInt8(ascii: "="))
            while let found = index {
                if found + 1 < buffer.count, buffer[found + 1] == UInt8(ascii: "?") { return true }
                index = buffer.index(of: UInt8(ascii: "="), from: found + 1)
            }
            return false
        }
        guard hasWords else { return unfolded(octets[...]) }
        var decoder = WordDecoder(octets)
        decoder.run()
        return decoder.text
    }

    fileprivate static func unfolded(_ octets: ArraySlice<UInt8>) -> String {
        octets.withUnsafeBufferPointer { buffer in
            guard buffer.index(of: 10) != nil || buffer.index(of: 13) != nil else {
                return String(decoding: buffer, as: UTF8.self)
            }
            let text = [UInt8](unsafeUninitializedCapacity: buffer.count) { whole, count in
                for octet in buffer where octet != 13 && octet != 10 {
                    whole.initializeElement(at: count, to: octet)
                    count += 1
                }
            }
            return String(decoding: text, as: UTF8.self)
        }
    }
}

private struct WordDecoder {
    let octets: [UInt8]
    var text = ""
    /// Words whose octets are still collected: a character may be split over two of one set.
    private var pending: (charset: Charset, octets: [UInt8])?
    /// Where text that is no word began.
    private var plain = 0

    init(_ octets: [UInt8]) { self.octets = octets }

    mutating func run() {
        var index = 0
        while index < octets.count {
            guard octets[index] == UInt8(ascii: "="), let word = read(at: index) else {
                index += 1
                continue
            }
            // White space between two encoded words is no text (RFC 2047 §6.2).
            if pending == nil || !octets[plain..<index].allSatisfy(\.isSpace) { flush(before: index) }
            if pending?.charset == word.charset {
                pending?.octets += word.octets
            } else {
                flushWord()
                pending = (word.charset, word.octets)
            }
            index = word.end
            plain = index
        }
        flush(before: octets.count)
    }

    private mutating func flush(before index: Int) {
        flushWord()
        text += EncodedWord.unfolded(octets[plain..<index])
        plain = index
    }

    private mutating func flushWord() {
        if let word = pending { text += word.charset.decode(word.octets) }
        pending = nil
    }

    /// RFC 2047 §2 allows 75 characters; a bound all the same.
    private static let maximum = 1_000

    /// The word that begins at `start`, and where it ends; nil if none does.
    private func read(at start: Int) -> (charset: Charset, octets: [UInt8], end: Int)? {
        guard start + 7 < octets.count, octets[start + 1] == UInt8(ascii: "?") else { return nil }
        let limit = min(octets.count, start + Self.maximum)
        let names = octets[(start + 2)..<min(limit, start + 82)]
        guard let first = names.firstIndex(of: UInt8(ascii: "?")), first + 3 < limit,
            octets[first + 2] == UInt8(ascii: "?"), let charset = Charset(octets[(start + 2)..<first])
        else { return nil }
        let begin = first + 3
        var end = begin
        while end + 1 < limit, !(octets[end] == UInt8(ascii: "?") && octets[end + 1] == UInt8(ascii: "=")) { end += 1 }
        guard end + 1 < limit else { return nil }
        let content = octets[begin..<end]
        switch octets[first + 1].lower {
        case UInt8(ascii: "b"):
            guard let decoded = Self.decodeB(content) else { return nil }
            return (charset, decoded, end + 2)
        case UInt8(ascii: "q"): return (charset, Self.decodeQ(content), end + 2)
        default: return nil
        }
    }

    /// RFC 2047 §4.1. Padding may be wrong; anything else that is no base 64 breaks the word.
    private static func decodeB(_ content: ArraySlice<UInt8>) -> [UInt8]? {
        let letters = content.filter { !$0.isSpace }
        let bare = letters.prefix { $0 != UInt8(ascii: "=") }
        guard bare.allSatisfy({ Base64.value(of: $0) != nil }),
            letters[bare.endIndex...].allSatisfy({ $0 == UInt8(ascii: "=") })
        else {
            // Some join two padded pieces in one word.
            guard case .success(let octets) = Base64.decode(content) else { return nil }
            return octets
        }
        guard case .success(let octets) = Base64.decode(bare.prefix(bare.count % 4 == 1 ? bare.count - 1 : bare.count))
        else { return nil }
        return octets
    }

    /// RFC 2047 §4.2: "_" is a space, "=XX" an octet in hexadecimal. A fold inside a word goes, indent and all.
    private static func decodeQ(_ content: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(content.count)
        var index = content.startIndex
        while index < content.endIndex {
            let octet = content[index]
            index += 1
            if octet == UInt8(ascii: "="), index + 1 < content.endIndex, let high = hexadecimal(content[index]),
                let low = hexadecimal(content[index + 1])
            {
                decoded.append(high << 4 | low)
                index += 2
            } else if octet == 13 || octet == 10 {
                while index < content.endIndex, content[index].isSpace { index += 1 }
            } else {
                decoded.append(octet == UInt8(ascii: "_") ? 32 : octet)
            }
        }
        return decoded
    }
}

/// The value of a hexadecimal digit in either case; nil for anything else.
func hexadecimal(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 48...57: digit - 48
    case 65...70: digit - 55
    case 97...102: digit - 87
    default: nil
    }
}
