import ArgumentParser
import DNS
import Judgement
import Networking
import Probes
import Rendering

/// `mailsonde doctor`
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "What this machine can see: port 25, IPv6, the resolver, the clock, block lists, roots.",
        discussion: """
            Each line is ok, cannot, or could not be told, with what that means for results and what to do. Exit \
            status: 0 all is ok; 1 something cannot be done from here; 3 something could not be told.
            """)

    @Option(
        name: .customLong("port25-host"),
        help: ArgumentHelp(
            "Try to reach this host instead of two large mail hosters; repeatable.", valueName: "host[:port]"))
    var port25Host: [String] = []

    @Option(
        help: ArgumentHelp("A zone below which an invented name must not exist.", valueName: "zone"))
    var zone = "com"

    @Option(
        help: ArgumentHelp(
            "Put this block list to its self-test instead of those that an audit asks; repeatable.", valueName: "zone"))
    var dnsbl: [String] = []

    @OptionGroup var common: CommonOptions

    static let usualHosts = ["gmail-smtp-in.l.google.com", "mx-aol.mail.gm0.yahoodns.net"]

    func run() async throws {
        let format = try common.output.chosenFormat
        guard format == .text || format == .json else { throw UsageError("doctor writes text or json") }
        let hosts = try (port25Host.isEmpty ? Self.usualHosts : port25Host).map(Self.host)
        let lists = try lists()
        let test = SelfTestProbe(
            means: try common.means(), servers: try common.asking.resolverSettings(timeout: 5).servers, hosts: hosts,
            zone: try Self.name(zone, "--zone"),
            lists: lists, deadline: try common.deadline(usual: 25))
        let lines = await interruptible { await test.lines() }
        Standard.print(
            format == .json
                ? ReportFormat.json([SelfTestRendering.json(lines)], jsonLines: common.output.jsonLines)
                : SelfTestRendering.text(lines))
        if common.failOn == .never { return }
        if common.failOn != .error, lines.contains(where: { $0.state == .cannot }) {
            throw ExitCode(ExitStatus.warnings)
        }
        if lines.contains(where: { $0.state == .unknown }) { throw ExitCode(ExitStatus.unknown) }
    }

    /// Those that an audit asks, or those named.
    private func lists() throws(UsageError) -> [BlockList] {
        let (lists, wrong) = BlockList.read(dnsbl.isEmpty ? ["default"] : dnsbl)
        if let text = wrong.first {
            throw UsageError("--dnsbl: “\(Escaping.visible(text, limit: 80))” is no list: write its zone")
        }
        return lists
    }

    /// `host` or `host:port`.
    private static func host(_ text: String) throws(UsageError) -> (name: DomainName, port: UInt16) {
        if let place = try? TransportAddress(text, defaultPort: 25), let name = try? DomainName("\(place.address)") {
            return (name, place.port)
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first, let name = try? DomainName(String(first)), !name.isRoot,
            let port = parts.count == 2 ? UInt16(parts[1]) : 25, port > 0
        else {
            throw UsageError(
                "--port25-host: “\(Escaping.visible(text, limit: 80))”: write mx.example.org or mx.example.org:25")
        }
        return (name, port)
    }

    private static func name(_ text: String, _ option: String) throws(UsageError) -> DomainName {
        guard let name = try? DomainName(text) else {
            throw UsageError("\(option): “\(Escaping.visible(text, limit: 80))” is no domain name")
        }
        return name
    }
}
