import ArgumentParser
import DNS
import Judgement
import Mail
import Networking
import Probes
import Rendering

/// `mailsonde audit DOMAIN…`
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Examines mail domains now: records, ports, certificates, policies.",
        discussion: """
            Looks up MX, addresses, PTR, SPF, DKIM, DMARC and policies, tries the seven mail ports on every address of \
            every mail host, and says what is wrong, what to do about it, and what could not be told.
            """)

    @Argument(help: "Mail domains: what stands behind the @; with --recipient they may be left out.")
    var domains: [String] = []

    @Option(
        help: ArgumentHelp(
            "A DKIM selector in use: its key must be there; repeatable. Others are guessed.", valueName: "selector"))
    var selector: [String] = []

    @Option(
        name: .customLong("sender-ip"),
        help: ArgumentHelp(
            "An address that the domain's mail leaves by: SPF must pass for it; repeatable.", valueName: "address"))
    var senderIP: [String] = []

    @Option(
        help: ArgumentHelp(
            "Services to try: smtp, submission, submissions, imap, imaps, pop3, pop3s, as a list; all or none.",
            valueName: "list"))
    var ports = "all"

    @Flag(
        help: """
            Ask the mail servers how they behave: whom they take as sender and recipient (relaying, postmaster, invented \
            addresses), VRFY and EXPN. By MAIL and RCPT; a message is never begun.
            """)
    var behaviour = false

    @Option(
        help: ArgumentHelp(
            "Ask by RCPT whether this address exists, and say what the answer is worth; repeatable.",
            valueName: "address"))
    var recipient: [String] = []

    @Option(
        help: ArgumentHelp(
            "What servers accept in TLS besides: none, weak (about ten connections more to each port) or all.",
            valueName: "which"))
    var accepts = SurveyExtent.none

    @Flag(help: "Print the records to publish for what was found, in a safe order, instead of the report.")
    var fix = false

    @OptionGroup var greylist: GreylistOptions
    @OptionGroup var reputation: BlockListOptions
    @OptionGroup var second: SecondResolverOptions
    @OptionGroup var decided: BaselineOptions
    @OptionGroup var recording: RecordingOptions
    @OptionGroup var whatIf: WhatIfOptions
    @OptionGroup var trust: TrustOptions
    @OptionGroup var common: CommonOptions

    /// Seconds for a command without `--timeout`: long enough for a server that greets late on purpose.
    private static let usualSeconds = 60.0
    /// The same where servers are asked how they behave: each reply may be held back.
    private static let behaviourSeconds = 180.0
    /// Domains examined at once.
    private static let atOnce = 4

    func run() async throws {
        let format = try common.output.chosenFormat
        if fix, ![.text, .json, .markdown].contains(format) {
            throw UsageError("audit --fix writes text, json or markdown")
        }
        let selectors = try selector.map(Arguments.selector)
        let senders = try senderIP.map { text throws(UsageError) in
            guard let address = IPAddress(text) else {
                throw UsageError("--sender-ip: “\(text)” is no address: write 192.0.2.1 or 2001:db8::1")
            }
            return address
        }
        let recipients = try recipient.map(Arguments.recipient)
        let anchors = try trust.text
        let lists = try reputation.lists()
        let baseline = try decided.read()
        try recording.check()
        let replayed = try recording.read()
        let overlay = try whatIf.read()
        let ahead = try whatIf.seconds(format)
        let targets =
            try replayed.map(chosen)
            ?? domainsToExamine(recipients).map { domain in
                var target = Target(
                    name: domain.description, domain: domain, dkimSelectors: selectors, senderAddresses: senders,
                    publicSuffix: PublicSuffixList.system?.suffix(of: domain))
                target.trustAnchors = anchors
                target.blockLists = lists
                let asked = recipients.filter { $0.domain == domain }.map(\.description)
                if !asked.isEmpty { target.recipients = asked }
                return target
            }
        var plan = ExaminationPlan(
            services: try Arguments.services(ports), surveys: accepts.depth.map { TLSSurveys(depth: $0) })
        plan.questions = PortQuestions(injection: true, behaviour: behaviour, recipients: recipients)
        plan.questions.greylistWait = try greylist.seconds(isOfUse: behaviour || !recipients.isEmpty || replayed != nil)
        let at = try common.moment()
        var means = try common.means()
        means.network.manners = Manners()
        means.second = try second.resolver(timeout: 5)
        means.shared = PortShare(seconds: .infinity)
        let asksMuch = behaviour || !recipients.isEmpty
        let deadline = try common.deadline(
            usual: ((asksMuch ? Self.behaviourSeconds : Self.usualSeconds) + plan.questions.greylistWait)
                * Double((targets.count + Self.atOnce - 1) / Self.atOnce))
        let jsonLines = common.output.jsonLines
        let audit = Audit(
            means: means, plan: plan, baseline: baseline, at: at, isFixed: common.now != nil, deadline: deadline,
            replayed: replayed?.examinations, overlay: overlay, ahead: ahead, of: targets.count)
        let audited = await interruptible {
            await audit.reports(on: targets, atOnce: Self.atOnce) { audited in
                guard jsonLines else { return }
                let json = fix ? FixRendering.json(FixPlan(audited.report)) : audited.json
                Standard.print(ReportFormat.json([json], jsonLines: true))
            }
        }
        let reports = audited.map(\.report)
        if !jsonLines {
            Standard.print(text(of: audited, format, Standard.look(verbose: common.output.verbose)))
        }
        try decided.write(reports)
        try recording.write(audited.map(\.seen))
        let threshold = common.failOn ?? (format == .nagios ? .warning : .error)
        let status = ExitStatus.of(reports, failOn: threshold)
        if status != 0 { throw ExitCode(status) }
    }

    /// All reports, or the plans of `--fix`, in one of the forms.
    private func text(of audited: [Audit.Audited], _ format: ReportFormat, _ look: Look) -> String {
        let reports = audited.map(\.report)
        if fix { return FixRendering.text(reports.map { FixPlan($0) }, format, look) }
        switch format {
        case .json: return ReportFormat.json(audited.map(\.json), jsonLines: false)
        case .text: return format.text(reports, look) + audited.map { $0.sections(look) }.joined()
        default: return format.text(reports, look)
        }
    }

    /// The targets of a recording: all, or those of the domains given.
    private func chosen(from recording: Recording) throws -> [Target] {
        guard selector.isEmpty, senderIP.isEmpty, recipient.isEmpty, !behaviour, greylist.wait == 0, ports == "all",
            accepts == .none,
            trust.trustAnchor == nil
        else {
            throw UsageError(
                "--replay: what was asked stands in the recording; leave out --selector, --sender-ip, --ports, --behaviour, --recipient, --greylist-wait, --accepts and --trust-anchor"
            )
        }
        let targets = recording.examinations.map(\.target)
        let wanted = try domains.map { text in try Arguments.mailDomain(text) }
        if let stray = wanted.first(where: { domain in !targets.contains { $0.domain == domain } }) {
            throw UsageError("--replay: \(stray) is not in the recording")
        }
        return wanted.isEmpty ? targets : targets.filter { $0.domain.map(wanted.contains) ?? false }
    }

    /// Those given, otherwise those of the recipients.
    private func domainsToExamine(_ recipients: [EmailAddress]) throws(UsageError) -> [DomainName] {
        var given: [DomainName] = []
        for text in domains { given.append(try Arguments.mailDomain(text)) }
        if given.isEmpty {
            for address in recipients where !given.contains(address.domain) { given.append(address.domain) }
            if given.isEmpty { throw UsageError("no domains: write a mail domain, such as example.org") }
        }
        if let stray = recipients.first(where: { !given.contains($0.domain) }) {
            throw UsageError("--recipient \(stray): \(stray.domain) is not among the domains to examine")
        }
        return given
    }
}

