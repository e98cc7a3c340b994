import ArgumentParser
import DNS
import Judgement
import Mail
import Networking
import Probes
import Rendering

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// `mailsonde dns query NAME [TYPE]` and `mailsonde dns parse --hex-lines`
struct DNSCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dns", abstract: "Asks one question of the DNS, or reads packets of it.",
        subcommands: [DNSQueryCommand.self, DNSParseCommand.self])
}

struct DNSQueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "One question, the whole answer.",
        discussion: """
            With --dnssec the answer is validated here, from the root's keys down, whatever the server says of it.
            Exit status: 0 where a name server answered, be it that there is nothing; 3 where none did. With --dnssec
            also 2 where the answer is bogus, 3 where it could not be told.
            """)

    @Argument(help: "A name; or an address, to look up its PTR records.")
    var name: String

    @Argument(help: "A record type, as MX or TYPE65280 (default: A; for an address PTR).")
    var type: String?

    @Flag(help: "Validate the answer: signatures are asked for and checked, down from a trust anchor.")
    var dnssec = false

    @OptionGroup var trust: TrustOptions

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let format = try common.output.chosenFormat
        guard format == .text || format == .json else { throw UsageError("dns query writes text or json") }
        let question = try question()
        if dnssec { return try await validate(question, format) }
        if trust.trustAnchor != nil { throw UsageError("--trust-anchor is for --dnssec: give both") }
        let resolver = try common.means().resolver
        let deadline = try common.deadline(usual: 30)
        let outcome = await interruptible { () -> Outcome in
            do {
                return try await withDeadline(deadline) { await resolver.outcome(question) }
            } catch {
                return .failure(Unanswered(.timedOut, detail: "no answer by the deadline"))
            }
        }
        Standard.print(
            format == .json
                ? ReportFormat.json([DNSRendering.json(question, outcome)], jsonLines: common.output.jsonLines)
                : DNSRendering.text(question, outcome, Standard.look(verbose: common.output.verbose)))
        if case .failure = outcome, common.failOn != .never { throw ExitCode(ExitStatus.unknown) }
    }

    private func validate(_ question: Question, _ format: ReportFormat) async throws {
        let anchors = try trust.anchors
        let resolver = try common.means().resolver
        let deadline = try common.deadline(usual: 30)
        let now = try common.moment().secondsSince1970
        let validated = await interruptible { () -> Validated in
            do {
                return try await withDeadline(deadline) {
                    await inWaves(of: resolver, maximumWaves: 200) { dns in
                        DNSSEC.validate(question, in: &dns, anchors: anchors, at: now)
                    }.result
                }
            } catch {
                return Validated(.indeterminate("not everything was answered by the deadline"))
            }
        }
        Standard.print(
            format == .json
                ? ReportFormat.json([DNSSECRendering.json(question, validated)], jsonLines: common.output.jsonLines)
                : DNSSECRendering.text(question, validated, Standard.look(verbose: common.output.verbose)))
        guard common.failOn != .never else { return }
        switch validated.security {
        case .secure, .insecure: break
        case .bogus: throw ExitCode(ExitStatus.errors)
        case .indeterminate: throw ExitCode(ExitStatus.unknown)
        }
    }

    private func question() throws(UsageError) -> Question {
        if let type, RecordType(type) == nil || RecordType(type) == .opt {
            throw UsageError("“\(type)” is no record type to ask for: write A, MX, TXT or TYPE65280")
        }
        let type = type.flatMap { RecordType($0) }
        if let address = IPAddress(name) { return Question(address.reverseName, type ?? .ptr) }
        do throws(DomainNameError) {
            return Question(try DomainName(name), type ?? .a)
        } catch {
            throw UsageError("“\(name)” is no domain name: \(error)")
        }
    }
}

struct DNSParseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "parse", abstract: "Packets in hexadecimal on standard input, one a line; JSON lines out.")

    @Flag(name: .customLong("hex-lines"), help: "Each line is a packet in hexadecimal (the only form there is).")
    var hexLines = false

    @Flag(help: "JSON lines: the only form there is.")
    var json = false

    func run() async throws {
        guard hexLines else { throw UsageError("dns parse reads packets with --hex-lines") }
        // Two digits an octet, and as much again for what stands between them.
        var lines = InputLines(limit: 4 * 65_536)
        while let line = lines.next() {
            let value = line.isCut ? ["error": "a line longer than any packet"] : DNSRendering.json(packet: line.octets)
            Standard.print(JSONWriter.text(value) + "\n")
        }
    }
}

/// Standard input line by line, none kept beyond `limit` octets: the rest of a longer one is passed over.
private struct InputLines {
    let limit: Int
    private var buffer: [UInt8] = []
    private var position = 0
    private var isAtEnd = false

    init(limit: Int) { self.limit = limit }

    mutating func next() -> (octets: [UInt8], isCut: Bool)? {
        var line: [UInt8] = []
        var isCut = false
        var sawAny = false
        while fill() {
            sawAny = true
            let rest = buffer[position...]
            let end = rest.firstIndex(of: UInt8(ascii: "\n"))
            let part = rest[..<(end ?? rest.endIndex)]
            if line.count + part.count > limit { isCut = true } else { line += part }
            position = end.map { $0 + 1 } ?? rest.endIndex
            if end != nil { return (line, isCut) }
        }
        return sawAny ? (line, isCut) : nil
    }

    /// False at the end of the input.
    private mutating func fill() -> Bool {
        while position >= buffer.count, !isAtEnd {
            buffer = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
                let got = read(STDIN_FILENO, buffer.baseAddress, buffer.count)
                isAtEnd = got == 0 || (got < 0 && errno != EINTR)
                count = max(0, got)
            }
            position = 0
        }
        return position < buffer.count
    }
}
