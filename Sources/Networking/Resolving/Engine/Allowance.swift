/// How many queries may be sent: so many a second, and at once as many as a twentieth of a second brings.
/// What was taken beyond what there was is a debt that the next wait for.
struct Allowance {
    private let perNanosecond: Double
    private let most: Double
    private var left: Double
    private var counted: Int64

    /// - Parameter perSecond: nil: without limit.
    init(perSecond: Double?, now: Int64) {
        let rate = max(perSecond ?? 0, 0.001)
        perNanosecond = perSecond == nil ? .infinity : rate / 1e9
        most = max(1, rate / 20)
        left = most
        counted = now
    }

    var isUnlimited: Bool { perNanosecond == .infinity }

    /// When the next may go: `now` or earlier where it may at once.
    mutating func next(at now: Int64) -> Int64 {
        if isUnlimited { return now }
        left = min(most, left + Double(max(0, now - counted)) * perNanosecond)
        counted = max(counted, now)
        return left >= 1 ? now : now + Int64((1 - left) / perNanosecond) + 1
    }

    mutating func take() {
        if !isUnlimited { left -= 1 }
    }
}
