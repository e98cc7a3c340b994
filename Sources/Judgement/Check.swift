package import DNS
internal import Synchronization

/// One thing a mail audit knows: an identifier for life, and its page in `checks/`.
///
/// A reference to its page, so that reports hand checks about without copying their texts, and without counting who holds
/// them: there are a few hundred pages, and they stay as long as the program runs. The page that the binary carries is
/// read when somebody asks for its words: most checks of most audits have nothing to say.
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
        let rendition = Rendition()

        /// - Parameter words: nil: those of the page that the binary carries, once somebody asks.
        init(_ identifier: String, _ words: Words? = nil) {
            self.identifier = identifier
            if let words { _ = hold(words) }
        }

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

    }

    private unowned(unsafe) let page: Page

    /// The pages there are: nothing in here is ever let go of.
    private struct Pages: Sendable {
        /// Whose words are those that the binary carries.
        var own: [String: Page] = [:]
        /// Whose words were given, those of one identifier beside each other.
        var given: [String: [Page]] = [:]
    }

    private static let pages = Mutex(Pages())

    /// Whether its identifier comes before the other's; nil where both are the same.
    func comesFirst(before other: Check) -> Bool? {
        if page === other.page { return nil }
        let (mine, its) = (page.identifier, other.page.identifier)
        return mine == its ? nil : mine < its
    }

    /// `area.what`: the page stands at `checks/<area>/<what>.md`.
    package var identifier: String { page.identifier }
    /// Its remedy and reference as they are written.
    package var rendition: Rendition { _read { yield page.rendition } }
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
        let words = Words(title: title, severity: severity, reference: reference, meaning: meaning, remedy: remedy)
        page = Self.pages.withLock { pages in
            if let known = pages.given[identifier]?.first(where: { $0.words == words }) { return known }
            let page = Page(identifier, words)
            pages.given[identifier, default: []].append(page)
            return page
        }
    }

    private init(page: Page) { self.page = page }

    /// The check of that identifier, from the page the binary carries. One that has no page that can be read
    /// comes back with its identifier for a title, so that a report still says what it is about; tests keep
    /// this from happening.
    package static func page(of identifier: String) -> Check {
        pages.withLock { pages in
            if let known = pages.own[identifier] { return Check(page: known) }
            let page = Page(identifier)
            pages.own[identifier] = page
            return Check(page: page)
        }
    }
}

extension Check: Hashable {
    package static func == (a: Check, b: Check) -> Bool {
        a.page === b.page || a.identifier == b.identifier && a.page.words == b.page.words
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(identifier) }
}
