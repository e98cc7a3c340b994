internal import DNS

/// What a receiver of the lab can honestly say of a sender (RFC 8601). SPF by the mechanisms ip4, ip6, a, mx and
/// all; DMARC by SPF alone; DKIM is not looked at. What it cannot compute it calls `none`.
struct Authentication {
    let resolver: any Resolver

    /// The field `Authentication-Results:`, without its CRLF.
    func results(of envelope: Envelope, by host: String) async -> String {
        let domain = envelope.sender.split(separator: "@").last.map(String.init) ?? envelope.client.helo
        let spf = await spf(of: envelope.client.address, for: domain) ?? "none"
        let from = Self.domainOfFrom(envelope.octets)
        let dmarc = await dmarc(from: from, spf: spf, domain: domain)
        let identity = envelope.sender.isEmpty ? "smtp.helo=\(domain)" : "smtp.mailfrom=\(envelope.sender)"
        let shown = from.map { " header.from=\($0)" } ?? ""
        return
            "Authentication-Results: \(host);\r\n\tspf=\(spf) \(identity);\r\n\tdkim=none;\r\n\tdmarc=\(dmarc)\(shown)"
    }

    /// The result for a client (RFC 7208 §2.6); nil where there is no record or it uses what is not known here.
    func spf(of client: IPAddress, for domain: String) async -> String? {
        guard let name = try? DomainName(domain) else { return nil }
        let records: [TXT]
        switch await resolver.outcome(Question(name, .txt)) {
        case .failure: return "temperror"
        case .success(let answer):
            records = answer.records.compactMap { if case .txt(let text) = $0.data { text } else { nil } }
        }
        let policies = records.map(\.text).filter { $0 == "v=spf1" || $0.hasPrefix("v=spf1 ") }
        guard let policy = policies.first else { return nil }
        if policies.count > 1 { return "permerror" }  // RFC 7208 §4.5
        for term in policy.split(separator: " ").dropFirst() {
            let qualifier = "+-~?".contains(term.first ?? "x") ? term.first : nil
            let mechanism = qualifier == nil ? term : term.dropFirst()
            guard let matches = await matches(mechanism, client, name) else { return nil }
            if matches {
                switch qualifier {
                case "-": return "fail"
                case "~": return "softfail"
                case "?": return "neutral"
                default: return "pass"
                }
            }
        }
        return "neutral"  // RFC 7208 §4.7
    }

    /// nil where the mechanism is not known here, or the DNS did not answer.
    private func matches(_ mechanism: Substring, _ client: IPAddress, _ domain: DomainName) async -> Bool? {
        let parts = mechanism.split(separator: ":", maxSplits: 1).map(String.init)
        switch (parts[0].lowercased(), parts.count) {
        case ("all", 1): return true
        case ("ip4", 2), ("ip6", 2): return Self.network(parts[1], contains: client)
        case ("a", _):
            guard let name = parts.count > 1 ? try? DomainName(parts[1]) : domain else { return nil }
            return await addresses(of: name)?.contains(client)
        case ("mx", _):
            guard let name = parts.count > 1 ? try? DomainName(parts[1]) : domain,
                case .success(let answer) = await resolver.outcome(Question(name, .mx))
            else { return nil }
            for case .mx(let exchange) in answer.records.prefix(10).map(\.data) {
                guard let found = await addresses(of: exchange.exchange) else { return nil }
                if found.contains(client) { return true }
            }
            return false
        default: return nil
        }
    }

    private func addresses(of name: DomainName) async -> [IPAddress]? {
        guard case .success(let v4) = await resolver.outcome(Question(name, .a)),
            case .success(let v6) = await resolver.outcome(Question(name, .aaaa))
        else { return nil }
        return (v4.records + v6.records).compactMap {
            switch $0.data {
            case .a(let address): .v4(address)
            case .aaaa(let address): .v6(address)
            default: nil
            }
        }
    }

    /// `192.0.2.0/24`; nil where it is none.
    static func network(_ text: String, contains client: IPAddress) -> Bool? {
        let parts = text.split(separator: "/", maxSplits: 1)
        guard let first = parts.first, let network = IPAddress(String(first)) else { return nil }
        let octets = network.octets, wanted = client.octets
        guard let length = parts.count > 1 ? Int(parts[1]) : octets.count * 8, (0...octets.count * 8).contains(length)
        else { return nil }
        guard octets.count == wanted.count else { return false }
        return (0..<length).allSatisfy { bit in
            let mask: UInt8 = 128 >> UInt8(bit % 8)
            return octets[bit / 8] & mask == wanted[bit / 8] & mask
        }
    }

    /// Pass where SPF passed for a domain aligned with From (RFC 9989 §3.2.10, relaxed, seen from the record's name).
    private func dmarc(from: String?, spf: String, domain: String) async -> String {
        guard let from, let name = try? DomainName(from), let record = try? name.prepending("_dmarc"),
            case .success(let answer) = await resolver.outcome(Question(record, .txt))
        else { return "none" }
        let isThere = answer.records.contains {
            if case .txt(let text) = $0.data { text.text.hasPrefix("v=DMARC1") } else { false }
        }
        guard isThere else { return "none" }
        guard spf == "pass", let sender = try? DomainName(domain) else { return "fail" }
        return sender.isWithin(name) || name.isWithin(sender) ? "pass" : "fail"
    }

    static func domainOfFrom(_ message: [UInt8]) -> String? {
        guard let from = Header.fields(of: message).first(where: { $0.name.lowercased() == "from" }),
            let at = from.value.lastIndex(of: "@")
        else { return nil }
        let domain = from.value[from.value.index(after: at)...].prefix {
            $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-")
        }
        return domain.isEmpty ? nil : domain.lowercased()
    }

    /// Fields that claim to be this server's are taken out (RFC 8601 §5).
    static func withoutForgeries(_ message: [UInt8], of host: String) -> [UInt8] {
        var kept = message
        for field in Header.fields(of: message).reversed()
        where field.name.lowercased() == "authentication-results"
            && field.value.lowercased().hasPrefix(host.lowercased())
        {
            kept.removeSubrange(field.range)
        }
        return kept
    }
}
