internal import Synchronization

/// One thing a mail audit knows: an identifier for life, and its page in `checks/`.
///
/// A reference to its page, so that reports hand checks about without copying their texts. The page that the binary
/// carries is read when somebody asks for its words: most checks of most audits have nothing to say.
package struct Check: Sendable {
    private final class Words: Sendable {
        let title, reference, meaning, remedy: String
        let severity: Severity

        init(title: String, severity: Severity, reference: String, meaning: String, remedy: String) {
            self.title = title
            self.severity = severity
            self.reference = reference
            self.meaning = meaning
            self.remedy = remedy
        }

        static func == (a: Words, b: Words) -> Bool {
            a === b
                || (a.title, a.reference, a.meaning, a.remedy) == (b.title, b.reference, b.meaning, b.remedy)
                    && a.severity == b.severity
        }
    }

    private final class Page: Sendable {
        let identifier: String
        /// Where the words are, held; 0 as long as nobody asked for them. (`AtomicLazyReference` asks the runtime for types
        /// at each look.)
        private let place = Atomic<UInt>(0)

        init(_ identifier: String) { self.identifier = identifier }

        deinit { Self.words(at: place.load(ordering: .relaxed))?.release() }

        var words: Words {
            if let words = Self.words(at: place.load(ordering: .acquiring)) { return words.takeUnretainedValue() }
            return hold(CheckPage.check(identifier)?.page.words ?? missing)
        }

        @inline(__always)
        private static func words(at place: UInt) -> Unmanaged<Words>? {
            UnsafeRawPointer(bitPattern: place).map { Unmanaged.fromOpaque($0) }
        }

        /// Keeps the words, unless somebody was faster: then those that are kept.
        private func hold(_ words: Words) -> Words {
            let held = Unmanaged.passRetained(words)
            let mine = UInt(bitPattern: held.toOpaque())
            let (isKept, before) = place.compareExchange(expected: 0, desired: mine, ordering: .acquiringAndReleasing)
            if isKept { return words }
            held.release()
            return Self.words(at: before)?.takeUnretainedValue() ?? words
        }

        private var missing: Words {
            Words(title: identifier, severity: .error, reference: "", meaning: "", remedy: "")
        }

        func say(_ words: Words) { _ = hold(words) }
    }

    private let page: Page

    /// Whether its identifier comes before the other's; nil where both are the same.
    func comesFirst(before other: Check) -> Bool? {
        if page === other.page { return nil }
        let (mine, its) = (page.identifier, other.page.identifier)
        return mine == its ? nil : mine < its
    }

    /// `area.what`: the page stands at `checks/<area>/<what>.md`.
    package var identifier: String { page.identifier }
    package var title: String { page.words.title }
    package var severity: Severity { page.words.severity }
    /// The sections of RFCs it rests on: `RFC 7208 §4.6.4`.
    package var reference: String { page.words.reference }
    /// What it means and why it matters, Markdown.
    package var meaning: String { page.words.meaning }
    /// What to do, Markdown.
    package var remedy: String { page.words.remedy }

    package init(
        identifier: String, title: String, severity: Severity, reference: String, meaning: String, remedy: String
    ) {
        page = Page(identifier)
        page.say(
            Words(title: title, severity: severity, reference: reference, meaning: meaning, remedy: remedy))
    }

    private init(page: Page) { self.page = page }

    /// The check of that identifier, from the page the binary carries. One that has no page that can be read
    /// comes back with its identifier for a title, so that a report still says what it is about; tests keep
    /// this from happening.
    package static func page(of identifier: String) -> Check { Check(page: Page(identifier)) }
}

extension Check: Hashable {
    package static func == (a: Check, b: Check) -> Bool {
        a.page === b.page || a.identifier == b.identifier && a.page.words == b.page.words
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(identifier) }
}
