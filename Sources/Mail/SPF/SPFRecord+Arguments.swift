import DNS

/// What stands behind a mechanism's name: domains, prefix lengths, addresses (RFC 7208 §5, §7.1).
extension SPFReader {
    mutating func requiredDomain(
        _ argument: ArraySlice<UInt8>, of name: ArraySlice<UInt8>
    ) -> MacroString? {
        guard argument.first == UInt8(ascii: ":") else {
            problems.add(at: argument.startIndex, .badDomain, "“\(name.lowercasedText)” needs “:” and a domain")
            return nil
        }
        return domain(argument.dropFirst(), of: name)
    }

    /// `a` and `mx`: `[ ":" domain-spec ] [ dual-cidr-length ]`. A “/” may stand in a domain-spec too, so the
    /// lengths are read from the end.
    mutating func hosts(
        _ argument: ArraySlice<UInt8>, of name: ArraySlice<UInt8>
    ) -> (domain: MacroString?, cidr: SPFRecord.DualCIDR)? {
        var rest = argument
        var cidr = SPFRecord.DualCIDR()
        if let (length, start) = trailingLength(rest, slashes: 2, maximum: 128) {
            guard let length else { return nil }
            cidr.ipv6 = length
            rest = rest[..<start]
        }
        if let (length, start) = trailingLength(rest, slashes: 1, maximum: 32) {
            guard let length else { return nil }
            cidr.ipv4 = length
            rest = rest[..<start]
        }
        if rest.isEmpty { return (nil, cidr) }
        guard rest.first == UInt8(ascii: ":") else {
            problems.add(
                at: rest.startIndex, .badPrefix, "\(quoted(rest)) is no prefix length: write /0 to /32, or //0 to //128"
            )
            return nil
        }
        return domain(rest.dropFirst(), of: name).map { ($0, cidr) }
    }

    /// `/24` at the end: the length, nil if it is wrong, and where the slashes begin; nil where no digits follow slashes.
    mutating func trailingLength(
        _ text: ArraySlice<UInt8>, slashes: Int, maximum: Int
    ) -> (length: Int?, start: Int)? {
        var digits = text.endIndex
        while digits > text.startIndex, text[digits - 1].isDigit { digits -= 1 }
        guard digits < text.endIndex, digits - slashes >= text.startIndex,
            text[(digits - slashes)..<digits].allSatisfy({ $0 == UInt8(ascii: "/") })
        else { return nil }
        return (length(text[digits...], maximum), digits - slashes)
    }

    /// `"0" / %x31-39 0*2DIGIT`
    mutating func length(_ digits: ArraySlice<UInt8>, _ maximum: Int) -> Int? {
        if let length = digits.decimal(atMost: maximum), digits.count == 1 || digits.first != UInt8(ascii: "0") {
            return length
        }
        problems.add(
            at: digits.startIndex, .badPrefix, "\(quoted(digits)) is no prefix length: it goes from 0 to \(maximum)")
        return nil
    }

    /// `"ip4" ":" ip4-network [ ip4-cidr-length ]`
    mutating func ip4(_ argument: ArraySlice<UInt8>) -> SPFRecord.Mechanism? {
        guard let (address, prefix) = network(argument, "ip4") else { return nil }
        guard let value = IPv4Address(address.text) else {
            // The family decides the length: a wrong family is the more telling problem.
            let isIPv6 = IPv6Address(argument.dropFirst().prefix { $0 != UInt8(ascii: "/") }.text) != nil
            badAddress(address, isIPv6 ? "is an IPv6 address: write “ip6:”" : "is no IPv4 address")
            return nil
        }
        guard let prefix else { return .ip4(value, prefix: 32) }
        return length(prefix, 32).map { .ip4(value, prefix: $0) }
    }

