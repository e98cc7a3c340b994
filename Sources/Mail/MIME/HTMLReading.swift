internal import DNS

/// What in an HTML text leads out of the message: links with the words they stand under, forms, images. A tolerant
/// tokenizer, not a browser: it goes over the text once, keeps no tree, and runs nothing.
package struct HTMLReading: Sendable {
    package struct Link: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable { case anchor, area, form, base, refresh }
        package var kind: Kind
        /// As written, entities decoded.
        package var target: String
        /// The words it stands under.
        package var text: String
    }

    package struct Image: Hashable, Sendable {
        package var source: String
        /// In pixels, where it is said.
        package var width: Int?
        package var height: Int?
        /// By its style or attributes, as far as the tag itself says so.
        package var isHidden: Bool
    }

    package private(set) var links: [Link] = []
    package private(set) var images: [Image] = []
    /// Why something is missing here, in words.
    package private(set) var cut: String?

    /// Links and images beyond that are left out.
    package static let maximumCount = 2_000
    /// Octets of one attribute or one link's words that are kept.
    static let maximumLength = 8_000

    package init(_ html: String) {
        var html = html
        self = html.withUTF8 { buffer in
            var reader = HTMLReader(buffer: buffer)
            reader.read()
            return HTMLReading(links: reader.links, images: reader.images, cut: reader.cut)
        }
    }

    private init(links: [Link], images: [Image], cut: String?) {
        self.links = links
        self.images = images
        self.cut = cut
    }
}

private struct HTMLReader {
    let buffer: UnsafeBufferPointer<UInt8>
    var index = 0
    var links: [HTMLReading.Link] = []
    var images: [HTMLReading.Image] = []
    var cut: String?
    /// The link whose words are being read.
    private var anchor: (target: String, words: [UInt8])?
    /// Elements whose closing tag is known not to come.
    private var unclosed: Set<String> = []

    init(buffer: UnsafeBufferPointer<UInt8>) { self.buffer = buffer }

    mutating func read() {
        while index < buffer.count, cut == nil {
            let tag = buffer.index(of: UInt8(ascii: "<"), from: index) ?? buffer.count
            takeWords(to: tag)
            index = tag
            if index < buffer.count { readTag() }
        }
        closeAnchor()
    }

    private mutating func takeWords(to end: Int) {
        guard anchor != nil, index < end else { return }
        let room = HTMLReading.maximumLength - (anchor?.words.count ?? 0)
        if room > 0 { anchor?.words += buffer[index..<min(end, index + room)] }
    }

    private func starts(_ text: StaticString, at place: Int) -> Bool {
        place + text.utf8CodeUnitCount <= buffer.count && buffer[place...].hasPrefixIgnoringCase(text)
    }

    private mutating func readTag() {
        if starts("<!--", at: index) {
            index = find("-->", from: index + 4).map { $0 + 3 } ?? buffer.count
        } else if index + 1 < buffer.count, buffer[index + 1] == UInt8(ascii: "/") {
            let name = tagName(from: index + 2)
            index = buffer.index(of: UInt8(ascii: ">"), from: index).map { $0 + 1 } ?? buffer.count
            if name == "a" { closeAnchor() } else if Self.breaking.contains(name) { takeSpace() }
        } else if index + 1 < buffer.count, buffer[index + 1].isAlpha {
            readElement()
        } else if index + 1 < buffer.count, "!?".utf8.contains(buffer[index + 1]) {
            index = buffer.index(of: UInt8(ascii: ">"), from: index).map { $0 + 1 } ?? buffer.count
        } else {
            // A “<” that begins nothing is text.
            takeWords(to: index + 1)
            index += 1
        }
    }

    private static let breaking: Set<String> = ["br", "p", "div", "td", "tr", "li", "table", "h1", "h2", "h3"]
    /// What stands in these is no text of the message.
    private static let raw: Set<String> = ["script", "style", "title", "textarea", "xmp", "noembed"]

    private mutating func takeSpace() { anchor?.words.append(32) }

    private func tagName(from start: Int) -> String {
        var end = start
        while end < buffer.count, end < start + 30, buffer[end].isAlphanumeric || buffer[end] == UInt8(ascii: ":") {
            end += 1
        }
        return buffer[start..<end].lowercasedText
    }

    private mutating func readElement() {
        let name = tagName(from: index + 1)
        index += 1 + name.utf8.count
        while index < buffer.count, !buffer[index].isSpace, buffer[index] != UInt8(ascii: ">"),
            buffer[index] != UInt8(ascii: "/")
        { index += 1 }
        let attributes = readAttributes()
        element(name, attributes)
        guard Self.raw.contains(name), !unclosed.contains(name) else { return }
        if let end = find("</\(name)", from: index) { index = end } else { unclosed.insert(name) }
    }

