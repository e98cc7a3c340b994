extension Zone {
    /// Reads master-file text (RFC 1035 §5, RFC 2308 §4 for `$TTL`). Names without a last dot stand below `origin`,
    /// or below the last `$ORIGIN`. Where no TTL is given, it is `$TTL`'s, or the last one given, or 3600.
    /// TTLs may be written `1h30m`. Beside records: see the head of this type.
    ///
    /// Refused: `$INCLUDE`, `$GENERATE`, classes other than IN, a string of more than 255 octets, and an alias
    /// beside other records (RFC 2181 §10.1).
    package init(_ text: String, origin: DomainName = .root) throws(ZoneError) {
        self.init()
        var reader = ZoneReader(text, origin: origin)
        try reader.read(into: &self)
    }
}

/// What has been read, and what holds for the lines to come.
private struct ZoneReader {
    typealias Token = ZoneLexer.Token

    var lexer: ZoneLexer
    var origin: DomainName
    var owner: DomainName?
    var defaultTTL: UInt32?
    var lastTTL: UInt32 = 3600

    init(_ text: String, origin: DomainName) {
        lexer = ZoneLexer(text)
        self.origin = origin
    }

    mutating func read(into zone: inout Zone) throws(ZoneError) {
        while let entry = try lexer.next() {
            if !entry.inheritsOwner, let first = entry.tokens.first, first.raw.first == UInt8(ascii: "$"),
                !first.isQuoted
            {
                try refuseQuotations(in: entry.tokens)
                try readDirective(first, Array(entry.tokens.dropFirst()), into: &zone)
            } else {
                try refuseQuotations(in: entry.tokens.prefix(1))
                try readLine(entry, into: &zone)
            }
        }
    }

    /// Only the parameters of RFC 9460 §2.1 have quotations within a word.
    func refuseQuotations(in tokens: some Sequence<Token>) throws(ZoneError) {
        for token in tokens {
            if let offset = token.quotation { throw lexer.misplacedQuotation(token.line, offset) }
        }
    }

    func error(_ token: Token, _ problem: String, _ remedy: String = "") -> ZoneError {
        lexer.error(token.line, token.offset, problem, remedy)
    }

    /// The words of an outsider in an error: short, and on one line.
    func quote(_ token: Token) -> String { "“\(printable(token.raw, limit: 40))”" }

    // MARK: Directives

    /// RFC 1035 §5.1 and RFC 2308 §4.
    private mutating func readDirective(
        _ directive: Token, _ arguments: [Token], into zone: inout Zone
    ) throws(ZoneError) {
        let name = directive.text.uppercased()
        switch name {
        case "$ORIGIN", "$TTL": break
        case "$SIGNED" where arguments.isEmpty: return zone.sign(origin)
        case "$SIGNED": break
        case "$INCLUDE", "$GENERATE":
            throw error(directive, "\(name) is not read here", "write the records into this text")
        default:
            throw error(directive, "\(quote(directive)) is no directive", "there are $ORIGIN, $TTL and $SIGNED")
        }
        guard let argument = arguments.first else {
            throw error(directive, "\(name) lacks its value", name == "$TTL" ? "write: $TTL 3600" : "write a name")
        }
        if arguments.count > 1 { throw error(arguments[1], "\(name) takes one value", "remove this") }
        switch name {
        case "$TTL": defaultTTL = try ttl(argument)
        case "$ORIGIN": origin = try readName(argument, "origin")
        default: zone.sign(try readName(argument, "name"))
        }
    }

    // MARK: Lines

