package import DNS

/// `--offline`: every question fails, saying so.
package struct OfflineResolver: Resolver {
    package init() {}

    package func answer(_ question: Question) async throws(Unanswered) -> Answer {
        throw Unanswered(.offline, detail: "asking was forbidden")
    }
}
