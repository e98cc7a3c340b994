/// What a server accepts at all in TLS, asked by hellos that are not carried through. Facts only; nil, or absent from a
/// list, is what was not asked or not told: never "no".
package struct TLSAcceptance: Hashable, Sendable, Codable {
    package struct Suite: Hashable, Sendable, Codable {
        /// `TLSv1.2`.
        package var version: String
        /// IANA's name.
        package var name: String
        package init(version: String, name: String) {
            self.version = version
            self.name = name
        }
    }

    package struct Version: Hashable, Sendable, Codable {
        /// `SSLv3`, `TLSv1`, `TLSv1.1`, `TLSv1.2`, `TLSv1.3`.
        package var name: String
        package var isAccepted: Bool
        package init(_ name: String, isAccepted: Bool) {
            self.name = name
            self.isAccepted = isAccepted
        }
    }

    /// What is shown to a client that names no host (RFC 6066 §3).
    package enum Nameless: String, Hashable, Sendable, Codable { case same, other, refused }

    /// Whether each suite and group was asked for; otherwise only whole kinds.
    package var isFull: Bool
    /// Whether all was asked that was to be asked.
    package var isComplete: Bool
    /// Why it was not, for a person.
    package var problem: String?
    /// How many hellos were sent.
    package var questions: Int
    /// Those that were told, the oldest first.
    package var versions: [Version] = []
    /// Those seen to be accepted: all of them where ``isFull`` and ``isComplete``.
    package var suites: [Suite] = []
    /// Names of groups seen to be accepted, likewise.
    package var groups: [String] = []
    /// Any suite without encryption or authentication, of export strength, or with RC4, RC2, DES, 3DES, IDEA.
    package var weakSuites: Bool?
    /// Any suite without forward secrecy that is not weak besides.
    package var withoutForwardSecrecy: Bool?
    /// Bits of the smallest prime of a Diffie-Hellman group that was seen.
    package var finiteFieldBits: Int?
    /// Any group that withstands quantum computers.
    package var postQuantum: Bool?
    /// Compression of TLS where the client offers it.
    package var compression: Bool?
    /// RFC 5746.
    package var secureRenegotiation: Bool?
    /// RFC 7627.
    package var extendedMasterSecret: Bool?
    /// Whether the server's order of suites decides; nil also where it accepts one only.
    package var serverOrder: Bool?
    /// RFC 7507.
    package var fallbackSignal: Bool?
    /// Whether parameters of the key exchange were signed with SHA-1 or MD5 (TLS 1.2) although better was offered.
    package var weakKeyExchangeHash: Bool?
    package var nameless: Nameless?
    /// What is shown without SNI, where that is another certificate.
    package var namelessCertificate: CertificateFacts?
    package var wantsClientCertificate: Bool?

    package init(isFull: Bool, isComplete: Bool, problem: String? = nil, questions: Int) {
        self.isFull = isFull
        self.isComplete = isComplete
        self.problem = problem
        self.questions = questions
    }

    /// nil: not told.
    package func accepts(_ version: String) -> Bool? { versions.first { $0.name == version }?.isAccepted }
}

/// What the name of a cipher suite says of it.
package enum SuiteQuality: String, Hashable, Sendable, Comparable, CaseIterable {
    /// Not even encrypted, or with nobody known at the other end.
    case none
    case weak
    /// Whoever gets the server's key later can read what was recorded before.
    case noForwardSecrecy = "no_forward_secrecy"
    /// Forward secrecy, with CBC and a MAC.
    case fair
    /// Forward secrecy and authenticated encryption.
    case good

    package static func < (a: SuiteQuality, b: SuiteQuality) -> Bool { a.rank < b.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// - Parameter name: IANA's.
    package init(suite name: String) {
        let words = name.split(separator: "_")
        if words.contains("NULL") || words.contains("anon") {
            self = .none
        } else if !SuiteQuality.weaknesses(of: name).isEmpty {
            self = .weak
        } else if words.count > 1, ["RSA", "DH", "ECDH"].contains(words[1]) {
            self = .noForwardSecrecy
        } else {
            self = words.contains("CBC") ? .fair : .good
        }
    }

    /// For a person; empty where there is none (RFC 9325 §4.1).
    package static func weaknesses(of name: String) -> [String] {
        let words = name.split(separator: "_")
        let marks: [(Substring, String)] = [
            ("NULL", "no encryption"), ("anon", "no authentication"), ("EXPORT", "export strength"),
            ("EXPORT1024", "export strength"), ("RC4", "RC4"), ("RC2", "RC2"), ("DES", "DES"), ("DES40", "DES"),
            ("3DES", "3DES"), ("IDEA", "IDEA"),
        ]
        return marks.filter { words.contains($0.0) }.map(\.1).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// In a word or two.
    package var words: String {
        switch self {
        case .none: "no protection"
        case .weak: "weak"
        case .noForwardSecrecy: "no forward secrecy"
        case .fair: "forward secrecy, CBC"
        case .good: "forward secrecy"
        }
    }
}