    /// `[owner] [TTL] [class] [type] RDATA`, TTL and class in either order (RFC 1035 §5.1).
    private mutating func readLine(_ entry: ZoneLexer.Entry, into zone: inout Zone) throws(ZoneError) {
        var tokens = entry.tokens[...]
        if !entry.inheritsOwner, let first = tokens.popFirst() { owner = try readName(first, "owner") }
        guard let last = entry.tokens.last else { return }
        guard let owner else {
            throw error(last, "the first record has no owner", "begin the line with a name")
        }
        var ttl: UInt32?
        var sawClass = false
        while let token = tokens.first, !token.isQuoted {
            if ttl == nil, let first = token.raw.first, (48...57).contains(first) {
                ttl = try self.ttl(token)
            } else if !sawClass, try isClass(token) {
                sawClass = true
            } else {
                break
            }
            tokens.removeFirst()
        }
        guard let typeToken = tokens.popFirst() else {
            throw error(last, "the line ends before a type", "write: name type data, as in: example.org. A 192.0.2.1")
        }
        if let reason = try failure(typeToken, tokens) {
            return zone.plant(reason, at: owner)
        }
        guard !typeToken.isQuoted, let type = RecordType(typeToken.text), type != .any, type != .opt else {
            throw error(
                typeToken, "\(quote(typeToken)) is no record type",
                "write one as A, AAAA, MX, TXT or TYPE123, or plant a failure as !timeout")
        }
        if let first = tokens.first, let reason = try failure(first, tokens.dropFirst()) {
            return zone.plant(reason, at: owner, type)
        }
        if let ttl { lastTTL = ttl }
        var fields = RecordDataReader(reader: self, typeToken: typeToken, tokens: tokens)
        let data = try fields.read(type)
        try checkAliases(owner, type, data, in: zone, at: typeToken)
        zone.insert(Record(owner, ttl: ttl ?? defaultTTL ?? lastTTL, data))
    }

    private func isClass(_ token: Token) throws(ZoneError) -> Bool {
        switch token.text.uppercased() {
        case "IN": return true
        case "CH", "HS", "CS": throw error(token, "class \(token.text) is not served", "write IN, or nothing")
        default: return false
        }
    }

    private static let failures: [String: Unanswered.Reason] = [
        "!TIMEOUT": .timedOut, "!SERVFAIL": .servfail, "!REFUSED": .refused, "!MALFORMED": .malformed,
        "!UNREACHABLE": .unreachable,
    ]

    /// A planted failure; nil where the word does not begin with an exclamation mark.
    private func failure(
        _ token: Token, _ rest: ArraySlice<Token>
    ) throws(ZoneError) -> Unanswered.Reason? {
        guard !token.isQuoted, token.raw.first == UInt8(ascii: "!") else { return nil }
        guard let reason = Self.failures[token.text.uppercased()] else {
            throw error(
                token, "\(quote(token)) is no failure to plant",
                "there are !timeout, !servfail, !refused, !malformed and !unreachable")
        }
        if let next = rest.first { throw error(next, "nothing follows a planted failure", "remove this") }
        return reason
    }

    /// RFC 2181 §10.1: where there is an alias, there is nothing else (DNSSEC's records apart).
    private func checkAliases(
        _ owner: DomainName, _ type: RecordType, _ data: RecordData, in zone: Zone, at token: Token
    ) throws(ZoneError) {
        let others = zone.recordsExactly(at: owner).filter { $0.data != data && ![.rrsig, .nsec].contains($0.type) }
        if type == .cname, let other = others.first {
            throw error(token, "\(owner) has \(other.type) records: it cannot be an alias too", "keep one of the two")
        }
        if others.contains(where: { $0.type == .cname }), type != .rrsig, type != .nsec {
            throw error(token, "\(owner) is an alias: it cannot have \(type) records", "keep one of the two")
        }
        if type == .soa, others.contains(where: { $0.type == .soa }) {
            throw error(token, "\(owner) has two SOA records", "keep one")
        }
    }

    // MARK: Values

    /// Seconds, or numbers with the units s, m, h, d, w; at most 2³¹−1 (RFC 2181 §8).
    func ttl(_ token: Token) throws(ZoneError) -> UInt32 {
        let units: [UInt8: Int] = [115: 1, 109: 60, 104: 3600, 100: 86400, 119: 604_800]
        var total = 0
        var number: Int?
        for octet in token.raw {
            if (48...57).contains(octet) {
                number = min((number ?? 0) * 10 + Int(octet - 48), 1 << 32)
            } else if let value = number, let unit = units[octet | 0x20] {
                total += value * unit
                number = nil
            } else {
                total = 1 << 32
                break
            }
        }
        total += number ?? 0
        guard !token.isQuoted, !token.raw.isEmpty, total <= 0x7FFF_FFFF else {
            throw error(token, "\(quote(token)) is no TTL", "write seconds up to 2147483647, or as 1h30m")
        }
        return UInt32(total)
    }

