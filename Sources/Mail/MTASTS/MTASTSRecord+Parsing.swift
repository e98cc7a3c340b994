package import DNS

extension MTASTSRecord {
    /// Records at `_mta-sts` that do not begin so are discarded (RFC 8461 §3.1).
    package static func isMTASTS(_ octets: [UInt8]) -> Bool { FieldList.begins(octets, with: "STSv1") }

    /// Looks for the record of `domain`. What is not known yet becomes wanted.
    package static func look(for domain: DomainName, asking dns: inout Knowledge) -> RecordSearch<MTASTSRecord> {
        TXTSearch(at: "_mta-sts", of: domain, asking: &dns, isMTASTS).map { MTASTSRecord($0.joined) }
    }

    package init(text: String) { self.init(Array(text.utf8)) }

    ///     sts-text-record = sts-version 1*(sts-field-delim sts-field) [sts-field-delim]
    ///     sts-version     = %s"v=STSv1"
    ///     sts-id          = %s"id=" 1*32(ALPHA / DIGIT)
    ///
    /// A record that is not well-formed counts as none (RFC 8461 §3.1).
    package init(_ octets: [UInt8]) {
        var list = FieldList(octets, version: "STSv1", known: ["id"])
        text = octets.prefix(TagList.maximumLength).text
        id = nil
        if let field = list.only("id") {
            if (1...32).contains(field.value.count), field.value.allSatisfy(\.isAlphanumeric) {
                id = field.value.text
            } else {
                list.problems.add(
                    at: Self.firstBad(in: field.value), .badValue,
                    "\(quoted(field.value)) is no id: 1 to 32 letters and digits")
            }
        } else {
            list.problems.add(at: list.end, .missing, "“id=” is missing")
        }
        problems = list.problems.sorted
    }

    /// What does not belong in an id: the first such character, otherwise where it begins.
    private static func firstBad(in value: ArraySlice<UInt8>) -> Int {
        value.firstIndex { !$0.isAlphanumeric } ?? value.startIndex
    }
}
