/// An IPv4 address (RFC 791).
package struct IPv4Address: Hashable, Sendable {
    /// In host order: 127.0.0.1 is 0x7F000001.
    package var value: UInt32

    package init(_ value: UInt32) { self.value = value }

    /// Four octets, the first the most significant.
    package init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        value = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    }

    /// Dotted quad only (RFC 6943 §3.1.1, strict): four decimal numbers without leading zeros.
    package init?(_ text: String) {
        var value: UInt32 = 0, number: UInt32 = 0
        var digits = 0, places = 1
        for octet in text.utf8 {
            if octet == UInt8(ascii: ".") {
                guard digits > 0, places < 4 else { return nil }
                value = value << 8 | number
                (number, digits, places) = (0, 0, places + 1)
            } else {
                guard (48...57).contains(octet), digits == 0 || number > 0 else { return nil }
                number = number * 10 + UInt32(octet - 48)
                digits += 1
                guard number < 256 else { return nil }
            }
        }
        guard digits > 0, places == 4 else { return nil }
        self.value = value << 8 | number
    }

    package var octets: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
}

extension IPv4Address: CustomStringConvertible {
    package var description: String {
        String(unsafeUninitializedCapacity: 15) { buffer in
            var count = 0
            for place in 0..<4 {
                let octet = UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * place))
                if place > 0 {
                    buffer[count] = UInt8(ascii: ".")
                    count += 1
                }
                if octet >= 100 {
                    buffer[count] = 48 + octet / 100
                    count += 1
                }
                if octet >= 10 {
                    buffer[count] = 48 + octet / 10 % 10
                    count += 1
                }
                buffer[count] = 48 + octet % 10
                count += 1
            }
            return count
        }
    }
}

/// An IPv6 address (RFC 4291), without a zone.
package struct IPv6Address: Hashable, Sendable {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Sixteen octets, otherwise nil.
    package init?(octets: some Collection<UInt8>) {
        guard octets.count == 16 else { return nil }
        high = octets.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = octets.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Any form of RFC 4291 §2.2, without brackets or zone.
    package init?(_ text: String) {
        guard let groups = Self.groups(text) else { return nil }
        high = groups.prefix(4).reduce(0) { $0 << 16 | UInt64($1) }
        low = groups.dropFirst(4).reduce(0) { $0 << 16 | UInt64($1) }
    }

    package var octets: [UInt8] {
        [UInt8](count: 16) { octets in
            for index in 0..<16 {
                octets[index] = UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - 8 * (index & 7)))
            }
        }
    }

    private static func groups(_ text: String) -> [UInt16]? {
        func read(_ part: Substring) -> [UInt16]? {
            if part.isEmpty { return [] }
            var groups: [UInt16] = []
            let pieces = part.split(separator: ":", omittingEmptySubsequences: false)
            for (index, piece) in pieces.enumerated() {
                if index == pieces.count - 1, piece.contains(".") {
                    guard let v4 = IPv4Address(String(piece)) else { return nil }
                    groups += [UInt16(v4.value >> 16), UInt16(v4.value & 0xFFFF)]
                } else {
                    guard (1...4).contains(piece.utf8.count), piece.utf8.allSatisfy({ $0.isHexDigit }),
                        let group = UInt16(piece, radix: 16)
                    else { return nil }
                    groups.append(group)
                }
            }
            return groups
        }
        guard let gap = text.firstRange(of: "::") else {
            guard let groups = read(Substring(text)), groups.count == 8 else { return nil }
            return groups
        }
        guard let left = read(text[..<gap.lowerBound]), let right = read(text[gap.upperBound...]),
            !text[..<gap.lowerBound].contains("."), left.count + right.count <= 7
        else { return nil }
        return left + Array(repeating: 0, count: 8 - left.count - right.count) + right
    }
}

