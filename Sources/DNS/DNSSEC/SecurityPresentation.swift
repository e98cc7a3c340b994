/// How zone files write keys, signatures and hashes: base64 (RFC 4648 §4), base32 with the extended hex alphabet
/// (§7, without padding: RFC 5155 §3.3), and times (RFC 4034 §3.2).
enum SecurityText {
    private static let alphabet64 = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let alphabet32 = Array("0123456789abcdefghijklmnopqrstuv".utf8)

    static func base64(_ octets: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((octets.count + 2) / 3 * 4)
        for start in stride(from: 0, to: octets.count, by: 3) {
            let rest = octets.count - start
            let word =
                UInt32(octets[start]) << 16 | (rest > 1 ? UInt32(octets[start + 1]) << 8 : 0)
                | (rest > 2 ? UInt32(octets[start + 2]) : 0)
            for place in 0..<4 {
                text.append(
                    place <= rest ? alphabet64[Int(word >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// nil where anything but base64 stands there, padding included and complete.
    static func base64(decoding text: [UInt8]) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        let digits = text.reversed().drop { $0 == UInt8(ascii: "=") }.count
        guard text.count - digits <= 2 else { return nil }
        return bits(text.prefix(digits), width: 6) { octet in
            switch octet {
            case 65...90: octet - 65
            case 97...122: octet - 71
            case 48...57: octet + 4
            case UInt8(ascii: "+"): 62
            case UInt8(ascii: "/"): 63
            default: nil
            }
        }
    }

    static func base32(_ octets: [UInt8]) -> String {
        var text: [UInt8] = []
        var held: UInt32 = 0
        var count: UInt32 = 0
        for octet in octets {
            held = held << 8 | UInt32(octet)
            count += 8
            while count >= 5 {
                count -= 5
                text.append(alphabet32[Int(held >> count & 31)])
            }
        }
        if count > 0 { text.append(alphabet32[Int(held << (5 - count) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Letters in either case.
    static func base32(decoding text: some Collection<UInt8>) -> [UInt8]? {
        bits(text, width: 5) { octet in
            switch octet {
            case 48...57: octet - 48
            case 65...86: octet - 55
            case 97...118: octet - 87
            default: nil
            }
        }
    }

    /// Digits of `width` bits put together; what is left over at the end must be zero and less than a digit.
    private static func bits(
        _ text: some Collection<UInt8>, width: UInt32, _ value: (UInt8) -> UInt8?
    ) -> [UInt8]? {
        var octets: [UInt8] = []
        octets.reserveCapacity(text.count * Int(width) / 8)
        var held: UInt32 = 0
        var count: UInt32 = 0
        for octet in text {
            guard let digit = value(octet) else { return nil }
            held = held << width | UInt32(digit)
            count += width
            if count >= 8 {
                count -= 8
                octets.append(UInt8(truncatingIfNeeded: held >> count))
            }
        }
        guard count < width, held & ((1 << count) - 1) == 0 else { return nil }
        return octets
    }

    /// `20301231235959`, in UTC, of seconds since 1970.
    static func time(_ seconds: UInt32) -> String {
        // Days to a civil date, years counted from March.
        let z = Int(seconds / 86_400) + 719_468
        let era = z / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let m = (5 * dayOfYear + 2) / 153
        let month = m < 10 ? m + 3 : m - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let rest = Int(seconds % 86_400)
        let fields = [month, dayOfYear - (153 * m + 2) / 5 + 1, rest / 3_600, rest / 60 % 60, rest % 60]
        return String(year) + fields.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined()
    }

    /// Fourteen digits of a date, or at most ten of seconds (RFC 4034 §3.2); later years wrap round, as the field does.
    static func time(decoding text: some Collection<UInt8>) -> UInt32? {
        let digits = Array(text)
        guard !digits.isEmpty, digits.count <= 14, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + Int($1 - 48) } }
        if digits.count < 14 {
            return digits.count <= 10 ? UInt32(exactly: number(0..<digits.count)) : nil
        }
        let year = number(0..<4), month = number(4..<6), day = number(6..<8)
        let hour = number(8..<10), minute = number(10..<12), second = number(12..<14)
        guard year >= 1970, (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60
        else { return nil }
        let y = month <= 2 ? year - 1 : year
        let era = y / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return UInt32(truncatingIfNeeded: days * 86_400 + hour * 3_600 + minute * 60 + second)
    }
}

extension RecordData {
    /// RFC 4034 §2.2, 3.2, 4.2, 5.3; RFC 5155 §3.3, 4.3.
    var securityDescription: String {
        switch self {
        case .ds(let ds), .cds(let ds): "\(ds.keyTag) \(ds.algorithm) \(ds.digestType) \(digits(ds.digest, empty: ""))"
        case .dnskey(let key), .cdnskey(let key):
            "\(key.flags) \(key.protocolNumber) \(key.algorithm) \(SecurityText.base64(key.publicKey))"
        case .rrsig(let rrsig):
            "\(rrsig.typeCovered) \(rrsig.algorithm) \(rrsig.labels) \(rrsig.originalTTL) "
                + "\(SecurityText.time(rrsig.expiration)) \(SecurityText.time(rrsig.inception)) \(rrsig.keyTag) "
                + "\(rrsig.signer.absolute) \(SecurityText.base64(rrsig.signature))"
        case .nsec(let nsec): ([nsec.next.absolute] + nsec.types.types.map(\.description)).joined(separator: " ")
        case .nsec3(let nsec3):
            ([
                "\(nsec3.algorithm)", "\(nsec3.flags)", "\(nsec3.iterations)", digits(nsec3.salt, empty: "-"),
                SecurityText.base32(nsec3.nextHash),
            ] + nsec3.types.types.map(\.description)).joined(separator: " ")
        case .nsec3param(let parameters):
            "\(parameters.algorithm) \(parameters.flags) \(parameters.iterations) \(digits(parameters.salt, empty: "-"))"
        default: ""
        }
    }

    private func digits(_ octets: [UInt8], empty: String) -> String {
        octets.isEmpty ? empty : hexadecimal(octets)
    }
}
