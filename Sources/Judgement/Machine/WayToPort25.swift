internal import DNS

/// Whether this machine is let out to port 25, by what came of dialling it. Providers close that way to keep spam in:
/// silently mostly, some by a refusal of their own. What then is not seen says nothing about the hosts.
struct WayToPort25 {
    private var smtp: [PortObservation]
    private var others: [PortObservation]
    /// Whether something answered over TCP beside the ports.
    private var somethingElseAnswers: Bool

    init(_ ports: [PortObservation], somethingElseAnswers: Bool) {
        smtp = ports.filter { $0.service == .smtp }
        others = ports.filter { $0.service != .smtp && $0.state == .open }
        self.somethingElseAnswers = somethingElseAnswers
    }

    /// Why it seems to be closed; nil where nothing says so.
    var closed: String? {
        // A family that this machine does not have tells nothing either way.
        let tried = smtp.filter { $0.state != .unreachable }
        if tried.isEmpty { return nil }
        if tried.allSatisfy({ $0.state == .timeout && $0.failureOrState.cause == .connectTimeout }) {
            return silent(tried)
        }
        if tried.allSatisfy({ $0.state == .refused }) { return refused(tried) }
        return nil
    }

    /// Nobody answers on port 25.
    private func silent(_ tried: [PortObservation]) -> String? {
        // Hosts of several networks do not fall silent together while the rest of the Internet answers.
        guard !others.isEmpty || (somethingElseAnswers && networks(of: tried) > 1) else { return nil }
        return "no port 25 answers while "
            + (others.isEmpty ? "other servers do" : "other ports of the same hosts do")
            + ": outgoing port 25 seems to be blocked from here"
    }

    /// All refuse. One host may well do so itself; a refusal from the way there is told by where it comes from.
    private func refused(_ tried: [PortObservation]) -> String? {
        // Nobody stands between this machine and addresses of its own or of its network.
        guard tried.allSatisfy({ $0.endpoint.address.specialPurpose == nil }) else { return nil }
        let alive = tried.filter { port in others.contains { $0.endpoint.address == port.endpoint.address } }
        guard alive.count == tried.count else { return nil }
        guard networks(of: tried) > 1 || tried.allSatisfy(isNear) else { return nil }
        return "every port 25 refuses while other ports of the same addresses answer: outgoing port 25 seems to be "
            + "blocked from here"
    }

    /// Whether the refusal came much sooner than an answer from that address takes.
    private func isNear(_ port: PortObservation) -> Bool {
        let usual = others.filter { $0.endpoint.address == port.endpoint.address }.compactMap { $0.seconds(.connect) }
        guard let seconds = port.seconds(.connect), let least = usual.min() else { return false }
        return least >= 0.01 && seconds < least / 4
    }

    /// Networks as far as who runs them may differ: /16 of IPv4, /32 of IPv6.
    private func networks(of ports: [PortObservation]) -> Int {
        Set(
            ports.map { port -> UInt64 in
                switch port.endpoint.address {
                case .v4(let address): UInt64(address.value >> 16)
                case .v6(let address): address.high >> 32 | 1 << 63
                }
            }
        ).count
    }
}