extension IPv6Address: CustomStringConvertible {
    /// The canonical form of RFC 5952 §4; IPv4-mapped addresses as `::ffff:192.0.2.1` (§5).
    package var description: String {
        if let mapped = ipv4Mapped { return "::ffff:\(mapped)" }
        func group(_ place: Int) -> UInt16 {
            UInt16(truncatingIfNeeded: (place < 4 ? high : low) >> UInt64(48 - 16 * (place & 3)))
        }
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, group(end) == 0 { end += 1 }
            if end - start > max(best.count, 1) { best = start..<end }
            start = max(end, start + 1)
        }
        return String(unsafeUninitializedCapacity: 39) { buffer in
            var count = 0
            func put(_ octet: UInt8) {
                buffer[count] = octet
                count += 1
            }
            var place = 0
            while place < 8 {
                if place == best.lowerBound, !best.isEmpty {
                    put(UInt8(ascii: ":"))
                    put(UInt8(ascii: ":"))
                    place = best.upperBound
                    continue
                }
                if place > 0, place != best.upperBound { put(UInt8(ascii: ":")) }
                let group = group(place)
                var shift = group >= 0x1000 ? 12 : group >= 0x100 ? 8 : group >= 0x10 ? 4 : 0
                while shift >= 0 {
                    let digit = UInt8(truncatingIfNeeded: group >> UInt16(shift)) & 15
                    put(digit < 10 ? 48 + digit : 87 + digit)
                    shift -= 4
                }
                place += 1
            }
            return count
        }
    }

    /// The IPv4 address inside `::ffff:0:0/96` (RFC 4291 §2.5.5.2), if it is one.
    package var ipv4Mapped: IPv4Address? {
        high == 0 && low >> 32 == 0xFFFF ? IPv4Address(UInt32(truncatingIfNeeded: low)) : nil
    }
}

extension UInt8 {
    var isHexDigit: Bool { (48...57).contains(self) || (65...70).contains(self) || (97...102).contains(self) }
}

/// An address of either family.
package enum IPAddress: Hashable, Sendable {
    case v4(IPv4Address)
    case v6(IPv6Address)

    /// `ipv4` or `ipv6`, as in the metrics' label `ip_family`.
    package enum Family: String, Hashable, Sendable, Codable, CaseIterable { case ipv4, ipv6 }

    /// Reads `192.0.2.1` or `2001:db8::1`, without brackets, zone or port; nil for anything else.
    package init?(_ text: String) {
        // Most text that is asked about is a name: neither is begun without its mark.
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let v6 = IPv6Address(text) else { return nil }
            self = .v6(v6)
        } else {
            guard text.utf8.count <= 15, let v4 = IPv4Address(text) else { return nil }
            self = .v4(v4)
        }
    }

    package var family: Family { if case .v4 = self { .ipv4 } else { .ipv6 } }

    /// 4 or 16, the most significant first.
    package var octets: [UInt8] {
        switch self {
        case .v4(let address): address.octets
        case .v6(let address): address.octets
        }
    }

    /// The name whose PTR records name this address: under `in-addr.arpa` (RFC 1035 §3.5) or `ip6.arpa` (RFC 3596 §2.5).
    package var reverseName: DomainName {
        var wire: [UInt8] = []
        wire.reserveCapacity(74)
        switch self {
        case .v4(let address):
            for octet in address.octets.reversed() {
                let digits = String(octet).utf8
                wire.append(UInt8(digits.count))
                wire += digits
            }
            wire += [7] + "in-addr".utf8
        case .v6(let address):
            for octet in address.octets.reversed() {
                for digit in [octet & 15, octet >> 4] {
                    wire.append(1)
                    wire.append(digit < 10 ? 48 + digit : 87 + digit)
                }
            }
            wire += [3] + "ip6".utf8
        }
        return DomainName(wire: wire + [4] + "arpa".utf8 + [0])
    }
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .v4(let address): address.description
        case .v6(let address): address.description
        }
    }
}

/// Addresses are written as text in recordings and reports.
extension IPAddress: Codable {
    package init(from decoder: any Decoder) throws { self = try decodeText(from: decoder, IPAddress.init) }
    package func encode(to encoder: any Encoder) throws { try encodeText(description, to: encoder) }
}
extension IPv4Address: Codable {
    package init(from decoder: any Decoder) throws { self = try decodeText(from: decoder) { IPv4Address($0) } }
    package func encode(to encoder: any Encoder) throws { try encodeText(description, to: encoder) }
}
extension IPv6Address: Codable {
    package init(from decoder: any Decoder) throws { self = try decodeText(from: decoder) { IPv6Address($0) } }
    package func encode(to encoder: any Encoder) throws { try encodeText(description, to: encoder) }
}

private func decodeText<Value>(from decoder: any Decoder, _ read: (String) -> Value?) throws -> Value {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = read(text) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "no address: \(text)")
    }
    return value
}

private func encodeText(_ text: String, to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
}
