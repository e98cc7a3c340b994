/// `--name value` pairs behind the subcommand.
struct Arguments {
    private var values: [String: String] = [:]

    init(_ words: ArraySlice<String>) throws(Usage) {
        var rest = words
        while let name = rest.popFirst() {
            guard name.hasPrefix("--"), let value = rest.popFirst() else { throw Usage("\(name) needs a value") }
            values[String(name.dropFirst(2))] = value
        }
    }

    func text(_ name: String) throws(Usage) -> String {
        guard let value = values[name] else { throw Usage("--\(name) is missing") }
        return value
    }

    func number(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws(Usage) -> Int {
        guard let text = values[name] else { return fallback }
        guard let number = Int(text), range.contains(number) else {
            throw Usage("--\(name): \(text) is not a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

/// What was wrong with the command line.
struct Usage: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
