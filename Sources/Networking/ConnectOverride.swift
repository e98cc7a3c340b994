package import DNS

/// `--connect-to HOST:PORT:ADDR:PORT`, as in curl: whoever would connect to HOST and PORT dials ADDR and PORT instead.
/// An empty HOST or PORT in front matches all; an empty ADDR or PORT behind keeps what it was. IPv6 addresses stand
/// in brackets. Unlike in curl ADDR is an address, never a name: nothing here dials names.
package struct ConnectOverride: Hashable, Sendable {
    /// The name, or the address where no name is known, to match; nil matches all.
    package enum Host: Hashable, Sendable {
        case name(DomainName)
        case address(IPAddress)
    }

    package var host: Host?
    package var port: UInt16?
    package var toAddress: IPAddress?
    package var toPort: UInt16?

    package init(host: Host?, port: UInt16?, toAddress: IPAddress?, toPort: UInt16?) {
        self.host = host
        self.port = port
        self.toAddress = toAddress
        self.toPort = toPort
    }

    /// Reads `HOST:PORT:ADDR:PORT`.
    package init(_ text: String) throws(ConnectOverrideError) {
        let fields = try Self.fields(of: text)
        guard fields.count == 4 else { throw .fieldCount(fields.count, text) }
        if fields[0].text.isEmpty {
            host = nil
        } else if let address = IPAddress(fields[0].text) {
            host = .address(address)
        } else if !fields[0].isBracketed, let name = try? DomainName(fields[0].text) {
            host = .name(name)
        } else {
            throw .badHost(fields[0].text)
        }
        port = try Self.port(fields[1].text)
        if fields[2].text.isEmpty {
            toAddress = nil
        } else {
            guard let address = IPAddress(fields[2].text) else { throw .badAddress(fields[2].text) }
            toAddress = address
        }
        toPort = try Self.port(fields[3].text)
    }

    /// Whether it speaks of this host and port. `host` is nil where only an address is known.
    func matches(host: DomainName?, address: IPAddress?, port: UInt16) -> Bool {
        if let own = self.port, own != port { return false }
        switch self.host {
        case nil: return true
        case .name(let name)?: return name == host
        case .address(let own)?: return own == address
        }
    }

    private struct Field {
        var text: String
        var isBracketed: Bool
    }

    /// Parts between colons; inside brackets a colon is none.
    private static func fields(of text: String) throws(ConnectOverrideError) -> [Field] {
        var fields: [Field] = []
        var rest = Substring(text)
        while true {
            if rest.first == "[" {
                guard let end = rest.firstIndex(of: "]") else { throw .missingBracket(text) }
                fields.append(Field(text: String(rest[rest.index(after: rest.startIndex)..<end]), isBracketed: true))
                rest = rest[rest.index(after: end)...]
                if rest.isEmpty { return fields }
                guard rest.first == ":" else { throw .missingBracket(text) }
                rest = rest.dropFirst()
            } else if let colon = rest.firstIndex(of: ":") {
                fields.append(Field(text: String(rest[..<colon]), isBracketed: false))
                rest = rest[rest.index(after: colon)...]
            } else {
                fields.append(Field(text: String(rest), isBracketed: false))
                return fields
            }
        }
    }

    private static func port(_ text: String) throws(ConnectOverrideError) -> UInt16? {
        if text.isEmpty { return nil }
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(text), port > 0 else {
            throw .badPort(text)
        }
        return port
    }
}

/// Why text is no ``ConnectOverride``.
package enum ConnectOverrideError: Error, Hashable, Sendable, CustomStringConvertible {
    case fieldCount(Int, String)
    case missingBracket(String)
    case badHost(String)
    case badPort(String)
    case badAddress(String)

    package var description: String {
        switch self {
        case .fieldCount(let count, let text):
            "“\(text)” has \(count) of the four parts of HOST:PORT:ADDR:PORT (an IPv6 address stands in brackets)"
        case .missingBracket(let text): "“\(text)”: an IPv6 address stands in brackets: [2001:db8::1]"
        case .badHost(let text): "“\(text)” is neither a host name nor an address"
        case .badPort(let text): "“\(text)” is no port: write a number from 1 to 65535, or nothing"
        case .badAddress(let text): "“\(text)” is no IP address: the third part is the address to dial, not a name"
        }
    }
}
