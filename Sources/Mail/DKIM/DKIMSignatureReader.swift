import DNS

extension DKIMSignature {
    /// Reads the tags of a signature one by one and says what is wrong with each.
    struct Reader {
        let kind: Kind
        var list: TagList
        /// What is hashed, and how, can be read.
        var isReadable: Bool

        init(kind: Kind, list: TagList) {
            self.kind = kind
            self.list = list
            isReadable = !list.problems.list.contains {
                $0.isError && ($0.code == .badSyntax || $0.code == .duplicate)
            }
        }

        mutating func add(_ name: String, _ code: RecordProblem.Code, _ message: String) {
            list.problems.add(at: list[name]?.valueOffset ?? list.end, code, message)
        }

        /// A tag that has to be there.
        mutating func required(_ name: String) -> TagList.Tag? {
            guard let tag = list[name] else {
                list.problems.add(at: list.end, .missing, "“\(name)=” is missing")
                return nil
            }
            return tag
        }

        /// RFC 6376 §3.5: always "1".
        mutating func checkVersion() {
            guard let tag = required("v") else { return }
            if tag.value != [UInt8(ascii: "1")] {
                add("v", .badVersion, "\(quoted(tag.value)) is not the version of DKIM, which is 1")
            }
        }

        mutating func algorithm() -> Algorithm? {
            guard let tag = required("a") else { return nil }
            let algorithm = Algorithm(tag.lowercased)
            switch algorithm {
            case .other:
                add("a", .badValue, "\(quoted(tag.value)) is no algorithm that verifiers know")
            case .rsaSHA1 where kind != .dkim:
                add("a", .badValue, "“rsa-sha1” is no algorithm of ARC")  // RFC 8617 §4.1.2
                isReadable = false
            default: break
            }
            return algorithm
        }

        mutating func domain() -> DomainName? {
            guard let tag = required("d") else { return nil }
            guard let name = Self.name(tag.value[...]) else {
                add("d", .badDomain, "\(quoted(tag.value)) is no domain")
                return nil
            }
            return name
        }

        mutating func selector() -> String? {
            guard let tag = required("s") else { return nil }
            guard Self.name(tag.value[...]) != nil else {
                add("s", .badDomain, "\(quoted(tag.value)) is no selector")
                return nil
            }
            return tag.text
        }

        /// A name of letters, digits, "-" and "_", or of Unicode text (RFC 8616 §5).
        static func name(_ octets: ArraySlice<UInt8>) -> DomainName? {
            guard !octets.isEmpty, octets.count <= 1_000, octets.last != UInt8(ascii: "."),
                octets.allSatisfy({
                    $0.isAlphanumeric || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                        || $0 == UInt8(ascii: ".") || $0 >= 128
                })
            else { return nil }
            return try? DomainName(octets.text)
        }

        /// The octets of a tag in base 64; nil, with a problem, where there are none.
        mutating func base64(_ name: String) -> [UInt8]? {
            guard let tag = required(name) else { return nil }
            switch Base64.decode(tag.value) {
            case .success(let octets) where !octets.isEmpty: return octets
            case .success:
                add(name, .badValue, "“\(name)=” is empty")
            case .failure(let bad):
                let letter = tag.value.dropFirst(bad.offset).prefix(1)
                list.problems.add(
                    at: tag.valueOffset + bad.offset, .badValue,
                    letter.isEmpty
                        ? "“\(name)=” ends in the middle of its base64"
                        : "\(quoted(letter)) does not belong in base64")
            }
            return nil
        }

        ///     sig-c-tag-alg [ "/" sig-c-tag-alg ]: without the second, the body is "simple"
        ///
        /// Without the tag it is "simple" (RFC 6376 §3.5), for ARC too (RFC 8617 §4.1.2); but sealers that mean "relaxed"
        /// leave it out as well, and the published suite asks for that. ``ARCValidator`` tries the other if it must.
        mutating func canonicalizations() -> (Canonicalization, Canonicalization) {
            guard let tag = list["c"] else {
                return kind == .arcMessage ? (.relaxed, .relaxed) : (.simple, .simple)
            }
            let parts = tag.value.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            let known = parts.compactMap { Canonicalization(rawValue: $0.lowercasedText) }
            guard known.count == parts.count, (1...2).contains(known.count) else {
                add("c", .badValue, "\(quoted(tag.value)) is no canonicalization: simple or relaxed, “/”, and the same")
                isReadable = false
                return (.simple, .simple)
            }
            return (known[0], known.count == 2 ? known[1] : .simple)
        }

