extension DMARCRecord {
    /// Whether a TXT record is a DMARC record (RFC 9989 §4.8): "v" first, its value exactly `DMARC1`.
    package static func isDMARC(_ octets: [UInt8]) -> Bool { TagList.begins(octets, with: "DMARC1") }

    /// Whether text that is no DMARC record was meant to be one: wrong case, something before "v", …
    package static func isNearMiss(_ text: String) -> Bool {
        let octets = Array(text.utf8.prefix(4_096))
        if isDMARC(octets) { return false }
        let word = Array("dmarc1".utf8)
        let lower = octets.map(\.lower)
        return lower.indices.contains { lower[$0...].starts(with: word) }
    }

    package init(text: String) { self.init(Array(text.utf8)) }

    ///     dmarc-record  = dmarc-version *(dmarc-sep dmarc-tag) [dmarc-sep]
    ///     dmarc-tag     = 1*ALPHA equals 1*dmarc-value
    ///     dmarc-version = "v" equals %s"DMARC1"
    ///
    /// What is wrong behind the version is discarded in favour of defaults (RFC 9989 §4.7).
    package init(_ octets: [UInt8]) {
        var list = TagList(octets)
        list.checkVersion("DMARC1", isRequired: true)
        if list.tags.first?.name == "v", !Self.isDMARC(octets), list["v"]?.text == "DMARC1" {
            list.problems.add(at: 0, .badVersion, "nothing may stand before “v=DMARC1”, not even a space")
        }
        text = octets.prefix(TagList.maximumLength).text
        policy = Self.choice("p", of: &list, or: nil)
        subdomainPolicy = Self.choice("sp", of: &list, or: nil)
        nonexistentPolicy = Self.choice("np", of: &list, or: nil)
        hasInvalidSubdomainPolicy =
            (list["sp"] != nil && subdomainPolicy == nil) || (list["np"] != nil && nonexistentPolicy == nil)
        dkimAlignment = Self.choice("adkim", of: &list, or: nil) ?? .relaxed
        spfAlignment = Self.choice("aspf", of: &list, or: nil) ?? .relaxed
        publicSuffix = Self.choice("psd", of: &list, or: nil) ?? .unknown
        isTesting = (Self.choice("t", of: &list, or: nil) as YesOrNo?) == .yes
        failureOptions = Self.readFailureOptions(&list)
        aggregateReports = Self.readURIs("rua", &list)
        failureReports = Self.readURIs("ruf", &list)
        removedTags = []
        unknownTags = []
        for tag in list.tags {
            switch tag.name {
            case "v", "p", "sp", "np", "adkim", "aspf", "psd", "t", "fo", "rua", "ruf": break
            case "pct", "rf", "ri":
                removedTags.append(tag.name)
                list.problems.add(
                    at: tag.offset, .removedTag, "“\(tag.name)=” was removed by RFC 9989: new receivers ignore it",
                    .warning)
            default:
                unknownTags.append(tag.name)
                let known = ["p", "sp", "np", "adkim", "aspf", "psd", "fo", "rua", "ruf"]
                let hint = nearest(to: tag.name.utf8, of: known).map { ": is “\($0)=” meant?" } ?? ""
                list.problems.add(
                    at: tag.offset, .unknownTag, "the tag \(quoted(tag.name)) is unknown and ignored\(hint)", .notice)
            }
        }
        if list["p"] == nil {
            list.problems.add(
                at: list.end, .missing, "“p=” is missing: receivers take it as none, and only if “rua=” is valid",
                aggregateReports.isEmpty ? .error : .warning)
        } else if list.tags.count > 1, list.tags[1].name != "p", list.tags.first?.name == "v", let tag = list["p"] {
            list.problems.add(
                at: tag.offset, .badOrder, "“p=” does not follow “v=”: receivers of RFC 7489 expect it there", .notice)
        }
        if let tag = list["fo"], list["ruf"] == nil {
            list.problems.add(at: tag.offset, .noEffect, "“fo=” has no effect without “ruf=”", .notice)
        }
        problems = list.problems.sorted
    }

    private enum YesOrNo: String { case yes = "y", no = "n" }

    /// A value out of a closed list, in any case; otherwise a problem and the default.
    private static func choice<Choice: RawRepresentable>(
        _ name: String, of list: inout TagList, or fallback: Choice?
    ) -> Choice? where Choice.RawValue == String {
        guard let tag = list[name] else { return fallback }
        if let choice = Choice(rawValue: tag.lowercased) { return choice }
        let known = allowed[name] ?? []
        let hint = nearest(to: tag.value, of: known).map { ": is “\($0)” meant?" }
        list.problems.add(
            at: tag.valueOffset, .badValue,
            "\(quoted(tag.value)) is no value of “\(name)”\(hint ?? ": one of \(known.joined(separator: ", "))")")
        return fallback
    }

