/// One thing a mail audit knows: an identifier for life, and its page in `checks/`.
package struct Check: Hashable, Sendable {
    /// `area.what`: the page stands at `checks/<area>/<what>.md`.
    package var identifier: String
    package var title: String
    package var severity: Severity
    /// The sections of RFCs it rests on: `RFC 7208 §4.6.4`.
    package var reference: String
    /// What it means and why it matters, Markdown.
    package var meaning: String
    /// What to do, Markdown.
    package var remedy: String

    package init(
        identifier: String, title: String, severity: Severity, reference: String, meaning: String, remedy: String
    ) {
        self.identifier = identifier
        self.title = title
        self.severity = severity
        self.reference = reference
        self.meaning = meaning
        self.remedy = remedy
    }

    /// The check of that identifier, from the page the binary carries. One that has no page that can be read
    /// comes back with its identifier for a title, so that a report still says what it is about; tests keep
    /// this from happening.
    package static func page(of identifier: String) -> Check {
        CheckPage.named(identifier)?.check
            ?? Check(
                identifier: identifier, title: identifier, severity: .error, reference: "", meaning: "", remedy: "")
    }
}
