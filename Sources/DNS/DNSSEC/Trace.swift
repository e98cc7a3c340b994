/// Steps as they are found, each below another; put together as a tree at the end.
struct Trace {
    static let top = -1
    private var entries: [(parent: Int, step: Validated.Step)] = []

    @discardableResult
    mutating func add(_ subject: String, _ security: Security?, _ text: String, under parent: Int) -> Int {
        entries.append((parent, Validated.Step(subject, security, text)))
        return entries.count - 1
    }

    /// The tree. A step comes after the one it hangs below.
    var steps: [Validated.Step] {
        var built = entries.map(\.step)
        var top: [Validated.Step] = []
        for index in entries.indices.reversed() {
            built[index].children.reverse()
            if entries[index].parent < 0 {
                top.append(built[index])
            } else {
                built[entries[index].parent].children.append(built[index])
            }
        }
        return top.reversed()
    }
}
