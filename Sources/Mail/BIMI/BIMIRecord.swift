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

    package init(text: String) { self.init(Array(text.utf8)) }

    package init(_ octets: [UInt8]) {
        var list = TagList(octets)
        list.checkVersion("BIMI1", isRequired: true)
        text = octets.prefix(TagList.maximumLength).text
        let location = list["l"], evidence = list["a"]
        isDeclined = location?.value.isEmpty == true && evidence?.value.isEmpty != false
        if location == nil { list.problems.add(at: list.end, .missing, "“l=” with the place of the logo is missing") }
        self.location = Self.uri(location, &list.problems)
        self.evidence = Self.uri(evidence, &list.problems)
        for tag in list.tags where !["v", "l", "a", "avp", "lps", "s"].contains(tag.name) {
            list.problems.add(
                at: tag.offset, .unknownTag, "the tag \(quoted(tag.name)) is unknown and ignored", .notice)
        }
        problems = list.problems.sorted
    }

    private static func uri(_ tag: TagList.Tag?, _ problems: inout Problems) -> String? {
        guard let tag, !tag.value.isEmpty else { return nil }
        guard let (scheme, _) = DMARCRecord.ReportURI.read(tag.value[...]), scheme == "https" else {
            problems.add(at: tag.valueOffset, .badURI, "\(quoted(tag.value)) is no https: URI")
            return nil
        }
        return tag.text
    }
}
