package import DNS

extension SPFRecord {
    /// Whether a TXT record is an SPF record (RFC 7208 §4.5): `v=spf1` in any case, then a space or the end.
    package static func isSPF(_ octets: [UInt8]) -> Bool {
        octets.hasPrefixIgnoringCase("v=spf1") && (octets.count == 6 || octets[6] == UInt8(ascii: " "))
    }

    /// Looks for the one record of `domain` (RFC 7208 §4.5).
    package static func look(at domain: DomainName, asking dns: inout Knowledge) -> RecordLookup<SPFRecord> {
        TXTSearch(at: domain, asking: &dns, isSPF).lookup.map { SPFRecord($0.joined) }
    }

    package init(text: String) { self.init(Array(text.utf8)) }

    /// Reads the text of one record (RFC 7208 §12):
    ///
    ///     record    = version terms *SP
    ///     version   = "v=spf1"
    ///     terms     = *( 1*SP ( directive / modifier ) )
    ///     directive = [ qualifier ] mechanism
    ///     modifier  = redirect / explanation / unknown-modifier
    package init(_ octets: [UInt8]) {
        var reader = SPFReader(octets)
        reader.read()
        text = octets.prefix(SPFReader.maximumLength).text
        terms = reader.terms
        problems = reader.problems.sorted
    }
}

/// Reads a record term by term and remembers what is wrong.
struct SPFReader {
    static let maximumLength = 65_535  // RDLENGTH has 16 bits (RFC 1035 §3.2.1)
    static let maximumTerms = 10_000
    static let mechanisms = ["all", "include", "a", "mx", "ptr", "ip4", "ip6", "exists"]

    let octets: [UInt8]
    var problems: Problems
    var terms: [SPFRecord.Term] = []
    private var seenRedirect = false, seenExp = false

    init(_ octets: [UInt8]) {
        self.octets = Array(octets.prefix(Self.maximumLength))
        problems = Problems(self.octets)
        if octets.count > self.octets.count {
            problems.add(at: self.octets.count, .cut, "the record is longer than a DNS record can be")
        }
    }

    mutating func read() {
        if let bad = octets.firstIndex(where: { $0 >= 128 || $0 < 32 || $0 == 127 }) {
            problems.add(
                at: bad, .notASCII, "only visible ASCII characters and spaces may stand here\(hint(octets[bad...]))")
        }
        var start = 0
        if SPFRecord.isSPF(octets) {
            start = 6
        } else if octets.hasPrefixIgnoringCase("v=spf1") {
            problems.add(at: 6, .badVersion, "a space must follow “v=spf1”")
            start = 6
        } else {
            let hint =
                octets.first.map { $0.isSpace || $0 == UInt8(ascii: "\"") } == true ? ", with nothing before it" : ""
            problems.add(at: 0, .badVersion, "the record must begin with “v=spf1”\(hint)")
        }
        while start < octets.count {
            if octets[start].isSpace {
                start += 1
                continue
            }
            let end = octets[start...].firstIndex(where: \.isSpace) ?? octets.count
            if terms.count == Self.maximumTerms {
                problems.add(at: start, .cut, "more than \(Self.maximumTerms) terms: the rest was not read")
                break
            }
            readTerm(octets[start..<end])
            start = end
        }
        lookBack()
    }

    private mutating func readTerm(_ term: ArraySlice<UInt8>) {
        let kind = modifier(term) ?? directive(term).map { .directive($0) } ?? .malformed
        terms.append(SPFRecord.Term(kind, column: problems.column(term.startIndex), text: term.text))
    }

    // MARK: Modifiers

