package import Mail

/// Which probe runs when. A value: it is told the time, and says what to start.
///
/// Each probe has its own place in its interval, made of its name, so that probes of one interval are spread over it
/// and stay where they are over a restart. A probe never overlaps itself, and never more than `maximumRunning` run.
/// Left out: running anything, and waiting.
package struct Schedule: Sendable {
    /// Why a probe that was due did not run.
    package enum SkipReason: String, Hashable, Sendable, CaseIterable {
        /// Its last run had not ended.
        case stillRunning = "still_running"
        /// It had waited a whole interval for one of the `maximumRunning` places.
        case overload
    }

    /// A probe to start now.
    package struct Start: Hashable, Sendable {
        package var name: String
        /// When it should have started.
        package var due: Timestamp
        /// How much later than that it does, in seconds.
        package var lag: Double
    }

    /// A probe that was due and is not started.
    package struct Skip: Hashable, Sendable {
        package var name: String
        package var reason: SkipReason
    }

    private struct Entry: Sendable {
        var interval: Double
        var nextDue: Double
        /// Since when it waits for a place.
        var waitingSince: Double?
    }

    package var maximumRunning: Int
    private var entries: [String: Entry] = [:]
    private var running_: Set<String> = []

    /// At first, probes start this many seconds apart, all within ``longestStartWindow`` seconds.
    package static let startSpacing = 0.2
    /// By then, in seconds, every probe has begun for the first time if there are places.
    package static let longestStartWindow = 30.0

    package init(maximumRunning: Int) { self.maximumRunning = max(1, maximumRunning) }

    package var running: Set<String> { running_ }

    /// Sets what there is to run. Probes that were there with the same interval keep their place; new ones start soon.
    package mutating func set(_ probes: [(name: String, intervalSeconds: Double)], at now: Timestamp) {
        var kept: [String: Entry] = [:]
        var new: [(name: String, interval: Double, phase: Double)] = []
        for probe in probes where kept[probe.name] == nil {
            if let entry = entries[probe.name], entry.interval == probe.intervalSeconds {
                kept[probe.name] = entry
            } else {
                new.append((probe.name, max(0.001, probe.intervalSeconds), Self.phase(of: probe.name)))
            }
        }
        new.sort { ($0.phase, $0.name) < ($1.phase, $1.name) }
        let spacing = min(Self.startSpacing, Self.longestStartWindow / Double(max(1, new.count)))
        for (rank, probe) in new.enumerated() {
            let wait = min(Double(rank) * spacing, probe.interval)
            kept[probe.name] = Entry(interval: probe.interval, nextDue: now.secondsSince1970 + wait)
        }
        entries = kept
    }

    /// What is to be started now, the longest due first, and what was passed over.
    package mutating func advance(to now: Timestamp) -> (starts: [Start], skips: [Skip]) {
        let now = now.secondsSince1970
        var skips: [Skip] = []
        for (name, entry) in entries where entry.nextDue <= now {
            if running_.contains(name) {
                skips.append(Skip(name: name, reason: .stillRunning))
            } else if entry.waitingSince != nil {
                skips.append(Skip(name: name, reason: .overload))
            } else {
                entries[name]?.waitingSince = entry.nextDue
            }
            entries[name]?.nextDue = Self.next(after: now, interval: entry.interval, phase: Self.phase(of: name))
        }
        var starts: [Start] = []
        let waiting = entries.compactMap { name, entry in entry.waitingSince.map { (due: $0, name: name) } }
            .sorted { ($0.due, $0.name) < ($1.due, $1.name) }
        for (due, name) in waiting where running_.count < maximumRunning {
            entries[name]?.waitingSince = nil
            running_.insert(name)
            starts.append(Start(name: name, due: Timestamp(due), lag: now - due))
        }
        return (starts, skips.sorted { $0.name < $1.name })
    }

    /// A run has ended, whether the probe is still there or not.
    package mutating func finish(_ name: String) { running_.remove(name) }

    /// When ``advance(to:)`` has something to do again, other than by ``finish(_:)``; nil without probes.
    package var nextDue: Timestamp? { entries.values.map(\.nextDue).min().map { Timestamp($0) } }

    /// When a probe is due; nil where there is none of that name.
    package func nextDue(of name: String) -> Timestamp? { entries[name].map { Timestamp($0.nextDue) } }

    /// Where in its interval a probe has its place: 0 to below 1, the same for the same name always.
    static func phase(of name: String) -> Double {
        // FNV-1a, and the finalizer of SplitMix64 so that names that differ in the last letter lie far apart.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for octet in name.utf8 { hash = (hash ^ UInt64(octet)) &* 0x0000_0100_0000_01b3 }
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
        hash ^= hash >> 31
        return Double(hash >> 11) / 9_007_199_254_740_992
    }

    /// The first of the moments (k + phase) × interval that is at least half an interval away. Moments that have
    /// passed meanwhile are not made up for.
    static func next(after now: Double, interval: Double, phase: Double) -> Double {
        let k = ((now + interval / 2) / interval - phase).rounded(.up)
        return (k + phase) * interval
    }
}
