package import DNS

extension SPFRecord {
    /// Whether a TXT record is an SPF record (RFC 7208 §4.5): `v=spf1` in any case, then a space or the end.
    package static func isSPF(_ octets: [UInt8]) -> Bool {
        octets.hasPrefixIgnoringCase("v=spf1") && (octets.count == 6 || octets[6] == UInt8(ascii: " "))
    }

    /// Looks for the one record of `domain` (RFC 7208 §4.5).
    package static func look(at domain: DomainName, asking dns: inout Knowledge) -> RecordLookup<SPFRecord> {
        TXTSearch(at: domain, asking: &dns, isSPF).lookup.map { readBefore($0.joined) }
    }

    package init(text: String) { self.init(Array(text.utf8)) }

    /// The same as reading it anew.
    static let readBefore = ReadBefore { SPFRecord($0) }

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

    mutating func readTerm(_ term: ArraySlice<UInt8>) {
        let kind = modifier(term) ?? directive(term).map { .directive($0) } ?? .malformed
        terms.append(SPFRecord.Term(kind, column: problems.column(term.startIndex), text: term.text))
    }

    // MARK: Modifiers

    /// RFC 7208 §6: `name "=" macro-string`, where `name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." )`.
    mutating func modifier(_ term: ArraySlice<UInt8>) -> SPFRecord.Term.Kind? {
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

    mutating func warnOfUnknown(_ name: ArraySlice<UInt8>, in term: ArraySlice<UInt8>) {
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

    mutating func directive(_ term: ArraySlice<UInt8>) -> SPFRecord.Directive? {
        var rest = term
        var qualifier = SPFRecord.Qualifier.pass
        if let first = rest.first, let given = SPFRecord.Qualifier(first) {
            qualifier = given
            rest = rest.dropFirst()
        }
        let end = rest.firstIndex { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") } ?? rest.endIndex
        let name = rest[..<end]
        let mechanism = mechanism(named: name, rest[end...])
        return mechanism.map { SPFRecord.Directive(qualifier, $0) }
    }

    /// `argument` begins with ":" or "/" or is empty.
    mutating func mechanism(
        named name: ArraySlice<UInt8>, _ argument: ArraySlice<UInt8>
    ) -> SPFRecord.Mechanism? {
        if name.equalsIgnoringCase("ip4") { return ip4(argument) }
        if name.equalsIgnoringCase("ip6") { return ip6(argument) }
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
        default:
            unknownMechanism(name, argument)
            return nil
        }
    }

    mutating func unknownMechanism(_ name: ArraySlice<UInt8>, _ argument: ArraySlice<UInt8>) {
        let whole = name + argument
        let advice: String
        if name.isEmpty {
            advice = "a mechanism is missing here"
        } else if name.equalsIgnoringCase("redirect") || name.equalsIgnoringCase("exp") {
            advice = "“\(name.lowercasedText)” takes a “=”, not a “:”"
        } else if IPv4Address(name.text) != nil {
            advice = "\(quoted(whole)) is no mechanism: is \(quoted("ip4:\(whole.text)")) meant?"
        } else if IPv6Address(whole.text) != nil {
            advice = "\(quoted(whole)) is no mechanism: is \(quoted("ip6:\(whole.text)")) meant?"
        } else if let meant = nearest(to: name, of: Self.mechanisms) {
            advice = "\(quoted(name)) is no mechanism: is “\(meant)” meant?"
        } else if name.contains(UInt8(ascii: ".")) {
            advice = "\(quoted(whole)) is no mechanism: is “include:” or “a:” missing before it?"
        } else {
            advice = "\(quoted(name)) is no mechanism"
        }
        problems.add(at: whole.isEmpty ? name.startIndex : name.startIndex, .unknownMechanism, advice)
    }
}