    /// A name, relative to the origin where it has no last dot; `@` is the origin.
    func readName(_ token: Token, _ what: String) throws(ZoneError) -> DomainName {
        if token.isQuoted { throw error(token, "the \(what) is quoted", "write the name without quotation marks") }
        if token.raw.elementsEqual([UInt8(ascii: "@")]) { return origin }
        do throws(DomainNameError) {
            let name = try DomainName.parse(Array(token.raw))
            return isAbsolute(token.raw) ? name : try name.appending(origin)
        } catch {
            throw self.error(token, "the \(what) \(quote(token)) is no domain name: \(error)")
        }
    }

    /// Whether the last dot is one, and not escaped.
    private func isAbsolute(_ raw: ArraySlice<UInt8>) -> Bool {
        guard raw.last == UInt8(ascii: ".") else { return false }
        return raw.dropLast().reversed().prefix { $0 == UInt8(ascii: "\\") }.count.isMultiple(of: 2)
    }

    /// The octets of a character-string (RFC 1035 §5.1), at most `limit`.
    func string(_ token: Token, limit: Int = 255) throws(ZoneError) -> [UInt8] {
        var octets: [UInt8] = []
        var rest = token.raw
        while let octet = rest.first {
            guard octet == UInt8(ascii: "\\") else {
                octets.append(octet)
                rest = rest.dropFirst()
                continue
            }
            do throws(DomainNameError) {
                let (value, length) = try DomainName.escape(rest)
                octets.append(value)
                rest = rest.dropFirst(length)
            } catch {
                throw lexer.error(token.line, rest.startIndex, "\(error)", "write \\\\ for a backslash")
            }
        }
        if octets.count > limit {
            throw error(
                token, "a string of \(octets.count) octets: \(limit) are allowed (RFC 1035 §3.3)",
                "split it into several: \"…\" \"…\"")
        }
        return octets
    }
}

extension Zone {
    /// Without wildcards or aliases.
    fileprivate func recordsExactly(at name: DomainName) -> [Record] { node(exactly: name)?.records ?? [] }
}

/// RDATA as written, field by field.
private struct RecordDataReader {
    typealias Token = ZoneLexer.Token

    let reader: ZoneReader
    let typeToken: Token
    var tokens: ArraySlice<Token>

    /// What a whole record of the type looks like, for those who left something out.
    private static let examples: [RecordType: String] = [
        .a: "A 192.0.2.1", .aaaa: "AAAA 2001:db8::1", .ns: "NS ns1.example.org.", .cname: "CNAME www.example.org.",
        .dname: "DNAME example.net.", .ptr: "PTR mail.example.org.", .mx: "MX 10 mail.example.org.",
        .txt: "TXT \"v=spf1 -all\"", .srv: "SRV 0 1 993 imap.example.org.",
        .soa: "SOA ns1.example.org. hostmaster.example.org. 1 3600 600 86400 300",
        .ds: "DS 20326 8 2 e06d44b8…", .dnskey: "DNSKEY 257 3 13 mdsswUyr…", .cds: "CDS 20326 8 2 e06d44b8…",
        .cdnskey: "CDNSKEY 257 3 13 mdsswUyr…", .nsec: "NSEC host.example.org. A MX RRSIG NSEC",
        .nsec3: "NSEC3 1 0 0 - 0p9mhaveqvm6t7vbl5lop2u3t2rp3tom A RRSIG", .nsec3param: "NSEC3PARAM 1 0 0 -",
        .rrsig: "RRSIG A 13 2 3600 20301231000000 20260101000000 12345 example.org. oJB1W6WN…",
        .naptr: "NAPTR 100 10 \"s\" \"SIPS+D2T\" \"\" _sips._tcp.example.org.",
        .svcb: "SVCB 1 svc.example.org. alpn=h2 port=8443", .https: "HTTPS 1 . alpn=h2,h3",
        .tlsa: "TLSA 3 1 1 0123456789abcdef…", .caa: "CAA 0 issue \"ca.example.net\"",
    ]

