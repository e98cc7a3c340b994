import DNS
import Mail

/// What came of a test message, and what its header tells of the way: `checks/roundtrip`.
enum RoundTripRules {
    static let all: [Rule] = [
        delivered, late, misplaced, duplicated, altered, authentication, plaintextHop, slowHop, clockSkew,
    ]

    static let delivered = onTrips("roundtrip.delivered") { trip in
        switch trip.outcome {
        case .delivered, .late, .duplicated, .misplaced, .altered: return .passes
        case .unknown:
            return .cannotTell(trip.failure ?? Failure(.internal, "what became of the message is not known"))
        case .deferred:
            return .cannotTell(trip.failure ?? Failure(.greylisted, "the server asked to try again later"))
        case .lost:
            return .finds(
                Found(
                    "The test message was handed in and has not been seen in the mailbox"
                        + (trip.deliverySeconds.map { " within \(span($0))" } ?? " in time") + ".",
                    detail: facts(trip)))
        case .bounced:
            return .finds(
                Found("The test message came back as undeliverable\(because(trip)).", detail: facts(trip)))
        case .rejected:
            return .finds(Found("The server did not take the test message\(because(trip)).", detail: facts(trip)))
        }
    }

    static let late = onTrips("roundtrip.late") { trip in
        guard trip.wasSeen else { return .doesNotApply("the message has not arrived: see roundtrip.delivered") }
        guard trip.outcome == .late else { return .passes }
        return .finds(
            Found(
                "The test message was on its way for " + (trip.deliverySeconds.map(span) ?? "longer than allowed")
                    + ".", detail: facts(trip)))
    }

    static let misplaced = onTrips("roundtrip.misplaced") { trip in
        guard trip.wasSeen else { return .doesNotApply("the message has not arrived: see roundtrip.delivered") }
        guard trip.outcome == .misplaced else { return .passes }
        return .finds(
            Found("The test message was filed under \(quoted(trip.folder ?? "another folder")).", detail: facts(trip)))
    }

    static let duplicated = onTrips("roundtrip.duplicated") { trip in
        guard trip.wasSeen else { return .doesNotApply("the message has not arrived: see roundtrip.delivered") }
        guard trip.outcome == .duplicated else { return .passes }
        return .finds(Found("The test message arrived more than once.", detail: facts(trip)))
    }

    static let altered = onTrips("roundtrip.altered") { trip in
        guard trip.wasSeen else { return .doesNotApply("the message has not arrived: see roundtrip.delivered") }
        guard trip.outcome == .altered else { return .passes }
        return .finds(
            Found("The test message was changed on its way\(because(trip)).", detail: facts(trip)))
    }

    // RFC 8601: the receiver's own word, not what came with the message.
    static let authentication = onHeaders("roundtrip.authentication") { trip, header in
        let results = AuthenticationResults.trusted(in: header, beneath: .believed)
        let methods = ["spf", "dkim", "dmarc"].compactMap { method -> (String, [AuthenticationResults.Result])? in
            let found = results.flatMap { $0.results(of: method) }
            return found.isEmpty ? nil : (method, found)
        }
        if methods.isEmpty { return .doesNotApply("the receiver does not say what it made of SPF, DKIM and DMARC") }
        var bad: [String] = [], weak: [String] = [], unsure: [String] = []
        for (method, found) in methods where !found.contains(where: { $0.result == "pass" }) {
            let words = found.map(\.result)
            if let word = words.first(where: ["fail", "hardfail", "softfail", "permerror", "policy"].contains) {
                bad.append("\(method)=\(word)")
            } else if words.contains("temperror") {
                unsure.append("\(method)=temperror")
            } else if let word = words.first {
                weak.append("\(method)=\(word.prefix(20))")
            }
        }
        let server = results.first?.server ?? "the receiver"
        if bad.isEmpty, weak.isEmpty {
            if unsure.isEmpty { return .passes }
            return .cannotTell(Failure(.dnsServfail, "\(quoted(server, limit: 80)) could not tell: \(list(unsure))"))
        }
        return .finds(
            Found(
                "\(quoted(server, limit: 80)) says of the test message: \(list(bad + weak)).",
                detail: [
                    .init("receiver", .string(String(server.prefix(255)))), .init("results", .strings(bad + weak)),
                ],
                severity: bad.isEmpty ? .warning : nil))
    }

