package import DNS

/// A BIMI assertion record (draft-brand-indicators-for-message-identification §4.2). Logo and certificate are not
/// looked at here.
package struct BIMIRecord: Hashable, Sendable {
    package var text: String
    package var location: String?  // "l": an https: URI; nil where missing, wrong or empty
    package var evidence: String?  // "a": an https: URI; nil where missing, wrong or empty
    /// "l" and "a" are both empty: the domain says that it takes no part.
    package var isDeclined: Bool
    package var problems: [RecordProblem]

    package var isValid: Bool { !problems.contains(where: \.isError) }

    /// Records at `default._bimi` that do not begin so are discarded.
    package static func isBIMI(_ octets: [UInt8]) -> Bool { TagList.begins(octets, with: "BIMI1") }

    /// Looks for the record of the selector `default`. What is not known yet becomes wanted.
    package static func look(for domain: DomainName, asking dns: inout Knowledge) -> RecordSearch<BIMIRecord> {
        TXTSearch(at: "default._bimi", of: domain, asking: &dns, isBIMI).map { BIMIRecord($0.joined) }
    }

    package init(text: String) { self.init(Array(text.utf8)) }

    ///     bimi-record = bimi-version bimi-sep bimi-location [bimi-sep bimi-evidence-location] … [bimi-sep]
    ///
    /// Unknown tags are ignored, and what is wrong in others counts as left out.
    package init(_ octets: [UInt8]) {
        var list = TagList(octets)
        list.checkVersion("BIMI1", isRequired: true)
        if list.tags.first?.name == "v", list["v"]?.text == "BIMI1", !Self.isBIMI(octets) {
            list.problems.add(at: 0, .badVersion, "nothing may stand before “v=BIMI1”, not even a space")
        }
        text = octets.prefix(TagList.maximumLength).text
        let location = list["l"], evidence = list["a"]
        isDeclined = location?.value.isEmpty == true && evidence?.value.isEmpty != false
        if location == nil { list.problems.add(at: list.end, .missing, "“l=” with the place of the logo is missing") }
        self.location = Self.uri(location, &list.problems)
        self.evidence = Self.uri(evidence, &list.problems)
        Self.judgeOthers(&list)
        problems = list.problems.sorted
    }

    private static func uri(_ tag: TagList.Tag?, _ problems: inout Problems) -> String? {
        guard let tag, !tag.value.isEmpty else { return nil }
        if let comma = tag.value.firstIndex(of: UInt8(ascii: ",")) {
            problems.add(
                at: tag.valueOffset + comma, .badURI,
                "one URI may stand in “\(tag.name)=”: a comma in it is written %2C")
            return nil
        }
        let uri = ReportingURI(tag.value)
        if let uri, uri.scheme == "https", uri.domain?.isHostName == true { return tag.text }
        let hint: String =
            switch uri?.scheme {
            case "http": ": write “https:”, and serve it so"
            case "https": ": the host must be a full domain name"
            default: ""
            }
        problems.add(at: tag.valueOffset, .badURI, "\(quoted(tag.value)) is no https: URI\(hint)")
        return nil
    }

    /// "avp" says whose picture is preferred, "lps" which local parts choose a selector.
    private static func judgeOthers(_ list: inout TagList) {
        if let tag = list["avp"], !["brand", "personal"].contains(tag.lowercased) {
            list.problems.add(
                at: tag.valueOffset, .badValue, "\(quoted(tag.value)) is no value of “avp”: brand or personal", .warning
            )
        }
        if let tag = list["lps"] {
            for part in tag.value[...].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
                let local = part.trimmed()
                if local.isEmpty && !tag.value.isEmpty
                    || !local.allSatisfy({ $0.isAlphanumeric || $0 == UInt8(ascii: "-") })
                {
                    list.problems.add(
                        at: tag.valueOffset + local.startIndex, .badValue,
                        "\(quoted(local)) cannot choose a selector: letters, digits and “-” can", .warning)
                    break
                }
            }
        }
        for tag in list.tags where !["v", "l", "a", "avp", "lps"].contains(tag.name) {
            list.problems.add(
                at: tag.offset, .unknownTag, "the tag \(quoted(tag.name)) is unknown and ignored", .notice)
        }
    }
}
