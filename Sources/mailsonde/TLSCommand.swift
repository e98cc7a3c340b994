import ArgumentParser
import DNS
import Judgement
import Mail
import Networking
import Probes
import Rendering

/// `mailsonde tls probe HOST[:PORT]`
struct TLSCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tls", abstract: "What a server's TLS is worth.", subcommands: [TLSProbeCommand.self])
}

extension SurveyExtent: ExpressibleByArgument {}

struct TLSProbeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "One port of one host: the TLS connection it makes, its certificates, and what it accepts at all.",
        discussion: """
            Makes one connection as a careful client would, and judges it. Then asks with hellos of its own, one \
            connection each, one at a time, what the server accepts besides: versions, weak suites, groups. \
            Exit status: 0 in order, 1 warnings (with --fail-on warning), 2 errors found, 3 where no TLS came about, or \
            --dane could not be told.
            """)

    @Argument(help: ArgumentHelp("A name or an address, with or without a port.", valueName: "host[:port]"))
    var host: String

    @Option(help: ArgumentHelp("The port (default: that of the protocol).", valueName: "n"))
    var port: UInt16?

    @Option(
        name: .customLong("protocol"),
        help: ArgumentHelp("smtp, submission, imap or pop3 (default: by the port).", valueName: "protocol"))
    var dialect: String?

    @Option(help: ArgumentHelp("starttls or implicit (default: by the port).", valueName: "mode"))
    var mode: TLSFacts.Mode?

    @Option(
        help: ArgumentHelp(
            "What the server accepts besides: none, weak (about ten connections) or all (each suite and group).",
            valueName: "which"))
    var accepts = SurveyExtent.weak

    @Flag(
        help: """
            Look up the TLSA records of the host and port, validate them by DNSSEC, and match them against the \
            certificates.
            """)
    var dane = false

    @OptionGroup var trust: TrustOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let format = try common.output.chosenFormat
        guard format == .text || format == .json else { throw UsageError("tls probe writes text or json") }
        if trust.trustAnchor != nil, !dane { throw UsageError("--trust-anchor is for --dane: give both") }
        let (host, service, port) = try destination()
        let anchors = try trust.text
        let means = try common.means()
        let deadline = try common.deadline(usual: accepts == .all ? 180 : 60)
        let at = try common.moment()
        let surveys = accepts.depth.map { TLSSurveys(depth: $0) }
        var plan = ExaminationPlan(services: [service], port: port, atOnce: 1, atOncePerAddress: 1, surveys: surveys)
        plan.onlyTLS = true
        let chosen = plan
        let seen = await interruptible { await firstThatAnswers(of: host, means, chosen, by: deadline) }
        let observation =
            seen
            ?? PortObservation.notDialled(
                Endpoint(host: host, address: .v4(IPv4Address(0)), port: port), service, at: at, .noSuchName,
                "no address of \(host) was found")
        let verdict =
            dane
            ? await interruptible {
                await daneVerdict(of: observation, port: port, with: means, anchors: anchors, at: at, by: deadline)
            } : nil
        let report = judge([.port(observation)], of: Target(name: host.description), at: at)
        let findings = report.findings.filter { $0.check.identifier.hasPrefix("tls.") }
        Standard.print(
            format == .json
                ? ReportFormat.json(
                    [TLSProbeRendering.json(observation, at: at, findings: findings, dane: verdict)],
                    jsonLines: common.output.jsonLines)
                : TLSProbeRendering.text(
                    observation, at: at, findings: findings, dane: verdict,
                    Standard.look(verbose: common.output.verbose)))
        try end(observation, findings, verdict)
    }

    /// The host's addresses in turn, until one takes the connection.
    private func firstThatAnswers(
        of host: DomainName, _ means: Means, _ plan: ExaminationPlan, by deadline: Deadline
    ) async -> PortObservation? {
        var first: PortObservation?
        for address in await addresses(of: host, with: means, port: plan.port, by: deadline) {
            let seen = await observe(
                Endpoint(host: host, address: address, port: plan.port ?? 0), plan.services[0], with: means, plan: plan,
                by: deadline)
            if seen.state == .open { return seen }
            first = first ?? seen
        }
        return first
    }

    private func end(_ seen: PortObservation, _ findings: [Report.Finding], _ dane: DANEVerdict?) throws {
        let threshold = common.failOn ?? .error
        if threshold == .never { return }
        let worst = findings.map(\.severity).max() ?? .info
        if worst >= .error || dane?.result == .fail { throw ExitCode(ExitStatus.errors) }
        if dane?.result == .unknown { throw ExitCode(ExitStatus.unknown) }
        if seen.tls == nil { throw ExitCode(ExitStatus.unknown) }
        if worst == .warning, threshold == .warning { throw ExitCode(ExitStatus.warnings) }
    }

    // MARK: What to dial

    private func destination() throws(UsageError) -> (DomainName, Service, UInt16) {
        var text = host
        var port = port
        // [2001:db8::1]:25 or mx.example.org:25; an IPv6 address without brackets has no port.
        if text.hasPrefix("["), let close = text.lastIndex(of: "]") {
            let rest = text[text.index(after: close)...]
            if port == nil, !rest.isEmpty { port = try Self.number(rest.dropFirst()) }
            text = String(text[text.index(after: text.startIndex)..<close])
        } else if let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon {
            if port == nil { port = try Self.number(text[text.index(after: colon)...]) }
            text = String(text[..<colon])
        }
        let service = try service(port)
        // An address is a host whose name is its text, as everywhere in reports.
        guard let name = try? DomainName(text), !name.isRoot else {
            throw UsageError("“\(host)” is no host: write mx.example.org, 192.0.2.1 or [2001:db8::1]:25")
        }
        return (name, service, port ?? service.port)
    }

    private static func number(_ text: Substring) throws(UsageError) -> UInt16 {
        guard let number = UInt16(text), number > 0 else { throw UsageError("“\(text)” is no port: write 1 to 65535") }
        return number
    }

    private func service(_ port: UInt16?) throws(UsageError) -> Service {
        let usual = port.flatMap { port in Service.allCases.first { $0.port == port } }
        guard let dialect else {
            switch (usual, mode) {
            case (let usual?, nil): return usual
            case (let usual?, let mode?):
                return Self.services.first { $0.service.dialect == usual.dialect && $0.mode == mode }?.service ?? usual
            case (nil, .starttls?), (nil, nil): return .smtp
            case (nil, .implicit?): return .submissions
            }
        }
        let named = Self.services.filter { $0.name == dialect }
        guard !named.isEmpty else {
            if let service = Service(rawValue: dialect) { return service }
            throw UsageError("--protocol: “\(dialect)” is unknown: write smtp, submission, imap or pop3")
        }
        let chosen = mode ?? (usual?.hasImplicitTLS == true ? .implicit : .starttls)
        return named.first { $0.mode == chosen }?.service ?? named[0].service
    }

    private static let services: [(name: String, mode: TLSFacts.Mode, service: Service)] = [
        ("smtp", .starttls, .smtp), ("smtp", .implicit, .submissions), ("submission", .starttls, .submission),
        ("submission", .implicit, .submissions), ("imap", .starttls, .imap), ("imap", .implicit, .imaps),
        ("pop3", .starttls, .pop3), ("pop3", .implicit, .pop3s),
    ]
}

extension TLSFacts.Mode: ExpressibleByArgument {}
