import DNS
import Judgement

/// What lists say, a row or two.
enum SurroundingsText {
    static func rows(_ surroundings: DomainSurroundings, isVerbose: Bool) -> [[Span]] {
        let reputation = surroundings.reputation
        let blocking = reputation.lists.filter { !$0.list.allows }
        if blocking.isEmpty { return [] }
        let usable = blocking.filter { $0.health.problem == nil }
        var rows = [[Span("Block lists", .strong), summary(of: reputation, usable.count)]]
        for party in reputation.asked where !party.recommendations.isEmpty {
            let lists = party.recommendations.map(\.list.zone.description).joined(separator: ", ")
            rows.append(["", Span("\(subject(of: party.party)) is recommended by \(lists)", .good)])
        }
        let useless = blocking.filter { $0.health.problem != nil }
        if isVerbose {
            for list in reputation.lists {
                rows.append(["", Span("\(list.list.zone): \(list.health.problem?.sentence ?? "usable")", .faint)])
            }
        } else if let first = useless.first, let problem = first.health.problem, !usable.isEmpty {
            let more = useless.count > 1 ? " (and \(useless.count - 1) more lists)" : ""
            rows.append(["", Span("\(first.list.zone): \(problem.sentence)\(more)", .faint)])
        }
        return rows
    }

    private static func summary(of reputation: ReputationEvidence, _ usable: Int) -> Span {
        if usable == 0 { return Span("none could be asked from here", .unknown) }
        let listed = reputation.asked.filter { !$0.listings.isEmpty }
        let asked = reputation.asked.filter { $0.answers > 0 }.count
        let lists = usable == 1 ? "1 list" : "\(usable) lists"
        if listed.isEmpty { return Span("\(lists) asked for \(asked) addresses and domains: listed nowhere", .good) }
        let names = listed.prefix(4).map { subject(of: $0.party) }.joined(separator: ", ")
        return Span("listed: \(names)", .bad)
    }

    private static func subject(of party: ReputationEvidence.Asked.Party) -> String {
        switch party {
        case .host(let address, _), .sender(let address, _): address.description
        case .domain(let name): name.description
        }
    }
}
