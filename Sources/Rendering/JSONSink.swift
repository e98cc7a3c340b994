import DNS
import Judgement

/// Where JSON is told to, value after value, in the order of the text: so what is told once becomes a tree for those who
/// choose from it, or octets at once for those who write many lines.
protocol JSONSink {
    mutating func null()
    mutating func bool(_ bool: Bool)
    mutating func integer(_ integer: Int)
    mutating func string(_ string: String)
    /// Text in which nothing has to be escaped: words of our own, in letters, digits and punctuation but quotation marks.
    mutating func word(_ word: String)
    mutating func name(_ name: DomainName)
    mutating func json(_ json: JSON)
    /// What `write` tells of an object that many share: values or members, one at least, the same each time.
    mutating func shared(_ rendition: borrowing Rendition, _ write: (inout Self) -> Void)
    /// The key of the member that comes next.
    mutating func key(_ key: StaticString)
    /// An object; `members` tells its keys and values.
    mutating func object(_ members: (inout Self) -> Void)
    /// An array; `elements` tells its values.
    mutating func array(_ elements: (inout Self) -> Void)
}

extension JSONSink {
    /// A member whose value is text.
    mutating func member(_ key: StaticString, _ text: String) {
        self.key(key)
        string(text)
    }

    /// A member whose value is a word of our own.
    mutating func member(_ key: StaticString, word: String) {
        self.key(key)
        self.word(word)
    }

    mutating func optional(_ text: String?) { if let text { string(text) } else { null() } }
    mutating func optional(_ name: DomainName?) { if let name { self.name(name) } else { null() } }
    mutating func strings(_ strings: [String]) { array { sink in for text in strings { sink.string(text) } } }
}

/// Makes a ``JSON`` value.
struct JSONTree: JSONSink {
    /// What was told.
    private(set) var value = JSON.null
    private var members: [JSON.Member] = []
    private var elements: [JSON] = []
    private var key: String?
    private var isArray = false

    private mutating func take(_ value: JSON) {
        if let key {
            members.append(JSON.Member(key, value))
            self.key = nil
        } else if isArray {
            elements.append(value)
        } else {
            self.value = value
        }
    }

    mutating func null() { take(.null) }
    mutating func bool(_ bool: Bool) { take(.bool(bool)) }
    mutating func integer(_ integer: Int) { take(.integer(integer)) }
    mutating func string(_ string: String) { take(.string(string)) }
    mutating func word(_ word: String) { string(word) }
    mutating func name(_ name: DomainName) { take(.string(name.description)) }
    mutating func json(_ json: JSON) { take(json) }
    mutating func shared(_: borrowing Rendition, _ write: (inout JSONTree) -> Void) { write(&self) }
    mutating func key(_ key: StaticString) { self.key = key.description }

    mutating func object(_ members: (inout JSONTree) -> Void) {
        var inner = JSONTree()
        members(&inner)
        take(.object(inner.members))
    }

    mutating func array(_ elements: (inout JSONTree) -> Void) {
        var inner = JSONTree()
        inner.isArray = true
        elements(&inner)
        take(.array(inner.elements))
    }
}

/// Writes JSON on one line, the same octets that ``JSONWriter`` makes of the tree.
struct JSONLine: JSONSink {
    private var writer: JSONWriter
    private var needsComma = false

    /// Goes on behind what stands in `octets`.
    init(behind octets: GrowingOctets = GrowingOctets()) { writer = JSONWriter(.compact, behind: octets) }

    /// What was told.
    var octets: GrowingOctets { writer.octets }

    private mutating func begin() {
        if needsComma { writer.octets.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    mutating func null() {
        begin()
        writer.add("null" as StaticString)
    }

    mutating func bool(_ bool: Bool) {
        begin()
        writer.add(bool ? "true" : "false" as StaticString)
    }

    mutating func integer(_ integer: Int) {
        begin()
        if (0...9).contains(integer) {
            writer.octets.append(UInt8(ascii: "0") + UInt8(integer))
        } else {
            writer.add(String(integer))
        }
    }

    mutating func string(_ string: String) {
        begin()
        writer.writeString(string)
    }

    mutating func word(_ word: String) {
        begin()
        writer.writeWord(word)
    }

    mutating func name(_ name: DomainName) {
        begin()
        let before = writer.octets.count
        writer.octets.append(UInt8(ascii: "\""))
        if writer.octets.append(atMost: name.wireLength, { name.writePlainText(to: $0) }) {
            writer.octets.append(UInt8(ascii: "\""))
        } else {
            writer.octets.cut(to: before)
            writer.writeString(name.description)
        }
    }

    mutating func json(_ json: JSON) {
        begin()
        writer.write(json)
    }

    mutating func shared(_ rendition: borrowing Rendition, _ write: (inout JSONLine) -> Void) {
        let found = rendition.withOctets { octets in
            begin()
            writer.octets.append(octets)
        }
        guard found != .kept else { return }
        let start = writer.octets.count + (needsComma ? 1 : 0)
        write(&self)
        guard found == .worthKeeping, writer.octets.count > start else { return }
        writer.octets.withUnsafeBufferPointer { rendition.keep(UnsafeBufferPointer(rebasing: $0[start...])) }
    }

    /// Keys need no escapes.
    mutating func key(_ key: StaticString) {
        let octets = UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
        writer.octets.appendQuoted(octets, afterComma: needsComma, colon: true)
        needsComma = false
    }

    mutating func object(_ members: (inout JSONLine) -> Void) {
        begin()
        writer.octets.append(UInt8(ascii: "{"))
        needsComma = false
        members(&self)
        writer.octets.append(UInt8(ascii: "}"))
        needsComma = true
    }

    mutating func array(_ elements: (inout JSONLine) -> Void) {
        begin()
        writer.octets.append(UInt8(ascii: "["))
        needsComma = false
        elements(&self)
        writer.octets.append(UInt8(ascii: "]"))
        needsComma = true
    }
}
