import ArgumentParser
import DNS
import Mail
import Networking
import Probes
import Rendering

/// `mailsonde dmarc evaluate --from D --spf-pass LIST --dkim-pass LIST`
struct DMARCCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dmarc", abstract: "What DMARC makes of a message.", subcommands: [DMARCEvaluateCommand.self])
}

struct DMARCEvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Given the domains that SPF and DKIM passed for: is one aligned with From, and which policy applies?",
        discussion: """
            Two verdicts: by RFC 9989, with its walk; and beside it that of a receiver that still follows RFC 7489 and the \
            Public Suffix List, where this system has the list (Debian’s package publicsuffix). Exit status, by RFC 9989: \
            0 for pass, and where there is no policy; 2 for fail; 3 where it could not be told.
            """)

    @Option(help: ArgumentHelp("The domain of the address in From.", valueName: "domain"))
    var from: String

    @Option(
        name: .customLong("spf-pass"),
        help: ArgumentHelp("Domains that SPF passed for, joined by commas.", valueName: "list"))
    var spfPass = ""

    @Option(
        name: .customLong("dkim-pass"),
        help: ArgumentHelp("Domains (“d=”) that DKIM passed for, joined by commas.", valueName: "list"))
    var dkimPass = ""

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let format = try common.output.chosenFormat
        guard format == .text || format == .json else { throw UsageError("dmarc evaluate writes text or json") }
        let domain = try Self.domain(from[...])
        let spf = try Self.domains(spfPass).map { DMARCEvaluation.Authenticated($0) }
        let dkim = try Self.domains(dkimPass).map { DMARCEvaluation.Authenticated($0) }
        let resolver = try common.means().resolver
        let deadline = try common.deadline(usual: 30)
        let suffixes = PublicSuffixList.system
        let (evaluation, legacy) = await interruptible { () -> (DMARCEvaluation, LegacyDMARC?) in
            let evaluate = { @Sendable (knowledge: inout Knowledge) in
                (
                    DMARCEvaluation.evaluate(from: domain, spf: spf, dkim: dkim, in: &knowledge),
                    suffixes.map {
                        LegacyDMARC.evaluate(from: domain, spf: spf, dkim: dkim, by: $0, in: &knowledge)
                    }
                )
            }
            do {
                return try await withDeadline(deadline) { await inWaves(of: resolver, evaluate).result }
            } catch {
                // What nobody has answered by the deadline is not known, and that is what comes out.
                var nothing = Knowledge()
                return evaluate(&nothing)
            }
        }
        Standard.print(
            format == .json
                ? ReportFormat.json(
                    [DMARCEvaluationRendering.json(evaluation, legacy)], jsonLines: common.output.jsonLines)
                : DMARCEvaluationRendering.text(evaluation, legacy))
        if common.failOn == .never { return }
        switch evaluation.result {
        case .pass, .none: return
        case .fail: throw ExitCode(ExitStatus.errors)
        case .temperror, .permerror: throw ExitCode(ExitStatus.unknown)
        }
    }

    private static func domains(_ list: String) throws(UsageError) -> [DomainName] {
        var domains: [DomainName] = []
        for part in list.split(separator: ",") { domains.append(try domain(part)) }
        return domains
    }

    private static func domain(_ text: Substring) throws(UsageError) -> DomainName {
        let text = text.filter { !$0.isWhitespace }
        do throws(DomainNameError) {
            return try DomainName(text)
        } catch {
            throw UsageError("“\(text)” is no domain name: \(error)")
        }
    }
}