    /// RFC 7208 §6: `name "=" macro-string`, where `name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )`.
    private mutating func modifier(_ term: ArraySlice<UInt8>) -> SPFRecord.Term.Kind? {
        guard let end = term.firstIndex(where: { !($0.isAlphanumeric || "-_.".utf8.contains($0)) }),
            term[end] == UInt8(ascii: "="), let first = term.first, first.isAlpha
        else { return nil }
        let name = term[..<end], value = term[(end + 1)...]
        if name.equalsIgnoringCase("redirect") {
            if seenRedirect {
                problems.add(at: term.startIndex, .duplicate, "“redirect=” stands here a second time: once is allowed")
            }
            seenRedirect = true
            return domain(value, of: name).map { .modifier(.redirect($0)) } ?? .malformed
        }
        if name.equalsIgnoringCase("exp") {
            if seenExp {
                problems.add(at: term.startIndex, .duplicate, "“exp=” stands here a second time: once is allowed")
            }
            seenExp = true
            return domain(value, of: name).map { .modifier(.exp($0)) } ?? .malformed
        }
        warnOfUnknown(name, in: term)
        _ = MacroString(reading: value, problems: &problems)
        return .modifier(.unknown(name: name.text, value: value.text))
    }

    private mutating func warnOfUnknown(_ name: ArraySlice<UInt8>, in term: ArraySlice<UInt8>) {
        let at = term.startIndex
        if name.equalsIgnoringCase("v") {
            problems.add(at: at, .duplicate, "a second “v=” has no effect: are two records joined into one?", .warning)
        } else if let meant = Self.mechanisms.first(where: { $0 == name.lowercasedText }) {
            problems.add(at: at, .unknownMechanism, "“\(meant)” takes a “:”, with “=” it is ignored", .warning)
        } else if let meant = nearest(to: name, of: ["redirect", "exp"]) {
            problems.add(
                at: at, .unknownTag, "the modifier \(quoted(name)) is unknown and ignored: is “\(meant)=” meant?",
                .warning)
        } else if let meant = nearest(to: name, of: Self.mechanisms) {
            problems.add(
                at: at, .unknownTag, "the modifier \(quoted(name)) is unknown and ignored: is “\(meant):” meant?",
                .warning)
        } else {
            problems.add(at: at, .unknownTag, "the modifier \(quoted(name)) is unknown and ignored", .notice)
        }
    }

    // MARK: Directives

