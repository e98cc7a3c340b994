/// A list of `tag=value` pairs (RFC 6376 §3.2), the form of DKIM, DMARC, MTA-STS and TLS-RPT records:
///
///     tag-list  = tag-spec *( ";" tag-spec ) [ ";" ]
///     tag-spec  = [FWS] tag-name [FWS] "=" [FWS] tag-value [FWS]
///     tag-name  = ALPHA *ALNUMPUNC        ; ALPHA / DIGIT / "_"
///     tag-value = [ tval *( 1*(WSP / FWS) tval ) ]    ; visible characters but ";"
struct TagList {
    struct Tag {
        var name: String
        /// Without white space at its ends.
        var value: [UInt8]
        /// Where name and value begin, in octets of the record.
        var offset: Int
        var valueOffset: Int

        var text: String { value.text }
        var lowercased: String { value.lowercasedText }
    }

    /// In order, the first of each name only.
    private(set) var tags: [Tag] = []
    /// A name stands in the list more than once: RFC 6376 §3.2 calls the whole list invalid then.
    private(set) var hasDuplicates = false
    var problems: Problems
    private let length: Int
    private let namesInAnyCase: Bool
    /// How much an empty tag between two semicolons matters.
    private let emptyTag: RecordProblem.Severity

    static let maximumLength = 65_535  // RDLENGTH has 16 bits (RFC 1035 §3.2.1)

    /// - Parameters:
    ///   - namesInAnyCase: whether `P=` is `p=`. RFC 6376 §3.2 says no; the grammar of DMARC says yes, as names in
    ///     quotes match either case (RFC 9989 §4.8, RFC 5234 §2.3). Names come out in lower case then.
    ///   - emptyTag: how much `;;` matters. No grammar allows it.
    ///   - allowsUnicode: whether letters of any script may stand in values, as in fields of internationalized messages
    ///     (RFC 8616 §5); in UTF-8 then.
    init(
        _ octets: [UInt8], namesInAnyCase: Bool = false, emptyTag: RecordProblem.Severity = .notice,
        allowsUnicode: Bool = false
    ) {
        let record = octets.prefix(Self.maximumLength)
        length = record.count
        self.namesInAnyCase = namesInAnyCase
        self.emptyTag = emptyTag
        problems = Problems(Array(record))
        if octets.count > record.count {
            problems.add(at: record.count, .cut, "the record is longer than a DNS record can be")
        }
        if let bad = record.firstIndex(where: { $0 >= 128 || ($0 < 32 && !$0.isSpace) || $0 == 127 }) {
            let isUnicode = allowsUnicode && String(validating: record, as: UTF8.self) != nil
            let worse = isUnicode ? record.firstIndex(where: { ($0 < 32 && !$0.isSpace) || $0 == 127 }) : bad
            if let worse { problems.add(at: worse, .notASCII, "only visible ASCII characters may stand here") }
        }
        var start = 0
        while start <= record.count {
            let end = record[start...].firstIndex(of: UInt8(ascii: ";")) ?? record.count
            read(record[start..<end], isLast: end == record.count)
            start = end + 1
        }
    }

    private mutating func read(_ spec: ArraySlice<UInt8>, isLast: Bool) {
        let trimmed = spec.trimmed()
        if trimmed.isEmpty {
            if !isLast { problems.add(at: spec.startIndex, .badSyntax, "a tag is missing before the “;”", emptyTag) }
            return
        }
        guard let equals = trimmed.firstIndex(of: UInt8(ascii: "=")) else {
            problems.add(
                at: trimmed.startIndex, .badSyntax, "\(quoted(trimmed)) is no tag=value: a “=” is missing")
            return
        }
        let name = trimmed[..<equals].trimmed()
        guard let first = name.first, first.isAlpha,
            name.allSatisfy({ $0.isAlphanumeric || $0 == UInt8(ascii: "_") })
        else {
            let hint = name.contains(where: \.isSpace) ? ": is a “;” missing before it?" : ""
            problems.add(at: trimmed.startIndex, .badSyntax, "\(quoted(name)) is no name of a tag\(hint)")
            return
        }
        let value = trimmed[(equals + 1)...].trimmed()
        let tag = Tag(
            name: namesInAnyCase ? name.lowercasedText : name.text, value: Array(value), offset: name.startIndex,
            valueOffset: value.isEmpty ? equals + 1 : value.startIndex)
        if tags.contains(where: { $0.name == tag.name }) {
            problems.add(at: tag.offset, .duplicate, "the tag “\(tag.name)” stands here a second time")
            hasDuplicates = true
            return
        }
        if tags.count < 200 { tags.append(tag) }
    }

    subscript(name: String) -> Tag? { tags.first { $0.name == name } }

    /// One past the last character: where something is missing.
    var end: Int { length }

    /// The problem that a version tag is, if it is: it must come first and say exactly `version`.
    mutating func checkVersion(_ version: String, isRequired: Bool) {
        guard let tag = self["v"] else {
            if isRequired {
                problems.add(at: 0, .badVersion, "the record must begin with “v=\(version)”")
            }
            return
        }
        if tag.text != version {
            problems.add(
                at: tag.valueOffset, .badVersion,
                "\(quoted(tag.value)) is not the version: write exactly “v=\(version)”")
        } else if tags.first?.name != "v" {
            problems.add(
                at: tag.offset, .badOrder, "“v=\(version)” must be the first tag", isRequired ? .error : .warning)
        }
    }

    /// Whether the list begins with `v=version`, white space around “=” allowed.
    static func begins(_ octets: [UInt8], with version: String) -> Bool {
        let start = octets.prefix { $0 != UInt8(ascii: ";") }
        guard let equals = start.firstIndex(of: UInt8(ascii: "=")) else { return false }
        // White space before the version is no part of any of the grammars.
        guard let first = start.first, first.lower == UInt8(ascii: "v"),
            start[1..<equals].allSatisfy(\.isWSP)
        else { return false }
        return start[(equals + 1)...].trimmed().elementsEqual(version.utf8)
    }
}
