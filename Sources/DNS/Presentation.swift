/// Records as zone files write them (RFC 1035 §5.1): what is printed here, ``Zone`` reads back. The text is
/// visible ASCII whatever the record holds, so it is safe on a terminal.
extension RecordData: CustomStringConvertible {
    package var description: String {
        switch self {
        case .a(let address): address.description
        case .aaaa(let address): address.description
        case .ns(let name), .cname(let name), .dname(let name), .ptr(let name): name.absolute
        case .mx(let mx): "\(mx.preference) \(mx.exchange.absolute)"
        case .txt(let txt): txt.strings.map { quoted($0) }.joined(separator: " ")
        case .soa(let soa):
            "\(soa.primary.absolute) \(soa.mailbox.absolute) \(soa.serial) \(soa.refresh) \(soa.retry) "
                + "\(soa.expire) \(soa.minimum)"
        case .srv(let srv): "\(srv.priority) \(srv.weight) \(srv.port) \(srv.target.absolute)"
        case .tlsa(let tlsa): "\(tlsa.usage) \(tlsa.selector) \(tlsa.matchingType) \(hexadecimal(tlsa.association))"
        case .caa(let caa): "\(caa.flags) \(caa.tag) \(quoted(caa.value))"
        case .ds, .cds, .dnskey, .cdnskey, .rrsig, .nsec, .nsec3, .nsec3param: securityDescription
        case .unknown(.naptr, let data): NAPTR(wire: data)?.description ?? unread(data)
        case .unknown(.svcb, let data), .unknown(.https, let data):
            ServiceBinding(wire: data)?.description ?? unread(data)
        case .unknown(_, let data): unread(data)
        }
    }

    private func unread(_ data: [UInt8]) -> String {
        data.isEmpty ? "\\# 0" : "\\# \(data.count) \(hexadecimal(data))"  // RFC 3597 §5
    }
}

extension Record: CustomStringConvertible {
    /// A line of a zone file: `example.org. 3600 IN MX 10 mail.example.org.`
    package var description: String { "\(name.absolute) \(ttl) IN \(type) \(data)" }
}

/// A character-string between quotation marks, with escapes (RFC 1035 §5.1).
func quoted(_ octets: [UInt8]) -> String {
    var text = "\""
    for octet in octets {
        switch octet {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += "\\" + String(UnicodeScalar(octet))
        case 32...126: text.unicodeScalars.append(UnicodeScalar(octet))
        default: text += DomainName.decimalEscape(octet)
        }
    }
    return text + "\""
}

/// Two digits an octet, in lower case.
func hexadecimal(_ octets: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: octets.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
