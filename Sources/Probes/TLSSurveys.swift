internal import DNS
package import Judgement
package import Networking
package import TLS

/// How much is asked about what a server accepts besides what it chooses with us.
package enum SurveyExtent: String, Hashable, Sendable, CaseIterable {
    case none
    /// Old versions, weak suites, the groups: about ten connections to a port.
    case weak
    /// Each suite and group.
    case all

    package var depth: Survey.Depth? {
        switch self {
        case .none: nil
        case .weak: .brief
        case .all: .full
        }
    }
}

/// The surveys of one run: each host, address and port is asked once, however many domains name it, and an address is
/// asked by one survey at a time.
package actor TLSSurveys {
    private struct Key: Hashable {
        var endpoint: Endpoint
        var service: Service
    }

    package nonisolated let depth: Survey.Depth
    private let pace: TLSSurveyProbe.Pace
    private var begun: [Key: Task<TLSAcceptance, Never>] = [:]
    private var last: [IPAddress: Task<TLSAcceptance, Never>] = [:]

    package init(depth: Survey.Depth, pace: TLSSurveyProbe.Pace = TLSSurveyProbe.Pace()) {
        self.depth = depth
        self.pace = pace
    }

    /// What the port accepts; ends by `deadline`.
    package func acceptance(
        of endpoint: Endpoint, _ service: Service, with means: Means, by deadline: Deadline
    ) async -> TLSAcceptance {
        let key = Key(endpoint: endpoint, service: service)
        let task = begun[key] ?? begin(key, with: means, by: deadline)
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    private func begin(_ key: Key, with means: Means, by deadline: Deadline) -> Task<TLSAcceptance, Never> {
        let before = last[key.endpoint.address]
        let probe = TLSSurveyProbe(
            endpoint: key.endpoint, service: key.service, means: means, depth: depth, pace: pace)
        let task = Task(executorPreference: TaskHome.executor) {
            _ = await before?.value
            return TLSAcceptance(await probe.survey(by: deadline))
        }
        begun[key] = task
        last[key.endpoint.address] = task
        return task
    }
}
