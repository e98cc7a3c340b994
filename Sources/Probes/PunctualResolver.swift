package import DNS
internal import Networking

/// A resolver that answers by a deadline whatever the one behind it does.
package struct PunctualResolver: Resolver {
    let resolver: any Resolver
    let deadline: Deadline

    @concurrent
    package func answer(_ question: Question) async throws(Unanswered) -> Answer {
        let resolver = resolver
        do {
            return try await withDeadline(deadline) { try await resolver.answer(question) }
        } catch let unanswered as Unanswered {
            throw unanswered
        } catch is DeadlinePassed {
            throw Unanswered(.timedOut, detail: "the time for the whole examination was up")
        } catch {
            throw Unanswered(.timedOut, detail: "cancelled")
        }
    }
}
