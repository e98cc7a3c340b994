import DNS
import Judgement
import Lab
import Mail
import Monitor
import Rendering

/// Tells on standard output what the demo does: what there is, where to look, each first result in full, later ones in
/// a line, and whether every planted defect was found.
actor DemoTeller {
    private let look: Look
    private let configuration: Configuration
    private let world: MailWorld
    private var told: Set<String> = []
    private var hasToldDefects = false
    private var results = 0

    init(look: Look, _ configuration: Configuration, _ world: MailWorld) {
        self.look = look
        self.configuration = configuration
        self.world = world
    }

    // MARK: The beginning

    /// - Parameter port: where pages and metrics are.
    func begin(_ port: UInt16) {
        var canvas = Canvas(look)
        canvas.heading("A SMALL MAIL WORLD")
        canvas.table(
            indent: 2,
            world.description.map { line in
                let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
                return [parts[0].strong, Span(parts.count > 1 ? String(parts[1].dropFirst()) : "")]
            })
        canvas.gap()
        canvas.paragraph(
            indent: 2,
            "All of it runs on loopback addresses in this process; nothing leaves this machine. (Hence the check "
                + "\(DemoConfiguration.leftOut) is left out.)", .faint)
        let place = TransportAddress(address: configuration.listen.address, port: port)
        canvas.heading("TO OPEN")
        canvas.table(
            indent: 2,
            [
                ["http://\(place)/".strong, Span("pages: what is probed, what came of it")],
                ["http://\(place)/metrics".strong, Span("for Prometheus")],
            ])
        canvas.line("  ", "http://\(place)/probe?target=broken.example&module=audit".strong)
        canvas.heading("WHAT IS DONE")
        canvas.table(indent: 2, configuration.plans.map { [$0.name.strong, Span(words(for: $0))] })
        canvas.gap()
        canvas.line(Span("Results as they come; Ctrl-C ends it.", .faint))
        Standard.print(canvas.text)
    }

    private func words(for plan: ProbePlan) -> String {
        let every = ", every \(Int(plan.intervalSeconds)) s"
        return switch plan.work {
        case .audit(_, let selectors): "audit with the DKIM selectors \(Wording.list(selectors))\(every)"
        case .ports(let host, let services, _, _): "\(services.count) ports of \(host)\(every)"
        case .roundTrip(let trip):
            "a message by \(trip.from.service.rawValue) to \(trip.to.address.localPart)@\(trip.to.address.domainText), "
                + "looked for by \(trip.to.service.rawValue)\(every)"
        }
    }

    // MARK: Results

    func tell(_ result: ProbeResult) {
        results += 1
        guard told.insert(result.plan.name).inserted else { return again(result) }
        var canvas = Canvas(look)
        canvas.gap()
        switch result.plan.work {
        case .audit, .ports:
            Standard.print("\n" + BriefText.text(result.report, look))
            if result.plan.targetName == world.brokenDomain.description { tellDefects(result.report) }
        case .roundTrip:
            for trip in result.report.evidence.roundTrips {
                Standard.print("\n" + JourneyText.text(trip, look))
                if trip.outcome == .delivered { tellHold(result.plan.name) }
            }
        }
    }

    /// What was planted and what of it was found.
    private func tellDefects(_ report: Report) {
        if hasToldDefects { return }
        hasToldDefects = true
        let found = Set(report.findings.map(\.check.identifier))
        let missed = world.defects.filter { !found.contains($0.check) }
        var canvas = Canvas(look)
        if missed.isEmpty {
            canvas.paragraph(
                indent: 4, "→ All \(world.defects.count) defects that were planted here were found.", .good)
        } else {
            canvas.paragraph(
                indent: 4,
                "→ \(world.defects.count - missed.count) of \(world.defects.count) planted defects were found; not found:",
                .warning)
            for defect in missed { canvas.paragraph(indent: 6, "\(defect.check) at \(defect.subject): \(defect.what)") }
        }
        Standard.print(canvas.text)
    }

    private func tellHold(_ name: String) {
        guard let journey = world.journeys.first(where: { $0.name == name }), journey.hold > 0 else { return }
        var canvas = Canvas(look)
        canvas.paragraph(
            indent: 2, "→ relay.healthy.example was told to hold each message for \(Wording.duration(journey.hold)).",
            .good)
        Standard.print(canvas.text)
    }

    private func again(_ result: ProbeResult) {
        var canvas = Canvas(look)
        let time = Span(String(result.startedAt.description.dropFirst(11).prefix(8)) + "  ", .faint)
        if case .roundTrip = result.plan.work, let trip = result.report.evidence.roundTrips.first {
            let seconds = trip.deliverySeconds.map { "  in \(Wording.duration($0))" } ?? ""
            canvas.line([
                time, BriefText.outcome(trip), "  ", Span(result.plan.name, .strong), Span(seconds, .faint),
            ])
        } else {
            canvas.line([time] + BriefText.verdict(result.report))
        }
        Standard.print(canvas.text)
    }

    func end() {
        var canvas = Canvas(look)
        canvas.gap()
        canvas.line(
            Span("Ended after \(Wording.count(results, "result")); all servers of the demo are stopped.", .faint))
        Standard.print("\n" + canvas.text)
    }
}

extension String {
    fileprivate var strong: Span { Span(self, .strong) }
}
