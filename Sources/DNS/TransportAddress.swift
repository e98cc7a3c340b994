/// An IP address and a port: where something listens. Never a name: what finds names cannot be found by one.
package struct TransportAddress: Hashable, Sendable {
    package var address: IPAddress
    /// 0 where any free one will do.
    package var port: UInt16

    package init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// Reads `192.0.2.1:53` or `[2001:db8::1]:53`; where there is a `defaultPort` also `192.0.2.1`, `2001:db8::1` and
    /// `[2001:db8::1]`.
    package init(_ text: String, defaultPort: UInt16? = nil) throws(TransportAddressError) {
        let octets = Array(text.utf8)
        let colon = octets.lastIndex(of: UInt8(ascii: ":"))
        guard IPAddress(text) == nil, let colon, octets.last != UInt8(ascii: "]") else {
            guard let address = Self.address(octets[...]) else { throw .notAnAddress }
            guard let defaultPort else { throw .portMissing }
            self.init(address: address, port: defaultPort)
            return
        }
        guard let address = Self.address(octets[..<colon]), address.family == .ipv4 || octets[0] == UInt8(ascii: "[")
        else { throw .notAnAddress }
        let digits = octets[(colon + 1)...]
        guard (1...5).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }),
            let port = UInt16(String(decoding: digits, as: UTF8.self))
        else { throw .notAPort(String(decoding: digits, as: UTF8.self)) }
        self.init(address: address, port: port)
    }

    /// An address, bare or, where it is one of IPv6, in brackets.
    private static func address(_ octets: ArraySlice<UInt8>) -> IPAddress? {
        if octets.first == UInt8(ascii: "["), octets.last == UInt8(ascii: "]") {
            return IPv6Address(String(decoding: octets.dropFirst().dropLast(), as: UTF8.self)).map { .v6($0) }
        }
        return IPAddress(String(decoding: octets, as: UTF8.self))
    }
}

extension TransportAddress: CustomStringConvertible {
    /// `192.0.2.1:53`, `[2001:db8::1]:53`.
    package var description: String {
        switch address {
        case .v4(let v4): "\(v4):\(port)"
        case .v6(let v6): "[\(v6)]:\(port)"
        }
    }
}

/// Why text is no ``TransportAddress``.
package enum TransportAddressError: Error, Hashable, Sendable {
    case notAnAddress
    case portMissing
    /// What stands in place of a port: not a number from 0 to 65535.
    case notAPort(String)
}
