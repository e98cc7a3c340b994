/// Whatever can answer a question: the resolver on sockets (`Network`), a ``Zone`` of text, a recording.
package protocol Resolver: Sendable {
    /// Answers by the resolver's own deadline; CNAMEs are followed (RFC 1034 §3.6.2).
    func answer(_ question: Question) async throws(Unanswered) -> Answer

    /// The same as a value, for those who keep failures as facts.
    func outcome(_ question: Question) async -> Outcome

    /// Asks all at once: the outcomes in the order of the questions. Whoever has many questions saves a task each.
    func outcomes(_ questions: [Question]) async -> [Outcome]
}

extension Resolver {
    package func outcome(_ question: Question) async -> Outcome {
        do throws(Unanswered) {
            return .success(try await answer(question))
        } catch {
            return .failure(error)
        }
    }

    /// One task a question: for resolvers that know nothing better.
    package func outcomes(_ questions: [Question]) async -> [Outcome] {
        await withTaskGroup(of: (Int, Outcome).self) { group in
            for (index, question) in questions.enumerated() {
                group.addTask { (index, await outcome(question)) }
            }
            var outcomes = [Outcome](repeating: .failure(Unanswered(.notAsked)), count: questions.count)
            for await (index, outcome) in group { outcomes[index] = outcome }
            return outcomes
        }
    }
}
