import Testing

/// Where another author's suite says otherwise than we do, and why we stay with it. A difference that is not in the
/// table fails the test, and so does one that is there and is none any more.
struct KnownDifferences {
    /// The case by its number from 0, perhaps with what of it differs; what we say; what they say; why.
    typealias Entry = (place: String, ours: String, theirs: String, why: String)

    let suite: String
    private(set) var agreed = 0
    private var found: [(place: String, ours: String, theirs: String)] = []

    init(_ suite: String) { self.suite = suite }

    /// Notes one comparison. What is long is cut: the table need only tell which difference it is.
    mutating func compare(_ place: String, _ ours: String?, _ theirs: String?) {
        if ours == theirs {
            agreed += 1
        } else {
            found.append((place, Self.short(ours), Self.short(theirs)))
        }
    }

    private static func short(_ text: String?) -> String {
        guard let text else { return "-" }
        let visible = text.unicodeScalars.map { $0.value < 32 ? "␣" : String($0) }.joined()
        return visible.count > 70 ? visible.prefix(70) + "…" : visible
    }

    /// Whether exactly the differences of the table are there.
    func hold(_ table: [Entry], _ location: SourceLocation = #_sourceLocation) {
        for difference in found
        where !table.contains(where: { ($0.place, $0.ours, $0.theirs) == difference }) {
            Issue.record(
                "\(suite): not in the table: (\(difference.place.debugDescription), \(difference.ours.debugDescription), \(difference.theirs.debugDescription), \"\"),",
                sourceLocation: location)
        }
        for entry in table
        where !found.contains(where: { ($0.place, $0.ours, $0.theirs) == (entry.place, entry.ours, entry.theirs) }) {
            Issue.record("\(suite): no difference any more: \(entry.place): \(entry.ours)", sourceLocation: location)
        }
        for entry in table where entry.why.isEmpty { Issue.record("\(entry.place): why?", sourceLocation: location) }
        if Suites.isVerbose {
            print("\(suite): \(agreed) agree, \(found.count) differ")
            for entry in table {
                print("  \(entry.place): ours “\(entry.ours)”, theirs “\(entry.theirs)”: \(entry.why)")
            }
        }
    }
}
