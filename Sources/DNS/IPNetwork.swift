/// A block of addresses, in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3).
package struct IPNetwork: Hashable, Sendable {
    /// The first address of the block; bits behind the prefix are zero.
    package let address: IPAddress
    /// 0 to 32 for IPv4, 0 to 128 for IPv6.
    package let prefixLength: Int

    /// nil where the length is out of range. Bits of `address` behind the prefix are dropped.
    package init?(_ address: IPAddress, prefixLength: Int) {
        guard (0...address.octets.count * 8).contains(prefixLength) else { return nil }
        switch address {
        case .v4(let v4): self.address = .v4(IPv4Address(v4.value & Self.mask(UInt32.self, prefixLength)))
        case .v6(let v6):
            self.address = .v6(
                IPv6Address(
                    high: v6.high & Self.mask(UInt64.self, prefixLength),
                    low: v6.low & Self.mask(UInt64.self, max(0, prefixLength - 64))))
        }
        self.prefixLength = prefixLength
    }

    /// Reads `192.0.2.0/24` or `2001:db8::/32`; without a length, one address.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let address = IPAddress(String(decoding: parts[0], as: UTF8.self)) else {
            return nil
        }
        guard parts.count == 2 else {
            self.init(address, prefixLength: address.octets.count * 8)
            return
        }
        guard (1...3).contains(parts[1].count), parts[1].allSatisfy({ (48...57).contains($0) }),
            parts[1].count == 1 || parts[1].first != 48
        else { return nil }
        self.init(address, prefixLength: parts[1].reduce(0) { $0 * 10 + Int($1 - 48) })
    }

    /// Whether `other` is of the same family and lies in the block.
    package func contains(_ other: IPAddress) -> Bool {
        switch (address, other) {
        case (.v4(let block), .v4(let other)): other.value & Self.mask(UInt32.self, prefixLength) == block.value
        case (.v6(let block), .v6(let other)):
            other.high & Self.mask(UInt64.self, prefixLength) == block.high
                && other.low & Self.mask(UInt64.self, max(0, prefixLength - 64)) == block.low
        case (.v4, .v6), (.v6, .v4): false
        }
    }

    /// `count` ones from the top; all of them where there are fewer bits.
    private static func mask<Word: FixedWidthInteger & UnsignedInteger>(_: Word.Type, _ count: Int) -> Word {
        count == 0 ? 0 : Word.max << (Word.bitWidth - min(count, Word.bitWidth))
    }
}

extension IPNetwork: CustomStringConvertible {
    package var description: String { "\(address)/\(prefixLength)" }
}
