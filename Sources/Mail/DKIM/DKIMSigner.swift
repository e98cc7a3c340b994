package import DNS

/// Signs messages (RFC 6376 §5). Signatures are over the whole body: `l=` is left out, so that nothing can be added
/// (RFC 6376 §8.2).
package struct DKIMSigner: Sendable {
    package var domain: DomainName  // "d"
    package var selector: String  // "s"
    package var key: DKIMSigningKey
    package var headerCanonicalization: DKIMSignature.Canonicalization
    package var bodyCanonicalization: DKIMSignature.Canonicalization
    /// "x": seconds for which the signature holds; nil for as long as its key stands. A queue's life is five days.
    package var lifetime: Int?
    /// "i"; nil leaves it out.
    package var identity: String?
    /// Fields that are signed as often as they occur.
    package var signed: [String]
    /// Those among them that are signed once more than they occur, so that none can be added (RFC 6376 §8.15).
    package var overSigned: [String]

    package static let usuallySigned = [
        "From", "Sender", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To", "References",
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "List-Id", "List-Unsubscribe",
        "List-Unsubscribe-Post",
    ]
    package static let usuallyOverSigned = [
        "From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding",
    ]

    package init(
        domain: DomainName, selector: String, key: DKIMSigningKey,
        headers headerCanonicalization: DKIMSignature.Canonicalization = .relaxed,
        body bodyCanonicalization: DKIMSignature.Canonicalization = .relaxed, lifetime: Int? = nil,
        identity: String? = nil, signed: [String] = usuallySigned, overSigned: [String] = usuallyOverSigned
    ) {
        self.domain = domain
        self.selector = selector
        self.key = key
        self.headerCanonicalization = headerCanonicalization
        self.bodyCanonicalization = bodyCanonicalization
        self.lifetime = lifetime
        self.identity = identity
        self.signed = signed
        self.overSigned = overSigned
    }

    /// The message with its signature on top. Nil where it cannot be signed: it has no From (RFC 6376 §5.4), its header
    /// is too long, or the key does not work.
    package func signed(_ octets: [UInt8], at now: Timestamp) -> [UInt8]? {
        field(for: Message(parsing: octets), at: now).map { $0 + octets }
    }

    /// The DKIM-Signature field, folded, its CRLF included; nil as for ``signed(_:at:)``.
    package func field(for message: Message, at now: Timestamp) -> [UInt8]? {
        let fields = SignedFields(message)
        let names = names(in: fields.selection)
        guard message.header.cut == nil, names.contains("from"), names.count <= DKIMSignature.maximumHeaders else {
            return nil
        }
        let value = value(names, bodyHash: bodyHash(of: message), at: now)
        var octets: [UInt8] = []
        for place in fields.selection.fields(names, except: -1) {
            fields.append(place, headerCanonicalization, to: &octets)
        }
        SignedFields.append(
            MessageHeader.Field(name: "DKIM-Signature", rawValue: value), headerCanonicalization, to: &octets)
        guard let signature = key.signature(of: octets) else { return nil }
        let folded = Self.folded(Base64.encode(signature), every: 72)
        return Array("DKIM-Signature:".utf8) + value + Array("\(folded)\r\n".utf8)
    }

    /// "h": what is there as often as it is there, and once more where nothing may be added.
    private func names(in selection: HeaderSelection) -> [String] {
        let over = Set(overSigned.map(\.utf8.lowercasedText))
        return signed.map(\.utf8.lowercasedText).flatMap { name in
            Array(repeating: name, count: selection.count(name) + (over.contains(name) ? 1 : 0))
        }
    }

    private func bodyHash(of message: Message) -> [UInt8] {
        let wanted = BodyHashes.Wanted(canonicalization: bodyCanonicalization, isSHA1: false, length: nil)
        return message.octets.withUnsafeBufferPointer { octets in
            BodyHashes(of: UnsafeBufferPointer(rebasing: octets[message.bodyStart...]), for: [wanted])[wanted] ?? []
        }
    }

    /// All but the signature, which comes last: so its removal leaves nothing behind it.
    private func value(_ names: [String], bodyHash: [UInt8], at now: Timestamp) -> [UInt8] {
        let seconds = Int(min(max(now.secondsSince1970, 0), 1e15))
        var times = "t=\(seconds);"
        if let lifetime { times += " x=\(seconds + max(lifetime, 1));" }
        var text =
            " v=1; a=\(key.algorithm.name); c=\(headerCanonicalization.rawValue)/\(bodyCanonicalization.rawValue);\r\n"
        text += "\td=\(domain); s=\(selector); \(times)\r\n"
        if let identity { text += "\ti=\(identity);\r\n" }
        text += "\th=" + Self.list(names) + ";\r\n"
        text += "\tbh=\(Base64.encode(bodyHash));\r\n\tb="
        return Array(text.utf8)
    }

    /// Names with “:” between them, folded before column 78 (RFC 5322 §2.1.1).
    private static func list(_ names: [String]) -> String {
        var text = ""
        var column = 10
        for (place, name) in names.enumerated() {
            let piece = name + (place + 1 < names.count ? ":" : "")
            if column + piece.utf8.count > 76, place > 0 {
                text += "\r\n\t "
                column = 9
            }
            text += piece
            column += piece.utf8.count
        }
        return text
    }

    private static func folded(_ text: String, every length: Int) -> String {
        var lines: [String] = []
        var rest = text.utf8[...]
        // The first line has “b=” before it.
        var room = length - 2
        while !rest.isEmpty {
            lines.append(rest.prefix(room).text)
            rest = rest.dropFirst(room)
            room = length
        }
        return lines.joined(separator: "\r\n\t")
    }
}
