/// One mailbox of an address list (RFC 5322 §3.4).
package struct Mailbox: Hashable, Sendable {
    /// The display name, encoded words decoded; where there is none, the comment that stands for it; otherwise nil.
    package var name: String?
    /// The address as written, comments and white space left out. It may be none: ``EmailAddress`` tells.
    package var address: String
    /// The name of the group it stands in (RFC 5322 §3.4).
    package var group: String?

    package init(name: String? = nil, address: String, group: String? = nil) {
        self.name = name
        self.address = address
        self.group = group
    }

    /// Entries of one list beyond that are left out.
    package static let maximumCount = 10_000

    /// Reads the value of From, To, Cc, Reply-To, …:
    ///
    ///     address-list = (address *("," address)) / obs-addr-list
    ///     address      = mailbox / group
    ///     mailbox      = name-addr / addr-spec
    ///     name-addr    = [display-name] [CFWS] "<" addr-spec ">" [CFWS]
    ///     group        = display-name ":" [group-list] ";" [CFWS]
    ///
    /// What is no address still comes out as one entry, so that a person sees it. A group without members has none.
    package static func list(_ value: some Collection<UInt8>) -> [Mailbox] {
        if let boxes = value.withContiguousStorageIfAvailable({ UsualMailbox.list($0) }) ?? nil { return boxes }
        var reader = MailboxReader(Array(value))
        return reader.read()
    }
}

private struct MailboxReader {
    let octets: [UInt8]
    var index = 0
    var boxes: [Mailbox] = []
    var group: String?

    /// What has been read of the address at hand.
    private var words: [[UInt8]] = []  // of the display name, or of an addr-spec without "<"
    private var bare: [UInt8] = []  // the same as written, quotes and all
    private var angle: [UInt8]?
    /// How many of the words stood before the angle: what follows is of the next address if another angle comes.
    private var wordsBeforeAngle = 0
    /// White space was passed since the last word of an addr-spec.
    private var sawSpace = false
    private var comments: [String] = []
    private var commentFinder = Comments()

    init(_ octets: [UInt8]) { self.octets = octets }

    mutating func read() -> [Mailbox] {
        while index < octets.count, boxes.count < Mailbox.maximumCount {
            let octet = octets[index]
            switch octet {
            case UInt8(ascii: "\""): readQuoted()
            case UInt8(ascii: "("): readComment()
            case UInt8(ascii: "<"): readAngle()
            case UInt8(ascii: ","):
                finish()
                index += 1
            case UInt8(ascii: ";"):
                finish()
                group = nil
                index += 1
            case UInt8(ascii: ":") where angle == nil && !bare.contains(UInt8(ascii: "@")):
                group = displayName() ?? ""
                clear()
                index += 1
            case _ where octet.isSpace:
                index += 1
                sawSpace = true
            default: readWord()
            }
        }
        finish()
        return boxes
    }

    private mutating func readQuoted() {
        var content: [UInt8] = []
        let start = index
        index += 1
        while index < octets.count, octets[index] != UInt8(ascii: "\"") {
            if octets[index] == UInt8(ascii: "\\"), index + 1 < octets.count { index += 1 }
            if octets[index] != 13, octets[index] != 10 { content.append(octets[index]) }
            index += 1
        }
        index = min(index + 1, octets.count)
        words.append(content)
        addBare(octets[start..<index])
    }

    /// Spaces around “.” and “@” are none of the address (RFC 5322 §4.4); others stay, so that a person sees them.
    private mutating func addBare(_ piece: ArraySlice<UInt8>) {
        func joins(_ octet: UInt8?) -> Bool { octet == UInt8(ascii: ".") || octet == UInt8(ascii: "@") }
        if sawSpace, !bare.isEmpty, !joins(bare.last), !joins(piece.first) { bare.append(32) }
        bare += piece
        sawSpace = false
    }

    private mutating func readComment() {
        guard let end = commentFinder.end(octets, from: index) else {
            // No end: it is no comment, but text.
            index += 1
            return
        }
        if comments.count < 20 { comments.append(EncodedWord.decode(unescaped(octets[(index + 1)..<(end - 1)]))) }
        index = end
    }

    private mutating func readAngle() {
        if angle != nil {
            // Two addresses and no comma: whoever shows only one of them hides the other.
            let next = Array(words[wordsBeforeAngle...])
            words.removeLast(words.count - wordsBeforeAngle)
            finish()
            words = next
        }
        wordsBeforeAngle = words.count
        index += 1
        var content: [UInt8] = []
        while index < octets.count, octets[index] != UInt8(ascii: ">") {
            if octets[index] == UInt8(ascii: "("), let end = commentFinder.end(octets, from: index) {
                index = end
                continue
            }
            if octets[index] == UInt8(ascii: "\"") {
                let start = index
                index += 1
                while index < octets.count, octets[index] != UInt8(ascii: "\"") {
                    index += octets[index] == UInt8(ascii: "\\") ? 2 : 1
                }
                index = min(index + 1, octets.count)
                content += octets[start..<index]
                continue
            }
            if !octets[index].isSpace { content.append(octets[index]) }
            index += 1
        }
        index = min(index + 1, octets.count)
        // A source route before the address means nothing any more (RFC 5322 §4.4).
        if content.first == UInt8(ascii: "@"), let colon = content.firstIndex(of: UInt8(ascii: ":")) {
            content.removeFirst(colon + 1)
        }
        angle = content
    }

    private mutating func readWord() {
        let start = index
        while index < octets.count, !octets[index].isSpace, !"\"(<,;".utf8.contains(octets[index]),
            octets[index] != UInt8(ascii: ":") || bare.contains(UInt8(ascii: "@"))
        {
            index += 1
        }
        if index == start { index += 1 }
        words.append(Array(octets[start..<index]))
        addBare(octets[start..<index])
    }

    private mutating func finish() {
        defer { clear() }
        if let angle {
            let address = EncodedWord.decode(angle)
            boxes.append(Mailbox(name: displayName() ?? commentName(), address: address, group: group))
        } else if !bare.isEmpty {
            // An angle that closes and never opened.
            if bare.count > 1, bare.last == UInt8(ascii: ">") { bare.removeLast() }
            boxes.append(Mailbox(name: commentName(), address: String(decoding: bare, as: UTF8.self), group: group))
        }
    }

    /// Words joined by spaces; those between encoded words go (RFC 2047 §6.2).
    private func displayName() -> String? {
        let joined = EncodedWord.decode(Array(words.joined(separator: [32])))
        let name = joined.utf8.trimmedText
        return name.isEmpty ? nil : name
    }

    private func commentName() -> String? {
        let name = comments.joined(separator: " ").utf8.trimmedText
        return name.isEmpty ? nil : name
    }

    private mutating func clear() {
        words = []
        bare = []
        angle = nil
        comments = []
        wordsBeforeAngle = 0
        sawSpace = false
    }
}

/// Without the backslashes of quoted-pairs and without line ends.
func unescaped(_ octets: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var rest = octets
    while let octet = rest.popFirst() {
        if octet == UInt8(ascii: "\\"), let next = rest.popFirst() {
            result.append(next)
        } else if octet != 13, octet != 10 {
            result.append(octet)
        }
    }
    return result
}

extension Collection<UInt8> {
    var trimmedText: String { Array(self).trimmed().text }
}
