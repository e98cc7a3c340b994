/// An element of a small XML document from a stranger: settings of mail programs, logos. Everything is bounded, and there
/// are no entities of their own and no processing of anything outside: a document type with declarations is refused.
///
/// Names are kept with their prefix, as written. Left out: namespaces, encodings other than UTF-8, comments.
package struct XMLElement: Hashable, Sendable {
    /// As written: `svg`, `xlink:href`.
    package var name: String
    package var attributes: [Attribute] = []
    package var children: [XMLElement] = []
    /// The text directly in it, references resolved.
    package var text = ""

    package struct Attribute: Hashable, Sendable {
        package var name: String
        package var value: String
    }

    /// Elements of a document, and how deep they may stand in each other.
    package static let mostElements = 20_000
    package static let deepest = 64

    /// The first attribute of that name.
    package subscript(name: String) -> String? { attributes.first { $0.name == name }?.value }

    /// The name without its prefix.
    package var localName: Substring { name.split(separator: ":").last ?? Substring(name) }

    /// The first child of that local name.
    package func child(_ name: String) -> XMLElement? { children.first { $0.localName == name } }

    package func children(_ name: String) -> [XMLElement] { children.filter { $0.localName == name } }

    /// The text of the first child of that local name, without white space around it.
    package func text(of name: String) -> String? {
        child(name).map { String(decoding: trim(Array($0.text.utf8)[...]), as: UTF8.self) }
    }

    /// Calls `visit` with this element and all below it.
    package func visitAll(_ visit: (XMLElement) -> Void) {
        visit(self)
        for child in children { child.visitAll(visit) }
    }

    /// The root element of a document.
    package init(document octets: [UInt8]) throws(XMLProblem) {
        var reader = XMLReader(octets)
        self = try reader.document()
    }

    fileprivate init(name: String) { self.name = name }
}

/// Why a document is not read.
package struct XMLProblem: Error, Hashable, Sendable, CustomStringConvertible {
    package var line: Int
    package var description: String

    fileprivate init(_ description: String, line: Int) {
        self.line = line
        self.description = description
    }
}

private func isSpace(_ octet: UInt8) -> Bool { octet == 32 || octet == 9 || octet == 10 || octet == 13 }

private func trim(_ octets: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var rest = octets.drop(while: isSpace)
    while let last = rest.last, isSpace(last) { rest.removeLast() }
    return rest
}

private struct XMLReader {
    private let octets: [UInt8]
    private var position = 0
    private var count = 0

    init(_ octets: [UInt8]) {
        self.octets = octets
        if octets.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    mutating func document() throws(XMLProblem) -> XMLElement {
        try passOver()
        guard peek == UInt8(ascii: "<") else { throw problem("this is no XML: it does not begin with an element") }
        let root = try tree()
        try passOver()
        if position < octets.count { throw problem("something stands behind the document’s element") }
        return root
    }

    /// White space, comments and processing instructions between elements.
    private mutating func passOver() throws(XMLProblem) {
        while true {
            while position < octets.count, isSpace(octets[position]) { position += 1 }
            if begins("<!--") {
                try skip(past: "-->", "a comment")
            } else if begins("<?") {
                try skip(past: "?>", "a processing instruction")
            } else if begins("<!DOCTYPE") {
                try skipDocumentType()
            } else if begins("<!") {
                throw problem("it has declarations of its own: such are not read")
            } else {
                return
            }
        }
    }

    /// A document type that only names one is passed over; nothing is fetched, and none with declarations is read.
    private mutating func skipDocumentType() throws(XMLProblem) {
        var quote: UInt8?
        while let octet = peek {
            position += 1
            if quote == octet {
                quote = nil
            } else if quote != nil {
                continue
            } else if octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "'") {
                quote = octet
            } else if octet == UInt8(ascii: "[") {
                throw problem("it has a document type with declarations: such are not read")
            } else if octet == UInt8(ascii: ">") {
                return
            }
        }
        throw problem("the document type does not end")
    }

