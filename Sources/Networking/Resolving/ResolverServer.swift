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
        do throws(TransportAddressError) {
            let place = try TransportAddress(text, defaultPort: 53)
            guard place.port > 0 else { throw .notAPort("0") }
            self.init(place.address, port: place.port)
        } catch .notAPort(let digits) {
            throw .notAPort(digits)
        } catch {
            throw .notAnAddress(text)
        }
    }
}

extension ResolverServer: CustomStringConvertible {
    /// `192.0.2.1:53`, `[2001:db8::1]:53`.
    package var description: String { TransportAddress(address: address, port: port).description }
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
