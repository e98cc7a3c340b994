import DNS
import Judgement
import Lab
import Mail
import Networking
import Synchronization
import Testing

@testable import Probes

extension ProbesOnTheNetwork {
    @Suite("What was seen of a port, shared")
    struct PortShareTests {
        private func probe(_ bench: LabBench, at endpoint: TransportAddress, host: String = LabBench.host) throws
            -> PortProbe
        {
            var means = try bench.means()
            means.network.connectTo = [
                ConnectOverride(host: nil, port: nil, toAddress: endpoint.address, toPort: endpoint.port)
            ]
            return PortProbe(
                endpoint: Endpoint(host: try DomainName(host), address: endpoint.address, port: 25), service: .smtp,
                means: means)
        }

        @Test("Many who look at once, or soon after, see what one has seen; later it is looked at again")
        func shared() async throws {
            try await withLab { lab in
                let bench = await LabBench(lab)
                let endpoint = try await bench.start(.smtp, Faults([.greeting: .waits(seconds: 0.2)]))
                let time = Time()
                let share = PortShare(seconds: 30) { time.now }
                let probe = try probe(bench, at: endpoint)
                let seen = await withTaskGroup(of: PortObservation.self) { group in
                    for _ in 0..<6 { group.addTask { await share.observe(probe, by: .after(seconds: 60)) } }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(seen.allSatisfy { $0.failure == nil })
                #expect(Set(seen.map(\.phases)).count == 1)
                time.now = 29
                let again = await share.observe(probe, by: .after(seconds: 60))
                #expect(again.phases == seen[0].phases)
                time.now = 31
                let later = await share.observe(probe, by: .after(seconds: 60))
                #expect(later.phases != seen[0].phases)
                let other = await share.observe(
                    try self.probe(bench, at: endpoint, host: "other.example"), by: .after(seconds: 60))
                #expect(other.endpoint.host.description == "other.example")
                #expect(other.tls?.nameMatches == false)
            }
        }

        @Test("What came to nothing because one had no time is looked at again by who has")
        func impatient() async throws {
            try await withLab { lab in
                let bench = await LabBench(lab)
                let endpoint = try await bench.start(.smtp, Faults([.greeting: .waits(seconds: 1.5)]))
                let share = PortShare(seconds: .infinity)
                let probe = try probe(bench, at: endpoint)
                async let hasty = share.observe(probe, by: .after(seconds: 0.3))
                async let patient = share.observe(probe, by: .after(seconds: 60))
                let (first, second) = await (hasty, patient)
                #expect([first, second].contains { $0.failure == nil })
                #expect(await share.observe(probe, by: .after(seconds: 60)).failure == nil)
            }
        }

        private final class Time: Sendable {
            private let moment = Mutex(0.0)
            var now: Double {
                get { moment.withLock { $0 } }
                set { moment.withLock { $0 = newValue } }
            }
        }

        @Test("An address is asked for at the first host, and at the next where that tells nothing")
        func recipients() async throws {
            try await withLab { lab in
                var bench = await LabBench(lab)
                bench.zone = try Zone(
                    """
                    lab.example.     MX   10 mx1.lab.example.
                    lab.example.     MX   20 mx2.lab.example.
                    lab.example.     MX   30 mx3.lab.example.
                    mx1.lab.example. A    127.0.0.1
                    mx2.lab.example. A    127.0.0.1
                    mx3.lab.example. A    127.0.0.1
                    """)
                typealias Answer = OddSMTPServer.Answer
                let grey = try await lab.start(
                    OddSMTPServer(host: "mx1.lab.example", [Answer("RCPT", .says("451 4.7.1 greylisted"))]))
                let second = try await lab.start(
                    OddSMTPServer(
                        host: "mx2.lab.example",
                        [
                            Answer("RCPT TO:<ann@", .says("250 2.1.5 ok")),
                            Answer("RCPT", .says("550 5.1.1 user unknown")),
                        ]))
                let third = try await lab.start(OddSMTPServer(host: "mx3.lab.example", []))
                bench.network.connectTo = try zip(1...3, [grey, second, third]).map { number, endpoint in
                    ConnectOverride(
                        host: .name(try DomainName("mx\(number).lab.example")), port: 25, toAddress: nil,
                        toPort: endpoint.port)
                }
                var plan = ExaminationPlan(services: [.smtp])
                plan.questions.recipients = try ["ann@lab.example", "bob@lab.example"].map { try EmailAddress($0) }
                let target = Target(name: "lab", domain: try DomainName("lab.example"))
                let observations = await examine(
                    target, with: try bench.means(), plan: plan, by: .after(seconds: 60))
                let evidence = Evidence(observations, of: target, at: Timestamp(0))
                #expect(evidence.recipients.map(\.result) == [.accepted, .refused])
                #expect(evidence.recipients.allSatisfy { $0.endpoint?.host.description == "mx2.lab.example" })
                #expect(evidence.ports.map { $0.behaviour != nil } == [true, true, false])
                let report = judge(observations, of: target, at: Timestamp(0))
                #expect(report.findings.filter { $0.check.identifier == "recipient.exists" }.count == 1)
                #expect(!report.findings.contains { $0.check.identifier == "smtp.greylisting" })
            }
        }
    }
}