    /// The element at the position, with all that is in it; a loop, as a stranger says how deep it goes.
    private mutating func tree() throws(XMLProblem) -> XMLElement {
        var open: [XMLElement] = []
        while true {
            guard position < octets.count else { throw problem("the document breaks off") }
            if begins("<!--") {
                try skip(past: "-->", "a comment")
            } else if begins("<![CDATA[") {
                let start = position + 9
                try skip(past: "]]>", "a CDATA section")
                if !open.isEmpty { open[open.count - 1].text += decoded(octets[start..<(position - 3)]) }
            } else if begins("<?") {
                try skip(past: "?>", "a processing instruction")
            } else if begins("<!") {
                throw problem("it has declarations of its own: such are not read")
            } else if begins("</") {
                position += 2
                let name = try name()
                try spaces()
                try expect(UInt8(ascii: ">"))
                guard let element = open.popLast(), element.name == name else {
                    throw problem("</\(name)> ends what was not begun")
                }
                if open.isEmpty { return element }
                open[open.count - 1].children.append(element)
            } else if peek == UInt8(ascii: "<") {
                let (element, isEmpty) = try tag()
                count += 1
                if count > XMLElement.mostElements { throw problem("it has too many elements") }
                if isEmpty {
                    if open.isEmpty { return element }
                    open[open.count - 1].children.append(element)
                } else {
                    open.append(element)
                    if open.count > XMLElement.deepest { throw problem("its elements stand too deep in each other") }
                }
            } else {
                let start = position
                while position < octets.count, octets[position] != UInt8(ascii: "<") { position += 1 }
                if !open.isEmpty { open[open.count - 1].text += try resolved(octets[start..<position]) }
            }
        }
    }

    private mutating func tag() throws(XMLProblem) -> (XMLElement, isEmpty: Bool) {
        position += 1
        var element = XMLElement(name: try name())
        while true {
            try spaces()
            if begins("/>") {
                position += 2
                return (element, true)
            }
            if peek == UInt8(ascii: ">") {
                position += 1
                return (element, false)
            }
            let name = try name()
            try spaces()
            try expect(UInt8(ascii: "="))
            try spaces()
            guard let quote = peek, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
                throw problem("the value of \(name) is not in quotation marks")
            }
            position += 1
            let start = position
            while let octet = peek, octet != quote, octet != UInt8(ascii: "<") { position += 1 }
            let value = try resolved(octets[start..<position])
            try expect(quote)
            if element.attributes.contains(where: { $0.name == name }) { throw problem("\(name) stands twice") }
            element.attributes.append(.init(name: name, value: value))
            if element.attributes.count > 200 { throw problem("an element has too many attributes") }
        }
    }

    // MARK: Letters

    private var peek: UInt8? { position < octets.count ? octets[position] : nil }

    private func begins(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard position + length <= octets.count else { return false }
        for index in 0..<length where octets[position + index] != text.utf8Start[index] { return false }
        return true
    }

    private mutating func skip(past end: StaticString, _ what: String) throws(XMLProblem) {
        while position < octets.count {
            if begins(end) {
                position += end.utf8CodeUnitCount
                return
            }
            position += 1
        }
        throw problem("\(what) does not end")
    }

    private mutating func spaces() throws(XMLProblem) {
        while let octet = peek, isSpace(octet) { position += 1 }
        if position >= octets.count { throw problem("the document breaks off") }
    }

    private mutating func expect(_ octet: UInt8) throws(XMLProblem) {
        guard peek == octet else { throw problem("“\(Character(UnicodeScalar(octet)))” is missing") }
        position += 1
    }

    private mutating func name() throws(XMLProblem) -> String {
        let start = position
        while let octet = peek,
            octet >= 128 || (97...122).contains(octet) || (65...90).contains(octet) || (48...58).contains(octet)
                || octet == UInt8(ascii: "_") || octet == UInt8(ascii: "-") || octet == UInt8(ascii: ".")
        { position += 1 }
        guard position > start, position - start <= 200 else { throw problem("there is no name where one belongs") }
        return decoded(octets[start..<position])
    }

    /// With its references resolved: the five names that every document has, and numbers.
    private func resolved(_ octets: ArraySlice<UInt8>) throws(XMLProblem) -> String {
        guard octets.contains(UInt8(ascii: "&")) else { return decoded(octets) }
        var text: [UInt8] = []
        var rest = octets
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "&") else {
                text.append(octet)
                continue
            }
            guard let end = rest.prefix(12).firstIndex(of: UInt8(ascii: ";")) else {
                throw problem("an “&” begins no reference")
            }
            text += Array(String(try character(decoded(rest[..<end]))).utf8)
            rest = rest[(end + 1)...]
        }
        return decoded(text[...])
    }

    private func character(_ reference: String) throws(XMLProblem) -> Character {
        switch reference {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            let digits = reference.dropFirst()
            let number = digits.first == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            guard reference.first == "#", let scalar = number.flatMap(UnicodeScalar.init),
                scalar.value >= 32
                    || scalar.value == 9 || scalar.value == 10 || scalar.value == 13
            else { throw problem("the entity &\(reference); is not known: such are not read") }
            return Character(scalar)
        }
    }

    private func decoded(_ octets: ArraySlice<UInt8>) -> String { String(decoding: octets, as: UTF8.self) }

    private func problem(_ text: String) -> XMLProblem {
        let line = octets.prefix(position).reduce(1) { $1 == 10 ? $0 + 1 : $0 }
        return XMLProblem(text, line: line)
    }
}
