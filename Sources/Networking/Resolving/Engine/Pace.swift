/// How many questions may be on the way, and how long the first pause is: learnt from what is answered and what is not,
/// where the settings say so.
///
/// The window, where it is filled, widens step by step while no more is lost than the network loses anyway, and at once
/// where answers come from afar and take little longer than the quickest did; it narrows where more is lost, because that fell out of a full queue, and asking it
/// again costs more than waiting. A loss is noticed late, after a pause; so a step is judged by the queries that went
/// since the one before (as BBR and PCC do for TCP, and unlike its older ways, which take any loss for a full queue).
/// What the network loses is what is lost while the window is at its least, which no queue is too short for. Pauses
/// follow RFC 6298 §2 with a wider margin, because names that are not in a resolver's cache take longer than others.
struct Pace {
    private let most: Double
    private let longest: Int64
    private let adapts: Bool
    private var limit: Double
    private var usual: Int64 = 0
    private var quickest = Int64.max
    private var spread: Int64 = 0
    private var samples = 0
    /// Queries that may go at this moment; negative: a debt that the next wait for.
    private var credit = Pace.burst
    private var counted: Int64 = 0

    /// Since when queries count for the next step, and what became of them.
    private var stepBegan: Int64?
    private var answered = 0.0
    private var lost = 0.0
    /// Whether the window kept anybody waiting since then: one that is not filled tells nothing of a wider one
    /// (RFC 7661).
    private var wasFull = false
    /// The part that the network loses of itself; nil as long as that is not known.
    private var usualLoss: Double?
    /// The window that was too wide the last time.
    private var tooWide = Double.infinity

    private static let least = 192.0
    /// The part that may be lost beyond twice what the network loses.
    private static let tolerated = 0.01
    /// Too few queries tell nothing.
    private static let tellingQueries = 100.0
    private static let shortest: Int64 = 100_000_000
    /// Queries that may go at once, and how many are waited for where none may go: fewer would cost a wake-up each.
    private static let burst = 128.0
    private static let portion = 32.0
    /// Nanoseconds that answers have to take for questions to be spread.
    private static let nearby: Int64 = 2_000_000

    init(_ settings: NetworkResolver.Settings) {
        most = Double(max(1, settings.maximumInFlight))
        longest = settings.pauseNanoseconds
        adapts = settings.adapts
        limit = adapts ? min(most, Self.least) : most
    }

    /// So many may be on the way at once.
    var window: Int { Int(limit) }

    /// Nanoseconds before a silent server is given company for the first time.
    var pause: Int64 {
        guard adapts, samples >= 32 else { return longest }
        return min(longest, max(Self.shortest, usual + 8 * spread))
    }

    /// When the next query may go: `now` where it may at once.
    ///
    /// From afar, answers come in heaps, and what follows from a heap of them would go in one burst, which the queue of a
    /// server or a router does not hold. So they are spread over half the time that answers usually take.
    mutating func next(at now: Int64) -> Int64 {
        guard adapts, samples >= 32, usual > Self.nearby else { return now }
        let perNanosecond = 2 * limit / Double(usual)
        credit = min(Self.burst, credit + Double(max(0, now - counted)) * perNanosecond)
        counted = max(counted, now)
        return credit >= 1 ? now : now + Int64((Self.portion - credit) / perNanosecond) + 1
    }

    /// One goes.
    mutating func took() { credit -= 1 }

    /// As many as may be are on the way, and more would go.
    mutating func isFull() { wasFull = true }

    /// A first query that went at `started` was answered after so long.
    mutating func answered(after nanoseconds: Int64, started: Int64) {
        samples += 1
        quickest = min(quickest, nanoseconds)
        if samples == 1 {
            usual = nanoseconds
            spread = nanoseconds / 2
        } else {
            spread += (abs(nanoseconds - usual) - spread) / 4
            usual += (nanoseconds - usual) / 8
        }
        let isFar = quickest > Self.nearby / 2
        if wasFull, isFar, tooWide == .infinity, usual < quickest + quickest / 2 { limit = min(most, limit + 1) }
        if started >= stepBegan ?? .min { answered += 1 }
        step(at: started + nanoseconds)
    }

    /// A pause went by without an answer to a query that went at `started`.
    mutating func lost(started: Int64, at now: Int64) {
        if started >= stepBegan ?? .min { lost += 1 }
        step(at: now)
    }

    /// Widens or narrows the window, where enough is known of the queries since the last step.
    private mutating func step(at now: Int64) {
        guard adapts, let began = stepBegan else {
            stepBegan = now
            return
        }
        guard now - began > 2 * pause, answered + lost >= Self.tellingQueries else { return }
        let loss = lost / (answered + lost)
        if limit == min(most, Self.least) {
            usualLoss = (loss + (usualLoss ?? loss)) / 2
            // What was put down to the window was the network's doing.
            if loss > Self.tolerated { tooWide = .infinity }
        }
        if loss > 2 * (usualLoss ?? 0) + Self.tolerated {
            tooWide = limit
            // The first time, down to where it shows whose doing it is.
            limit *= usualLoss == nil ? 0 : 0.7
        } else if wasFull {
            // Fast as far as there was room before, then slowly.
            limit = min(limit * 1.5, max(limit * 1.02, tooWide * 0.8))
        }
        limit = max(min(most, Self.least), min(most, limit))
        (stepBegan, answered, lost, wasFull) = (now, 0, 0, false)
    }
}