        ///     sig-h-tag = %x68 [FWS] "=" [FWS] hdr-name *( [FWS] ":" [FWS] hdr-name )
        mutating func headers() -> [String] {
            guard let tag = required("h") else { return [] }
            let names = tag.value.split(
                separator: UInt8(ascii: ":"), maxSplits: DKIMSignature.maximumHeaders, omittingEmptySubsequences: false)
            if names.count > DKIMSignature.maximumHeaders {
                add("h", .cut, "more than \(DKIMSignature.maximumHeaders) fields are named")
                isReadable = false
                return []
            }
            if kind == .dkim, tag.value.isEmpty { add("h", .badValue, "“h=” is empty: no field is signed") }
            return names.map { $0.trimmed().lowercasedText }
        }

        /// Up to 76 digits; what does not fit is longer than any body.
        mutating func bodyLength() -> Int? {
            guard let tag = list["l"] else { return nil }
            guard !tag.value.isEmpty, tag.value.count <= 76, tag.value.allSatisfy(\.isDigit) else {
                add("l", .badValue, "\(quoted(tag.value)) is no length: it has digits alone")
                isReadable = false
                return nil
            }
            return Int(tag.text) ?? .max
        }

        /// Seconds since 1970 (RFC 6376 §3.5); up to 12 digits need be read, and more are read here.
        mutating func time(_ name: String) -> Timestamp? {
            guard let tag = list[name] else { return nil }
            guard !tag.value.isEmpty, tag.value.count <= 76, tag.value.allSatisfy(\.isDigit),
                let seconds = Double(tag.text)
            else {
                add(name, .badValue, "\(quoted(tag.value)) is no time: it has digits alone, seconds since 1970")
                return nil
            }
            return Timestamp(min(seconds, 1e15))
        }

        /// RFC 6376 §3.5: "x" must be later than "t".
        mutating func checkTimes(_ signed: Timestamp?, _ expires: Timestamp?) {
            if let signed, let expires, expires <= signed {
                add("x", .badValue, "the signature expires before it was made")
            }
        }

        /// RFC 6376 §3.5: methods that are not known are passed over; "dns/txt" has to be left.
        mutating func checkQueryMethods() {
            guard let tag = list["q"] else { return }
            let methods = tag.value.split(separator: UInt8(ascii: ":")).map { $0.trimmed() }
            if !methods.contains(where: { $0.equalsIgnoringCase("dns/txt") || $0.equalsIgnoringCase("dns") }) {
                add("q", .badValue, "\(quoted(tag.value)) names no way to the key that verifiers know: dns/txt")
            }
        }

        ///     instance = [CFWS] %s"i" [CFWS] "=" [CFWS] position; 1-50 (RFC 8617 §4.2.1)
        mutating func instance() -> Int? {
            guard let tag = required("i") else { return nil }
            guard let number = tag.value.decimal(atMost: 50), number > 0 else {
                add("i", .badValue, "\(quoted(tag.value)) is no instance: 1 to 50")
                return nil
            }
            return number
        }

        mutating func chainValidation() -> String? {
            guard let tag = required("cv") else { return nil }
            let value = tag.lowercased
            guard ["none", "pass", "fail"].contains(value) else {
                add("cv", .badValue, "\(quoted(tag.value)) is no state of a chain: none, pass or fail")
                return nil
            }
            return value
        }
    }
}

/// `dkim-quoted-printable` (RFC 6376 §2.11): white space is taken out, "=" and two upper-case digits are an octet.
enum QuotedPrintableTag {
    static func decode(_ value: [UInt8]) -> [UInt8] {
        var octets: [UInt8] = []
        var rest = value[...]
        while let octet = rest.popFirst() {
            if octet.isSpace { continue }
            if octet == UInt8(ascii: "="), rest.count >= 2, let high = hex(rest[rest.startIndex]),
                let low = hex(rest[rest.startIndex + 1])
            {
                octets.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                octets.append(octet)
            }
        }
        return octets
    }

    private static func hex(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 48...57: digit - 48
        case 65...70: digit - 55
        default: nil
        }
    }
}
