package import DNS
internal import Judgement
package import Mail
package import Networking

/// What probes work with, handed to all of them: who answers questions to the DNS, who dials, whom certificates have to
/// lead to, what time it is, and what we call ourselves.
package struct Means: Sendable {
    package var resolver: any Resolver
    /// Another, whose answers are held against those of the first; nil: none.
    package var second: (any Resolver)?
    package var network: Network
    package var roots: TrustRoots
    /// The wall clock: the moment in observations and messages. Lengths of time are measured otherwise.
    package var now: @Sendable () -> Timestamp
    /// In EHLO.
    package var ehloName: EHLOName
    /// Gives another identifier each time: 8 to 64 letters and digits.
    package var newID: @Sendable () -> String
    /// Where what was seen of a port is shared among examinations.
    package var shared = PortShare.nothing

    package init(
        resolver: any Resolver, network: Network, roots: TrustRoots, now: @escaping @Sendable () -> Timestamp,
        ehloName: EHLOName = .ofThisMachine, newID: @escaping @Sendable () -> String = Means.randomID
    ) {
        self.resolver = resolver
        self.network = network
        self.roots = roots
        self.now = now
        self.ehloName = ehloName
        self.newID = newID
    }

    /// 128 random bits in hexadecimal.
    package static let randomID: @Sendable () -> String = {
        var generator = SystemRandomNumberGenerator()
        return (0..<16).map { _ in
            let octet = UInt8.random(in: 0...255, using: &generator)
            return String(octet >> 4, radix: 16) + String(octet & 15, radix: 16)
        }.joined()
    }

    /// Seconds since the process began to ask: for lengths of time.
    static let monotonic: @Sendable () -> Double = {
        let beginning = ContinuousClock.now
        return { beginning.duration(to: .now) / .seconds(1) }
    }()

    /// What a handshake with `host` showed.
    func facts(
        of handshake: TLSHandshake, mode: TLSFacts.Mode, host: DomainName, at: Timestamp
    ) async -> TLSFacts {
        await TLSFacts(handshake, mode: mode, host: host, roots: roots, at: at)
    }
}
