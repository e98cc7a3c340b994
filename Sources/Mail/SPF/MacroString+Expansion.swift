import DNS

/// What macros stand for in one evaluation (RFC 7208 §7.2).
struct SPFSession {
    let ip: IPAddress
    /// Of `<sender>`; never empty.
    let local: [UInt8]
    /// Of `<sender>`, as A-labels.
    let domain: [UInt8]
    let helo: [UInt8]
    let receiver: [UInt8]
    let now: Timestamp

    /// No path and no name is longer (RFC 5321 §4.5.3.1); what is gets cut, so that macros cannot multiply it.
    private static let maximumLength = 1_024

    init(ip: IPAddress, local: [UInt8], domain: [UInt8], helo: [UInt8], receiver: [UInt8], now: Timestamp) {
        self.ip = ip
        self.local = Array(local.prefix(Self.maximumLength))
        self.domain = Array(domain.prefix(Self.maximumLength))
        self.helo = Array(helo.prefix(Self.maximumLength))
        self.receiver = Array(receiver.prefix(Self.maximumLength))
        self.now = now
    }

    /// The value of a macro before it is transformed; `p` is not among them, for it must be asked for.
    func value(of letter: UInt8, in current: DomainName) -> [UInt8] {
        switch letter {
        case UInt8(ascii: "s"): local + [UInt8(ascii: "@")] + domain
        case UInt8(ascii: "l"): local
        case UInt8(ascii: "o"): domain
        case UInt8(ascii: "d"): SPFName.octets(current)
        case UInt8(ascii: "i"): Array(dotted.utf8)
        case UInt8(ascii: "v"): Array((ip.family == .ipv4 ? "in-addr" : "ip6").utf8)
        case UInt8(ascii: "h"): helo
        case UInt8(ascii: "c"): Array(ip.description.utf8)
        case UInt8(ascii: "r"): receiver
        case UInt8(ascii: "t"): Array(String(Int64(now.secondsSince1970.clamped)).utf8)
        default: []
        }
    }

    /// Whether a macro stands for text beyond ASCII, which no name can hold (RFC 8616 §4).
    func isBeyondASCII(_ letter: UInt8) -> Bool {
        (letter == UInt8(ascii: "s") || letter == UInt8(ascii: "l")) && !local.allSatisfy { $0 < 128 }
    }

    /// RFC 7208 §7.3: IPv6 as its 32 hexadecimal digits with dots between.
    private var dotted: String {
        switch ip {
        case .v4(let v4): v4.description
        case .v6:
            ip.octets.flatMap { [$0 >> 4, $0 & 15] }.map { String($0, radix: 16, uppercase: true) }
                .joined(separator: ".")
        }
    }
}

extension Double {
    /// Within what 64 bits hold, and a number.
    fileprivate var clamped: Double { isFinite ? Swift.min(Swift.max(self, -9e15), 9e15) : 0 }
}

extension MacroString.Macro {
    /// Splits, reverses, keeps the last parts, joins by dots, escapes: in that order (RFC 7208 §7.3).
    func transformed(_ value: [UInt8]) -> [UInt8] {
        var octets = value
        if reverses || digits != nil || delimiters != [UInt8(ascii: ".")] {
            var parts = value.split(omittingEmptySubsequences: false) { delimiters.contains($0) }
            if reverses { parts.reverse() }
            if let digits { parts = Array(parts.suffix(digits)) }
            octets = Array(parts.joined(separator: [UInt8(ascii: ".")]))
        }
        return escapes ? Self.escaped(octets) : octets
    }

    /// All but the unreserved characters of RFC 3986 §2.3, as `%` and two digits.
    private static func escaped(_ octets: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for octet in octets {
            if octet.isAlphanumeric || "-._~".utf8.contains(octet) {
                text.append(octet)
            } else {
                let digits = Array("0123456789ABCDEF".utf8)
                text += [UInt8(ascii: "%"), digits[Int(octet >> 4)], digits[Int(octet & 15)]]
            }
        }
        return text
    }
}
