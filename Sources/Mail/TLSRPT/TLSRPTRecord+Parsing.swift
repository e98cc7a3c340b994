package import DNS

extension TLSRPTRecord {
    /// Records at `_smtp._tls` that do not begin so are discarded (RFC 8460 §3).
    package static func isTLSRPT(_ octets: [UInt8]) -> Bool { TagList.begins(octets, with: "TLSRPTv1") }

    /// Looks for the record of `domain`. What is not known yet becomes wanted.
    package static func look(for domain: DomainName, asking dns: inout Knowledge) -> RecordSearch<TLSRPTRecord> {
        TXTSearch(at: "_smtp._tls", of: domain, asking: &dns, isTLSRPT).map { TLSRPTRecord($0.joined) }
    }

    package init(text: String) { self.init(Array(text.utf8)) }

    ///     tlsrpt-record  = tlsrpt-version 1*(field-delim tlsrpt-field) [field-delim]
    ///     tlsrpt-version = %s"v=TLSRPTv1"
    ///     tlsrpt-rua     = %s"rua=" tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri)    ; mailto or https
    package init(_ octets: [UInt8]) {
        var list = TagList(octets)
        list.checkVersion("TLSRPTv1", isRequired: true)
        text = octets.prefix(TagList.maximumLength).text
        destinations = []
        if let tag = list["rua"] {
            var start = 0
            while start <= tag.value.count {
                let end = tag.value[start...].firstIndex(of: UInt8(ascii: ",")) ?? tag.value.count
                let uri = tag.value[start..<end].trimmed()
                let at = tag.valueOffset + (uri.isEmpty ? start : uri.startIndex)
                if let problem = Self.problem(of: uri) {
                    list.problems.add(at: at, .badURI, problem)
                } else if destinations.count < 100 {
                    destinations.append(uri.text)
                }
                start = end + 1
            }
        } else {
            list.problems.add(at: list.end, .missing, "“rua=” is missing: nobody gets reports")
        }
        for tag in list.tags where tag.name != "v" && tag.name != "rua" {
            list.problems.add(
                at: tag.offset, .unknownTag, "the tag \(quoted(tag.name)) is unknown and ignored", .notice)
        }
        problems = list.problems.sorted
    }

    private static func problem(of uri: ArraySlice<UInt8>) -> String? {
        guard let (scheme, address) = DMARCRecord.ReportURI.read(uri) else {
            let hint = (try? EmailAddress(uri.text)) != nil ? ": write “mailto:\(uri.text)”" : ""
            return "\(quoted(uri)) is no URI\(hint)"
        }
        switch scheme {
        case "mailto": return address == nil ? "\(quoted(uri)) holds no mail address" : nil
        case "https": return nil
        default: return "\(quoted(uri)): reports go by “mailto:” or “https:” only"
        }
    }
}
