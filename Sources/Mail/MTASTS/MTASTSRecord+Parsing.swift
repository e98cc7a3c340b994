package import DNS

extension MTASTSRecord {
    /// Records at `_mta-sts` that do not begin so are discarded (RFC 8461 §3.1).
    package static func isMTASTS(_ octets: [UInt8]) -> Bool { TagList.begins(octets, with: "STSv1") }

    /// Looks for the record of `domain`. What is not known yet becomes wanted.
    package static func look(for domain: DomainName, asking dns: inout Knowledge) -> RecordSearch<MTASTSRecord> {
        TXTSearch(at: "_mta-sts", of: domain, asking: &dns, isMTASTS).map { MTASTSRecord($0.joined) }
    }

    package init(text: String) { self.init(Array(text.utf8)) }

    ///     sts-text-record = sts-version 1*(sts-field-delim sts-field) [sts-field-delim]
    ///     sts-version     = %s"v=STSv1"
    ///     sts-id          = %s"id=" 1*32(ALPHA / DIGIT)
    package init(_ octets: [UInt8]) {
        var list = TagList(octets)
        list.checkVersion("STSv1", isRequired: true)
        text = octets.prefix(TagList.maximumLength).text
        id = nil
        if let tag = list["id"] {
            if (1...32).contains(tag.value.count), tag.value.allSatisfy(\.isAlphanumeric) {
                id = tag.text
            } else {
                list.problems.add(
                    at: tag.valueOffset, .badValue, "\(quoted(tag.value)) is no id: 1 to 32 letters and digits")
            }
        } else {
            list.problems.add(at: list.end, .missing, "“id=” is missing")
        }
        for tag in list.tags where tag.name != "v" && tag.name != "id" {
            list.problems.add(
                at: tag.offset, .unknownTag, "the tag \(quoted(tag.name)) is unknown and ignored", .notice)
        }
        problems = list.problems.sorted
    }
}
