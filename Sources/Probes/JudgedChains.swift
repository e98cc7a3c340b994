internal import Judgement
internal import Mail
internal import Synchronization

/// What was found out about chains of certificates, so that the same chain is not read and followed to its root at each
/// connection: a monitor meets the same few again and again, and reading one costs more than a handshake.
///
/// What is kept is a function of the chain, the roots and the time; it serves as long as no certificate's validity has
/// begun or ended since.
final class JudgedChains: Sendable {
    /// What one chain came to.
    struct Judged: Sendable {
        var readings: [CertificateReading]
        var trust: Trust
        /// Between these moments, both left out, the same holds; and at `at` itself.
        var after: Double
        var before: Double
        var at: Double

        func holds(at moment: Double) -> Bool { moment == at || (after < moment && moment < before) }
    }

    private struct Key: Hashable {
        var chain: [[UInt8]]

        func hash(into hasher: inout Hasher) {
            for certificate in chain { certificate.withUnsafeBytes { hasher.combine(bytes: $0) } }
        }
    }

    /// Beyond, all are forgotten.
    private static let most = 500
    /// Longer chains are not kept: they are hostile.
    private static let mostOctets = 50_000

    private let known = Mutex<[Key: Judged]>([:])

    func find(_ chain: [[UInt8]], at now: Timestamp) -> Judged? {
        let judged = known.withLock { $0[Key(chain: chain)] }
        return judged.flatMap { $0.holds(at: now.secondsSince1970) ? $0 : nil }
    }

    /// - Parameter moments: when the validity of any root begins or ends, ascending, in seconds since 1970.
    func keep(
        _ chain: [[UInt8]], _ readings: [CertificateReading], _ trust: Trust, at now: Timestamp, moments: [Double]
    ) {
        guard chain.count <= readings.count, chain.reduce(0, { $0 + $1.count }) <= Self.mostOctets else { return }
        let at = now.secondsSince1970
        let own = readings.flatMap { [$0.facts.notBefore.secondsSince1970, $0.facts.notAfter.secondsSince1970] }
        let next = moments.partitioningIndex { $0 >= at }
        var after = -Double.infinity, before = Double.infinity
        for moment in own + moments[max(0, next - 1)..<min(moments.count, next + 2)] {
            if moment <= at { after = max(after, moment) }
            if moment >= at { before = min(before, moment) }
        }
        let judged = Judged(readings: readings, trust: trust, after: after, before: before, at: at)
        known.withLock { known in
            if known.count >= Self.most { known = [:] }
            known[Key(chain: chain)] = judged
        }
    }
}

extension [Double] {
    /// Where the first begins for which `isLater` holds, in an ascending row; the end where there is none.
    fileprivate func partitioningIndex(where isLater: (Double) -> Bool) -> Int {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if isLater(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
