/// One thing a mail audit knows: an identifier for life, and its page in `checks/`.
package struct Check: Hashable, Sendable {
    /// `area.what`: the page stands at `checks/<area>/<what>.md`.
    package var identifier: String
    package var title: String
    package var severity: Severity
    package var reference: String
    /// What it means and why it matters, Markdown.
    package var meaning: String
    /// What to do, Markdown.
    package var remedy: String

    /// The page of that check, from the text the binary carries.
    package static func page(of identifier: String) -> Check {
        Check(
            identifier: identifier, title: "", severity: .info, reference: "", meaning: embeddedPages[identifier] ?? "",
            remedy: "")
    }
}
