import DNS

/// The way of a message as its Received fields tell it, and what delays can be made of their clocks.
///
/// Clocks of different hosts disagree, and none is finer than a second. Where the dates go backwards, the fewest
/// clocks that explain it are taken to be wrong and put right; each such correction is explained. What no date
/// contradicts stays as it is: a clock that is late on the way without ever going backwards cannot be told from a
/// slow hop. Whether fields were forged is left out.
package struct Journey: Hashable, Sendable {
    /// What kind of hand-over a hop was.
    package enum Role: String, Hashable, Sendable, Codable, CaseIterable {
        /// Handed in by its author's program or a local process.
        case submission
        case relay
        /// To or from a content filter on the same host.
        case filter
        /// Into the mailbox: LMTP, or the last hop.
        case delivery
    }

    /// One hand-over, as one Received field tells it.
    package struct Hop: Hashable, Sendable {
        package var received: Received
        package var role: Role
        /// Seconds since the date of the hop before (or `submittedAt`); may be negative. nil where a date is missing.
        package var delay: Double?
        /// The same with the clocks put right; never negative.
        package var correctedDelay: Double?
        /// How far this hop's clock is ahead of the others, in seconds, where that shows; otherwise 0.
        package var skew: Double
        /// Why the delay was corrected, in a sentence; nil where it was not.
        package var explanation: String?
    }

    /// Oldest first.
    package var hops: [Hop]
    /// Seconds from the first to the last date, by the clocks put right; nil with fewer than two.
    package var transit: Double?
    package var submittedAt: Timestamp?
    package var observedAt: Timestamp?

    /// Received fields beyond that are left out.
    package static let maximumHops = 200

    /// - Parameters:
    ///   - submittedAt: when the message was handed in, by a clock that is trusted.
    ///   - observedAt: when it was seen in the mailbox, by the same clock.
    package init(_ header: MessageHeader, submittedAt: Timestamp? = nil, observedAt: Timestamp? = nil) {
        self.init(received: header.received.reversed(), submittedAt: submittedAt, observedAt: observedAt)
    }

    /// - Parameter received: oldest first; of more than ``maximumHops`` only the newest are kept.
    package init(received: [Received], submittedAt: Timestamp? = nil, observedAt: Timestamp? = nil) {
        self.submittedAt = submittedAt
        self.observedAt = observedAt
        let received = received.suffix(Self.maximumHops)
        var before: Received?
        hops = received.enumerated().map { index, field in
            defer { before = field }
            return Hop(
                received: field, role: Self.role(of: field, after: before, at: index, of: received.count), skew: 0)
        }
        measure()
    }

    private static func role(of received: Received, after before: Received?, at index: Int, of count: Int) -> Role {
        let with = received.with ?? ""
        if with.hasPrefix("LMTP") || with.hasPrefix("UTF8LMTP") { return .delivery }
        if index > 0, index < count - 1 || count > 2, staysOnHost(received, after: before) { return .filter }
        // A host's note of what it did with the message within itself.
        if index > 0, index < count - 1, received.namesNobody { return .filter }
        if index == 0 { return .submission }
        if with == "ESMTPA" || with == "ESMTPSA" || with.hasPrefix("UTF8SMTP") && with.hasSuffix("A")
            || received.saysAuthenticated
        {
            return .submission
        }
        return index == count - 1 ? .delivery : .relay
    }

    /// Whether a host handed the message to itself. Hosts of different names are relays, also where one machine
    /// serves both.
    private static func staysOnHost(_ received: Received, after before: Received?) -> Bool {
        guard isLocal(received), let from = received.from?.utf8.lowercasedText else { return false }
        func isLocalName(_ name: String) -> Bool { name == "localhost" || name.hasPrefix("localhost.") }
        guard let by = received.by?.utf8.lowercasedText else { return isLocalName(from) }
        let previous = before?.by?.utf8.lowercasedText
        return isLocalName(from) || from == by || previous == by || (isLocalName(by) && from == previous)
    }

    /// Whether the client was on the same machine.
    private static func isLocal(_ received: Received) -> Bool {
        switch received.ip {
        case .v4(let address)?: address.value >> 24 == 127
        case .v6(let address)?: address.high == 0 && address.low == 1
        case nil: received.from?.utf8.lowercasedText == "localhost"
        }
    }

    // MARK: Clocks

    /// One date of the journey: of a hop, or one of the trusted ends.
    private struct Stamp {
        var hop: Int?
        var time: Double
        var corrected: Double = 0
        /// Whose clock it is; nil for the trusted one.
        var clock: String?
        var isTrusted: Bool { hop == nil }
    }

    /// Dates have whole seconds: half a second early is not backwards, nor is a whole one.
    private static let granularity = 1.0

    private mutating func measure() {
        var stamps: [Stamp] = []
        if let submittedAt { stamps.append(Stamp(hop: nil, time: submittedAt.secondsSince1970)) }
        for (index, hop) in hops.enumerated() {
            if let date = hop.received.date {
                // A note without a name is of the host that had the message before.
                let clock = hop.received.by?.utf8.lowercasedText ?? stamps.last?.clock ?? "hop \(index)"
                stamps.append(Stamp(hop: index, time: date.secondsSince1970, clock: clock))
            }
        }
        if let observedAt { stamps.append(Stamp(hop: nil, time: observedAt.secondsSince1970)) }
        for (before, stamp) in zip(stamps, stamps.dropFirst()) {
            if let hop = stamp.hop { hops[hop].delay = stamp.time - before.time }
        }
        correct(&stamps)
        for (before, stamp) in zip(stamps, stamps.dropFirst()) {
            guard let hop = stamp.hop else { continue }
            hops[hop].correctedDelay = max(0, stamp.corrected - before.corrected)
        }
        // Where a hop has no date, what comes after spans both.
        if let first = stamps.first, let last = stamps.last, stamps.count > 1 {
            transit = max(0, last.corrected - first.corrected)
        }
    }

    /// Puts wrong clocks right: those that are not part of the heaviest row of dates that never goes backwards.
    private mutating func correct(_ stamps: inout [Stamp]) {
        let good = Self.consistent(stamps)
        for index in stamps.indices { stamps[index].corrected = stamps[index].time }
        var index = 0
        while index < stamps.count {
            if good.contains(index) {
                index += 1
                continue
            }
            var end = index
            while end < stamps.count, !good.contains(end) { end += 1 }
            shift(&stamps, index..<end)
            index = end
        }
        // Whole seconds may still go back by one. A whole second in the midst of which the message was handed in does
        // not go back: the date has no fraction, and pushing it forward would shorten the next hop.
        for index in stamps.indices.dropFirst() {
            let least =
                stamps[index - 1].isTrusted
                ? stamps[index - 1].corrected.rounded(.down) : stamps[index - 1].corrected
            stamps[index].corrected = max(stamps[index].corrected, least)
        }
    }

    /// Moves a run of wrong dates between its good neighbours, one host's dates together so that they keep their
    /// distances.
    private mutating func shift(_ stamps: inout [Stamp], _ run: Range<Int>) {
        let before = run.lowerBound > 0 ? stamps[run.lowerBound - 1].corrected : nil
        let after = run.upperBound < stamps.count ? stamps[run.upperBound].time : nil
        var index = run.lowerBound
        while index < run.upperBound {
            // Dates that are wrong in the same direction belong together.
            let isAhead = isAhead(stamps[index].time, before, after)
            var end = index + 1
            while end < run.upperBound, self.isAhead(stamps[end].time, before, after) == isAhead { end += 1 }
            let first = stamps[index].time, last = stamps[end - 1].time
            let skew = isAhead ? last - (after ?? last) : first - (before ?? first)
            for position in index..<end {
                var corrected = stamps[position].time - skew
                if let before { corrected = max(corrected, before) }
                if let after { corrected = min(corrected, after) }
                stamps[position].corrected = corrected
                if let hop = stamps[position].hop { explain(hop, skew) }
            }
            index = end
        }
    }

    private func isAhead(_ time: Double, _ before: Double?, _ after: Double?) -> Bool {
        if let after, time > after { return true }
        if let before, time < before { return false }
        return after != nil
    }

    private mutating func explain(_ hop: Int, _ skew: Double) {
        hops[hop].skew = skew
        let seconds = Self.words(abs(skew))
        let host = quoted(hops[hop].received.by ?? "the host")
        hops[hop].explanation =
            skew > 0
            ? "the clock of \(host) is about \(seconds) ahead: a later date is earlier than its own"
            : "the clock of \(host) is about \(seconds) behind: an earlier date is later than its own"
    }

    private static func words(_ seconds: Double) -> String {
        let limited = min(seconds, 1e15)
        return limited < 10 ? "\((limited * 10).rounded() / 10) s" : "\(Int(limited.rounded())) s"
    }

    /// The positions of the dates that are taken to be right: a row that never goes backwards (by more than the
    /// granularity), with as many clocks as possible (a host's dates share one), trusted ends before all; among equals the one that spans the least time,
    /// since a clock far off is the likelier error.
    private static func consistent(_ stamps: [Stamp]) -> Set<Int> {
        struct Row {
            var weight: Double
            var span: Double
            var previous: Int?
        }
        var datesOfClock: [String: Double] = [:]
        for stamp in stamps { if let clock = stamp.clock { datesOfClock[clock, default: 0] += 1 } }
        var best: [Row] = []
        for (index, stamp) in stamps.enumerated() {
            // The ends of the journey weigh a little more: the receiver's clock is the one its user looks at.
            let isEnd = index == 0 || index == stamps.count - 1
            let share = stamp.clock.flatMap { datesOfClock[$0] } ?? 1
            let weight = stamp.isTrusted ? 10_000 : (isEnd ? 1.01 : 1) / share
            var row = Row(weight: weight, span: 0, previous: nil)
            for earlier in 0..<index where stamps[earlier].time <= stamp.time + granularity {
                let candidate = Row(
                    weight: best[earlier].weight + weight,
                    span: best[earlier].span + abs(stamp.time - stamps[earlier].time), previous: earlier)
                if candidate.weight > row.weight + 1e-9
                    || (candidate.weight > row.weight - 1e-9 && candidate.span < row.span)
                {
                    row = candidate
                }
            }
            best.append(row)
        }
        var last = best.indices.max { a, b in
            best[a].weight < best[b].weight - 1e-9
                || (best[a].weight < best[b].weight + 1e-9 && best[a].span > best[b].span)
        }
        var good: Set<Int> = []
        while let index = last {
            good.insert(index)
            last = best[index].previous
        }
        return good
    }
}