    mutating func read(_ type: RecordType) throws(ZoneError) -> RecordData {
        let data: RecordData
        if type != .svcb, type != .https { try reader.refuseQuotations(in: tokens) }
        if let first = tokens.first, !first.isQuoted, first.raw.elementsEqual("\\#".utf8) {
            data = try readUnknown(type)
        } else {
            data = try readKnown(type)
        }
        if let extra = tokens.first {
            throw reader.error(extra, "\(reader.quote(extra)) is more than a \(type) record holds", remedy(type))
        }
        return data
    }

    private func remedy(_ type: RecordType) -> String { Self.examples[type].map { "write as: \($0)" } ?? "" }

    private mutating func readKnown(_ type: RecordType) throws(ZoneError) -> RecordData {
        switch type {
        case .a: return .a(try value("address", type) { IPv4Address($0) })
        case .aaaa: return .aaaa(try value("address", type) { IPv6Address($0) })
        case .ns: return .ns(try name("name server", type))
        case .cname: return .cname(try name("target", type))
        case .dname: return .dname(try name("target", type))
        case .ptr: return .ptr(try name("target", type))
        case .mx: return .mx(MX(preference: try number("preference", type), exchange: try name("exchange", type)))
        case .txt: return .txt(TXT(strings: try strings(type)))
        case .spf:
            let strings = try strings(type)
            return .unknown(type: .spf, data: strings.flatMap { [UInt8($0.count)] + $0 })
        case .soa: return .soa(try soa())
        case .srv:
            return .srv(
                SRV(
                    priority: try number("priority", type), weight: try number("weight", type),
                    port: try number("port", type), target: try name("target", type)))
        case .tlsa:
            return .tlsa(
                TLSA(
                    usage: try number("usage", type), selector: try number("selector", type),
                    matchingType: try number("matching type", type), association: try octets("association", type)))
        case .caa:
            return .caa(
                CAA(
                    flags: try number("flags", type), tag: try tag(type), value: try string("value", type, limit: 65000)
                ))
        case .naptr:
            let naptr = NAPTR(
                order: try number("order", type), preference: try number("preference", type),
                flags: try string("flags", type, limit: 255), services: try string("services", type, limit: 255),
                regexp: try string("regexp", type, limit: 255), replacement: try name("replacement", type))
            return .unknown(type: .naptr, data: naptr.wire)
        case .svcb, .https: return .unknown(type: type, data: try serviceBinding(type).wire)
        case .ds: return .ds(try ds(type))
        case .cds: return .cds(try ds(type))
        case .dnskey: return .dnskey(try dnskey(type))
        case .cdnskey: return .cdnskey(try dnskey(type))
        case .rrsig: return .rrsig(try rrsig())
        case .nsec: return .nsec(NSEC(next: try name("next name", type), types: try types(type)))
        case .nsec3:
            let parameters = try nsec3Parameters(type)
            return .nsec3(
                NSEC3(
                    algorithm: parameters.algorithm, flags: parameters.flags, iterations: parameters.iterations,
                    salt: parameters.salt, nextHash: try hash(type), types: try types(type)))
        case .nsec3param: return .nsec3param(try nsec3Parameters(type))
        default:
            throw reader.error(
                typeToken, "the data of \(type) is read only in the form of RFC 3597",
                "write as: \(type) \\# 4 0a000001")
        }
    }

    /// RFC 9460 §2.1.
    private mutating func serviceBinding(_ type: RecordType) throws(ZoneError) -> ServiceBinding {
        let priority: UInt16 = try number("priority", type)
        let target = try name("target", type)
        var parameters: [ServiceBinding.Parameter] = []
        while let token = tokens.popFirst() {
            guard !token.isQuoted, let parameter = ServiceBinding.parameter(written: token.raw) else {
                throw reader.error(token, "\(reader.quote(token)) is no parameter of \(type)", remedy(type))
            }
            parameters.append(parameter)
        }
        guard let binding = ServiceBinding(priority: priority, target: target, parameters: parameters) else {
            throw reader.error(
                typeToken, "a parameter stands twice, or one of them does not go with the others", remedy(type))
        }
        return binding
    }

    // MARK: DNSSEC

