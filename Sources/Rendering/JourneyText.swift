import DNS
package import Judgement
import Mail

/// The journey of a test message: every hop, the oldest first, how long each took, and what the receiver thought of
/// SPF, DKIM and DMARC.
package enum JourneyText {
    /// The round trip with each hop, for a terminal.
    package static func text(_ roundTrip: RoundTripObservation, _ look: Look) -> String {
        var canvas = Canvas(look)
        draw(roundTrip, on: &canvas)
        return canvas.text
    }

    static func draw(_ roundTrip: RoundTripObservation, on canvas: inout Canvas) {
        outcome(of: roundTrip, on: &canvas)
        let message = MessageFacts(roundTrip)
        if let message {
            hops(of: message.journey, on: &canvas)
            opinion(of: message, on: &canvas)
        }
        if canvas.look.verbose {
            if !roundTrip.phases.isEmpty {
                canvas.heading("PHASES")
                canvas.paragraph(indent: 2, PortText.phases(roundTrip.phases))
            }
            if !roundTrip.transcript.isEmpty {
                canvas.heading("WHAT WAS SAID")
                PortText.transcript(roundTrip.transcript, on: &canvas)
            }
        }
    }

    // MARK: Outcome

    /// What became of it, as a symbol, a word and a tone.
    static func words(of outcome: RoundTripObservation.Outcome) -> VerdictWords {
        switch outcome {
        case .delivered: .init(symbol: "✓", word: "delivered", tone: .good)
        case .late, .duplicated, .deferred:
            .init(symbol: "▲", word: outcome.rawValue, tone: .warning)
        case .lost, .bounced, .misplaced, .altered, .rejected: .init(symbol: "✗", word: outcome.rawValue, tone: .bad)
        case .unknown: .unknown
        }
    }

    private static func outcome(of roundTrip: RoundTripObservation, on canvas: inout Canvas) {
        let words = words(of: roundTrip.outcome)
        var facts: [String] = []
        if let seconds = roundTrip.deliverySeconds { facts.append("delivered in \(Wording.duration(seconds))") }
        if let seconds = roundTrip.submissionSeconds { facts.append("submitted in \(Wording.duration(seconds))") }
        if let folder = roundTrip.folder { facts.append("found in \(folder)") }
        canvas.paragraph(
            behind: [Span(roundTrip.name, .strong), "  ", Span(words.text, words.tone), "  "],
            [Span(facts.joined(separator: ", "))])
        canvas.paragraph(indent: 2, "message \(roundTrip.id), sent \(roundTrip.submittedAt)", .faint)
        if let failure = roundTrip.failure {
            canvas.paragraph(
                behind: ["  "], [Span(failure.cause.rawValue, .strong), Span("  \(PortText.detail(of: failure))")])
            canvas.paragraph(behind: ["  → "], [Span(Advice.remedy(of: failure.cause))])
        }
    }

    // MARK: Hops

    private static let barWidth = 24

    static func hops(of journey: Journey, on canvas: inout Canvas) {
        guard !journey.hops.isEmpty else { return }
        canvas.heading("THE JOURNEY")
        let longest = journey.hops.compactMap { seconds(of: $0) }.max() ?? 0
        let ways = journey.hops.map { way(of: $0.received) }
        let transports = journey.hops.map { means(of: $0.received) }
        let delays = journey.hops.map { delay(of: $0) }
        let numbers = String(journey.hops.count).utf8.count
        let wayWidth = ways.map(Columns.of).max() ?? 0
        let meansWidth = transports.map(Columns.of).max() ?? 0
        let delayWidth = delays.map(Columns.of).max() ?? 0
        let fitsOnOneLine =
            2 + numbers + 2 + wayWidth + 2 + meansWidth + 2 + delayWidth + 2 + barWidth <= canvas.look.width
        let indent = String(repeating: " ", count: 2 + numbers + 2)
        for (index, hop) in journey.hops.enumerated() {
            let number = right(String(index + 1), numbers)
            let tail: [Span] = [
                Span(left(transports[index], meansWidth) + "  ", .faint),
                Span(right(delays[index], delayWidth) + "  "),
                Span(bar(seconds(of: hop) ?? 0, of: longest), .notice),
            ]
            if fitsOnOneLine {
                canvas.line([Span("  \(number)  \(left(ways[index], wayWidth))  ")] + tail)
            } else {
                canvas.paragraph(behind: [Span("  \(number)  ")], [Span(ways[index])])
                canvas.line([Span(indent)] + tail)
            }
            if let explanation = hop.explanation {
                let written = hop.delay.map { "as written \(Wording.wholeSeconds($0)): " } ?? ""
                canvas.paragraph(behind: [Span(indent + "* ", .faint)], [Span(written + explanation, .faint)])
            }
        }
        if let transit = journey.transit {
            canvas.line(Span("\(indent)\(Wording.duration(transit)) in all", .strong))
        }
    }

    /// What the hop took, as far as can be told.
    private static func seconds(of hop: Journey.Hop) -> Double? { hop.correctedDelay ?? hop.delay.map { max(0, $0) } }

    /// `12 s`, with a star where the clocks were put right; `?` where a date is missing.
    private static func delay(of hop: Journey.Hop) -> String {
        guard let seconds = seconds(of: hop) else { return "?" }
        return Wording.wholeSeconds(seconds) + (hop.explanation == nil ? "" : "*")
    }

    private static func way(of received: Received) -> String {
        // A note of what a host did with it within itself: (qmail 4711 invoked by uid 89)
        if received.namesNobody { return String(received.text.prefix { $0 != ";" }.prefix(50)) }
        let address = received.ip?.description
        let name = (received.rdns ?? received.from ?? received.helo).flatMap { $0 == address ? nil : $0 }
        let origin =
            switch (name, address) {
            case (let name?, let address?): "\(name) [\(address)]"
            case (let name?, nil): name
            case (nil, let address?): "[\(address)]"
            case (nil, nil): "(local)"
            }
        return "\(origin) → \(received.by ?? "?")"
    }

    private static func means(of received: Received) -> String {
        [received.with ?? received.via, received.tlsVersion].compactMap(\.self).joined(separator: " ")
    }

    /// A bar as long as `seconds` is in `longest`, in eighths of a column; nothing where nothing was taken.
    static func bar(_ seconds: Double, of longest: Double) -> String {
        guard seconds > 0, longest > 0, seconds.isFinite, longest.isFinite else { return "" }
        let eighths = max(1, Int((min(seconds / longest, 1) * Double(barWidth * 8)).rounded()))
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - Columns.of(text)))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - Columns.of(text))) + text
    }

    // MARK: The receiver's opinion

    private static func opinion(of message: MessageFacts, on canvas: inout Canvas) {
        canvas.heading("WHAT THE RECEIVER THOUGHT")
        let believed = message.claims.filter(\.isBelieved)
        guard !believed.isEmpty else {
            let others = message.claims.map(\.field.server)
            let text =
                others.isEmpty
                ? "It wrote no Authentication-Results."
                : "It wrote no Authentication-Results of its own; what \(Wording.list(others)) wrote proves nothing."
            return canvas.paragraph(indent: 2, text, .faint)
        }
        var rows: [[Span]] = []
        for method in ["spf", "dkim", "dmarc", "arc"] {
            let results = message.results(of: method)
            for result in results {
                let words = VerdictWords.of(result: result.result)
                rows.append([
                    Span(method.uppercased(), .strong), Span(words.text, words.tone), Span(about(result), .faint),
                ])
            }
            if results.isEmpty, method != "arc" {
                rows.append([Span(method.uppercased(), .strong), Span("– not said", .faint), ""])
            }
        }
        canvas.table(indent: 2, rows)
        var seen: Set<String> = []
        let servers = believed.map(\.field.server).filter { seen.insert($0).inserted }
        canvas.paragraph(indent: 2, "says \(Wording.list(servers))", .faint)
    }

    private static func about(_ result: AuthenticationResults.Result) -> String {
        let properties = result.properties.prefix(4).map { "\($0.type).\($0.name)=\($0.value)" }
        return (properties + (result.reason.map { ["(\($0))"] } ?? [])).joined(separator: " ")
    }
}

extension VerdictWords {
    /// A result of RFC 8601 §2.7.
    static func of(result: String) -> VerdictWords {
        switch result {
        case "pass": .init(symbol: "✓", word: result, tone: .good)
        case "fail", "permerror", "hardfail": .init(symbol: "✗", word: result, tone: .bad)
        case "softfail", "policy": .init(symbol: "▲", word: result, tone: .warning)
        case "temperror": .init(symbol: "?", word: result, tone: .unknown)
        default: .init(symbol: "–", word: result, tone: .faint)
        }
    }
}
