/// Whatever can answer a question: the resolver on sockets (`Network`), a ``Zone`` of text, a recording.
package protocol Resolver: Sendable {
    /// Answers by the resolver's own deadline; CNAMEs are followed (RFC 1034 §3.6.2).
    func answer(_ question: Question) async throws(Unanswered) -> Answer
}

extension Resolver {
    /// The same as a value, for those who keep failures as facts.
    package func outcome(_ question: Question) async -> Outcome {
        do throws(Unanswered) {
            return .success(try await answer(question))
        } catch {
            return .failure(error)
        }
    }
}
