/// A cipher suite by its number in IANA's registry, and what its name says of it.
package struct CipherSuite: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// No suites: signals that a client sends among them.
    package static let renegotiationSignal = CipherSuite(rawValue: 0x00FF)  // RFC 5746 §3.3
    package static let fallbackSignal = CipherSuite(rawValue: 0x5600)  // RFC 7507 §2

    /// What keeps a suite from being any protection (RFC 9325 §4.1, RFC 7465).
    package enum Weakness: String, Hashable, Sendable, CaseIterable {
        case unencrypted, anonymous, export, rc4, rc2, des, tripleDES, idea
    }

    package var weaknesses: Set<Weakness> {
        let name = description
        var found: Set<Weakness> = []
        if name.contains("NULL") { found.insert(.unencrypted) }
        if name.contains("_anon_") { found.insert(.anonymous) }
        if name.contains("EXPORT") { found.insert(.export) }
        if name.contains("RC4") { found.insert(.rc4) }
        if name.contains("RC2") { found.insert(.rc2) }
        if name.contains("_DES_") || name.contains("DES40") { found.insert(.des) }
        if name.contains("3DES") { found.insert(.tripleDES) }
        if name.contains("IDEA") { found.insert(.idea) }
        return found
    }

    package var isTLS13: Bool { rawValue >> 8 == 0x13 }
    /// Whether each connection has a key of its own making (RFC 9325 §4.1).
    package var hasForwardSecrecy: Bool {
        let name = description
        return isTLS13 || name.hasPrefix("TLS_DHE_") || name.hasPrefix("TLS_ECDHE_") || name.contains("_anon_")
    }
    package var isFiniteField: Bool { description.hasPrefix("TLS_DHE_") }
    package var isEllipticCurve: Bool { description.hasPrefix("TLS_ECDHE_") }
    /// Whether it needs TLS 1.2: AEAD modes (RFC 5246 §6.2.3.3) and SHA-2 as its MAC.
    var needsTLS12: Bool {
        let name = description
        return name.hasSuffix("SHA256") || name.hasSuffix("SHA384") || name.contains("_CCM")
    }

    /// Those of TLS 1.3.
    package static let tls13 = numbers.filter(\.isTLS13).map { $0 }
    /// Those of older versions that servers of our time have, the good ones first; fewer than the 128 at which some
    /// servers stop reading.
    package static let usual: [CipherSuite] = legacy.filter(\.isUsual)
    /// Those of older versions that hardly any server has, and that are not weak: DSS, static Diffie-Hellman, ARIA, SEED, CCM.
    package static let rare: [CipherSuite] = legacy.filter { !$0.isUsual && $0.weaknesses.isEmpty }
    /// Those that protect nothing or little.
    package static let weak: [CipherSuite] = legacy.filter { !$0.weaknesses.isEmpty }
    /// Those without forward secrecy that are not weak besides.
    package static let withoutForwardSecrecy: [CipherSuite] = legacy.filter {
        !$0.hasForwardSecrecy && $0.weaknesses.isEmpty
    }
    /// Those with Diffie-Hellman in finite fields that are not weak besides.
    package static let finiteField: [CipherSuite] = legacy.filter { $0.isFiniteField && $0.weaknesses.isEmpty }

    private static let numbers: [CipherSuite] = cipherSuiteNames.keys.sorted().map { CipherSuite(rawValue: $0) }

    /// All of before TLS 1.3, those that one should have first.
    private static let legacy: [CipherSuite] = numbers.filter {
        !$0.isTLS13 && $0 != .renegotiationSignal && $0 != .fallbackSignal && $0.rawValue != 0
    }.sorted { ($0.rank, $0.rawValue) < ($1.rank, $1.rawValue) }

    private var isUsual: Bool {
        let name = description
        guard !["NULL", "_anon_", "EXPORT", "RC2", "_DES_", "DES40", "IDEA"].contains(where: name.contains) else {
            return false
        }
        let exchange = ["TLS_RSA_WITH", "TLS_DHE_RSA_WITH", "TLS_ECDHE_RSA_WITH", "TLS_ECDHE_ECDSA_WITH"]
        return exchange.contains(where: name.hasPrefix) && !["ARIA", "SEED", "CCM_8"].contains(where: name.contains)
    }

    private var rank: Int {
        let name = description
        var rank = 0
        if !weaknesses.isEmpty { rank += 100 }
        if !hasForwardSecrecy { rank += 20 }
        if isFiniteField { rank += 10 }
        if name.hasSuffix("_SHA") || name.hasSuffix("_MD5") { rank += 4 }
        if name.contains("_CBC_") { rank += 4 }
        return rank
    }
}

extension CipherSuite: CustomStringConvertible {
    /// IANA's name; others as their number.
    package var description: String { cipherSuiteNames[rawValue] ?? hexadecimal(rawValue) }
}
