/// How many questions may be on the way, and how long the first pause is: learnt from what is answered and what is not,
/// where the settings say so.
///
/// Each answer to a first query lets a few more go, each silence one less; so it stays where about one in nine is
/// lost: above what a poor network loses, below what a full queue does. Pauses follow RFC 6298 §2 with a wider margin,
/// because names that are not in a resolver's cache take longer than others.
struct Pace {
    private let most: Double
    private let longest: Int64
    private let adapts: Bool
    private var limit: Double
    private var hasLost = false
    private var usual: Int64 = 0
    private var spread: Int64 = 0
    private var samples = 0
    /// Queries that may go at this moment; negative: a debt that the next wait for.
    private var credit = Pace.burst
    private var counted: Int64 = 0

    private static let least = 256.0
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

    /// A first query was answered.
    mutating func answered(after nanoseconds: Int64) {
        limit = min(most, limit + (hasLost ? 1.0 / 8 : 1))
        samples += 1
        if samples == 1 {
            usual = nanoseconds
            spread = nanoseconds / 2
        } else {
            spread += (abs(nanoseconds - usual) - spread) / 4
            usual += (nanoseconds - usual) / 8
        }
    }

    /// A pause went by without an answer.
    mutating func lost() {
        hasLost = true
        limit = max(min(most, Self.least), limit - 1)
    }
}