/// Domains examined and judged, some at a time.
private struct Audit: Sendable {
    var means: Means
    var plan: ExaminationPlan
    var baseline: Baseline
    var at: Timestamp
    /// Whether `at` was asked for; otherwise each report is as of its own beginning.
    var isFixed: Bool
    var deadline: Deadline
    /// What was seen before, to be judged again; nil: it is looked at now.
    var replayed: [Recording.Examination]?
    /// What is taken for published besides.
    var overlay: Overlay?
    /// Seconds to look ahead.
    var ahead: Double?
    private let teller: AuditTeller

    /// A report and what it was made of.
    struct Audited: Sendable {
        var seen: Recording.Examination
        var report: Report
        /// The report without `--overlay`.
        var before: Report?
        var forecast: Forecast?

        private var difference: ReportDifference? {
            before.flatMap { ReportDifference.between([ReportJSON.json($0)], [ReportJSON.json(report)]).first }
        }

        var json: JSON {
            guard case .object(var members) = ReportJSON.json(report) else { return .null }
            if let difference { members.append(.init("changes", DifferenceRendering.json(difference))) }
            if let forecast { members.append(.init("forecast", ForecastRendering.json(forecast))) }
            return .object(members)
        }

        /// What follows the report in text.
        func sections(_ look: Look) -> String {
            (difference.map { "\nWhat the overlay changes:\n" + DifferenceRendering.text([$0], look) } ?? "")
                + (forecast.map { ForecastRendering.text($0, of: report.target.name) } ?? "")
        }
    }

