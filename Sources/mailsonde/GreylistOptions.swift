import ArgumentParser

/// Whether those whom greylisting puts off are asked for again: `--greylist-wait`.
struct GreylistOptions: ParsableArguments {
    @Option(
        name: .customLong("greylist-wait"),
        help: ArgumentHelp(
            """
            With --behaviour or --recipient: whom greylisting puts off is asked for once more, after the time that the \
            server names, at most after so many seconds; 0: no second try.
            """, valueName: "seconds"))
    var wait: Double = 0

    /// The longest that anybody waits: greylisting wants minutes, seldom an hour.
    private static let limit = 7_200.0

    /// - Parameter isOfUse: whether anybody is asked for at all.
    func seconds(isOfUse: Bool) throws(UsageError) -> Double {
        guard (0...Self.limit).contains(wait) else {
            throw UsageError("--greylist-wait: write seconds, from 0 to \(Int(Self.limit))")
        }
        if wait > 0, !isOfUse { throw UsageError("--greylist-wait goes with --behaviour or --recipient") }
        return wait
    }
}
