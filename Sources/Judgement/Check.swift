/// One thing a mail audit knows: an identifier for life, and its page in `checks/`.
///
/// A reference to its page, so that reports hand checks about without copying their texts.
package struct Check: Sendable {
    private final class Page: Hashable, Sendable {
        let identifier, title, reference, meaning, remedy: String
        let severity: Severity

        init(
            identifier: String, title: String, severity: Severity, reference: String, meaning: String, remedy: String
        ) {
            self.identifier = identifier
            self.title = title
            self.severity = severity
            self.reference = reference
            self.meaning = meaning
            self.remedy = remedy
        }

        static func == (a: Page, b: Page) -> Bool {
            a === b
                || (a.identifier, a.title, a.reference, a.meaning, a.remedy)
                    == (b.identifier, b.title, b.reference, b.meaning, b.remedy) && a.severity == b.severity
        }

        func hash(into hasher: inout Hasher) { hasher.combine(identifier) }
    }

    private let page: Page

    /// `area.what`: the page stands at `checks/<area>/<what>.md`.
    package var identifier: String { page.identifier }
    package var title: String { page.title }
    package var severity: Severity { page.severity }
    /// The sections of RFCs it rests on: `RFC 7208 §4.6.4`.
    package var reference: String { page.reference }
    /// What it means and why it matters, Markdown.
    package var meaning: String { page.meaning }
    /// What to do, Markdown.
    package var remedy: String { page.remedy }

    package init(
        identifier: String, title: String, severity: Severity, reference: String, meaning: String, remedy: String
    ) {
        page = Page(
            identifier: identifier, title: title, severity: severity, reference: reference, meaning: meaning,
            remedy: remedy)
    }

    /// The check of that identifier, from the page the binary carries. One that has no page that can be read
    /// comes back with its identifier for a title, so that a report still says what it is about; tests keep
    /// this from happening.
    package static func page(of identifier: String) -> Check {
        CheckPage.check(identifier)
            ?? Check(
                identifier: identifier, title: identifier, severity: .error, reference: "", meaning: "", remedy: "")
    }
}

extension Check: Hashable {
    package static func == (a: Check, b: Check) -> Bool { a.page == b.page }
    package func hash(into hasher: inout Hasher) { hasher.combine(page) }
}