    /// Hops over the network without TLS (RFC 3848).
    static let plaintextHop = onHeaders("roundtrip.plaintext-hop") { _, header in
        let received = header.received
        if received.isEmpty { return .doesNotApply("the message has no Received field") }
        return MessageJourneyRules.inClear(received, of: " of the test message")
    }

    /// A minute at one host is long: greylisting, a queue, a filter that is too busy.
    private static let slow = 60.0

    static let slowHop = onHeaders("roundtrip.slow-hop") { trip, header in
        let hops = trip.journey(header).hops
        if hops.count < 2 { return .doesNotApply("there are fewer than two hops with a date") }
        guard let hop = hops.max(by: { ($0.correctedDelay ?? 0) < ($1.correctedDelay ?? 0) }),
            let delay = hop.correctedDelay, delay >= slow
        else { return .passes }
        let by = hop.received.by ?? "the next host"
        return .finds(
            Found(
                "The test message took \(span(delay)) to get to \(quoted(by, limit: 80)).",
                detail: [.init("by", .string(String(by.prefix(255)))), .init("seconds", .number(delay))]))
    }

    /// Dates have whole seconds, and clocks kept by NTP are well within this.
    private static let skewAllowed = 5.0

    static let clockSkew = onHeaders("roundtrip.clock-skew") { trip, header in
        let hops = trip.journey(header).hops
        if hops.isEmpty { return .doesNotApply("the message has no Received field") }
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

    // MARK: Shapes

    private static func onTrips(
        _ identifier: String, _ verdict: @escaping @Sendable (RoundTripObservation) -> Verdict
    ) -> Rule {
        Rule(identifier) { evidence in
            if evidence.roundTrips.isEmpty { return [Rule.inapplicable("no test message was sent", evidence)] }
            return evidence.roundTrips.map { Ruling(.roundTrip($0.name), verdict($0)) }
        }
    }

    private static func onHeaders(
        _ identifier: String, _ verdict: @escaping @Sendable (RoundTripObservation, MessageHeader) -> Verdict
    ) -> Rule {
        onTrips(identifier) { trip in
            trip.header.isEmpty
                ? .doesNotApply("no message was seen whose header could be read")
                : verdict(trip, MessageHeader(parsing: trip.header))
        }
    }

    private static func because(_ trip: RoundTripObservation) -> String {
        guard let failure = trip.failure, !failure.detail.isEmpty else { return "" }
        return ": \(quoted(failure.detail, limit: 200))"
    }

    private static func facts(_ trip: RoundTripObservation) -> [JSON.Member] {
        var facts: [JSON.Member] = [
            .init("id", .string(trip.id)), .init("outcome", .string(trip.outcome.rawValue)),
            .init("submitted_at", .string(trip.submittedAt.description)),
        ]
        if let seconds = trip.deliverySeconds { facts.append(.init("delivery_seconds", .number(seconds))) }
        if let folder = trip.folder { facts.append(.init("folder", .string(folder))) }
        return facts
    }
}

extension RoundTripObservation {
    /// Whether the message was found in a mailbox.
    fileprivate var wasSeen: Bool {
        switch outcome {
        case .delivered, .late, .duplicated, .misplaced, .altered: true
        case .lost, .bounced, .rejected, .deferred, .unknown: false
        }
    }

    fileprivate func journey(_ header: MessageHeader) -> Journey {
        let observed = deliverySeconds.map { submittedAt + ((submissionSeconds ?? 0) + $0) }
        return Journey(header, submittedAt: submittedAt, observedAt: observed)
    }
}
