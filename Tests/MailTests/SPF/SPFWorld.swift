import DNS
import Testing

@testable import Mail

/// A made-up corner of the DNS with SPF records that draw on each other, and senders to check: the same for a seed.
struct SPFWorld {
    var outcomes: [Question: Outcome] = [:]
    var ip: IPAddress = .v4(IPv4Address(0))
    var mailFrom = ""
    var helo = ""

    static let domains = (0..<6).map { "d\($0).example.org" }
    static let hosts = (0..<6).map { "h\($0).example.net" }
    static let v4 = (1...6).map { "192.0.2.\($0)" }
    static let v6 = (1...4).map { "2001:db8::\($0)" }

    init(_ dice: inout Dice, failures: Bool = true) {
        for host in Self.hosts + Self.domains {
            add(host, .a, some(Self.v4, 0...2, &dice).compactMap { IPv4Address($0).map { .a($0) } }, failures, &dice)
            add(
                host, .aaaa, some(Self.v6, 0...2, &dice).compactMap { IPv6Address($0).map { .aaaa($0) } }, failures,
                &dice)
            let count = Int.random(in: 0..<24, using: &dice) == 0 ? 11...12 : 0...3
            add(
                host, .mx,
                (0..<Int.random(in: count, using: &dice)).map { index in
                    .mx(
                        MX(preference: UInt16(index), exchange: SPFWorld.name(pick(Self.hosts + Self.domains, &dice))))
                }, failures, &dice)
        }
        for domain in Self.domains {
            switch Int.random(in: 0..<20, using: &dice) {
            case 0: add(domain, .txt, [], failures, &dice)
            case 1: add(domain, .txt, [text("v=spf1 -all"), text("v=spf1 mx")], failures, &dice)
            case 2: add(domain, .txt, [text("verification=1")], failures, &dice)
            default: add(domain, .txt, [text(record(&dice)), text("v=spf10 other")], failures, &dice)
            }
        }
        for number in 0..<3 {
            add("x\(number).example.org", .txt, [text(pick(Self.explanations, &dice))], failures, &dice)
        }
        ip = IPAddress(pick(Bool.random(using: &dice) ? Self.v4 + ["::ffff:192.0.2.1"] : Self.v6, &dice)) ?? ip
        let address = ip
        var client = address
        if case .v6(let v6) = address, let v4 = v6.ipv4Mapped { client = .v4(v4) }
        add(
            SPFName.octets(client.reverseName).text, .ptr,
            some(Self.hosts + Self.domains, 0...3, &dice).map { .ptr(SPFWorld.name($0)) }, failures, &dice)
        helo = pick(Self.hosts + ["mail", "[192.0.2.1]"], &dice)
        let local = pick(["alice", "", "a.b-c+d", "strong-bad", "very%odd"], &dice)
        mailFrom = Int.random(in: 0..<10, using: &dice) == 0 ? "" : "\(local)@\(pick(Self.domains, &dice))"
    }

    static let explanations = [
        "%{i} is not one of %{d}", "See http://%{d2}/why?s=%{S}&h=%{h}", "%{c} %{v} %{l} %{o}", "a broken %{x", "plain",
    ]

    func outcome(_ question: Question) -> Outcome { outcomes[question] ?? .success(Answer(.noSuchName)) }

    /// Runs `work` until it wants nothing more.
    func settled<Result>(_ work: (inout Knowledge) -> Result) -> Result {
        var knowledge = Knowledge()
        var result = work(&knowledge)
        var waves = 0
        while !knowledge.wanted.isEmpty, waves < 60 {
            for question in knowledge.wanted { knowledge.learn(question, outcome(question)) }
            result = work(&knowledge)
            waves += 1
        }
        #expect(waves < 60)
        return result
    }

    var evaluation: SPFEvaluation {
        settled { SPFCheck.evaluate(ip: ip, mailFrom: mailFrom, helo: helo, at: Timestamp(1_000_000), in: &$0) }
    }

    // MARK: Making it up

    static func name(_ text: String) -> DomainName { SPFName.name(Array(text.utf8)) ?? .root }

