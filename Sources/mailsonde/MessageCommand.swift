import ArgumentParser
import DNS
import Judgement
import Mail
import Networking
import Probes
import Rendering

extension BulkSenderProfile: ExpressibleByArgument {}

/// `mailsonde message analyze FILE|-`
struct MessageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "message", abstract: "What a message as received tells.", subcommands: [MessageAnalyzeCommand.self]
    )
}

struct MessageAnalyzeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "A message as received: hops, delays, identities, SPF, DKIM, DMARC, ARC, contents.",
        discussion: """
            Reads a message as a server stored it, from a file or from standard input (-), and asks the DNS for the \
            records and keys that it names. Who handed it to the receiver is read from the Received field of the \
            receiver, which --receiver names, or is given by --sender-ip, --mail-from and --helo. Nothing in the \
            message is fetched; links and addresses are written so that nothing makes them links again.
            """)

    @Argument(help: ArgumentHelp("The message: a file, or - for standard input.", valueName: "file"))
    var file: String

    @Option(
        name: .customLong("min-key-bits"),
        help: ArgumentHelp("Signatures of RSA keys below this do not count.", valueName: "bits"))
    var minimumKeyBits = 1_024

    @Option(
        name: .customLong("sender-ip"),
        help: ArgumentHelp("The address that handed the message to the receiver.", valueName: "address"))
    var senderIP: String?

    @Option(
        name: .customLong("mail-from"),
        help: ArgumentHelp("The address in MAIL FROM (<> for none).", valueName: "address"))
    var mailFrom: String?

    @Option(help: ArgumentHelp("The name that the client gave in EHLO.", valueName: "name"))
    var helo: String?

    @Option(
        help: ArgumentHelp(
            "The receiver's own host: its fields are believed; repeatable. Otherwise the header tells.",
            valueName: "host"
        ))
    var receiver: [String] = []

    @Option(
        help: ArgumentHelp(
            "Hold it against the rules for bulk senders of gmail, yahoo or microsoft.", valueName: "profile"))
    var profile: BulkSenderProfile?

    @OptionGroup var common: CommonOptions

    /// More than any server takes.
    private static let maximumLength = 256 << 20

    func run() async throws {
        let format = try common.output.chosenFormat
        let message = try observation()
        let at = try common.moment()
        let means = try common.means()
        let deadline = try common.deadline(usual: 30)
        let began = ContinuousClock.now
        let observations = await interruptible {
            await examine(message, resolver: means.resolver, at: at, by: deadline)
        }
        let report = judge(
            observations, of: Target(name: message.name), at: at,
            durationSeconds: began.duration(to: .now) / .seconds(1))
        switch format {
        case .json:
            Standard.print(
                ReportFormat.json([MessageAnalysisJSON.json(report)], jsonLines: common.output.jsonLines))
        case .text:
            Standard.print(MessageAnalysisText.text(report, Standard.look(verbose: common.output.verbose)))
        case .markdown, .html, .junit, .sarif, .nagios:
            Standard.print(format.text([report], Standard.look(verbose: common.output.verbose)))
        }
        let threshold = common.failOn ?? (format == .nagios ? .warning : .error)
        let status = ExitStatus.of([report], failOn: threshold)
        if status != 0 { throw ExitCode(status) }
    }

    private func observation() throws(UsageError) -> MessageObservation {
        let octets = try Standard.contents(of: file, atMost: Self.maximumLength)
        if octets.isEmpty { throw UsageError("\(file == "-" ? "standard input" : file) is empty: there is no message") }
        var message = MessageObservation(name: file == "-" ? "standard input" : file, octets: octets)
        if let senderIP {
            guard let address = IPAddress(senderIP) else {
                throw UsageError("--sender-ip: “\(senderIP)” is no address: write 192.0.2.1 or 2001:db8::1")
            }
            message.senderIP = address
        }
        if let mailFrom {
            let isInAngles = mailFrom.hasPrefix("<") && mailFrom.hasSuffix(">") && mailFrom.count > 1
            message.mailFrom = isInAngles ? String(mailFrom.dropFirst().dropLast()) : mailFrom
        }
        message.helo = helo
        message.receivers = receiver
        message.profile = profile
        guard minimumKeyBits > 0 else { throw UsageError("--min-key-bits \(minimumKeyBits): write a number above 0") }
        message.minimumKeyBits = minimumKeyBits
        return message
    }
}
