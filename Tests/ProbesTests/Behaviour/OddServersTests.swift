import DNS
import Judgement
import Lab
import Mail
import Networking
import Testing

@testable import Probes

extension ProbesOnTheNetwork {
    @Suite("Servers that are odd, asked how they behave")
    struct OddServersTests {
        typealias Answer = OddSMTPServer.Answer

        /// A server, and what must be found of it and what must be left open.
        struct Case: Sendable, CustomTestStringConvertible {
            var testDescription: String
            var answers: [Answer]
            var finds: [String] = []
            var unknown: [String] = []
            var passes: [String] = []
            var commandLimit = Int.max
            var seconds = 60.0
        }

        private static let good: [Answer] = [
            Answer("RCPT TO:<postmaster", .says("250 2.1.5 ok")), Answer("RCPT TO:<abuse", .says("250 2.1.5 ok")),
            Answer("RCPT TO:<no-such", .says("550 5.1.1 user unknown")),
            Answer("RCPT", .says("554 5.7.1 Relay access denied")), Answer("VRFY", .says("252 2.0.0 maybe")),
            Answer("EXPN", .says("502 5.5.1 no")),
        ]
        private static let told = ["smtp.postmaster", "smtp.abuse", "smtp.open-relay", "smtp.unknown-recipient"]

        static let cases: [Case] = [
            Case(
                testDescription: "one that minds its own mail", answers: good,
                passes: told + [
                    "smtp.domain-served", "smtp.null-sender", "smtp.vrfy", "smtp.expn", "smtp.postmaster-bare",
                ]),
            Case(
                testDescription: "always 250", answers: [],
                finds: ["smtp.open-relay", "smtp.unknown-recipient", "smtp.expn"], passes: ["smtp.postmaster"]),
            Case(
                testDescription: "421 at the greeting", answers: [Answer("", .says("421 4.3.2 busy"), .closes)],
                unknown: told + ["smtp.greeting"]),
            Case(
                testDescription: "554 at the greeting", answers: [Answer("", .says("554 5.7.1 no mail here"))],
                finds: ["smtp.greeting"], unknown: told),
            Case(
                testDescription: "554 at the greeting, because of our address",
                answers: [Answer("", .says("554 5.7.1 your address is on zen.spamhaus.org"))],
                unknown: told + ["smtp.greeting"]),
            Case(
                testDescription: "greylisting",
                answers: [Answer("RCPT", .says("451 4.7.1 Greylisted, try again later"))],
                finds: ["smtp.greylisting"], unknown: told),
            Case(
                testDescription: "greylisting of senders",
                answers: [Answer("MAIL", .says("450 4.7.1 please try later"))],
                finds: ["smtp.greylisting"], unknown: told + ["smtp.null-sender"]),
            Case(
                testDescription: "one whose tables cannot be read",
                answers: [Answer("RCPT", .says("451 4.3.0 Temporary lookup failure"))],
                unknown: told + ["smtp.greylisting"]),
            Case(
                testDescription: "block lists at RCPT",
                answers: [Answer("RCPT", .says("554 5.7.1 client host blocked using bl.example"))], unknown: told),
            Case(
                testDescription: "421 to the third recipient",
                answers: [
                    Answer("RCPT TO:<no-such", .says("550 5.1.1 unknown")),
                    Answer("RCPT TO:<postmaster@", .says("250 ok")), Answer("RCPT", .says("421 4.7.0 enough"), .closes),
                ], unknown: ["smtp.open-relay", "smtp.abuse"], passes: ["smtp.postmaster", "smtp.unknown-recipient"]),
            Case(
                testDescription: "one that hangs up behind each refusal",
                answers: [
                    Answer("RCPT TO:<postmaster@", .says("250 ok")),
                    Answer("RCPT", .says("550 5.1.1 user unknown"), .closes),
                ], unknown: ["smtp.open-relay"], passes: ["smtp.unknown-recipient"]),
            Case(
                testDescription: "one that hangs up behind five commands", answers: good,
                unknown: ["smtp.open-relay"], commandLimit: 5),
            Case(
                testDescription: "silence at the first recipient", answers: [Answer("RCPT", .fallsSilent)],
                unknown: told, seconds: 4),
            Case(
                testDescription: "a line without end at RCPT", answers: [Answer("RCPT", .unendingLine)], unknown: told),
            Case(
                testDescription: "a reply without end at RCPT", answers: [Answer("RCPT", .unendingReply)], unknown: told
            ),
            Case(
                testDescription: "a line without end at the greeting", answers: [Answer("", .unendingLine)],
                unknown: told),
            Case(
                testDescription: "octets that are no reply", answers: [Answer("MAIL", .sends("\u{1}\u{2}\r\n"))],
                unknown: told),
            Case(
                testDescription: "replies of two codes", answers: [Answer("RCPT", .sends("250-yes\r\n550 no\r\n"))],
                unknown: told),
            Case(
                testDescription: "a tarpit",
                answers: [
                    Answer("RCPT TO:<postmaster@", .waits(seconds: 2.2), .says("250 2.1.5 ok")),
                    Answer("RCPT", .waits(seconds: 2.2), .says("550 5.1.1 unknown")),
                ], finds: ["smtp.slow-replies"], unknown: ["smtp.vrfy"], passes: ["smtp.postmaster"],
                commandLimit: 6),
            Case(
                testDescription: "VRFY that tells",
                answers: [
                    Answer("VRFY postmaster", .says("250 <postmaster@lab.example>")),
                    Answer("VRFY", .says("550 5.1.1 unknown")),
                ] + good, finds: ["smtp.vrfy"], passes: told),
            Case(
                testDescription: "no mail for its own domain",
                answers: [Answer("RCPT", .says("550 relay not permitted"))], finds: ["smtp.domain-served"],
                passes: ["smtp.open-relay"]),
            Case(
                testDescription: "no null sender",
                answers: [Answer("MAIL FROM:<>", .says("550 5.7.1 empty sender refused"))] + good,
                finds: ["smtp.null-sender"], passes: told),
            Case(
                testDescription: "the percent hack",
                answers: [Answer("RCPT TO:<probe-test%", .says("250 ok"))] + good, finds: ["smtp.open-relay"]),
            Case(
                testDescription: "a greeting in two pieces, five seconds apart",
                answers: [
                    Answer("", .sends("220-lab.ex"), .waits(seconds: 5.1), .sends("ample\r\n220 go on\r\n"))
                ] + good, finds: ["smtp.greeting-delay"], passes: told),
            Case(
                testDescription: "lines that end in LF",
                answers: [Answer("", .sends("220 mx.lab.example hi\n"))] + good, finds: ["smtp.line-form"], passes: told
            ),
            Case(
                testDescription: "HELO only",
                answers: [Answer("EHLO", .says("502 5.5.1 what?"))] + good, finds: ["smtp.helo-only"], passes: told),
        ]

