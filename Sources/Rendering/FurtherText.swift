import DNS
import Judgement

/// What was looked at beside records and ports, in brief: for `-v`.
enum FurtherText {
    static func rows(of evidence: Evidence) -> [[Span]] { servers(of: evidence.authority) + WebText.rows(of: evidence) }

    private static func servers(of authority: AuthorityEvidence?) -> [[Span]] {
        var rows: [[Span]] = []
        for zone in authority?.zones ?? [] {
            if let why = zone.notSeen {
                rows.append([Span("NS", .strong), Span("\(zone.name): not compared, as \(why)", .faint)])
                continue
            }
            for (index, seen) in zone.seen.enumerated() {
                let place = "\(seen.server) [\(seen.address)]"
                let (words, tone): (String, Tone) =
                    switch seen.standing {
                    case .authoritative: (seen.soa.map { "serial \($0.serial)" } ?? "no SOA record", .good)
                    case .lame(let how), .silent(let how): (how, .bad)
                    case .notReachable: ("not reached from here", .faint)
                    }
                rows.append([Span(index == 0 ? "NS" : "", .strong), Span("\(place)  \(words)", tone)])
            }
        }
        return rows
    }
}
