package import DNS

/// A URI as records name them (RFC 3986 §3): whole in form, taken apart as far as mail needs.
///
/// Left out: what a scheme beyond `mailto` and `https` makes of its part, and what `mailto` puts behind `?`.
package struct ReportingURI: Hashable, Sendable {
    /// Lower case: schemes are equal in either case (RFC 3986 §3.1).
    package var scheme: String
    /// The host behind `//`, as written; nil where there is no authority. An IPv6 address stands in its brackets.
    package var host: String?
    /// The address of a `mailto:` (RFC 6068 §2), percent-decoded; nil where there is none that can be read.
    package var address: EmailAddress?

    /// The domain that takes the report: that of the address, or the host. nil for hosts that are addresses.
    package var domain: DomainName? {
        if let address { return address.domain }
        guard let host else { return nil }
        return try? DomainName(hostName: host)
    }

    ///     URI       = scheme ":" hier-part [ "?" query ] [ "#" fragment ]
    ///     authority = [ userinfo "@" ] host [ ":" port ]
    package init?(_ octets: some Collection<UInt8>) {
        let octets = Array(octets)
        guard let colon = octets.firstIndex(of: UInt8(ascii: ":")), colon + 1 < octets.count,
            let first = octets.first, first.isAlpha,
            octets[..<colon].allSatisfy({ $0.isAlphanumeric || $0 == 43 || $0 == 45 || $0 == 46 })
        else { return nil }
        scheme = octets[..<colon].lowercasedText
        var rest = octets[(colon + 1)...]
        if let hash = rest.firstIndex(of: UInt8(ascii: "#")) {
            guard Self.isWellFormed(rest[(hash + 1)...], besides: "/?") else { return nil }
            rest = rest[..<hash]
        }
        if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
            guard Self.isWellFormed(rest[(mark + 1)...], besides: "/?") else { return nil }
            rest = rest[..<mark]
        }
        if rest.starts(with: "//".utf8) {
            let authority = rest.dropFirst(2).prefix { $0 != UInt8(ascii: "/") }
            guard let host = Self.host(in: authority) else { return nil }
            self.host = host
            rest = rest[authority.endIndex...]
        }
        guard Self.isWellFormed(rest, besides: "/") else { return nil }
        if scheme == "mailto" {
            address = Self.address(rest)
        } else if scheme == "https" || scheme == "http", host?.isEmpty != false {
            return nil  // RFC 9110 §4.2.2: a host must be there
        }
    }

    /// What had to be percent-encoded may need quotes once it is decoded: `a%2Cb@…` is the address `"a,b"@…`.
    private static func address(_ path: ArraySlice<UInt8>) -> EmailAddress? {
        guard let decoded = percentDecoded(path) else { return nil }
        if let address = try? EmailAddress(decoded.text) { return address }
        guard path.contains(UInt8(ascii: "%")), let at = decoded.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        return try? EmailAddress("\"\(decoded[..<at].text)\"@\(decoded[(at + 1)...].text)")
    }

    /// The host of an authority; nil where it has not the form of RFC 3986 §3.2.
    private static func host(in authority: ArraySlice<UInt8>) -> String? {
        var rest = authority
        if let at = rest.lastIndex(of: UInt8(ascii: "@")) {
            guard isWellFormed(rest[..<at], besides: "") else { return nil }
            rest = rest[(at + 1)...]
        }
        var host = rest
        if rest.first == UInt8(ascii: "[") {
            guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = rest[...end]
            guard case .v6? = IPAddress(host.dropFirst().dropLast().text) else { return nil }
            rest = rest[(end + 1)...]
        } else {
            host = rest.prefix { $0 != UInt8(ascii: ":") }
            guard isWellFormed(host, besides: "") else { return nil }
            rest = rest[host.endIndex...]
        }
        let port = rest.dropFirst()
        guard rest.isEmpty || (rest.first == UInt8(ascii: ":") && port.allSatisfy(\.isDigit) && port.count <= 5) else {
            return nil
        }
        return host.text
    }

    ///     pchar = unreserved / pct-encoded / sub-delims / ":" / "@"
    private static func isWellFormed(_ octets: ArraySlice<UInt8>, besides extra: StaticString) -> Bool {
        var index = octets.startIndex
        while index < octets.endIndex {
            let octet = octets[index]
            if octet == UInt8(ascii: "%") {
                let digits = octets[(index + 1)...].prefix(2)
                guard digits.count == 2, digits.allSatisfy({ $0.isDigit || (97...102).contains($0.lower) }) else {
                    return false
                }
                index += 3
                continue
            }
            let isPlain = octet.isAlphanumeric || "-._~!$&'()*+,;=:@".utf8.contains(octet)
            if !isPlain, !extra.withUTF8Buffer({ $0.contains(octet) }) { return false }
            index += 1
        }
        return true
    }
}
