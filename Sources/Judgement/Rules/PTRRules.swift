import DNS
import Mail

/// The reverse zone: `checks/ptr`. Receivers ask it of whoever sends; that the mail host sends too is likely,
/// and certain where the domain's SPF record names it: then a finding is an error, otherwise a warning.
enum PTRRules {
    static let all: [Rule] = [exists, forwardConfirmed, genericName, severalNames]

    static let exists = Rule.onMailAddresses("ptr.exists") { address, domain, ground in
        switch address.ptr {
        case .records: return .passes
        case .couldNotTell(let why):
            return .cannotTell(Failure(why, asking: Question(address.address.reverseName, .ptr)))
        case .noData, .noSuchName:
            return .finds(
                Found(
                    "\(address.address) has no name in the reverse zone (no PTR record).",
                    detail: [
                        .init("address", .string(address.address.description)),
                        .init("reverse_name", .string(address.address.reverseName.description)),
                    ],
                    severity: domain.severity(of: address.address, ground),
                    // Without the address, so that many of them are one thing to do.
                    remedy: "Ask whoever assigned the address to you (usually the hosting provider) for a PTR record "
                        + "that names the mail host."))
        }
    }

    // RFC 8601 §3, "iprev".
    static let forwardConfirmed = Rule.onMailAddresses("ptr.forward-confirmed") { address, domain, ground in
        if address.ptr.isNone { return .doesNotApply("the address has no PTR record") }
        switch address.forwardConfirmed {
        case .yes: return .passes
        case .couldNotTell(let why):
            let name = address.names.first { if case .couldNotTell = $0.confirmation { true } else { false } }
            let question =
                name.map { Question($0.name, address.address.family == .ipv4 ? .a : .aaaa) }
                ?? Question(address.address.reverseName, .ptr)
            return .cannotTell(Failure(why, asking: question))
        case .no:
            let names = address.names.map(\.name.description)
            return .finds(
                Found(
                    "\(address.address) is called \(list(names)) in the reverse zone, but "
                        + (names.count == 1 ? "that name does" : "those names do") + " not lead back to it.",
                    detail: [
                        .init("address", .string(address.address.description)), .init("names", .strings(names)),
                    ],
                    severity: domain.severity(of: address.address, ground),
                    remedy: "Publish `\(names.first ?? ""). \(address.address.family == .ipv4 ? "A" : "AAAA") "
                        + "\(address.address)`, or have the PTR record changed to the mail host's name."))
        }
    }

    static let genericName = Rule.onMailAddresses("ptr.generic-name") { address, domain, _ in
        if let why = address.ptr.unanswered {
            return .cannotTell(Failure(why, asking: Question(address.address.reverseName, .ptr)))
        }
        guard !address.names.isEmpty else { return .doesNotApply("the address has no PTR record") }
        let generic = address.names.filter { reverse in
            !domain.hosts.indices.contains { domain.hosts[$0].name == reverse.name }
                && looksGeneric(reverse.name, address.address)
        }
        guard generic.count == address.names.count, let name = generic.first?.name else { return .passes }
        return .finds(
            Found(
                "\(address.address) is called \(name), which looks like a name given to a customer's line by a machine.",
                detail: [
                    .init("address", .string(address.address.description)), .init("name", .string(name.description)),
                ]))
    }

    static let severalNames = Rule.onMailAddresses("ptr.several-names") { address, _, _ in
        switch address.ptr {
        case .couldNotTell(let why):
            return .cannotTell(Failure(why, asking: Question(address.address.reverseName, .ptr)))
        case .noData, .noSuchName: return .doesNotApply("the address has no PTR record")
        case .records(let names) where names.count == 1: return .passes
        case .records(let names):
            return .finds(
                Found(
                    "\(address.address) has \(names.count) names in the reverse zone: "
                        + "\(list(names.map(\.description))).",
                    detail: [.init("names", .strings(names.map(\.description)))]))
        }
    }

    /// Words that providers put into the names of lines they hand out.
    private static let lineWords: Set<String> = [
        "adsl", "broadband", "cable", "customer", "customers", "dhcp", "dial", "dialin", "dialup", "dsl", "dyn",
        "dynamic", "dynamicip", "pool", "pools", "ppp", "pppoe", "unassigned", "unknown", "vdsl", "wlan",
    ]

    /// Whether `name` was made of the address's own numbers, or says that it is a line's.
    static func looksGeneric(_ name: DomainName, _ address: IPAddress) -> Bool {
        let text = name.lowercased.description
        let words = text.utf8.split { !(48...57).contains($0) && !(97...122).contains($0) }
            .map { String(decoding: $0, as: UTF8.self) }
        // The provider's own name may well be one of these words: dsl.example, cable.example.
        let own = text.utf8.split(separator: UInt8(ascii: ".")).dropLast(2)
            .flatMap { label in label.split { !(48...57).contains($0) && !(97...122).contains($0) } }
            .map { String(decoding: $0, as: UTF8.self) }
        if own.contains(where: lineWords.contains) { return true }
        switch address {
        case .v4(let v4):
            let numbers = text.utf8.split { !(48...57).contains($0) }.map { String(decoding: $0, as: UTF8.self) }
                .map { $0.count > 1 ? String($0.drop { $0 == "0" }) : $0 }
                .map { $0.isEmpty ? "0" : $0 }
            let octets = v4.octets.map(String.init)
            // All four numbers side by side, in either order, or as eight hexadecimal digits.
            for start in numbers.indices where start + 4 <= numbers.count {
                let four = Array(numbers[start..<start + 4])
                if four == octets || four == octets.reversed() { return true }
            }
            let hex = v4.octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            return words.contains { $0.hasSuffix(hex) }
        case .v6(let v6):
            let hex = v6.octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let squeezed = text.utf8.filter { (48...57).contains($0) || (97...122).contains($0) }
            return String(decoding: squeezed, as: UTF8.self).contains(hex)
        }
    }
}

extension DomainEvidence {
    /// Whether the domain's own SPF record says in so many words that mail comes from this address:
    /// by `mx`, or by a range that holds it. Includes are not followed.
    func namesAsSender(_ address: IPAddress) -> Bool {
        guard let record = spf.status.value else { return false }
        return record.directives.contains { directive in
            guard directive.qualifier == .pass else { return false }
            switch (directive.mechanism, address) {
            case (.mx(nil, _), _): return hosts.contains { $0.addresses.contains { $0.address == address } }
            case (.ip4(let range, let prefix), .v4(let v4)):
                return prefix == 0 || (range.value ^ v4.value) >> UInt32(32 - min(prefix, 32)) == 0
            case (.ip6(let range, let prefix), .v6(let v6)):
                let high = prefix >= 64 ? UInt64.max : ~(UInt64.max >> UInt64(max(prefix, 0)))
                let low = prefix <= 64 ? 0 : prefix >= 128 ? UInt64.max : ~(UInt64.max >> UInt64(prefix - 64))
                return (range.high ^ v6.high) & high == 0 && (range.low ^ v6.low) & low == 0
            default: return false
            }
        }
    }
}