    private mutating func add(
        _ name: String, _ type: RecordType, _ data: [RecordData], _ failures: Bool, _ dice: inout Dice
    ) {
        let name = Self.name(name)
        let question = Question(name, type)
        if failures, Int.random(in: 0..<40, using: &dice) == 0 {
            outcomes[question] = .failure(Unanswered(Bool.random(using: &dice) ? .timedOut : .servfail))
        } else {
            outcomes[question] = .success(
                Answer(data.isEmpty ? .noData : .records, records: data.map { Record(name, $0) }))
        }
    }

    private func text(_ text: String) -> RecordData {
        var strings: [[UInt8]] = []
        var rest = Array(text.utf8)[...]
        repeat {
            strings.append(Array(rest.prefix(255)))
            rest = rest.dropFirst(255)
        } while !rest.isEmpty
        return .txt(TXT(strings: strings))
    }

    private func pick(_ items: [String], _ dice: inout Dice) -> String { items.randomElement(using: &dice) ?? "" }

    private func some(_ items: [String], _ range: ClosedRange<Int>, _ dice: inout Dice) -> [String] {
        (0..<Int.random(in: range, using: &dice)).map { _ in pick(items, &dice) }
    }

    private func record(_ dice: inout Dice) -> String {
        var terms = (0..<Int.random(in: 0...6, using: &dice)).map { _ in term(&dice) }
        if Int.random(in: 0..<5, using: &dice) == 0 { terms.append("redirect=" + domain(&dice)) }
        if Int.random(in: 0..<3, using: &dice) == 0 {
            terms.append("exp=x\(Int.random(in: 0..<3, using: &dice)).example.org")
        }
        if Int.random(in: 0..<4, using: &dice) != 0 {
            terms.append(pick(["-all", "~all", "?all", "+all", "-ALL"], &dice))
        }
        return pick(["v=spf1", "V=SPF1", "v=spf1 "], &dice) + terms.map { " " + $0 }.joined()
    }

    private func domain(_ dice: inout Dice) -> String {
        pick(
            Self.domains + Self.domains + Self.hosts + [
                "%{d}", "%{o}", "%{h}", "d%{l1r-}.example.org", "%{d2}", "gone.example.org", "%{i}.example.net",
                "%{ir}.%{v}.example.org", "%{d3r}.example.com", "D1.Example.ORG", "d2.example.org.",
            ], &dice)
    }

    private func term(_ dice: inout Dice) -> String {
        let sign = pick(["", "", "", "+", "-", "~", "?"], &dice)
        let cidr = pick(["", "", "", "/24", "/32", "//64", "/30//128", "/0", "//0"], &dice)
        switch Int.random(in: 0..<22, using: &dice) {
        case 0...3: return sign + "include:" + domain(&dice)
        case 4...5: return sign + "a" + cidr
        case 6...7: return sign + "a:" + domain(&dice) + cidr
        case 8: return sign + "mx" + cidr
        case 9...10: return sign + "mx:" + domain(&dice) + cidr
        case 11...12: return sign + "ip4:" + pick(Self.v4, &dice) + pick(["", "", "/31", "/24"], &dice)
        case 13...14: return sign + "ip6:" + pick(Self.v6, &dice) + pick(["", "", "/127", "/64"], &dice)
        case 15...16: return sign + "exists:" + domain(&dice)
        case 17: return sign + "ptr"
        case 18: return sign + "ptr:" + pick(["example.net", "example.org", "d1.example.org"], &dice)
        case 19: return pick(["colour=blue", "x-1.2_3=%{d}", "ra=postmaster"], &dice)
        case 20 where Int.random(in: 0..<6, using: &dice) == 0:
            return pick(
                [
                    "inlude:d1.example.org", "ip4:192.0.2.256", "a/33", "all:x", "redirect:d1.example.org", "exists",
                    "%{d}", "exists:%{z}.example.org", "ip6:192.0.2.1", "foo=%x", "a:museum", "mx//129",
                ], &dice)
        default: return sign + "ip4:198.51.100.0/24"
        }
    }
}
