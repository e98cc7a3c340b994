extension Rule {
    /// Every rule there is, in the order of the report.
    package static let all: [Rule] = []
}
