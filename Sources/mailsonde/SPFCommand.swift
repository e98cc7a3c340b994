import ArgumentParser
import DNS
import Judgement
import Mail
import Networking
import Probes
import Rendering

/// `mailsonde spf check --ip A --mail-from B --helo C [--trace]`
struct SPFCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spf", abstract: "What SPF makes of a sender.", subcommands: [SPFCheckCommand.self])
}

struct SPFCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "May this address send mail in this domain's name? check_host() of RFC 7208, with its derivation.",
        discussion: """
            Without --mail-from, or with an empty one, the HELO name is checked. \
            Exit status: 0 for pass, neutral and none; 1 for softfail with --fail-on warning; 2 for fail and \
            permerror; 3 where it could not be told.
            """)

    @Option(help: ArgumentHelp("The address of the sending server.", valueName: "address"))
    var ip: String

    @Option(
        name: .customLong("mail-from"),
        help: ArgumentHelp("The envelope sender: an address, a domain, or empty.", valueName: "address"))
    var mailFrom = ""

    @Option(help: ArgumentHelp("What the server said in HELO or EHLO.", valueName: "name"))
    var helo = ""

    @Option(
        help: ArgumentHelp("The receiving host's name, for the macro %{r} (default: unknown).", valueName: "name"))
    var receiver: String?

    @Flag(help: "Show how the result came about, term by term (JSON always does).")
    var trace = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let format = try common.output.chosenFormat
        guard format == .text || format == .json else { throw UsageError("spf check writes text or json") }
        guard let ip = IPAddress(ip) else {
            throw UsageError("--ip: “\(ip)” is no address: write 192.0.2.1 or 2001:db8::1")
        }
        if mailFrom.isEmpty || mailFrom == "<>", helo.isEmpty {
            throw UsageError("nothing to check: give --mail-from, --helo or both")
        }
        let mailFrom = mailFrom, helo = helo, receiver = receiver
        let now = try common.moment()
        let resolver = try common.means().resolver
        let deadline = try common.deadline(usual: 60)
        let evaluation = await interruptible { () -> SPFEvaluation in
            let evaluate = { @Sendable (knowledge: inout Knowledge) in
                SPFCheck.evaluate(
                    ip: ip, mailFrom: mailFrom, helo: helo, receiver: receiver, at: now, in: &knowledge)
            }
            do {
                return try await withDeadline(deadline) { await inWaves(of: resolver, evaluate).result }
            } catch {
                // RFC 7208 §4.6.4: past the time limit it is a temperror, and the reason says so.
                var nothing = Knowledge()
                var evaluation = evaluate(&nothing)
                evaluation.reason = "the answers did not come by the deadline"
                return evaluation
            }
        }
        Standard.print(
            format == .json
                ? ReportFormat.json([SPFEvaluationRendering.json(evaluation)], jsonLines: common.output.jsonLines)
                : SPFEvaluationRendering.text(
                    evaluation, trace: trace || common.output.verbose,
                    Standard.look(verbose: common.output.verbose)))
        try end(evaluation.result)
    }

    private func end(_ result: SPFResult) throws {
        let threshold = common.failOn ?? .error
        if threshold == .never { return }
        switch result {
        case .pass, .neutral, .none: return
        case .softfail: if threshold == .warning { throw ExitCode(ExitStatus.warnings) }
        case .fail, .permerror: throw ExitCode(ExitStatus.errors)
        case .temperror: throw ExitCode(ExitStatus.unknown)
        }
    }
}
