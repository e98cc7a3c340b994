package import DNS

/// Where a recursive resolver listens. An address: what finds names can't be found by one.
package struct ResolverServer: Hashable, Sendable {
    package var address: IPAddress
    package var port: UInt16

    package init(_ address: IPAddress, port: UInt16 = 53) {
        self.address = address
        self.port = port
    }

    /// Reads `192.0.2.1`, `192.0.2.1:5300`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:5300`.
    package init(_ text: String) throws(ResolverServerError) {
        if let address = IPAddress(text) {
            self.init(address)
            return
        }
        let octets = Array(text.utf8)
        guard let colon = octets.lastIndex(of: UInt8(ascii: ":")), octets.last != UInt8(ascii: "]") else {
            self.init(try Self.address(octets[...], of: text))
            return
        }
        let address = try Self.address(octets[..<colon], of: text)
        if case .v6 = address, octets.first != UInt8(ascii: "[") { throw .notAnAddress(text) }
        let digits = octets[(colon + 1)...]
        guard (1...5).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }),
            let port = UInt16(String(decoding: digits, as: UTF8.self)), port > 0
        else { throw .notAPort(String(decoding: digits, as: UTF8.self)) }
        self.init(address, port: port)
    }

    /// An address, bare or, where it is one of IPv6, in brackets.
    private static func address(
        _ octets: ArraySlice<UInt8>, of text: String
    ) throws(ResolverServerError) -> IPAddress {
        if octets.first == UInt8(ascii: "["), octets.last == UInt8(ascii: "]"),
            let v6 = IPv6Address(String(decoding: octets.dropFirst().dropLast(), as: UTF8.self))
        {
            return .v6(v6)
        }
        guard let address = IPAddress(String(decoding: octets, as: UTF8.self)) else { throw .notAnAddress(text) }
        return address
    }
}

extension ResolverServer: CustomStringConvertible {
    /// `192.0.2.1:53`, `[2001:db8::1]:53`.
    package var description: String {
        switch address {
        case .v4(let v4): "\(v4):\(port)"
        case .v6(let v6): "[\(v6)]:\(port)"
        }
    }
}

/// Why text names no resolver.
package enum ResolverServerError: Error, Hashable, Sendable, CustomStringConvertible {
    case notAnAddress(String)
    case notAPort(String)

    package var description: String {
        switch self {
        case .notAnAddress(let text):
            "“\(visible(text))” is no address of a resolver: write 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53, not a name"
        case .notAPort(let text): "“\(visible(text))” is no port: write a number from 1 to 65535"
        }
    }
}

/// What somebody typed, safe to print and short.
private func visible(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.prefix(60).map { $0.isASCII && $0.value < 32 ? "?" : $0 }))
}
