import Judgement
import Probes
import Synchronization

/// Says on the status line how far an audit is: by domain, phase and host. What is waited for says more than what is done.
final class AuditTeller: Sendable {
    fileprivate struct State {
        var count: Int
        var ended = 0
        /// What was said last of each target under way, the one that began first at the front.
        var underWay: [(name: String, text: String)] = []
        /// Ports being tried, the oldest first.
        var dialled: [String: [Endpoint]] = [:]
        /// How many ports there are to try.
        var ports: [String: Int] = [:]
    }

    private let state: Mutex<State>
    private let line = StatusLine()

    /// - Parameter count: how many targets there are.
    init(of count: Int) { state = Mutex(State(count: count)) }

    func begins(_ name: String) { say("asking the DNS", of: name) }

    func tell(_ progress: Progress, of name: String) {
        let text = state.withLock { state -> String? in
            switch progress {
            case .looked(let questions, let ports):
                state.ports[name] = ports
                return "\(questions) questions answered, \(ports) ports to try"
            case .dialling(let endpoint):
                state.dialled[name, default: []].append(endpoint)
                // Until one is done, the first is what all wait for.
                guard state.dialled[name]?.count == 1, let ports = state.ports[name] else { return nil }
                state.ports[name] = nil
                return "0 of \(ports) ports, waiting for \(endpoint)"
            case .observed(let port, let done, let all):
                if let place = state.dialled[name]?.firstIndex(of: port.endpoint) {
                    state.dialled[name]?.remove(at: place)
                }
                let waiting = state.dialled[name]?.first.map { ", waiting for \($0)" } ?? ""
                return "\(done) of \(all) ports\(waiting)"
            case .concluding: return "asking block lists, name servers and policies"
            }
        }
        if let text { say(text, of: name) }
    }

    func ends(_ name: String) {
        let next = state.withLock { state -> String? in
            state.ended += 1
            state.underWay.removeAll { $0.name == name }
            state.dialled[name] = nil
            return state.underWay.first.map { state.line($0.name, $0.text) }
        }
        if let next { line.show(next) } else { line.clear() }
    }

    /// Before anything else is written to the terminal.
    func clear() { line.clear() }

    private func say(_ text: String, of name: String) {
        let shown = state.withLock { state in
            if let place = state.underWay.firstIndex(where: { $0.name == name }) {
                state.underWay[place].text = text
            } else {
                state.underWay.append((name, text))
            }
            return state.line(name, text)
        }
        line.show(shown)
    }
}

extension AuditTeller.State {
    /// `2 of 5 · example.org: 12 of 21 ports, waiting for mx.example.org [192.0.2.25]:25 …`
    fileprivate func line(_ name: String, _ text: String) -> String {
        (count > 1 ? "\(ended) of \(count) · " : "") + "\(name): \(text) …"
    }
}
