/// The DNS with an overlay in front of it.
package struct OverlaidResolver: Resolver {
    package var overlay: Overlay
    package var behind: any Resolver

    /// - Parameter behind: whom to ask for what is not in the overlay.
    package init(_ overlay: Overlay, before behind: any Resolver) {
        self.overlay = overlay
        self.behind = behind
    }

    package func answer(_ question: Question) async throws(Unanswered) -> Answer {
        try await outcomes([question])[0].get()
    }

    package func outcomes(_ questions: [Question]) async -> [Outcome] {
        let overlay = overlay
        return await inWaves(of: behind) { dns in questions.map { overlay.outcome($0, in: &dns) } }.result
    }
}

/// What was seen before, and behind it whoever can be asked for the rest.
package struct RecordedResolver: Resolver {
    package var outcomes: [Question: Outcome]
    /// nil: nobody; then such a question was not seen.
    package var behind: (any Resolver)?

    package init(_ outcomes: [Question: Outcome], before behind: (any Resolver)? = nil) {
        self.outcomes = outcomes
        self.behind = behind
    }

    package func answer(_ question: Question) async throws(Unanswered) -> Answer {
        try await outcomes([question])[0].get()
    }

    package func outcomes(_ questions: [Question]) async -> [Outcome] {
        let unknown = questions.filter { outcomes[$0] == nil }
        var found = outcomes
        if let behind {
            for (question, outcome) in zip(unknown, await behind.outcomes(unknown)) { found[question] = outcome }
        }
        return questions.map {
            found[$0] ?? .failure(Unanswered(.offline, detail: "the recording does not have it"))
        }
    }
}
