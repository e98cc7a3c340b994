import DNS

/// A CAA record as a person writes it, `0 issue "ca.example.net; validationmethods=dns-01"` (RFC 8659 §4.1.1), and what is
/// wrong with it. What a set of records says is ``CAAPolicy``'s.
struct CAAText {
    private(set) var problems: [RecordProblem] = []

    /// Properties that authorities know: RFC 8659 §4, RFC 9495, the CA/Browser Forum's Baseline Requirements §A, BIMI.
    private static let tags = ["issue", "issuewild", "issuemail", "issuevmc", "iodef", "contactemail", "contactphone"]

    init(_ octets: [UInt8]) {
        var fields = WrittenFields(octets)
        let flags = fields.number(0, "flags, 0 or 128,")
        if let flags, flags & 0x7F != 0 {
            // RFC 8659 §4.1: bits 1 to 7 are reserved, and ignored.
            fields.problems.add(
                at: fields.fields[0].offset, .badValue, "of the flags only 128 (critical) means something", .warning)
        }
        guard fields.fields.count > 1 else {
            fields.problems.add(at: fields.end, .missing, "the property is missing: issue, issuewild, iodef")
            problems = fields.problems.sorted
            return
        }
        let tag = Self.readTag(&fields, isCritical: (flags ?? 0) & 0x80 != 0)
        if fields.fields.count > 2 {
            let value = fields.fields[2]
            if !value.isQuoted, value.octets.contains(UInt8(ascii: ";")) {
                fields.problems.add(
                    at: value.offset, .badSyntax,
                    "write the value in quotation marks: in a zone file a comment begins at “;”",
                    .warning)
            }
            Self.readValue(tag, value, &fields.problems)
        } else {
            fields.problems.add(at: fields.end, .missing, "the value is missing; “\";\"” lets nobody issue")
        }
        if fields.fields.count > 3 {
            fields.problems.add(
                at: fields.fields[3].offset, .badSyntax,
                "a CAA record holds flags, property and value: what stands behind belongs into the value's quotation marks, or "
                    + "into a record of its own")
        }
        problems = fields.problems.sorted
    }

    /// In lower case: properties match in any (RFC 8659 §4.1).
    private static func readTag(_ fields: inout WrittenFields, isCritical: Bool) -> String {
        let field = fields.fields[1]
        let tag = field.octets.lowercasedText
        if field.octets.isEmpty || !field.octets.allSatisfy(\.isAlphanumeric) {
            fields.problems.add(
                at: field.offset, .badSyntax, "the property \(quoted(field.octets)) is not of letters and digits")
        } else if !tags.contains(tag) {
            let hint = nearest(to: field.octets, of: tags).map { ": is “\($0)” meant?" } ?? ""
            fields.problems.add(
                at: field.offset, .unknownTag,
                isCritical
                    ? "\(quoted(field.octets)) is no property that authorities know, and marked critical: nobody may issue\(hint)"
                    : "\(quoted(field.octets)) is no property that authorities know: it does nothing\(hint)",
                isCritical || !hint.isEmpty ? .error : .warning)
        }
        return tag
    }

    private static func readValue(_ tag: String, _ field: WrittenFields.Field, _ problems: inout Problems) {
        switch tag {
        case "issue", "issuewild", "issuemail", "issuevmc": readIssuer(field, &problems)
        case "iodef":
            // RFC 8659 §4.4.
            let value = field.octets[...]
            if value.hasPrefixIgnoringCase("mailto:") {
                if ReportingURI(value)?.address == nil {
                    problems.add(at: field.place(0), .badURI, "\(quoted(value)) holds no mail address")
                }
            } else if !value.hasPrefixIgnoringCase("https://"), !value.hasPrefixIgnoringCase("http://") {
                let hint = (try? EmailAddress(value.text)) != nil ? ": write “mailto:\(value.text)”" : ""
                problems.add(
                    at: field.place(0), .badURI, "“iodef” takes a mailto: or https: URI, not \(quoted(value))\(hint)")
            }
        case "contactemail":
            if (try? EmailAddress(field.octets.text)) == nil {
                problems.add(at: field.place(0), .badValue, "\(quoted(field.octets)) is no mail address")
            }
        default: break
        }
    }

    ///     issue-value = *WSP [issuer-domain-name *WSP] [";" *WSP [parameters *WSP]]      (RFC 8659 §4.2)
    ///     parameter   = tag *WSP "=" *WSP value
    ///     value       = *(%x21-3A / %x3C-7E)
    private static func readIssuer(_ field: WrittenFields.Field, _ problems: inout Problems) {
        let octets = field.octets
        let end = octets.firstIndex(of: UInt8(ascii: ";")) ?? octets.count
        let name = octets[..<end].trimmed()
        if !name.isEmpty, (try? DomainName(hostName: name.text)) == nil || name.contains(UInt8(ascii: "*")) {
            let hint =
                name.contains(UInt8(ascii: "/"))
                ? ": write the domain alone" : name.contains(UInt8(ascii: ",")) ? ": one record for each authority" : ""
            problems.add(
                at: field.place(name.startIndex), .badDomain,
                "\(quoted(name)) is no domain of an authority: nobody may issue by this record\(hint)")
        }
        var start = end + 1
        while start <= octets.count {
            let stop = octets[start...].firstIndex(of: UInt8(ascii: ";")) ?? octets.count
            let parameter = octets[start..<stop].trimmed()
            let isLast = stop == octets.count
            if !(parameter.isEmpty && (isLast || start == end + 1)), !isParameter(parameter) {
                problems.add(
                    at: field.place(parameter.isEmpty ? start : parameter.startIndex), .badSyntax,
                    "\(quoted(parameter)) is no parameter: tag=value belongs there")
            }
            start = stop + 1
        }
    }

    private static func isParameter(_ octets: ArraySlice<UInt8>) -> Bool {
        guard let equals = octets.firstIndex(of: UInt8(ascii: "=")) else { return false }
        let tag = octets[..<equals].trimmed(), value = octets[(equals + 1)...].trimmed()
        guard let first = tag.first, let last = tag.last, first.isAlphanumeric, last.isAlphanumeric else {
            return false
        }
        return tag.allSatisfy { $0.isAlphanumeric || $0 == UInt8(ascii: "-") } && value.allSatisfy(\.isVisible)
    }
}