    private mutating func directive(_ term: ArraySlice<UInt8>) -> SPFRecord.Directive? {
        var rest = term
        var qualifier = SPFRecord.Qualifier.pass
        if let first = rest.first, let given = SPFRecord.Qualifier(rawValue: String(UnicodeScalar(first))) {
            qualifier = given
            rest = rest.dropFirst()
        }
        let end = rest.firstIndex { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") } ?? rest.endIndex
        let name = rest[..<end]
        let mechanism = mechanism(named: name, rest[end...])
        return mechanism.map { SPFRecord.Directive(qualifier, $0) }
    }

    /// `argument` begins with ":" or "/" or is empty.
    private mutating func mechanism(
        named name: ArraySlice<UInt8>, _ argument: ArraySlice<UInt8>
    ) -> SPFRecord.Mechanism? {
        switch name.lowercasedText {
        case "all":
            if argument.isEmpty { return .all }
            problems.add(at: argument.startIndex, .badSyntax, "“all” takes nothing behind it")
            return nil
        case "include": return requiredDomain(argument, of: name).map { .include($0) }
        case "exists": return requiredDomain(argument, of: name).map { .exists($0) }
        case "a": return hosts(argument, of: name).map { .a($0.domain, $0.cidr) }
        case "mx": return hosts(argument, of: name).map { .mx($0.domain, $0.cidr) }
        case "ptr":
            if argument.isEmpty { return .ptr(nil) }
            return requiredDomain(argument, of: name).map { .ptr($0) }
        case "ip4": return ip4(argument)
        case "ip6": return ip6(argument)
        default:
            unknownMechanism(name, argument)
            return nil
        }
    }

    private mutating func unknownMechanism(_ name: ArraySlice<UInt8>, _ argument: ArraySlice<UInt8>) {
        let whole = name + argument
        let advice: String
        if name.isEmpty {
            advice = "a mechanism is missing here"
        } else if name.equalsIgnoringCase("redirect") || name.equalsIgnoringCase("exp") {
            advice = "“\(name.lowercasedText)” takes a “=”, not a “:”"
        } else if IPv4Address(name.text) != nil {
            advice = "\(quoted(whole)) is no mechanism: is “ip4:\(whole.text)” meant?"
        } else if IPv6Address(whole.text) != nil {
            advice = "\(quoted(whole)) is no mechanism: is “ip6:\(whole.text)” meant?"
        } else if let meant = nearest(to: name, of: Self.mechanisms) {
            advice = "\(quoted(name)) is no mechanism: is “\(meant)” meant?"
        } else if name.contains(UInt8(ascii: ".")) {
            advice = "\(quoted(whole)) is no mechanism: is “include:” or “a:” missing before it?"
        } else {
            advice = "\(quoted(name)) is no mechanism"
        }
        problems.add(at: whole.isEmpty ? name.startIndex : name.startIndex, .unknownMechanism, advice)
    }

    private mutating func requiredDomain(
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
    private mutating func hosts(
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
    private mutating func trailingLength(
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
    private mutating func length(_ digits: ArraySlice<UInt8>, _ maximum: Int) -> Int? {
        if let length = digits.decimal(atMost: maximum), digits.count == 1 || digits.first != UInt8(ascii: "0") {
            return length
        }
        problems.add(
            at: digits.startIndex, .badPrefix, "\(quoted(digits)) is no prefix length: it goes from 0 to \(maximum)")
        return nil
    }

    /// `"ip4" ":" ip4-network [ ip4-cidr-length ]`
    private mutating func ip4(_ argument: ArraySlice<UInt8>) -> SPFRecord.Mechanism? {
        guard let (address, prefix) = network(argument, "ip4", maximum: 32) else { return nil }
        if let value = IPv4Address(address.text) { return .ip4(value, prefix: prefix) }
        let isIPv6 = IPv6Address(argument.dropFirst().prefix { $0 != UInt8(ascii: "/") }.text) != nil
        badAddress(address, isIPv6 ? "is an IPv6 address: write “ip6:”" : "is no IPv4 address")
        return nil
    }

    /// `"ip6" ":" ip6-network [ ip6-cidr-length ]`
    private mutating func ip6(_ argument: ArraySlice<UInt8>) -> SPFRecord.Mechanism? {
        guard let (address, prefix) = network(argument, "ip6", maximum: 128) else { return nil }
        if let value = IPv6Address(address.text) { return .ip6(value, prefix: prefix) }
        badAddress(
            address, IPv4Address(address.text) != nil ? "is an IPv4 address: write “ip4:”" : "is no IPv6 address")
        return nil
    }

    private mutating func badAddress(_ address: ArraySlice<UInt8>, _ why: String) {
        var why = why
        if address.contains(UInt8(ascii: ",")) || address.contains(UInt8(ascii: ";")) {
            why += ": write a term for each address"
        } else if address.contains(UInt8(ascii: "-")), address.first?.isDigit == true {
            why += ": write a range as address/length"
        } else if address.last?.isAlpha == true, address.contains(UInt8(ascii: ".")), why.hasPrefix("is no") {
            why += ": is “a:\(address.prefix(60).text)” meant?"
        }
        problems.add(at: address.startIndex, .badAddress, "\(quoted(address)) \(why)")
    }

    private mutating func network(
        _ argument: ArraySlice<UInt8>, _ name: String, maximum: Int
    ) -> (address: ArraySlice<UInt8>, prefix: Int)? {
        guard argument.first == UInt8(ascii: ":"), argument.count > 1 else {
            problems.add(at: argument.startIndex, .badAddress, "“\(name)” needs “:” and an address")
            return nil
        }
        let value = argument.dropFirst()
        guard let slash = value.firstIndex(of: UInt8(ascii: "/")) else { return (value, maximum) }
        // The family decides the length: a wrong family is the more telling problem.
        let address = value[..<slash]
        let fits = name == "ip4" ? IPv4Address(address.text) != nil : IPv6Address(address.text) != nil
        if !fits { return (address, maximum) }
        guard let prefix = length(value[(slash + 1)...], maximum) else { return nil }
        return (address, prefix)
    }

    // MARK: Domains

    ///     domain-spec = macro-string domain-end
    ///     domain-end  = ( "." toplabel [ "." ] ) / macro-expand
    private mutating func domain(_ octets: ArraySlice<UInt8>, of name: ArraySlice<UInt8>) -> MacroString? {
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
    private func endsInTopLabel(_ octets: ArraySlice<UInt8>) -> Bool {
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
