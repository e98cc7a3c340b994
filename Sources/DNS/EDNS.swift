/// What the OPT pseudo-record says (RFC 6891 §6.1); the upper bits of the RCODE are in ``Message/rcode``.
package struct EDNS: Hashable, Sendable {
    /// The largest UDP message the sender takes, in octets. 1232 fits every path of IPv6 unfragmented.
    package var payloadSize: UInt16
    package var version: UInt8
    /// The DO bit: DNSSEC records are wanted (RFC 3225 §3).
    package var dnssecOK: Bool
    /// In the order they stand in.
    package var options: [Option]

    /// One option, as octets (RFC 6891 §6.1.2): `code` of the registry.
    package struct Option: Hashable, Sendable {
        package var code: UInt16
        package var data: [UInt8]

        package init(code: UInt16, data: [UInt8]) {
            self.code = code
            self.data = data
        }
    }

    package init(payloadSize: UInt16 = 1232, version: UInt8 = 0, dnssecOK: Bool = false, options: [Option] = []) {
        self.payloadSize = payloadSize
        self.version = version
        self.dnssecOK = dnssecOK
        self.options = options
    }
}

/// Why the server failed, in its own words (RFC 8914): `code` of the registry, `text` free and hostile.
package struct ExtendedError: Hashable, Sendable {
    package var code: UInt16
    package var text: [UInt8]

    /// RFC 8914 §4: the entries that tell a mail administrator something.
    private static let names: [UInt16: String] = [
        0: "other error", 1: "unsupported DNSKEY algorithm", 2: "unsupported DS digest type", 3: "stale answer",
        4: "forged answer", 5: "DNSSEC indeterminate", 6: "DNSSEC bogus", 7: "signature expired",
        8: "signature not yet valid", 9: "DNSKEY missing", 10: "RRSIGs missing", 11: "no zone key bit set",
        12: "NSEC missing", 13: "cached error", 14: "not ready", 15: "blocked", 16: "censored", 17: "filtered",
        18: "prohibited", 19: "stale NXDOMAIN answer", 20: "not authoritative", 21: "not supported",
        22: "no reachable authority", 23: "network error", 24: "invalid data", 25: "signature expired before valid",
        26: "too early", 27: "unsupported NSEC3 iterations", 29: "synthesized",
    ]

    /// The registry's words and the server's, escaped and shortened: `DNSSEC bogus (EDE 6): …`.
    package var description: String {
        let name = Self.names[code].map { "\($0) (EDE \(code))" } ?? "EDE \(code)"
        return text.isEmpty ? name : name + ": " + printable(text, limit: 120)
    }
}

extension EDNS {
    /// RFC 8914 §2: option 15, two octets of code and UTF-8 text.
    package var extendedErrors: [ExtendedError] {
        options.compactMap { option in
            guard option.code == 15, option.data.count >= 2 else { return nil }
            return ExtendedError(
                code: UInt16(option.data[0]) << 8 | UInt16(option.data[1]), text: Array(option.data.dropFirst(2)))
        }
    }
}

/// Octets of an outsider as text that is safe to print: visible ASCII and spaces, the rest as `\DDD`.
func printable(_ octets: some Collection<UInt8>, limit: Int) -> String {
    var text = ""
    for octet in octets.prefix(limit) {
        if (32...126).contains(octet) {
            text.unicodeScalars.append(UnicodeScalar(octet))
        } else {
            text += DomainName.decimalEscape(octet)
        }
    }
    return octets.count > limit ? text + "…" : text
}
