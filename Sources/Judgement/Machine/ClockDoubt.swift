internal import Mail

/// What peers say against this machine's clock: the time that mail servers tell when they greet, and certificates that
/// are said to begin only later. One peer may be wrong itself; peers that agree are not.
struct ClockDoubt {
    /// Ours minus theirs, in seconds; nil where only the direction is known.
    var seconds: Double?
    var isBehind: Bool

    /// Less is not told: mail servers are not all right to the second, and nothing here is judged to the minute.
    private static let least = 600.0

    /// nil where nothing speaks against the clock.
    init?(_ ports: [PortObservation]) {
        var told: [String: Double] = [:]
        for port in ports {
            guard let theirs = Self.time(in: port.greeting) else { continue }
            told["\(port.endpoint.host)"] = port.at - theirs
        }
        let differences = told.values.sorted()
        if differences.count > 1, let first = differences.first, let last = differences.last {
            // They agree on another time than ours.
            guard last - first < Self.least, first > Self.least || last < -Self.least else { return nil }
            seconds = differences[differences.count / 2]
            isBehind = last < 0
            return
        }
        if let one = differences.first, one > -Self.least { return nil }
        guard Self.allBeginLater(ports) else { return nil }
        isBehind = true
    }

    /// Whether the certificates of two hosts or more, no two of them alike, all begin later than our now.
    private static func allBeginLater(_ ports: [PortObservation]) -> Bool {
        let leaves = ports.compactMap { port in port.tls?.chain.first.map { (port, $0) } }
        guard leaves.allSatisfy({ $0.at < $1.notBefore }) else { return false }
        return Set(leaves.map { $0.0.endpoint.host }).count > 1 && Set(leaves.map { $0.1.fingerprint }).count > 1
    }

    /// `220 mx.example.org ESMTP; Mon, 23 Nov 2026 06:21:52 +0000`
    private static func time(in greeting: [String]) -> Timestamp? {
        for line in greeting.prefix(4) where line.utf8.count < 500 {
            guard let semicolon = line.utf8.lastIndex(of: UInt8(ascii: ";")) else { continue }
            let date = line.utf8[line.utf8.index(after: semicolon)...]
            // A date without its zone is some local time: it tells nothing.
            if let date = MailDate.parse(date), date.offset != nil { return date.timestamp }
        }
        return nil
    }

    var line: SelfTest.Line {
        let side = isBehind ? "behind" : "ahead"
        let summary =
            seconds.map {
                "this machine's clock seems to be \(Self.words(abs($0))) \(side): peers agree on another time"
            }
            ?? "this machine's clock seems to be behind: every certificate that was seen is said to begin only later"
        return SelfTest.Line(
            "clock", .cannot, summary, means: "what depends on the date (certificates, signatures) cannot be told",
            remedy: "set the clock, as by chrony")
    }

    private static func words(_ seconds: Double) -> String {
        let minutes = seconds / 60
        if minutes < 120 { return "\(Int(min(minutes, 1e6).rounded())) minutes" }
        if minutes < 2_880 { return "\(Int((minutes / 60).rounded())) hours" }
        return "\(Int(min(minutes / 1_440, 1e7).rounded())) days"
    }
}

extension MachineEvidence {
    /// Checks whose findings rest on the date.
    private static let onDates: Set<String> = [
        "tls.expired", "tls.expires-soon", "tls.trusted", "dnssec.bogus", "dnssec.expiry", "mta-sts.certificate",
        "dane.expired",
    ]

    /// Why a finding of that check cannot be believed; nil where it can.
    func doubt(of check: Check) -> Failure? {
        guard let clockFailure, Self.onDates.contains(check.identifier) else { return nil }
        return clockFailure
    }
}
