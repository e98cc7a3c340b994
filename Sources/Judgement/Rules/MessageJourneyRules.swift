import DNS
import Mail

/// What the Received fields of a message tell of its way.
enum MessageJourneyRules {
    static let all: [Rule] = [noJourney, plaintextHop, slowHop, clockSkew, hopCount, internalNames]

    // RFC 5321 §4.4: every server that takes a message writes a Received field.
    static let noJourney = Rule.onMessages("message.no-journey") { message in
        if !message.journey.hops.isEmpty { return .passes }
        if message.header.cut != nil { return .doesNotApply("the header was not read to its end") }
        return .finds(
            Found(
                "The message has no Received field: it was put into the mailbox without a journey (IMAP APPEND), or "
                    + "taken before any server had it. Nothing in it but its signatures says where it comes from."))
    }

    /// Hops over the network without TLS (RFC 3848).
    static let plaintextHop = onHops("message.plaintext-hop") { hops in
        inClear(hops.map(\.received), of: "")
    }

    /// What is found of hops, the oldest or the newest first, that had no TLS; `whose` follows their number.
    static func inClear(_ hops: [Received], of whose: String) -> Verdict {
        let clear = hops.filter(crossedInClear)
        guard let first = clear.first else { return .passes }
        let ways = clear.map { "\(($0.from ?? "").prefix(80)) → \(($0.by ?? "").prefix(80))" }
        return .finds(
            Found(
                "\(count(clear.count, "hop"))\(whose) had no TLS: \(list(ways, limit: 3)).",
                detail: [.init("hops", .strings(ways)), .init("with", .string(first.with ?? ""))]))
    }

    private static let clearProtocols: Set<String> = ["SMTP", "ESMTP", "ESMTPA", "UTF8SMTP", "UTF8SMTPA"]

    /// From one machine to another, by SMTP, and nothing said of TLS. What a server hands to itself crosses no network.
    private static func crossedInClear(_ received: Received) -> Bool {
        guard let with = received.with, clearProtocols.contains(with.uppercased()), !received.saysTLS,
            let from = received.from, received.by != nil
        else { return false }
        if from.lowercased() == "localhost" || from.lowercased() == received.by?.lowercased() { return false }
        switch received.ip {
        case .v4(let address)?: return address != IPv4Address(127, 0, 0, 1)
        case .v6(let address)?: return !(address.high == 0 && address.low == 1)
        case nil: return true
        }
    }

    /// A minute at one host is long: greylisting, a queue, a filter that is too busy.
    private static let slow = 60.0

    static let slowHop = onHops("message.slow-hop") { hops in
        if hops.count < 2 { return .doesNotApply("there are fewer than two hops with a date") }
        guard let hop = hops.max(by: { ($0.correctedDelay ?? 0) < ($1.correctedDelay ?? 0) }),
            let delay = hop.correctedDelay, delay >= slow
        else { return .passes }
        return .finds(
            Found(
                "It took \(span(delay)) to get to \(quoted(hop.received.by ?? "the next host", limit: 80)).",
                detail: [
                    .init("by", .string(String((hop.received.by ?? "").prefix(255)))), .init("seconds", .number(delay)),
                ]))
    }

    /// Dates have whole seconds, and clocks kept by NTP are well within this.
    private static let skewAllowed = 5.0

    static let clockSkew = onHops("message.clock-skew") { hops in
        guard let hop = hops.max(by: { abs($0.skew) < abs($1.skew) }), abs(hop.skew) > skewAllowed else {
            return .passes
        }
        let by = hop.received.by ?? "a host"
        return .finds(
            Found(
                "The clock of \(quoted(by, limit: 80)) is about \(span(abs(hop.skew))) "
                    + "\(hop.skew > 0 ? "ahead" : "behind").",
                detail: [.init("by", .string(String(by.prefix(255)))), .init("skew_seconds", .number(hop.skew))]))
    }

    /// Servers bounce what has more, to stop loops (RFC 5321 §6.3 says 100 at least; Postfix takes 50).
    private static let manyHops = 25

    static let hopCount = onHops("message.hop-count") { hops in
        if hops.count <= manyHops { return .passes }
        return .finds(
            Found(
                "The message has \(hops.count) Received fields: it goes in circles, or nearly.",
                detail: [.init("hops", .integer(hops.count))]))
    }

    static let internalNames = onHops("message.internal-names") { hops in
        var seen: Set<String> = []
        let names = hops.flatMap { hop -> [String] in
            var leaked: [String] = []
            if let ip = hop.received.ip, let purpose = ip.specialPurpose, isInternal(purpose) {
                leaked.append(ip.description)
            }
            for name in [hop.received.from, hop.received.helo, hop.received.rdns, hop.received.by].compactMap(\.self) {
                let last = name.utf8.split(separator: UInt8(ascii: ".")).last.map { String($0)?.lowercased() ?? "" }
                if name.contains("."), let last, endings.contains(last) { leaked.append(name) }
            }
            return leaked
        }.filter { seen.insert($0).inserted }
        if names.isEmpty { return .passes }
        return .finds(
            Found(
                "The Received fields show names or addresses from within a house: "
                    + "\(list(names.map { quoted($0, limit: 60) }, limit: 4)).",
                detail: [.init("names", .strings(names))]))
    }

    private static let endings: Set<String> = [
        "local", "lan", "internal", "intranet", "corp", "home", "localdomain", "priv",
    ]

    private static func isInternal(_ purpose: SpecialPurpose) -> Bool {
        switch purpose {
        case .privateUse, .shared, .linkLocal, .siteLocal, .uniqueLocal: true
        default: false
        }
    }

    private static func onHops(_ identifier: String, _ verdict: @escaping @Sendable ([Journey.Hop]) -> Verdict) -> Rule
    {
        Rule.onMessages(identifier) { message in
            message.journey.hops.isEmpty
                ? .doesNotApply("the message has no Received field") : verdict(message.journey.hops)
        }
    }
}
