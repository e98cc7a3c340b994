import DNS

extension DKIMSignature {
    /// Reads the field, whatever its name.
    package init(_ field: MessageHeader.Field) {
        let kind: Kind =
            if field.isNamed("ARC-Message-Signature") {
                .arcMessage
            } else if field.isNamed("ARC-Seal") {
                .arcSeal
            } else {
                .dkim
            }
        self.init(kind, Array(field.rawValue))
    }

    /// Reads the value of a field as written, folds and all.
    package init(_ kind: Kind, _ value: [UInt8]) {
        self.kind = kind
        headerCanonicalization = .simple
        bodyCanonicalization = .simple
        headers = []
        problems = []
        var list = TagList(value, allowsUnicode: true)
        list.refuseEmptyTags(in: value)
        isReadable = false

        var reader = Reader(kind: kind, list: list)
        version = reader.list["v"]?.text
        algorithm = reader.algorithm()
        domain = reader.domain()
        selector = reader.selector()
        signature = reader.base64("b")
        if let tag = reader.list["b"] { signatureRange = Self.extent(of: tag, in: value) }
        timestamp = reader.time("t")
        switch kind {
        case .dkim:
            reader.checkVersion()
            readBody(&reader)
            readIdentity(&reader)
            expiration = reader.time("x")
            reader.checkQueryMethods()
            reader.checkTimes(timestamp, expiration)
            if !headers.isEmpty, !headers.contains("from") {
                reader.add("h", .badValue, "From is not among the signed fields, and has to be")  // RFC 6376 §5.4
            }
        case .arcMessage:
            readBody(&reader)
            instance = reader.instance()
            expiration = reader.time("x")
            reader.checkTimes(timestamp, expiration)
            // RFC 8617 §4.1.2 leaves the rules of DKIM-Signature as they are. One that names no field at all promises
            // nothing of the header, and the published suite lets it pass.
            if headers.contains(where: { !$0.isEmpty }), !headers.contains("from") {
                reader.add("h", .badValue, "From is not among the signed fields, and has to be")  // RFC 6376 §5.4
            }
            if headers.contains("arc-seal") {
                reader.add("h", .badValue, "ARC-Seal is among the signed fields, and must not be")  // RFC 8617 §4.1.2
            }
        case .arcSeal:
            instance = reader.instance()
            chainValidation = reader.chainValidation()
            headerCanonicalization = .relaxed  // RFC 8617 §5.1.1: always
            for name in ["h", "bh"] where reader.list[name] != nil {
                reader.add(name, .badValue, "“\(name)=” must not stand in an ARC-Seal")  // RFC 8617 §4.1.3
            }
        }
        problems = reader.list.problems.sorted
        isReadable = reader.isReadable
    }

    /// Whether a text can be the "s" of a signature.
    package static func isSelector(_ text: String) -> Bool { Reader.name(Array(text.utf8)[...]) != nil }

    /// "bh", "c", "h" and "l".
    private mutating func readBody(_ reader: inout Reader) {
        bodyHash = reader.base64("bh")
        (headerCanonicalization, bodyCanonicalization) = reader.canonicalizations()
        statesCanonicalization = reader.list["c"] != nil
        headers = reader.headers()
        bodyLength = reader.bodyLength()
    }

    ///     sig-i-tag = %x69 [FWS] "=" [FWS] [ Local-part ] "@" domain-name
    private mutating func readIdentity(_ reader: inout Reader) {
        guard let tag = reader.list["i"] else {
            identityDomain = domain
            return
        }
        let octets = QuotedPrintableTag.decode(tag.value)
        identity = octets.prefix(500).text
        guard let at = octets.lastIndex(of: UInt8(ascii: "@")),
            let name = Reader.name(octets[(at + 1)...])
        else {
            reader.add("i", .badValue, "\(quoted(tag.value)) is no identity: it must end in “@” and a domain")
            return
        }
        identityDomain = name
        // RFC 6376 §3.5: the same as "d", or below it.
        if let domain, !name.isWithin(domain) {
            reader.add("i", .badDomain, "\(name) is not within the domain that signs, \(domain)")
        }
    }

    /// What stands between the "=" of a tag and the ";" behind it, or the end.
    private static func extent(of tag: TagList.Tag, in value: [UInt8]) -> Range<Int> {
        let equals = value[tag.offset...].firstIndex(of: UInt8(ascii: "=")) ?? tag.offset
        let end = value[equals...].firstIndex(of: UInt8(ascii: ";")) ?? value.count
        return (equals + 1)..<end
    }
}

extension TagList {
    /// `tag-list = tag-spec *( ";" tag-spec ) [ ";" ]`: one “;” may stand at the end, none where no tag is.
    fileprivate mutating func refuseEmptyTags(in value: [UInt8]) {
        var isEmpty = true
        for (offset, octet) in value.enumerated() where !octet.isSpace {
            if octet == UInt8(ascii: ";") {
                if isEmpty {
                    problems.add(at: offset, .badSyntax, "a tag is missing before this “;”")
                    return
                }
                isEmpty = true
            } else {
                isEmpty = false
            }
        }
    }
}
