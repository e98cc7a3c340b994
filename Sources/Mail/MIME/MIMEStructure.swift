/// The parts of a message (RFC 2045, RFC 2046): multiparts and messages within it, in the order they stand there.
///
/// Read in one pass over the lines, with all open boundaries in mind: a part that lacks its end ends where one around it
/// does (RFC 2046 §5.1.2). Depth and number are bounded, with a word. What parts say is left to those who ask for it:
/// ``decoded(_:)`` and ``text(_:)``.
package struct MIMEStructure: Sendable {
    /// One part: the message itself is the first.
    package struct Part: Sendable {
        /// `1.2`, as IMAP counts (RFC 9051 §6.4.5); empty for the message.
        package var path: String
        /// How many parts it stands within.
        package var depth: Int
        package var header: MessageHeader
        /// Of the header; `text/plain` where nothing is said (RFC 2045 §5.2), `message/rfc822` within a digest.
        package var type: ContentType
        package var encoding: TransferEncoding
        package var disposition: ContentType?
        /// Where its body stands in the octets of the message.
        package var body: Range<Int>
        /// What is wrong with it, in words.
        package var problems: [String] = []
        /// Whether parts stand within it.
        package var isContainer = false

        /// The name of its file, by Content-Disposition or Content-Type.
        package var fileName: String? { disposition?.parameter("filename") ?? type.parameter("name") }
        /// Whether it is meant to be shown as part of the text (RFC 2183 §2.1), not kept as a file.
        package var isText: Bool { type.type == "text" && disposition?.type != "attachment" && !isContainer }
    }

    package private(set) var parts: [Part]
    /// Why something is missing here, in words; nil where all parts are here.
    package private(set) var cut: String?
    package let octets: [UInt8]

    /// Parts within parts beyond that stay one.
    package static let maximumDepth = 32
    /// Parts beyond that are left out.
    package static let maximumParts = 1_000

    package init(_ message: Message) {
        octets = message.octets
        var reader = octets.withUnsafeBufferPointer { buffer in
            var reader = StructureReader(octets: message.octets, buffer: buffer)
            reader.read(message)
            return reader.result
        }
        for index in reader.parts.indices where reader.parts[index].encoding.isBrokenIn(reader.parts[index]) {
            reader.parts[index].problems.append(
                "the encoding “\(quoted(reader.parts[index].encoding.name).dropFirst().dropLast())” is not one of MIME")
        }
        parts = reader.parts
        cut = reader.cut
    }

    /// The octets of a part with its transfer encoding taken off.
    package func decoded(_ part: Part) -> (octets: [UInt8], isBroken: Bool) { part.encoding.decode(octets[part.body]) }

    /// The text of a part, in its character set; one that is unknown is read as ASCII, the rest U+FFFD, and said so.
    package func text(_ part: Part) -> (text: String, unknownCharset: String?) {
        let (content, _) = decoded(part)
        guard let name = part.type.parameter("charset"), !name.isEmpty else {
            return (String(decoding: content, as: UTF8.self), nil)
        }
        guard let charset = Charset(name.utf8) else {
            let ascii = content.map { $0 < 128 ? UInt16($0) : 0xFFFD }
            return (String(decoding: ascii, as: UTF16.self), name)
        }
        return (charset.decode(content), nil)
    }
}

extension TransferEncoding {
    fileprivate func isBrokenIn(_ part: MIMEStructure.Part) -> Bool {
        if case .other = self { !part.isContainer } else { false }
    }
}

private struct StructureReader {
    struct Result {
        var parts: [MIMEStructure.Part] = []
        var cut: String?
    }

    /// A multipart whose boundary is looked for.
    private struct Frame {
        var boundary: [UInt8]
        var part: Int
        /// Parts that were open when its own began to be.
        var openDepth: Int
        var children = 0
    }

    let octets: [UInt8]
    let buffer: UnsafeBufferPointer<UInt8>
    var result = Result()
    private var frames: [Frame] = []
    /// The parts from the message to the one at hand.
    private var open: [Int] = []

    init(octets: [UInt8], buffer: UnsafeBufferPointer<UInt8>) {
        self.octets = octets
        self.buffer = buffer
    }

    mutating func read(_ message: Message) {
        var line = begin(message.header, at: message.bodyStart, path: "", isDigest: false)
        while line < buffer.count, !frames.isEmpty {
            let next = buffer.lineEnd(from: line, to: buffer.count)
            guard buffer[line] == UInt8(ascii: "-"), let (frame, isEnd) = delimiter(line, next) else {
                line = next
                continue
            }
            close(to: frame, before: line)
            if isEnd {
                frames.removeLast()
                line = next
                continue
            }
            guard result.parts.count < MIMEStructure.maximumParts else {
                result.cut = "the message has more than \(MIMEStructure.maximumParts) parts: the rest was not read"
                break
            }
            frames[frame].children += 1
            let parent = result.parts[frames[frame].part]
            let path = (parent.path.isEmpty ? "" : parent.path + ".") + String(frames[frame].children)
            let headerEnd = headerEnd(from: next)
            if headerEnd == next, next < buffer.count {
                // Two boundaries in a row hold nothing between them, not even a header.
                frames[frame].children -= 1
                line = next
                continue
            }
            let (header, body) = MessageHeader.parse(octets, in: next..<headerEnd)
            line = begin(header, at: body, path: path, isDigest: parent.type.subtype == "digest")
        }
        for frame in frames.reversed() { note(missingEndOf: frame) }
        for part in open { result.parts[part].body = result.parts[part].body.lowerBound..<buffer.count }
    }

