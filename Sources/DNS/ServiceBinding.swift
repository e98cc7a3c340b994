/// SVCB and HTTPS (RFC 9460): where a service is to be had, and with which parameters.
///
/// Nothing here decides by these records: they are read to be shown, and written as zone files have them. What is not
/// well-formed stays octets. It leaves out what follows from the parameters for a client.
package struct ServiceBinding: Hashable, Sendable {
    /// One of the SvcParams, by its number in the IANA registry.
    package struct Parameter: Hashable, Sendable {
        package var key: UInt16
        /// As on the wire.
        package var value: [UInt8]

        package init(key: UInt16, value: [UInt8]) {
            self.key = key
            self.value = value
        }
    }

    /// 0 is an alias (RFC 9460 §2.4.2), whose parameters mean nothing.
    package var priority: UInt16
    /// The root stands for the owner itself (RFC 9460 §2.5.2); for an alias, for no service.
    package var target: DomainName
    /// In ascending order of their keys.
    package var parameters: [Parameter]

    /// nil where a key stands twice, or a value is none of its key (RFC 9460 §2.2, §7, §8).
    package init?(priority: UInt16, target: DomainName, parameters: [Parameter]) {
        self.priority = priority
        self.target = target
        self.parameters = parameters.sorted { $0.key < $1.key }
        let keys = self.parameters.map(\.key)
        guard zip(keys, keys.dropFirst()).allSatisfy({ $0 < $1 }), keys.last != Key.invalid else { return nil }
        guard self.parameters.allSatisfy({ isRight($0, among: keys) }) else { return nil }
    }

    /// From RDATA, where names are never compressed (RFC 9460 §2.2).
    package init?(wire: [UInt8]) {
        var reader = WireReader(wire)
        guard let priority = try? reader.uint16("SVCB.priority"), let target = reader.plainName("SVCB.target") else {
            return nil
        }
        var parameters: [Parameter] = []
        while reader.remaining > 0 {
            guard let key = try? reader.uint16("SVCB.key"), let length = try? reader.uint16("SVCB.length"),
                let value = try? reader.bytes(Int(length), "SVCB.value"), parameters.last.map({ $0.key < key }) ?? true
            else { return nil }
            parameters.append(Parameter(key: key, value: value))
        }
        self.init(priority: priority, target: target, parameters: parameters)
    }

    /// RDATA, the target never compressed (RFC 9460 §2.2).
    package var wire: [UInt8] {
        var writer = WireWriter()
        writer.uint16(priority)
        writer.name(target, compressed: false)
        for parameter in parameters {
            writer.uint16(parameter.key)
            writer.lengthPrefixed { $0.bytes(parameter.value) }
        }
        return writer.octets
    }

    private func isRight(_ parameter: Parameter, among keys: [UInt16]) -> Bool {
        let value = parameter.value
        switch parameter.key {
        case Key.mandatory:  // RFC 9460 §8
            guard let named = Self.numbers(value), !named.isEmpty else { return false }
            return zip(named, named.dropFirst()).allSatisfy { $0 < $1 }
                && named.allSatisfy { $0 != Key.mandatory && keys.contains($0) }
        case Key.alpn: return Self.protocols(value) != nil
        // RFC 9460 §7.1.1: of no meaning without the list it belongs to.
        case Key.noDefaultALPN: return value.isEmpty && keys.contains(Key.alpn)
        case Key.port: return value.count == 2
        case Key.ipv4hint: return !value.isEmpty && value.count.isMultiple(of: 4)
        case Key.ipv6hint: return !value.isEmpty && value.count.isMultiple(of: 16)
        case Key.ech: return !value.isEmpty
        default: return true
        }
    }

    /// Pairs of octets; nil where one is left over.
    fileprivate static func numbers(_ value: [UInt8]) -> [UInt16]? {
        guard value.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: value.count, by: 2).map { UInt16(value[$0]) << 8 | UInt16(value[$0 + 1]) }
    }

    /// Identifiers of ALPN, each behind its length (RFC 9460 §7.1.1); nil where there is none, or an empty one.
    fileprivate static func protocols(_ value: [UInt8]) -> [[UInt8]]? {
        var list: [[UInt8]] = []
        var index = 0
        while index < value.count {
            let end = index + 1 + Int(value[index])
            guard value[index] > 0, end <= value.count else { return nil }
            list.append(Array(value[(index + 1)..<end]))
            index = end
        }
        return list.isEmpty ? nil : list
    }

    // MARK: Keys

    private enum Key {
        static let mandatory: UInt16 = 0, alpn: UInt16 = 1, noDefaultALPN: UInt16 = 2, port: UInt16 = 3
        static let ipv4hint: UInt16 = 4, ech: UInt16 = 5, ipv6hint: UInt16 = 6, dohpath: UInt16 = 7
        static let invalid: UInt16 = 65_535  // RFC 9460 §14.3.2
    }

    /// RFC 9460 §14.3.2, RFC 9461, RFC 9540.
    private static let names: [UInt16: String] = [
        Key.mandatory: "mandatory", Key.alpn: "alpn", Key.noDefaultALPN: "no-default-alpn", Key.port: "port",
        Key.ipv4hint: "ipv4hint", Key.ech: "ech", Key.ipv6hint: "ipv6hint", Key.dohpath: "dohpath", 8: "ohttp",
    ]

    private static func name(of key: UInt16) -> String { names[key] ?? "key\(key)" }

    /// RFC 9460 §2.1: a registered name, or `key` and a number without leading zeros.
    private static func key(_ name: some Collection<UInt8>) -> UInt16? {
        let text = String(decoding: name, as: UTF8.self)
        if let known = names.first(where: { $0.value == text }) { return known.key }
        let digits = text.utf8.dropFirst(3)
        guard text.hasPrefix("key"), digits.allSatisfy({ (48...57).contains($0) }),
            digits.first != UInt8(ascii: "0") || digits.count == 1
        else { return nil }
        return UInt16(String(digits) ?? "")
    }

    // MARK: As zone files write it (RFC 9460 §2.1)

    /// One parameter as it is written, `key` or `key=value`, quotation marks already gone and escapes not yet
    /// resolved; nil where the name is no key or the value none of it.
    static func parameter(written text: ArraySlice<UInt8>) -> Parameter? {
        let equals = text.firstIndex(of: UInt8(ascii: "="))
        guard let key = key(text[..<(equals ?? text.endIndex)]) else { return nil }
        guard let equals else {
            return [Key.mandatory, Key.alpn, Key.port, Key.ipv4hint, Key.ech, Key.ipv6hint].contains(key)
                ? nil : Parameter(key: key, value: [])
        }
        guard let value = unescaped(text[(equals + 1)...]), let octets = octets(of: value, key) else { return nil }
        return Parameter(key: key, value: octets)
    }

    private static func octets(of value: [UInt8], _ key: UInt16) -> [UInt8]? {
        func list<Part: Sequence>(_ read: ([UInt8]) -> Part?) -> [UInt8]? where Part.Element == UInt8 {
            var octets: [UInt8] = []
            for item in items(value) {
                guard !item.isEmpty, let part = read(item) else { return nil }
                octets += part
            }
            return octets
        }
        switch key {
        case Key.mandatory:
            // The order does not matter as written (RFC 9460 §8); on the wire it ascends.
            let keys = items(value).map { Self.key($0) }
            guard !keys.contains(nil) else { return nil }
            return keys.compactMap { $0 }.sorted().flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        case Key.alpn: return list { $0.count <= 255 ? [UInt8($0.count)] + $0 : nil }
        case Key.noDefaultALPN: return value.isEmpty ? [] : nil
        case Key.port:
            guard !value.isEmpty, value.allSatisfy({ (48...57).contains($0) }),
                let port = UInt16(String(decoding: value, as: UTF8.self))
            else { return nil }
            return [UInt8(port >> 8), UInt8(port & 0xFF)]
        case Key.ipv4hint: return list { IPv4Address(String(decoding: $0, as: UTF8.self))?.octets }
        case Key.ipv6hint: return list { IPv6Address(String(decoding: $0, as: UTF8.self))?.octets }
        case Key.ech: return SecurityText.base64(decoding: value)
        default: return value
        }
    }

    /// A character-string without its escapes.
    private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var octets: [UInt8] = []
        var rest = text
        while let octet = rest.first {
            if octet == UInt8(ascii: "\\") {
                guard let (value, length) = try? DomainName.escape(rest) else { return nil }
                octets.append(value)
                rest = rest.dropFirst(length)
            } else {
                octets.append(octet)
                rest = rest.dropFirst()
            }
        }
        return octets
    }

    /// What stands between commas; a comma and a backslash of an item have a backslash before them (RFC 9460 §A.1).
    private static func items(_ value: [UInt8]) -> [[UInt8]] {
        var items: [[UInt8]] = [[]]
        var isEscaped = false
        for octet in value {
            if isEscaped {
                items[items.count - 1].append(octet)
                isEscaped = false
            } else if octet == UInt8(ascii: "\\") {
                isEscaped = true
            } else if octet == UInt8(ascii: ",") {
                items.append([])
            } else {
                items[items.count - 1].append(octet)
            }
        }
        return items
    }

    private func text(_ parameter: Parameter) -> String {
        let name = Self.name(of: parameter.key), value = parameter.value
        func addresses(of width: Int, _ write: (ArraySlice<UInt8>) -> String?) -> String {
            stride(from: 0, to: value.count, by: width).compactMap { write(value[$0..<($0 + width)]) }
                .joined(separator: ",")
        }
        switch parameter.key {
        case Key.mandatory:
            return name + "=" + (Self.numbers(value) ?? []).map(Self.name).joined(separator: ",")
        case Key.alpn:
            let escaped = (Self.protocols(value) ?? []).map { item in
                item.flatMap { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\\") ? [UInt8(ascii: "\\"), $0] : [$0] }
            }
            return name + "=" + quoted(Array(escaped.joined(separator: [UInt8(ascii: ",")])))
        case Key.port: return name + "=\(Self.numbers(value)?.first ?? 0)"
        case Key.ipv4hint:
            return name + "=" + addresses(of: 4) { $0.map { "\($0)" }.joined(separator: ".") }
        case Key.ipv6hint: return name + "=" + addresses(of: 16) { IPv6Address(octets: Array($0))?.description }
        case Key.ech: return name + "=" + SecurityText.base64(value)
        default: return value.isEmpty ? name : name + "=" + quoted(value)
        }
    }
}

extension ServiceBinding: CustomStringConvertible {
    /// `1 svc.example.org. alpn="h2,h3" port=8443`
    package var description: String {
        (["\(priority)", target.absolute] + parameters.map(text)).joined(separator: " ")
    }
}