    /// Up to and with the “>”. The first of equal names counts.
    private mutating func readAttributes() -> [String: String] {
        var attributes: [String: String] = [:]
        while index < buffer.count {
            let octet = buffer[index]
            if octet == UInt8(ascii: ">") {
                index += 1
                return attributes
            }
            if octet.isSpace || octet == UInt8(ascii: "/") {
                index += 1
                continue
            }
            let start = index
            while index < buffer.count, !buffer[index].isSpace, !"=>/".utf8.contains(buffer[index]) { index += 1 }
            if index == start { index += 1 }
            let name = buffer[start..<min(index, start + 60)].lowercasedText
            skipSpace()
            guard index < buffer.count, buffer[index] == UInt8(ascii: "=") else { continue }
            index += 1
            skipSpace()
            let value = attributeValue()
            if Self.wanted.contains(name), attributes[name] == nil {
                attributes[name] = HTMLEntities.decode(value.prefix(HTMLReading.maximumLength))
            }
        }
        return attributes
    }

    private static let wanted: Set<String> = [
        "href", "src", "width", "height", "style", "action", "background", "alt", "content", "http-equiv", "hidden",
    ]

    private mutating func skipSpace() {
        while index < buffer.count, buffer[index].isSpace { index += 1 }
    }

    private mutating func attributeValue() -> Slice<UnsafeBufferPointer<UInt8>> {
        guard index < buffer.count else { return buffer[index..<index] }
        let quote = buffer[index]
        if quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
            let start = index + 1
            let end = buffer.index(of: quote, from: start) ?? buffer.count
            index = min(end + 1, buffer.count)
            return buffer[start..<end]
        }
        let start = index
        while index < buffer.count, !buffer[index].isSpace, buffer[index] != UInt8(ascii: ">") { index += 1 }
        return buffer[start..<index]
    }

    private func find(_ text: String, from start: Int) -> Int? {
        let wanted = Array(text.utf8)
        var place = start
        while let found = buffer.index(of: wanted[0], from: place) {
            if found + wanted.count <= buffer.count,
                zip(buffer[found...], wanted).allSatisfy({ $0.lower == $1 })
            {
                return found
            }
            place = found + 1
        }
        return nil
    }

    // MARK: What the tags mean

    private mutating func element(_ name: String, _ attributes: [String: String]) {
        switch name {
        case "a", "area":
            if let href = attributes["href"] {
                closeAnchor()
                if name == "a" { anchor = (href, []) } else { add(.area, href, attributes["alt"] ?? "") }
            }
        case "form": if let action = attributes["action"] { add(.form, action, "") }
        case "base": if let href = attributes["href"] { add(.base, href, "") }
        case "meta":
            if attributes["http-equiv"]?.utf8.equalsIgnoringCase("refresh") == true,
                let content = attributes["content"],
                let target = content.utf8.lowercasedText.utf8.offset(of: "url=".utf8)
            {
                add(.refresh, String(content.utf8.dropFirst(target + 4)) ?? "", "")
            }
        case "img", "input", "image":
            if let source = attributes["src"] { addImage(source, attributes) }
            if let alt = attributes["alt"], let words = anchor?.words, words.count < HTMLReading.maximumLength {
                anchor?.words += Array(alt.utf8.prefix(1_000))
            }
        default:
            if let background = attributes["background"] { addImage(background, [:]) }
            if Self.breaking.contains(name) { takeSpace() }
        }
    }

    private mutating func addImage(_ source: String, _ attributes: [String: String]) {
        let style = HTMLStyle(attributes["style"] ?? "")
        images.append(
            HTMLReading.Image(
                source: source, width: style.width ?? attributes["width"].flatMap { HTMLStyle.pixels($0.utf8) },
                height: style.height ?? attributes["height"].flatMap { HTMLStyle.pixels($0.utf8) },
                isHidden: style.isHidden || attributes["hidden"] != nil))
        limit()
    }

    private mutating func closeAnchor() {
        guard let closed = anchor else { return }
        anchor = nil
        let words = HTMLEntities.decode(closed.words).utf8.split(whereSeparator: \.isSpace).map { String($0) ?? "" }
        add(.anchor, closed.target, words.joined(separator: " "))
    }

    private mutating func add(_ kind: HTMLReading.Link.Kind, _ target: String, _ text: String) {
        links.append(.init(kind: kind, target: target, text: text))
        limit()
    }

    private mutating func limit() {
        if links.count >= HTMLReading.maximumCount || images.count >= HTMLReading.maximumCount {
            cut = "there are more than \(HTMLReading.maximumCount) links or images: the rest was not read"
        }
    }
}