    /// `"ip6" ":" ip6-network [ ip6-cidr-length ]`
    mutating func ip6(_ argument: ArraySlice<UInt8>) -> SPFRecord.Mechanism? {
        guard let (address, prefix) = network(argument, "ip6") else { return nil }
        guard let value = IPv6Address(address.text) else {
            let isIPv4 = IPv4Address(address.text) != nil
            badAddress(address, isIPv4 ? "is an IPv4 address: write “ip4:”" : "is no IPv6 address")
            return nil
        }
        guard let prefix else { return .ip6(value, prefix: 128) }
        return length(prefix, 128).map { .ip6(value, prefix: $0) }
    }

    /// The two sides of the “/”; no right one where there is none.
    private mutating func network(
        _ argument: ArraySlice<UInt8>, _ name: String
    ) -> (address: ArraySlice<UInt8>, prefix: ArraySlice<UInt8>?)? {
        guard argument.first == UInt8(ascii: ":"), argument.count > 1 else {
            problems.add(at: argument.startIndex, .badAddress, "“\(name)” needs “:” and an address")
            return nil
        }
        let value = argument.dropFirst()
        guard let slash = value.firstIndex(of: UInt8(ascii: "/")) else { return (value, nil) }
        return (value[..<slash], value[(slash + 1)...])
    }

    mutating func badAddress(_ address: ArraySlice<UInt8>, _ why: String) {
        var why = why
        if address.contains(UInt8(ascii: ",")) || address.contains(UInt8(ascii: ";")) {
            why += ": write a term for each address"
        } else if address.contains(UInt8(ascii: "-")), address.first?.isDigit == true {
            why += ": write a range as address/length"
        } else if address.last?.isAlpha == true, address.contains(UInt8(ascii: ".")), why.hasPrefix("is no") {
            why += ": is \(quoted(Array("a:".utf8) + address.prefix(60))) meant?"
        }
        problems.add(at: address.startIndex, .badAddress, "\(quoted(address)) \(why)")
    }

    // MARK: Domains

    ///     domain-spec = macro-string domain-end
    ///     domain-end  = ( "." toplabel [ "." ] ) / macro-expand
    mutating func domain(_ octets: ArraySlice<UInt8>, of name: ArraySlice<UInt8>) -> MacroString? {
        guard !octets.isEmpty else {
            problems.add(at: octets.startIndex, .badDomain, "“\(name.lowercasedText)” needs a domain")
            return nil
        }
        let before = problems.list.count
        let string = MacroString(reading: octets, problems: &problems)
        if problems.list.count > before { return nil }
        warnOfEscapes(string, at: octets.startIndex)
        if string.endsInMacro { return string }
        if endsInTopLabel(octets) {
            if !string.hasMacros, string.domainName == nil {
                problems.add(at: octets.startIndex, .badDomain, "\(quoted(octets)) is no domain name")
                return nil
            }
            return string
        }
        let why: String
        if octets.contains(UInt8(ascii: "/")) {
            why = "\(quoted(octets)) is no domain: is the prefix length behind “/” wrong?"
        } else if IPv4Address(octets.text) != nil {
            why = "\(quoted(octets)) is an address, not a domain: is “ip4:” meant?"
        } else if octets.contains(UInt8(ascii: ".")) {
            why = "\(quoted(octets)) is no domain: it must end in a top-level label"
        } else {
            why = "\(quoted(octets)) is no domain: it needs at least two labels"
        }
        problems.add(at: octets.startIndex, .badDomain, why)
        return nil
    }

    ///     toplabel = ( *alphanum ALPHA *alphanum ) / ( 1*alphanum "-" *( alphanum / "-" ) alphanum )
    func endsInTopLabel(_ octets: ArraySlice<UInt8>) -> Bool {
        var name = octets
        if name.last == UInt8(ascii: ".") { name = name.dropLast() }
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return false }
        let label = name[(dot + 1)...]
        guard let first = label.first, let last = label.last, first.isAlphanumeric, last.isAlphanumeric,
            label.allSatisfy({ $0.isAlphanumeric || $0 == UInt8(ascii: "-") })
        else { return false }
        return !label.allSatisfy(\.isDigit)
    }
}