    private mutating func ds(_ type: RecordType) throws(ZoneError) -> DS {
        DS(
            keyTag: try number("key tag", type), algorithm: try number("algorithm", type),
            digestType: try number("digest type", type), digest: try octets("digest", type))
    }

    private mutating func dnskey(_ type: RecordType) throws(ZoneError) -> DNSKEY {
        DNSKEY(
            flags: try number("flags", type), protocolNumber: try number("protocol", type),
            algorithm: try number("algorithm", type), publicKey: try base64("public key", type))
    }

    /// RFC 4034 §3.2.
    private mutating func rrsig() throws(ZoneError) -> RRSIG {
        let covered = try value("type", .rrsig) { RecordType($0) }
        let algorithm: UInt8 = try number("algorithm", .rrsig)
        let labels: UInt8 = try number("labels", .rrsig)
        let ttl = try reader.ttl(next("original TTL", .rrsig))
        let expiration = try value("expiration", .rrsig) { SecurityText.time(decoding: $0.utf8) }
        let inception = try value("inception", .rrsig) { SecurityText.time(decoding: $0.utf8) }
        return RRSIG(
            typeCovered: covered, algorithm: algorithm, labels: labels, originalTTL: ttl, expiration: expiration,
            inception: inception, keyTag: try number("key tag", .rrsig), signer: try name("signer", .rrsig),
            signature: try base64("signature", .rrsig))
    }

    private mutating func nsec3Parameters(_ type: RecordType) throws(ZoneError) -> NSEC3PARAM {
        let algorithm: UInt8 = try number("hash algorithm", type)
        let flags: UInt8 = try number("flags", type)
        let iterations: UInt16 = try number("iterations", type)
        let token = try next("salt", type)
        let isEmpty = token.raw.elementsEqual("-".utf8)
        guard !token.isQuoted, isEmpty || (token.raw.allSatisfy(\.isHexDigit) && token.raw.count.isMultiple(of: 2)),
            token.raw.count <= 510
        else { throw reader.error(token, "the salt \(reader.quote(token)) is not hexadecimal", remedy(type)) }
        let digits = Array(token.raw)
        let salt =
            isEmpty
            ? [] : stride(from: 0, to: digits.count, by: 2).map { digits[$0].hexValue << 4 | digits[$0 + 1].hexValue }
        return NSEC3PARAM(algorithm: algorithm, flags: flags, iterations: iterations, salt: salt)
    }

    private mutating func hash(_ type: RecordType) throws(ZoneError) -> [UInt8] {
        try value("next hash", type) { text in
            SecurityText.base32(decoding: text.utf8).flatMap { (1...255).contains($0.count) ? $0 : nil }
        }
    }

    /// To the end of the record; there may be none.
    private mutating func types(_ type: RecordType) throws(ZoneError) -> TypeBitmap {
        var types: [RecordType] = []
        while !tokens.isEmpty { types.append(try value("type", type) { RecordType($0) }) }
        return TypeBitmap(types)
    }

    /// To the end of the record, which may be written in pieces.
    private mutating func base64(_ field: String, _ type: RecordType) throws(ZoneError) -> [UInt8] {
        let first = try next(field, type)
        var text = Array(first.raw)
        while let token = tokens.popFirst() { text += token.raw }
        guard !first.isQuoted, let octets = SecurityText.base64(decoding: text) else {
            throw reader.error(first, "the \(field) is not base64", remedy(type))
        }
        return octets
    }

    // MARK: Fields

    private mutating func next(_ field: String, _ type: RecordType) throws(ZoneError) -> Token {
        guard let token = tokens.popFirst() else {
            throw reader.error(typeToken, "the \(type) record lacks its \(field)", remedy(type))
        }
        return token
    }

    private mutating func value<Value>(
        _ field: String, _ type: RecordType, _ read: (String) -> Value?
    ) throws(ZoneError) -> Value {
        let token = try next(field, type)
        guard !token.isQuoted, let value = read(token.text) else {
            throw reader.error(token, "the \(field) \(reader.quote(token)) is none of \(type)", remedy(type))
        }
        return value
    }

