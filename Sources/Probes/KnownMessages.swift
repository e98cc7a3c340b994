/// Messages that were looked at and are not ours, by what the server calls them. Bounded, though a server may call them
/// something else each time: what is forgotten is looked at once more, and that is all.
struct KnownMessages: Hashable, Sendable {
    /// As many as one listing may name (``POP3Session/maximumListing``).
    static let most = 20_000

    private var names: Set<[UInt8]> = []

    var count: Int { names.count }

    func contains(_ name: [UInt8]) -> Bool { names.contains(name) }

    /// Whether it was not known before.
    @discardableResult
    mutating func insert(_ name: [UInt8]) -> Bool {
        if names.contains(name) { return false }
        if names.count >= Self.most { names = [] }
        names.insert(name)
        return true
    }

    /// Forgets what is no longer there.
    mutating func keep(only listed: some Sequence<[UInt8]>) { names.formIntersection(listed) }

    mutating func forget() { names = [] }
}