/// What of a style attribute makes an image small or unseen.
private struct HTMLStyle {
    var width: Int?
    var height: Int?
    var isHidden = false

    init(_ style: String) {
        for declaration in style.utf8.split(separator: UInt8(ascii: ";")).prefix(50) {
            guard let colon = declaration.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = Array(declaration[..<colon]).trimmed().lowercasedText
            let value = Array(declaration[declaration.index(after: colon)...]).trimmed().lowercasedText
            switch name {
            case "width", "max-width": width = Self.pixels(value.utf8) ?? width
            case "height", "max-height": height = Self.pixels(value.utf8) ?? height
            case "display": if value.hasPrefix("none") { isHidden = true }
            case "visibility": if value.hasPrefix("hidden") { isHidden = true }
            case "opacity": if value == "0" || value == "0.0" { isHidden = true }
            default: break
            }
        }
    }

    /// `1`, `1px`, `0.5px`; nil for shares and whatever else.
    static func pixels(_ text: some Collection<UInt8>) -> Int? {
        let octets = Array(text.prefix(20)).trimmed()
        let digits = octets.prefix(while: \.isDigit)
        let rest = octets[digits.endIndex...].drop { $0 == UInt8(ascii: ".") || $0.isDigit }
        guard rest.isEmpty || rest.equalsIgnoringCase("px") || rest.trimmed().equalsIgnoringCase("px !important") else {
            return nil
        }
        return digits.decimal(atMost: 100_000)
    }
}

/// Character references (HTML §13.5): numbers, and the names that links are hidden with or text is written with.
enum HTMLEntities {
    static func decode(_ octets: some Collection<UInt8>) -> String {
        let octets = Array(octets)
        guard octets.contains(UInt8(ascii: "&")) else { return String(decoding: octets, as: UTF8.self) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(octets.count)
        var index = 0
        while index < octets.count {
            if octets[index] == UInt8(ascii: "&"), let (scalar, end) = reference(octets, index) {
                decoded += UTF8.encode(scalar).map(Array.init) ?? []
                index = end
            } else {
                decoded.append(octets[index])
                index += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func reference(_ octets: [UInt8], _ start: Int) -> (UnicodeScalar, Int)? {
        let limit = min(octets.count, start + 12)
        var end = start + 1
        if end < limit, octets[end] == UInt8(ascii: "#") {
            end += 1
            let isHexadecimal = end < limit && octets[end].lower == UInt8(ascii: "x")
            if isHexadecimal { end += 1 }
            let digits = octets[end..<limit].prefix { isHexadecimal ? hexadecimal($0) != nil : $0.isDigit }
            guard let value = UInt32(digits.text, radix: isHexadecimal ? 16 : 10) else { return nil }
            end = digits.endIndex
            if end < octets.count, octets[end] == UInt8(ascii: ";") { end += 1 }
            return (UnicodeScalar(value) ?? "\u{FFFD}", end)
        }
        while end < limit, octets[end].isAlphanumeric { end += 1 }
        guard let scalar = names[octets[(start + 1)..<end].text] else { return nil }
        guard end < octets.count, octets[end] == UInt8(ascii: ";") else { return nil }
        return (scalar, end + 1)
    }

    private static let names: [String: UnicodeScalar] = [
        "amp": "&", "AMP": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{A0}", "colon": ":",
        "sol": "/", "period": ".", "commat": "@", "lpar": "(", "rpar": ")", "num": "#", "quest": "?", "equals": "=",
        "percnt": "%", "lowbar": "_", "Tab": "\t", "NewLine": "\n", "hyphen": "\u{2010}", "shy": "\u{AD}",
        "copy": "©", "reg": "®", "ndash": "–", "mdash": "—", "hellip": "…", "lsquo": "‘", "rsquo": "’", "ldquo": "“",
        "rdquo": "”", "laquo": "«", "raquo": "»", "bull": "•", "middot": "·", "euro": "€", "pound": "£", "trade": "™",
        "auml": "ä", "ouml": "ö", "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß", "eacute": "é",
        "egrave": "è", "agrave": "à", "aacute": "á", "ccedil": "ç", "ntilde": "ñ", "oacute": "ó", "iacute": "í",
        "zwnj": "\u{200C}", "zwj": "\u{200D}", "rarr": "→", "larr": "←",
    ]
}
