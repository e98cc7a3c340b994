import ArgumentParser
import DNS
import Networking
import Probes
import Rendering

/// How results are written: the same for every command.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Short for --format json.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "How to write the result: text, json, markdown, html, junit, sarif or nagios.", valueName: "format")
    )
    var format: ReportFormat?

    @Flag(name: .customLong("jsonl"), help: "JSON, one object a line.")
    var jsonLines = false

    @Flag(name: [.customShort("v"), .long], help: "Show passed checks, certificates, phases and what was said.")
    var verbose = false

    /// The one format asked for.
    var chosenFormat: ReportFormat {
        get throws {
            if json || jsonLines, let format, format != .json {
                throw UsageError(
                    "--\(json ? "json" : "jsonl") and --format \(format.rawValue) contradict each other: give one")
            }
            return json || jsonLines ? .json : format ?? .text
        }
    }
}

/// Whom to ask, for how long, and as of when.
struct AskingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Ask this name server instead of the system's; repeatable.", valueName: "host[:port]"))
    var resolver: [String] = []

    @Option(
        help: ArgumentHelp(
            "A deadline for the whole command: what was not seen by then is unknown.", valueName: "seconds"))
    var timeout: Double?

    @Flag(help: "Never touch the network: what needs it is unknown.")
    var offline = false

    @Option(help: ArgumentHelp("Judge as of that moment, in seconds since 1970.", valueName: "unixtime"))
    var now: Double?
}

/// How servers are talked to.
struct DiallingOptions: ParsableArguments {
    @Option(
        name: .customLong("connect-to"),
        help: ArgumentHelp(
            "Dial ADDR and PORT instead of HOST and PORT; empty HOST or PORT match all; repeatable.",
            valueName: "host:port:addr:port"))
    var connectTo: [String] = []

    @Option(name: .customLong("ca-file"), help: ArgumentHelp("Trust exactly the roots in this file.", valueName: "pem"))
    var caFile: String?

    @Option(
        name: .customLong("ehlo-name"),
        help: ArgumentHelp("The name to give in EHLO (default: this machine's).", valueName: "name"))
    var ehloName: String?
}

/// The options that mean the same everywhere. A command that has no use for a part takes the other parts, and that one
/// hidden: who gives all commands the same options is not refused, and --help shows nothing without effect.
struct CommonOptions: ParsableArguments {
    @OptionGroup(title: "Output") var output: OutputOptions

    @Option(
        name: .customLong("fail-on"),
        help: ArgumentHelp(
            "From which severity on the exit status is not 0: warning, error or never (default: error; with --format nagios: warning).",
            valueName: "severity"))
    var failOn: ExitStatus.Threshold?

    @OptionGroup var asking: AskingOptions
    @OptionGroup var dialling: DiallingOptions

    var resolver: [String] { asking.resolver }
    var timeout: Double? { asking.timeout }
    var offline: Bool { asking.offline }
    var now: Double? { asking.now }
    var connectTo: [String] { dialling.connectTo }
    var caFile: String? { dialling.caFile }
    var ehloName: String? { dialling.ehloName }
}
