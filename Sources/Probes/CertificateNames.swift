package import DNS

/// An identifier of a server that a certificate presents in its subjectAltName (RFC 5280 §4.2.1.6). The common name
/// is none (RFC 9525 §2).
package enum PresentedName: Hashable, Sendable {
    /// dNSName as it stands there, with or without a wildcard; any octets.
    case dns([UInt8])
    /// iPAddress.
    case address(IPAddress)

    /// Whether it identifies `host`, whose name may be an address in text form (RFC 9525 §6.3, §6.4).
    package func matches(_ host: DomainName) -> Bool {
        let address = IPAddress(host.description)
        switch self {
        case .address(let own): return own == address
        // A dNSName never identifies an address, whatever it looks like.
        case .dns(let pattern): return address == nil && Self.matches(pattern, host)
        }
    }

    private static func matches(_ pattern: [UInt8], _ host: DomainName) -> Bool {
        let labels = pattern.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(Array.init)
        guard !host.isRoot, labels.count == host.labels.count, !labels.contains([]) else { return false }
        // A wildcard stands for exactly one label, as the whole of the left-most one (RFC 9525 §6.3), and not alone.
        let isWildcard = labels[0] == [UInt8(ascii: "*")]
        if labels.dropFirst(isWildcard ? 1 : 0).contains(where: { $0.contains(UInt8(ascii: "*")) }) { return false }
        if isWildcard {
            return labels.count > 1 && equal(labels.dropFirst(), host.labels.dropFirst())
        }
        return equal(labels[...], host.labels[...])
    }

    private static func equal(_ a: ArraySlice<[UInt8]>, _ b: ArraySlice<[UInt8]>) -> Bool {
        guard let a = try? DomainName(labels: Array(a)), let b = try? DomainName(labels: Array(b)) else { return false }
        return a == b
    }
}

extension PresentedName: CustomStringConvertible {
    /// As the certificate has it; not escaped.
    package var description: String {
        switch self {
        case .dns(let octets): String(decoding: octets, as: UTF8.self)
        case .address(let address): address.description
        }
    }
}