    init(
        means: Means, plan: ExaminationPlan, baseline: Baseline, at: Timestamp, isFixed: Bool, deadline: Deadline,
        replayed: [Recording.Examination]?, overlay: Overlay?, ahead: Double?, of count: Int
    ) {
        teller = AuditTeller(of: count)
        self.replayed = replayed
        self.overlay = overlay
        self.ahead = ahead
        self.means = means
        self.plan = plan
        self.baseline = baseline
        self.at = at
        self.isFixed = isFixed
        self.deadline = deadline
    }

    /// In the order of the targets; `ready` is called in that order too, as early as that allows.
    func reports(on targets: [Target], atOnce: Int, _ ready: (Audited) -> Void) async -> [Audited] {
        var done: [Int: Audited] = [:]
        var next = 0
        await withTaskGroup(of: (Int, Audited).self) { group in
            var waiting = targets.enumerated().makeIterator()
            func startOne() {
                guard let (index, target) = waiting.next() else { return }
                group.addTask { (index, await audited(target)) }
            }
            for _ in 0..<atOnce { startOne() }
            for await (index, audited) in group {
                done[index] = audited
                while let audited = done[next] {
                    teller.clear()
                    ready(audited)
                    next += 1
                }
                startOne()
            }
        }
        teller.clear()
        return targets.indices.compactMap { done[$0] }
    }

    /// Addresses are asked for at their own domain's servers, on port 25 whatever else is tried.
    private func plan(of target: Target) -> ExaminationPlan {
        var plan = plan
        plan.questions.recipients.removeAll { $0.domain != target.domain }
        if !plan.questions.recipients.isEmpty, !plan.services.contains(.smtp) { plan.services.insert(.smtp, at: 0) }
        return plan
    }

    private func audited(_ target: Target) async -> Audited {
        var seen: Recording.Examination
        if let recorded = replayed?.first(where: { $0.target == target }) {
            seen = recorded
            if isFixed { seen.at = at }
        } else {
            seen = await seeing(target)
        }
        guard let overlay else {
            return Audited(seen: seen, report: report(of: seen), forecast: ahead.map { forecast(of: seen, $0) })
        }
        let overlaid = await seen.overlaid(
            with: overlay, means, plan: plan(of: target), isReplay: replayed != nil, by: deadline)
        return Audited(
            seen: seen, report: report(of: overlaid), before: report(of: seen),
            forecast: ahead.map { forecast(of: overlaid, $0) })
    }

    private func report(of seen: Recording.Examination) -> Report {
        baseline.applied(
            to: judge(seen.observations, of: seen.target, at: seen.at, durationSeconds: seen.seconds))
    }

    private func forecast(of seen: Recording.Examination, _ seconds: Double) -> Forecast {
        Forecast(seen, for: seconds) { report(of: $0) }
    }

    private func seeing(_ target: Target) async -> Recording.Examination {
        let began = ContinuousClock.now
        let at = isFixed ? at : means.now()
        teller.begins(target.name)
        let observations = await examine(target, with: means, plan: plan(of: target), by: deadline) { progress in
            teller.tell(progress, of: target.name)
        }
        teller.ends(target.name)
        return Recording.Examination(
            target: target, at: at, seconds: began.duration(to: .now) / .seconds(1), observations: observations)
    }
}