    private mutating func number<Number: FixedWidthInteger>(
        _ field: String, _ type: RecordType
    ) throws(ZoneError) -> Number {
        let token = try next(field, type)
        guard !token.isQuoted, !token.raw.isEmpty, token.raw.allSatisfy({ (48...57).contains($0) }),
            let number = Number(token.text)
        else {
            throw reader.error(
                token, "the \(field) \(reader.quote(token)) is no number from 0 to \(Number.max)", remedy(type))
        }
        return number
    }

    private mutating func name(_ field: String, _ type: RecordType) throws(ZoneError) -> DomainName {
        try reader.readName(next(field, type), field)
    }

    private mutating func string(_ field: String, _ type: RecordType, limit: Int) throws(ZoneError) -> [UInt8] {
        try reader.string(next(field, type), limit: limit)
    }

    private mutating func strings(_ type: RecordType) throws(ZoneError) -> [[UInt8]] {
        var strings = [try reader.string(textToken(next("text", type)))]
        while let token = tokens.popFirst() { strings.append(try reader.string(textToken(token))) }
        return strings
    }

    /// `v=DMARC1; p=none` without quotation marks would silently lose its policy.
    private func textToken(_ token: Token) throws(ZoneError) -> Token {
        if token.touchesComment {
            throw reader.error(
                token, "the text ends at “;”, where a comment begins", "quote it: \"\(token.text); …\"")
        }
        return token
    }

    private mutating func tag(_ type: RecordType) throws(ZoneError) -> String {
        let token = try next("tag", type)
        guard !token.raw.isEmpty, token.raw.count <= 255, token.raw.allSatisfy(\.isASCIILetterOrDigit) else {
            throw reader.error(token, "the tag \(reader.quote(token)) is not of letters and digits", remedy(type))
        }
        return token.text
    }

    /// The five times of an SOA may be written as TTLs are.
    private mutating func soa() throws(ZoneError) -> SOA {
        SOA(
            primary: try name("primary", .soa), mailbox: try name("mailbox", .soa),
            serial: try number("serial", .soa), refresh: try reader.ttl(next("refresh", .soa)),
            retry: try reader.ttl(next("retry", .soa)), expire: try reader.ttl(next("expire", .soa)),
            minimum: try reader.ttl(next("minimum", .soa)))
    }

    /// Hexadecimal to the end of the record, which may be written in pieces.
    private mutating func octets(_ field: String, _ type: RecordType) throws(ZoneError) -> [UInt8] {
        var digits: [UInt8] = []
        var last = try next(field, type)
        while true {
            guard !last.isQuoted, last.raw.allSatisfy(\.isHexDigit) else {
                throw reader.error(last, "the \(field) \(reader.quote(last)) is not hexadecimal", remedy(type))
            }
            digits += last.raw
            guard let token = tokens.popFirst() else { break }
            last = token
        }
        guard digits.count.isMultiple(of: 2) else {
            throw reader.error(last, "the \(field) has an odd number of digits", "write two for each octet")
        }
        return stride(from: 0, to: digits.count, by: 2).map { index in
            digits[index].hexValue << 4 | digits[index + 1].hexValue
        }
    }

    /// `\# length hexadecimal` for any type (RFC 3597 §5). Known types are read from the octets.
    private mutating func readUnknown(_ type: RecordType) throws(ZoneError) -> RecordData {
        let mark = try next("data", type)
        let length: UInt16 = try number("length", type)
        let octets = length == 0 && tokens.isEmpty ? [] : try octets("data", type)
        guard octets.count == Int(length) else {
            throw reader.error(
                mark, "\(octets.count) octets where \(length) are announced", "write \\# \(octets.count) …")
        }
        do throws(MessageError) {
            var wire = WireReader(octets)
            return try wire.within(octets.count, "\(type).rdata") { (wire) throws(MessageError) in
                try RecordData(type, reading: &wire)
            }
        } catch {
            throw reader.error(mark, "the octets are no \(type) record: \(error)", remedy(type))
        }
    }
}

extension UInt8 {
    /// 0 to 15, of a hexadecimal digit.
    fileprivate var hexValue: UInt8 {
        switch self {
        case 48...57: self - 48
        case 65...70: self - 55
        default: self - 87
        }
    }
}
