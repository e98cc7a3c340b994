/// The TXT records of MTA-STS (RFC 8461 §3.1) and TLS reporting (RFC 8460 §3). They look like tag lists and are
/// stricter: no white space around "=", names in their case, and a record that is not well-formed is no record.
///
///     record      = version 1*(field-delim field) [field-delim]
///     field-delim = *WSP ";" *WSP
///     field       = name "=" value
///     name        = (ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")
///     value       = 1*(%x21-3A / %x3C / %x3E-7E)    ; visible, but "=" and ";"; the fields known have their own form
struct FieldList {
    struct Field {
        var name: String
        var value: ArraySlice<UInt8>
        /// Where the name begins, in octets of the record; the value's place is its start index.
        var offset: Int
    }

    private(set) var fields: [Field] = []
    var problems: Problems
    /// One past the last octet: where something is missing.
    let end: Int
    private let known: [String]

    /// - Parameters:
    ///   - version: as in `STSv1`.
    ///   - known: the fields that have a meaning; others are extensions, and ignored if well-formed.
    init(_ octets: [UInt8], version: String, known: [String]) {
        self.known = known
        let record = Array(octets.prefix(TagList.maximumLength))
        end = record.count
        problems = Problems(record)
        if octets.count > record.count {
            problems.add(at: end, .cut, "the record is longer than a DNS record can be")
        }
        if let bad = record.firstIndex(where: { !$0.isVisible && !$0.isWSP }) {
            problems.add(at: bad, .notASCII, "only visible ASCII characters may stand here")
        }
        var start = 0
        var index = 0
        while start <= end {
            let stop = record[start...].firstIndex(of: UInt8(ascii: ";")) ?? end
            if index == 0 {
                readVersion(record[start..<stop], version, isAlone: stop == end)
            } else {
                read(record[start..<stop], isLast: stop == end)
            }
            index += 1
            start = stop + 1
        }
    }

    /// Whether a record found in the DNS is of the kind: the rest are discarded, and only then are they counted.
    /// RFC 8461 §3.1 and RFC 8460 §3 write `v=STSv1;` for the beginning, their grammars allow white space before ";".
    static func begins(_ octets: [UInt8], with version: String) -> Bool {
        let start = octets.prefix { $0 != UInt8(ascii: ";") }
        let head = "v=\(version)".utf8
        return start.starts(with: head) && start.dropFirst(head.count).allSatisfy(\.isWSP)
    }

    private mutating func readVersion(_ octets: ArraySlice<UInt8>, _ version: String, isAlone: Bool) {
        let wanted = "v=\(version)"
        let trimmed = octets.trimmed()
        if trimmed.elementsEqual(wanted.utf8) {
            if trimmed.startIndex != 0 {
                problems.add(at: 0, .badVersion, "nothing may stand before “\(wanted)”, not even a space")
            } else if trimmed.endIndex != octets.endIndex, !isAlone {
                problems.add(
                    at: trimmed.endIndex, .badVersion,
                    "write “\(wanted);” without the space: some senders look for exactly that", .warning)
            }
            return
        }
        guard let equals = trimmed.firstIndex(of: UInt8(ascii: "=")),
            trimmed[..<equals].trimmed().map(\.lower) == [UInt8(ascii: "v")]
        else {
            problems.add(at: 0, .badVersion, "the record must begin with “\(wanted)”")
            if !trimmed.isEmpty { read(octets, isLast: isAlone) }
            return
        }
        let value = trimmed[(equals + 1)...].trimmed()
        if value.elementsEqual(version.utf8) {
            problems.add(at: trimmed.startIndex, .badVersion, "write exactly “\(wanted)”: lower case, no space")
        } else {
            problems.add(
                at: value.isEmpty ? equals + 1 : value.startIndex, .badVersion,
                "\(quoted(value)) is not the version: write exactly “\(wanted)”")
        }
    }

    private mutating func read(_ octets: ArraySlice<UInt8>, isLast: Bool) {
        let field = octets.trimmed()
        if field.isEmpty {
            if !isLast { problems.add(at: octets.startIndex, .badSyntax, "a field is missing before the “;”") }
            return
        }
        guard let equals = field.firstIndex(of: UInt8(ascii: "=")) else {
            problems.add(at: field.startIndex, .badSyntax, "\(quoted(field)) is no name=value: a “=” is missing")
            return
        }
        let name = field[..<equals], value = field[(equals + 1)...]
        if name.last?.isWSP == true || value.first?.isWSP == true {
            problems.add(at: equals, .badSyntax, "no space may stand before or behind “=”")
        }
        let text = name.trimmed().text
        guard Self.isName(name.trimmed()) else {
            problems.add(
                at: field.startIndex, .badSyntax,
                name.count > 32
                    ? "\(quoted(name)) is no name of a field: more than 32 characters"
                    : "\(quoted(name)) is no name of a field: letters, digits, “_”, “-” and “.” are")
            return
        }
        if !known.contains(text) {
            if text == "v" {
                problems.add(at: field.startIndex, .badOrder, "“v=” must be the first field, and stand there once")
            } else {
                judgeExtension(text, value, at: field.startIndex)
            }
        }
        if fields.count < 200 { fields.append(Field(name: text, value: value.trimmed(), offset: field.startIndex)) }
    }

    private mutating func judgeExtension(_ name: String, _ value: ArraySlice<UInt8>, at offset: Int) {
        if let meant = nearest(to: name.utf8, of: known) {
            problems.add(
                at: offset, .unknownTag, "the field \(quoted(name)) is unknown and ignored: is “\(meant)=” meant?",
                .warning)
        } else {
            problems.add(at: offset, .unknownTag, "the field \(quoted(name)) is unknown and ignored", .notice)
        }
        if value.isEmpty {
            problems.add(at: value.startIndex, .badValue, "the field \(quoted(name)) has no value")
        } else if let bad = value.trimmed().firstIndex(where: { !$0.isVisible || $0 == UInt8(ascii: "=") }) {
            problems.add(at: bad, .badValue, "\(quoted(value[bad...bad])) may not stand in a value")
        }
    }

    static func isName(_ name: some Collection<UInt8>) -> Bool {
        guard let first = name.first, first.isAlphanumeric, name.count <= 32 else { return false }
        return name.allSatisfy { $0.isAlphanumeric || "_-.".utf8.contains($0) }
    }

    /// The first field of that name, which is the one that counts; a second is a problem.
    mutating func only(_ name: String) -> Field? {
        let all = fields.filter { $0.name == name }
        for field in all.dropFirst() {
            problems.add(
                at: field.offset, .duplicate, "“\(name)=” stands here a second time and is ignored", .warning)
        }
        return all.first
    }
}