    private static let allowed: [String: [String]] = [
        "p": ["none", "quarantine", "reject"], "sp": ["none", "quarantine", "reject"],
        "np": ["none", "quarantine", "reject"], "adkim": ["r", "s"], "aspf": ["r", "s"], "psd": ["y", "n", "u"],
        "t": ["y", "n"],
    ]

    private static func readFailureOptions(_ list: inout TagList) -> [String] {
        guard let tag = list["fo"] else { return ["0"] }
        let options = tag.value.split(separator: UInt8(ascii: ":")).map { $0.trimmed().lowercasedText }
        if options.isEmpty || !options.allSatisfy(["0", "1", "d", "s"].contains) {
            list.problems.add(
                at: tag.valueOffset, .badValue, "\(quoted(tag.value)) is no value of “fo”: 0, 1, d, s, joined by “:”")
            return ["0"]
        }
        return options
    }

    ///     dmarc-urilist = dmarc-uri *(*WSP "," *WSP dmarc-uri)
    private static func readURIs(_ name: String, _ list: inout TagList) -> [ReportURI] {
        guard let tag = list[name] else { return [] }
        var uris: [ReportURI] = []
        var start = 0
        while start <= tag.value.count {
            let end = tag.value[start...].firstIndex(of: UInt8(ascii: ",")) ?? tag.value.count
            let text = tag.value[start..<end].trimmed()
            let offset = tag.valueOffset + (text.isEmpty ? start : text.startIndex)
            if uris.count < 100, let uri = ReportURI(text, of: name, at: offset, &list.problems) { uris.append(uri) }
            start = end + 1
        }
        return uris
    }
}

extension DMARCRecord.ReportURI {
    /// A URI (RFC 3986 §3) of which `mailto:` is understood (RFC 6068 §2).
    init?(_ octets: ArraySlice<UInt8>, of tag: String, at offset: Int, _ problems: inout Problems) {
        var rest = octets
        var size: String?
        if let mark = rest.lastIndex(of: UInt8(ascii: "!")) {
            let limit = rest[(mark + 1)...]
            let digits = limit.prefix(while: \.isDigit)
            let unit = limit.dropFirst(digits.count)
            if !digits.isEmpty, unit.isEmpty || (unit.count == 1 && "kmgt".utf8.contains(unit[unit.startIndex].lower)) {
                size = limit.text
                problems.add(
                    at: offset + mark - octets.startIndex, .removedTag,
                    "the size limit “!\(limit.text)” is gone since RFC 9989 and ignored", .notice)
            } else {
                problems.add(at: offset, .badURI, "\(quoted(octets)) in “\(tag)”: a “!” must be written %21")
                return nil
            }
            rest = rest[..<mark]
        }
        guard !rest.isEmpty else {
            problems.add(at: offset, .badURI, "a URI is missing in “\(tag)”")
            return nil
        }
        guard let (scheme, address) = Self.read(rest) else {
            let hint = (try? EmailAddress(rest.text)) != nil ? ": write “mailto:\(rest.text)”" : ""
            problems.add(at: offset, .badURI, "\(quoted(rest)) in “\(tag)” is no URI\(hint)")
            return nil
        }
        if scheme == "mailto", address == nil {
            problems.add(at: offset, .badURI, "\(quoted(rest)) in “\(tag)” holds no mail address")
            return nil
        }
        if scheme != "mailto" {
            problems.add(
                at: offset, .badURI, "\(quoted(rest)) in “\(tag)”: receivers need only know “mailto:”", .notice)
        }
        self.init(
            text: rest.text, scheme: scheme, address: address, sizeLimit: size, column: problems.column(offset))
    }

    /// Scheme in lower case, and the address of a `mailto:`; nil for what is no URI.
    static func read(_ octets: ArraySlice<UInt8>) -> (scheme: String, address: EmailAddress?)? {
        guard let colon = octets.firstIndex(of: UInt8(ascii: ":")), let first = octets.first, first.isAlpha,
            octets[..<colon].allSatisfy({ $0.isAlphanumeric || "+-.".utf8.contains($0) }),
            colon + 1 < octets.endIndex,
            octets.allSatisfy({ $0.isVisible && !"\"<>\\^`{|}".utf8.contains($0) })
        else { return nil }
        let scheme = octets[..<colon].lowercasedText
        guard scheme == "mailto" else { return (scheme, nil) }
        let path = octets[(colon + 1)...].prefix { $0 != UInt8(ascii: "?") }
        return (scheme, percentDecoded(path).flatMap { try? EmailAddress($0.text) })
    }
}