    /// A part begins: gives where to go on reading.
    private mutating func begin(_ header: MessageHeader, at body: Int, path: String, isDigest: Bool) -> Int {
        let field = header.first("Content-Type")
        let written = field.flatMap { ContentType($0.rawValue) }
        var type =
            written ?? ContentType(isDigest ? "message/rfc822".utf8 : "text/plain".utf8) ?? .plain
        var problems: [String] = []
        if type.subtype == nil {
            // RFC 2045 §5.2: what cannot be read means text/plain.
            problems.append("its type \(quoted(String(type.type.prefix(40)))) has no subtype")
            type = ContentType(type: "text", subtype: "plain", parameters: type.parameters)
        }
        if let field, field.rawValue.count > ContentType.maximumLength || type.isCut {
            problems.append("its Content-Type is too long: the rest was not read")
        }
        var part = MIMEStructure.Part(
            path: path, depth: open.count, header: header, type: type,
            encoding: TransferEncoding(header.first("Content-Transfer-Encoding")?.rawValue ?? []),
            disposition: header.first("Content-Disposition").flatMap { ContentType($0.rawValue) },
            body: body..<body, problems: problems)
        let isDeep = open.count >= MIMEStructure.maximumDepth
        if isDeep, type.type == "multipart" || type.type == "message", result.cut == nil {
            result.cut = "parts stand within parts more than \(MIMEStructure.maximumDepth) deep: those are not read"
        }
        let index = result.parts.count
        if type.type == "multipart" {
            let boundary = Array((type.parameter("boundary") ?? "").utf8.reversed().drop(while: \.isSpace).reversed())
            if boundary.isEmpty {
                part.problems.append("a multipart without a boundary")
            } else if !isDeep {
                part.isContainer = true
                frames.append(Frame(boundary: boundary, part: index, openDepth: open.count + 1))
            }
        }
        let isMessage = type.essence == "message/rfc822" || type.essence == "message/global"
        result.parts.append(part)
        open.append(index)
        guard isMessage, !isDeep, result.parts.count < MIMEStructure.maximumParts else { return body }
        switch part.encoding {
        case .sevenBit, .eightBit, .binary: break
        case .quotedPrintable, .base64, .other:
            result.parts[index].problems.append("a message within the message may not be encoded (RFC 2046 §5.2.1)")
            return body
        }
        result.parts[index].isContainer = true
        let (inner, innerBody) = MessageHeader.parse(octets, in: body..<headerEnd(from: body))
        return begin(inner, at: innerBody, path: path.isEmpty ? "1" : path + ".1", isDigest: false)
    }

    /// Which open boundary the line is: the innermost that it can be, and whether it is the last of its multipart.
    ///
    ///     delimiter = "--" boundary [ "--" ] *LWSP-char          (RFC 2046 §5.1.1)
    private func delimiter(_ line: Int, _ next: Int) -> (frame: Int, isEnd: Bool)? {
        guard line + 1 < next, buffer[line + 1] == UInt8(ascii: "-") else { return nil }
        var end = buffer.contentEnd(from: line, to: next)
        while end > line, buffer[end - 1].isWSP { end -= 1 }
        let content = UnsafeBufferPointer(rebasing: buffer[(line + 2)..<max(end, line + 2)])
        for index in frames.indices.reversed() {
            let boundary = frames[index].boundary
            guard content.count == boundary.count || content.count == boundary.count + 2,
                content.starts(with: boundary)
            else { continue }
            if content.count == boundary.count { return (index, false) }
            if content[boundary.count] == UInt8(ascii: "-"), content[boundary.count + 1] == UInt8(ascii: "-") {
                return (index, true)
            }
        }
        return nil
    }

    /// Where the header section at `start` ends at the latest: behind an empty line, or before a boundary.
    private func headerEnd(from start: Int) -> Int {
        var line = start
        while line < buffer.count {
            let next = buffer.lineEnd(from: line, to: buffer.count)
            if buffer.contentEnd(from: line, to: next) == line { return next }
            if buffer[line] == UInt8(ascii: "-"), delimiter(line, next) != nil { return line }
            line = next
        }
        return buffer.count
    }

    /// All parts within the multipart of that frame end before the line; its line end belongs to the boundary.
    private mutating func close(to frame: Int, before line: Int) {
        while frames.count > frame + 1 { note(missingEndOf: frames.removeLast()) }
        while open.count > frames[frame].openDepth, let part = open.popLast() {
            let start = result.parts[part].body.lowerBound
            result.parts[part].body = start..<max(start, buffer.contentEnd(from: min(start, line), to: line))
        }
    }

    private mutating func note(missingEndOf frame: Frame) {
        result.parts[frame.part].problems.append(
            frame.children == 0 ? "its boundary never comes: no part of it was found" : "its last boundary is missing")
        if frame.children == 0 { result.parts[frame.part].isContainer = false }
    }
}

extension ContentType {
    /// What is meant where nothing is said.
    fileprivate static let plain = ContentType(type: "text", subtype: "plain", parameters: [])

    init(type: String, subtype: String?, parameters: [Parameter]) {
        self.type = type
        self.subtype = subtype
        self.parameters = parameters
    }
}
