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

    /// The same as reading it anew.
    static let readBefore = ReadBefore { DMARCRecord($0) }

    ///     dmarc-record  = dmarc-version *(dmarc-sep dmarc-tag) [dmarc-sep]
    ///     dmarc-sep     = *WSP ";" *WSP
    ///     dmarc-tag     = 1*ALPHA equals 1*dmarc-value        ; equals = *WSP "=" *WSP
    ///     dmarc-version = "v" equals %s"DMARC1"               ; only the value is case-sensitive
    ///
    /// What is wrong behind the version is discarded in favour of defaults, or ignored (RFC 9989 §4.7).
    package init(_ octets: [UInt8]) {
        var list = TagList(octets, namesInAnyCase: true)
        list.checkVersion("DMARC1", isRequired: true)
        if list.tags.first?.name == "v", !Self.isDMARC(octets), list["v"]?.text == "DMARC1" {
            list.problems.add(at: 0, .badVersion, "nothing may stand before “v=DMARC1”, not even a space")
        }
        text = octets.prefix(TagList.maximumLength).text
        hasVersion = Self.isDMARC(octets)
        policy = Self.choice("p", of: &list)
        subdomainPolicy = Self.choice("sp", of: &list)
        nonexistentPolicy = Self.choice("np", of: &list)
        hasInvalidSubdomainPolicy =
            (list["sp"] != nil && subdomainPolicy == nil) || (list["np"] != nil && nonexistentPolicy == nil)
        hasInvalidLegacyPolicy = list["sp"] != nil && subdomainPolicy == nil
        dkimAlignment = Self.choice("adkim", of: &list) ?? .relaxed
        spfAlignment = Self.choice("aspf", of: &list) ?? .relaxed
        publicSuffix = Self.choice("psd", of: &list) ?? .unknown
        isTesting = (Self.choice("t", of: &list) as YesOrNo?) == .yes
        aggregateReports = Self.readURIs("rua", &list)
        failureReports = Self.readURIs("ruf", &list)
        failureOptions = Self.readFailureOptions(&list)
        hasDuplicates = list.hasDuplicates
        removedTags = []
        unknownTags = []
        problems = []
        percentage = list["pct"]?.value.decimal(atMost: 100)
        sortTags(&list)
        Self.judgePolicyTag(&list, isReporting: !aggregateReports.isEmpty)
        problems = list.problems.sorted
    }

    static let tagNames = ["v", "p", "sp", "np", "adkim", "aspf", "psd", "t", "fo", "rua", "ruf"]

    /// Puts the tags that have no effect where they belong.
    private mutating func sortTags(_ list: inout TagList) {
        for tag in list.tags where !Self.tagNames.contains(tag.name) {
            switch tag.name {
            case "pct", "rf", "ri":
                removedTags.append(tag.name)
                list.problems.add(
                    at: tag.offset, .removedTag, "“\(tag.name)=” was removed by RFC 9989: new receivers ignore it",
                    .warning)
            default:
                unknownTags.append(tag.name)
                let known = Self.tagNames.filter { $0.count > 1 } + ["p"]
                let hint = nearest(to: tag.name.utf8, of: known).map { ": is “\($0)=” meant?" } ?? ""
                list.problems.add(
                    at: tag.offset, .unknownTag, "the tag \(quoted(tag.name)) is unknown and ignored\(hint)",
                    hint.isEmpty ? .notice : .warning)
            }
        }
    }

    private static func judgePolicyTag(_ list: inout TagList, isReporting: Bool) {
        guard let tag = list["p"] else {
            list.problems.add(
                at: list.end, .missing, "“p=” is missing: receivers take it as none, and only if “rua=” is valid",
                isReporting ? .warning : .error)
            return
        }
        if list.tags.first?.name == "v", list.tags[1].name != "p" {
            list.problems.add(
                at: tag.offset, .badOrder, "“p=” does not follow “v=”: receivers of RFC 7489 expect it there", .notice)
        }
    }

    private enum YesOrNo: String { case yes = "y", no = "n" }

    /// A value out of a closed list, in any case (RFC 5234 §2.3); otherwise a problem and nil.
    private static func choice<Choice: RawRepresentable>(
        _ name: String, of list: inout TagList
    ) -> Choice? where Choice.RawValue == String {
        guard let tag = list[name] else { return nil }
        if let choice = Choice(rawValue: tag.lowercased) { return choice }
        let known = allowed[name] ?? []
        let hint = nearest(to: tag.value, of: known).map { ": is “\($0)” meant?" }
        list.problems.add(
            at: tag.valueOffset, .badValue,
            tag.value.isEmpty
                ? "“\(name)=” has no value: one of \(known.joined(separator: ", "))"
                : "\(quoted(tag.value)) is no value of “\(name)”\(hint ?? ": one of \(known.joined(separator: ", "))")")
        return nil
    }

    private static let allowed: [String: [String]] = [
        "p": ["none", "quarantine", "reject"], "sp": ["none", "quarantine", "reject"],
        "np": ["none", "quarantine", "reject"], "adkim": ["r", "s"], "aspf": ["r", "s"], "psd": ["y", "n", "u"],
        "t": ["y", "n"],
    ]

    /// One or more of 0, 1, d and s, joined by colons (RFC 9989 §4.7); ignored where there is no "ruf".
    private static func readFailureOptions(_ list: inout TagList) -> [String] {
        guard let tag = list["fo"] else { return ["0"] }
        guard list["ruf"] != nil else {
            list.problems.add(at: tag.offset, .noEffect, "“fo=” has no effect without “ruf=”", .notice)
            return ["0"]
        }
        let options = tag.value.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            .map { $0.trimmed().lowercasedText }
        if Set(options).count < options.count || !options.allSatisfy(["0", "1", "d", "s"].contains) {
            list.problems.add(
                at: tag.valueOffset, .badValue, "\(quoted(tag.value)) is no value of “fo”: 0, 1, d, s, joined by “:”")
            return ["0"]
        }
        if options.contains("0"), options.contains("1") {
            list.problems.add(
                at: tag.valueOffset, .noEffect, "“0” asks for no report that “1” does not ask for too", .notice)
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
        guard let uri = ReportingURI(rest) else {
            let hint =
                (try? EmailAddress(rest.text)) != nil
                ? ": write “mailto:\(rest.text)”"
                : rest.contains(where: { $0.isWSP || $0 == UInt8(ascii: "|") }) ? ": URIs are joined by commas" : ""
            problems.add(at: offset, .badURI, "\(quoted(rest)) in “\(tag)” is no URI\(hint)")
            return nil
        }
        if uri.scheme == "mailto", uri.address == nil {
            problems.add(at: offset, .badURI, "\(quoted(rest)) in “\(tag)” holds no mail address")
            return nil
        }
        if uri.scheme != "mailto" {
            problems.add(
                at: offset, .badURI, "\(quoted(rest)) in “\(tag)”: receivers need only know “mailto:”", .notice)
        }
        self.init(text: rest.text, uri: uri, sizeLimit: size, column: problems.column(offset))
    }
}
