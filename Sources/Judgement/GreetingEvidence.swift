package import DNS
package import Mail

/// The name a mail server calls itself in the reply to EHLO (RFC 5321 §4.1.1.1), and what the DNS says of it.
///
/// Like ``DomainEvidence`` it is gathered twice: by whoever asks, in waves, once the ports have answered, and by the
/// judge over what was recorded.
package struct GreetingEvidence: Sendable {
    package var endpoint: Endpoint
    /// As the server wrote it.
    package var text: String
    /// nil where it is no name, or one without a dot.
    package var name: DomainName?
    /// The addresses of `name` in the family of the endpoint; nil where there is no name to ask for.
    package var addresses: Told<[IPAddress]>?
    /// The names that the reverse zone gives the endpoint's address.
    package var reverse: Told<[DomainName]>
    /// The SPF record of `name` (RFC 7208 §2.3); nil where there is no name to ask for.
    package var spf: RecordLookup<SPFRecord>?

    /// Port 25 of each host that said its name; what is not known yet becomes wanted.
    package static func gather(_ ports: [PortObservation], asking dns: inout Knowledge) -> [GreetingEvidence] {
        var found: [GreetingEvidence] = []
        for port in ports.prefix(200) where port.service == .smtp {
            guard let text = port.ehloName else { continue }
            let address = port.endpoint.address
            let name = fullName(text)
            var addresses: Told<[IPAddress]>?
            if let name {
                addresses = Told(dns.outcome(name, address.family == .ipv4 ? .a : .aaaa)) { data -> IPAddress? in
                    switch data {
                    case .a(let v4): .v4(v4)
                    case .aaaa(let v6): .v6(v6)
                    default: nil
                    }
                }
            }
            let reverse = Told(dns.outcome(address.reverseName, .ptr)) { data -> DomainName? in
                if case .ptr(let name) = data { name } else { nil }
            }
            found.append(
                GreetingEvidence(
                    endpoint: port.endpoint, text: String(text.prefix(255)), name: name, addresses: addresses,
                    reverse: reverse, spf: name.map { SPFRecord.look(at: $0, asking: &dns) }))
        }
        return found
    }

    /// A fully qualified name: of two labels at least, letters, digits and hyphens, not all digits at its end.
    private static func fullName(_ text: String) -> DomainName? {
        guard IPAddress(text) == nil, text.utf8.count <= 255, let name = try? DomainName(text), name.labels.count >= 2,
            name.labels.allSatisfy({ label in
                label.allSatisfy {
                    (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 95
                }
            }), let last = name.labels.last, !last.allSatisfy({ (48...57).contains($0) }),
            !["local", "localdomain", "localhost", "invalid", "lan", "internal"]
                .contains(String(decoding: last, as: UTF8.self).lowercased())
        else { return nil }
        return name
    }
}
