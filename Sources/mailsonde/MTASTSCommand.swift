import ArgumentParser
import DNS
import Judgement
import Mail
import Networking
import Probes
import Rendering

/// `mailsonde mta-sts check DOMAIN [--mx HOST]`
struct MTASTSCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mta-sts", abstract: "What senders make of a domain's MTA-STS policy.",
        subcommands: [MTASTSCheckCommand.self])
}

struct MTASTSCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Looks up the record, fetches the policy, and tells whether it counts and which hosts it allows.",
        discussion: """
            Asks the DNS and the policy's web server, not the mail hosts: audit does that. \
            Exit status: 0 where the policy counts or there is none; 2 where one is announced and does not count, or \
            does not allow the host; 3 where it could not be told.
            """)

    @Argument(help: "A mail domain: what stands behind the @.")
    var domain: String

    @Option(help: ArgumentHelp("Whether the policy allows this host (default: the domain's MX).", valueName: "host"))
    var mx: String?

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let format = try common.output.chosenFormat
        guard format == .text || format == .json else { throw UsageError("mta-sts check writes text or json") }
        let domain = try Arguments.mailDomain(domain)
        let host = try mx.map { text throws(UsageError) -> DomainName in
            do throws(DomainNameError) { return try DomainName(hostName: text) } catch {
                throw UsageError("--mx: “\(text)” is no host name: \(error)")
            }
        }
        let means = try common.means()
        let deadline = try common.deadline(usual: 75)
        let now = try common.moment()
        let check = await interruptible {
            await checkPolicy(of: domain, hosts: host.map { [$0] }, with: means, at: now, by: deadline)
        }
        Standard.print(
            format == .json
                ? ReportFormat.json([PolicyCheckRendering.json(check)], jsonLines: common.output.jsonLines)
                : PolicyCheckRendering.text(check, Standard.look(verbose: common.output.verbose)))
        try end(check)
    }

    private func end(_ check: PolicyCheck) throws {
        if common.failOn == .never { return }
        switch check.evidence.status {
        case .unusable: throw ExitCode(ExitStatus.errors)
        case .couldNotTell: throw ExitCode(ExitStatus.unknown)
        case .none: return
        case .usable: if check.matches == false { throw ExitCode(ExitStatus.errors) }
        }
    }
}
