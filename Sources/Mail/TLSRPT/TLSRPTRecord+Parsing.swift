package import DNS

extension TLSRPTRecord {
    /// Records at `_smtp._tls` that do not begin so are discarded (RFC 8460 §3).
    package static func isTLSRPT(_ octets: [UInt8]) -> Bool { FieldList.begins(octets, with: "TLSRPTv1") }

    /// Looks for the record of `domain`. What is not known yet becomes wanted.
    package static func look(for domain: DomainName, asking dns: inout Knowledge) -> RecordSearch<TLSRPTRecord> {
        TXTSearch(at: "_smtp._tls", of: domain, asking: &dns, isTLSRPT).map { TLSRPTRecord($0.joined) }
    }

    package init(text: String) { self.init(Array(text.utf8)) }

    ///     tlsrpt-record  = tlsrpt-version 1*(field-delim tlsrpt-field) [field-delim]
    ///     tlsrpt-version = %s"v=TLSRPTv1"
    ///     tlsrpt-rua     = %s"rua=" tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri)
    ///     tlsrpt-uri     = URI        ; “,”, “!” and “;” in it must be percent-encoded
    package init(_ octets: [UInt8]) {
        var list = FieldList(octets, version: "TLSRPTv1", known: ["rua"])
        text = octets.prefix(TagList.maximumLength).text
        destinations = []
        problems = []
        if let field = list.only("rua") {
            var start = field.value.startIndex
            while start <= field.value.endIndex {
                let end = field.value[start...].firstIndex(of: UInt8(ascii: ",")) ?? field.value.endIndex
                read(field.value[start..<end].trimmed(), &list.problems)
                start = end + 1
            }
            if destinations.isEmpty, !list.problems.list.contains(where: \.isError) {
                list.problems.add(
                    at: field.value.startIndex, .badURI,
                    "none of the URIs is “mailto:” or “https:”: nobody gets reports")
            }
        } else {
            list.problems.add(at: list.end, .missing, "“rua=” is missing: nobody gets reports")
        }
        problems = list.problems.sorted
    }

    private mutating func read(_ octets: ArraySlice<UInt8>, _ problems: inout Problems) {
        let at = octets.startIndex
        if octets.isEmpty {
            problems.add(at: at, .badURI, "a URI is missing here")
            return
        }
        if let mark = octets.firstIndex(of: UInt8(ascii: "!")) {
            problems.add(
                at: mark, .badURI, "a “!” in a URI must be written %21; limits of size are not for TLS reports")
            return
        }
        guard let uri = ReportingURI(octets) else {
            let hint = (try? EmailAddress(octets.text)) != nil ? ": write “mailto:\(octets.text)”" : ""
            problems.add(at: at, .badURI, "\(quoted(octets)) is no URI\(hint)")
            return
        }
        switch uri.scheme {
        case "mailto" where uri.address == nil:
            problems.add(at: at, .badURI, "\(quoted(octets)) holds no mail address")
        case "mailto", "https":
            if destinations.count < 100 { destinations.append(octets.text) }
        default:
            problems.add(
                at: at, .badURI, "\(quoted(octets)): reports go by “mailto:” or “https:” only, this is left out",
                .warning)
        }
    }
}
