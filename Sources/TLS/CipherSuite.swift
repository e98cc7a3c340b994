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

    package var weaknesses: Set<Weakness> { traits.weaknesses }

    package var isTLS13: Bool { rawValue >> 8 == 0x13 }
    /// Whether each connection has a key of its own making (RFC 9325 §4.1).
    package var hasForwardSecrecy: Bool { isTLS13 || traits.hasForwardSecrecy }
    package var isFiniteField: Bool { traits.exchange == "DHE" }
    package var isEllipticCurve: Bool { traits.exchange == "ECDHE" }
    /// Whether it needs TLS 1.2: AEAD modes (RFC 5246 §6.2.3.3) and SHA-2 as its MAC.
    var needsTLS12: Bool { traits.needsTLS12 }

    private var traits: Traits { Self.traits[rawValue] ?? Traits(name: description) }
    private static let traits = cipherSuiteNames.mapValues(Traits.init(name:))

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

    private var isUsual: Bool { traits.isUsual }

    private var rank: Int {
        (weaknesses.isEmpty ? 0 : 100) + (hasForwardSecrecy ? 0 : 20) + (isFiniteField ? 10 : 0)
            + (traits.hasOldMAC ? 4 : 0) + (traits.isCBC ? 4 : 0)
    }
}

/// What the words of a suite's name say, read once for each: `TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA`.
private struct Traits {
    var weaknesses: Set<CipherSuite.Weakness> = []
    /// How the key is agreed upon where each connection has its own: `DHE`, `ECDHE`.
    var exchange: Substring?
    var hasForwardSecrecy = false
    var needsTLS12 = false
    var isUsual = false
    var hasOldMAC = false
    var isCBC = false

    init(name: String) {
        let words = name.split(separator: "_")
        func has(_ word: Substring) -> Bool { words.contains(word) }
        let marks: [(Substring, CipherSuite.Weakness)] = [
            ("NULL", .unencrypted), ("anon", .anonymous), ("EXPORT", .export), ("EXPORT1024", .export), ("RC4", .rc4),
            ("RC2", .rc2), ("DES", .des), ("DES40", .des), ("3DES", .tripleDES), ("IDEA", .idea),
        ]
        weaknesses = Set(marks.filter { has($0.0) }.map(\.1))
        if words.count > 1, words[0] == "TLS", ["DHE", "ECDHE"].contains(words[1]) { exchange = words[1] }
        hasForwardSecrecy = exchange != nil || has("anon")
        needsTLS12 = words.last == "SHA256" || words.last == "SHA384" || has("CCM")
        hasOldMAC = words.last == "SHA" || words.last == "MD5"
        isCBC = has("CBC")
        let exchanges: [[Substring]] = [["RSA"], ["DHE", "RSA"], ["ECDHE", "RSA"], ["ECDHE", "ECDSA"]]
        isUsual =
            exchanges.contains { words.dropFirst().starts(with: $0 + ["WITH"]) }
            && weaknesses.isSubset(of: [.rc4, .tripleDES]) && !has("ARIA") && !has("SEED")
            && !(has("CCM") && words.last == "8")
    }
}

extension CipherSuite: CustomStringConvertible {
    /// IANA's name; others as their number.
    package var description: String { cipherSuiteNames[rawValue] ?? hexadecimal(rawValue) }
}
