/// What Content-Type or Content-Disposition says (RFC 2045 §5.1, RFC 2183 §2):
///
///     content   = type "/" subtype *(";" parameter)
///     parameter = attribute "=" value        ; value = token / quoted-string
///
/// with parameters continued and in other character sets (RFC 2231), and encoded words where they may not stand.
package struct ContentType: Hashable, Sendable {
    /// Lower case; `attachment` or `inline` of a Content-Disposition.
    package var type: String
    /// Lower case; nil where there is none.
    package var subtype: String?
    /// In the order of writing, names in lower case, values decoded.
    package var parameters: [Parameter]
    /// There were more parameters than are kept.
    package var isCut = false

    package struct Parameter: Hashable, Sendable {
        package var name: String
        package var value: String
        /// Of RFC 2231 §4, where it is given.
        package var language: String?
    }

    /// The value of the first parameter of a name in lower case.
    package func parameter(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

    /// `text/plain`, or the type alone.
    package var essence: String { subtype.map { "\(type)/\($0)" } ?? type }

    /// Parameters beyond that are left out.
    package static let maximumParameters = 500
    /// Octets of a field that are read.
    static let maximumLength = 64_000

    /// Reads the value of a field, folded or not; nil where it begins with no type.
    package init?(_ value: some Collection<UInt8>) {
        var reader = ParameterReader(Array(value.prefix(Self.maximumLength)))
        guard let (type, subtype) = reader.essence() else { return nil }
        self.type = type
        self.subtype = subtype
        let raw = reader.parameters()
        isCut = raw.count >= Self.maximumParameters
        parameters = ParameterReader.join(raw)
    }
}

private struct ParameterReader {
    let octets: [UInt8]
    var index = 0
    private var comments = Comments()

    struct Raw {
        var name: [UInt8]
        var value: [UInt8]
        var isQuoted: Bool
    }

    init(_ octets: [UInt8]) { self.octets = octets }

    mutating func essence() -> (String, String?)? {
        skip()
        let type = token("/;,")
        guard !type.isEmpty else { return nil }
        skip()
        guard peek == UInt8(ascii: "/") else { return (type.lowercasedText, nil) }
        index += 1
        skip()
        let subtype = token(";,")
        return (type.lowercasedText, subtype.isEmpty ? nil : subtype.lowercasedText)
    }

    mutating func parameters() -> [Raw] {
        var all: [Raw] = []
        while index < octets.count, all.count < ContentType.maximumParameters {
            skip()
            guard let octet = peek else { break }
            if octet == UInt8(ascii: ";") || octet == UInt8(ascii: ",") {
                index += 1
                continue
            }
            let name = token("=;")
            skip()
            guard peek == UInt8(ascii: "="), !name.isEmpty else {
                if name.isEmpty { index += 1 }
                continue
            }
            index += 1
            skip()
            let isQuoted = peek == UInt8(ascii: "\"")
            let value = isQuoted ? quotedString() : bareValue()
            all.append(Raw(name: name.map(\.lower), value: value, isQuoted: isQuoted))
        }
        return all
    }

    private var peek: UInt8? { index < octets.count ? octets[index] : nil }

    private mutating func skip() {
        while let octet = peek {
            if octet.isSpace {
                index += 1
            } else if octet == UInt8(ascii: "("), let end = comments.end(octets, from: index) {
                index = end
            } else {
                return
            }
        }
    }

    private mutating func token(_ ends: StaticString) -> ArraySlice<UInt8> {
        let start = index
        while let octet = peek, !octet.isSpace, octet != UInt8(ascii: "("),
            !ends.withUTF8Buffer({ $0.contains(octet) })
        { index += 1 }
        if index == start, peek == UInt8(ascii: "(") { index += 1 }  // one that nothing closes
        return octets[start..<index]
    }

    private mutating func quotedString() -> [UInt8] {
        var value: [UInt8] = []
        index += 1
        while let octet = peek, octet != UInt8(ascii: "\"") {
            index += 1
            if octet == UInt8(ascii: "\\"), let next = peek {
                value.append(next)
                index += 1
            } else if octet != 13, octet != 10 {
                value.append(octet)
            }
        }
        index += 1
        return value
    }

    /// A value without quotes; many leave them out although there are spaces: to the next “;”.
    private mutating func bareValue() -> [UInt8] {
        let start = index
        while let octet = peek, octet != UInt8(ascii: ";") {
            if octet == UInt8(ascii: "("), index > start, octets[index - 1].isSpace,
                comments.end(octets, from: index) != nil
            {
                break
            }
            if octet.isSpace, beginsParameter(at: index) { break }
            index += 1
        }
        return octets[start..<index].trimmed().filter { $0 != 13 && $0 != 10 }
    }

    /// Whether the white space at `start` stands where a “;” was forgotten: a name and “=” follow it, and either it folds
    /// the line, or what follows is in quotes. Anything else may be a name of two words.
    private func beginsParameter(at start: Int) -> Bool {
        var place = start
        var folds = false
        while place < octets.count, octets[place].isSpace {
            folds = folds || octets[place] == 10
            place += 1
        }
        let name = place
        while place < octets.count, place - name < 60,
            octets[place].isAlphanumeric || "-_*".utf8.contains(octets[place])
        {
            place += 1
        }
        guard place > name, place + 1 < octets.count, octets[place] == UInt8(ascii: "=") else { return false }
        return folds || octets[place + 1] == UInt8(ascii: "\"")
    }

    // MARK: RFC 2231

    private struct Pieces {
        var first: Int
        var byNumber: [Int: (value: [UInt8], isEncoded: Bool)] = [:]
        var plain: [UInt8]?
        var isQuoted = false
    }

    /// Puts together what is continued (`name*0`, `name*1*`), decodes what has a character set (`name*`). Where the plain
    /// form stands beside the other, the other counts (§2 of RFC 6266 says so, and mail does it alike).
    static func join(_ raw: [Raw]) -> [ContentType.Parameter] {
        var order: [[UInt8]] = []
        var all: [[UInt8]: Pieces] = [:]
        for (position, parameter) in raw.enumerated() {
            let parts = parameter.name.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
            let base = Array(parts[0])
            var pieces = all[base] ?? Pieces(first: position)
            if all[base] == nil { order.append(base) }
            if parts.count == 1 || base.isEmpty {
                if pieces.plain == nil { (pieces.plain, pieces.isQuoted) = (parameter.value, parameter.isQuoted) }
            } else if parts.count == 2, parts[1].isEmpty {
                pieces.byNumber[0] = pieces.byNumber[0] ?? (parameter.value, true)
            } else if let number = parts[1].decimal(atMost: 9_999) {
                let isEncoded = parts.count > 2 && parts[2].isEmpty
                pieces.byNumber[number] = pieces.byNumber[number] ?? (parameter.value, isEncoded)
            }
            all[base] = pieces
        }
        return order.compactMap { base in all[base].flatMap { parameter(base, $0) } }
    }

    private static func parameter(_ name: [UInt8], _ pieces: Pieces) -> ContentType.Parameter? {
        guard pieces.byNumber[0] != nil else {
            guard let plain = pieces.plain else { return nil }
            return .init(name: name.text, value: EncodedWord.decode(plain))
        }
        var octets: [UInt8] = []
        var charset = Charset.utf8, language: String?
        for number in 0..<pieces.byNumber.count {
            guard let piece = pieces.byNumber[number] else { break }
            var value = piece.value[...]
            if piece.isEncoded, number == 0 {
                let quotes = value.indices.filter { value[$0] == UInt8(ascii: "'") }
                if quotes.count >= 2 {
                    charset = Charset(value[..<quotes[0]]) ?? .utf8
                    let tag = value[(quotes[0] + 1)..<quotes[1]]
                    language = tag.isEmpty ? nil : tag.text
                    value = value[(quotes[1] + 1)...]
                }
            }
            octets += piece.isEncoded ? unescapedPercents(value) : Array(value)
        }
        let isASCII = pieces.byNumber.values.allSatisfy { !$0.isEncoded }
        let text = isASCII ? EncodedWord.decode(octets) : charset.decode(octets)
        return .init(name: name.text, value: text, language: language)
    }

    /// A percent sign that begins no escape stands for itself.
    private static func unescapedPercents(_ value: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        var index = value.startIndex
        while index < value.endIndex {
            if value[index] == UInt8(ascii: "%"), index + 2 < value.endIndex, let high = hexadecimal(value[index + 1]),
                let low = hexadecimal(value[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(value[index])
                index += 1
            }
        }
        return decoded
    }
}