        @Test("Each is judged as it is, and nothing is told that was not seen", arguments: cases)
        func odd(example: Case) async throws {
            let report = try await withLab { lab in
                let bench = await LabBench(lab)
                let server = OddSMTPServer(
                    host: LabBench.host, commandLimit: example.commandLimit, example.answers)
                let seen = try await bench.ask(lab.start(server), seconds: example.seconds)
                return judge([.port(seen)], of: Target(name: "lab.example"), at: seen.at)
            }
            let found = Set(report.findings.map(\.check.identifier))
            let unknown = Set(report.unknown.map(\.check.identifier))
            let passed = Set(report.passed.map(\.identifier))
            for check in example.finds { #expect(found.contains(check), "\(check): \(found.sorted())") }
            for check in example.unknown { #expect(unknown.contains(check), "\(check): \(unknown.sorted())") }
            for check in example.passes { #expect(passed.contains(check), "\(check): \(passed.sorted())") }
            #expect(
                found.isDisjoint(with: Self.told + ["smtp.domain-served", "smtp.null-sender"]) || !example.finds.isEmpty
            )
        }

        @Test("Connections of one examination are few")
        func few() async throws {
            try await withLab { lab in
                let bench = await LabBench(lab)
                let server = OddSMTPServer(host: LabBench.host, Self.good)
                let seen = try await bench.ask(lab.start(server))
                let behaviour = try #require(seen.behaviour)
                #expect(behaviour.connections <= 3)
                #expect(behaviour.stopped == nil)
                #expect(seen.transcript.contains { $0.contains("RCPT TO:<postmaster@lab.example>") })
                #expect(!seen.transcript.contains { $0.hasPrefix("C: DATA") })
            }
        }

        @Test(
            "Whom greylisting puts off is asked for again only where a wait is given, once, and what is then said counts",
            arguments: [(1, 0.0, false), (1, 0.3, true), (2, 0.3, false)])
        func greylisting(times: Int, wait: Double, passes: Bool) async throws {
            let seen = try await withLab { lab in
                let bench = await LabBench(lab)
                var questions = PortQuestions(behaviour: true, greylistWait: wait)
                questions.recipients = [try EmailAddress(LabBench.user)]
                return try await bench.ask(
                    bench.start(.smtp, Faults(recipient: .greylisted(times: times))), .smtp, questions)
            }
            var target = Target(name: "lab.example")
            target.recipients = [LabBench.user]
            let report = judge([.port(seen)], of: target, at: seen.at)
            let finding = try #require(report.findings.first { $0.check.identifier == "smtp.greylisting" })
            #expect(finding.summary.contains("passed after ") == passes, "\(finding.summary)")
            #expect(finding.summary.contains("No second try was made") == (wait == 0))
            #expect(finding.summary.contains("still did so after ") == (wait > 0 && !passes))
            #expect(seen.behaviour?.accepts(.recipient(LabBench.user)) == passes)
            #expect(report.passed.contains { $0.identifier == "recipient.exists" } == passes)
            #expect(seen.behaviour?.stopped == nil)
            #expect(!seen.transcript.contains { $0.hasPrefix("C: DATA") })
        }

        @Test("Where TLS fails, the questions are asked in clear, as a sender would go on")
        func inClear() async throws {
            try await withLab { lab in
                let bench = await LabBench(lab)
                let server = OddSMTPServer(
                    host: LabBench.host, identity: try bench.identity(),
                    [Answer("STARTTLS", .says("454 4.7.0 not now"))] + Self.good)
                let seen = try await bench.ask(lab.start(server))
                #expect(seen.failure?.cause == .starttlsRejected)
                #expect(seen.behaviour?.accepts(.postmaster) == true)
            }
        }

        @Test(
            "What was said behind STARTTLS is obeyed, dropped, or ends the conversation, and each is seen",
            arguments: [
                (Service.smtp, Faults.Upgrade?.none, InjectionOutcome.discarded),
                (.smtp, .obeysPlaintext, .answered), (.smtp, .enforcesOrder, .refused),
                (.imap, nil, .discarded), (.imap, .obeysPlaintext, .answered), (.pop3, nil, .discarded),
                (.pop3, .obeysPlaintext, .answered), (.submission, .obeysPlaintext, .answered),
            ])
        func injection(service: Service, fault: Faults.Upgrade?, outcome: InjectionOutcome) async throws {
            let seen = try await withLab { lab in
                let bench = await LabBench(lab)
                return try await bench.ask(
                    bench.start(service, Faults(upgrade: fault)), service, PortQuestions(injection: true))
            }
            #expect(seen.tls != nil)
            #expect(seen.injection == outcome)
        }
    }
}

extension LabBench {
    /// Asks a server of `lab.example` what there is to ask.
    func ask(
        _ endpoint: TransportAddress, _ service: Service = .smtp,
        _ questions: PortQuestions = PortQuestions(behaviour: true), seconds: Double = 60
    ) async throws -> PortObservation {
        var means = try means()
        means.network.connectTo = [
            ConnectOverride(host: nil, port: nil, toAddress: endpoint.address, toPort: endpoint.port)
        ]
        var probe = PortProbe(
            endpoint: Endpoint(host: Self.name, address: endpoint.address, port: service.port), service: service,
            means: means)
        probe.domain = try DomainName("lab.example")
        probe.questions = questions
        return await probe.observe(by: .after(seconds: seconds))
    }
}
