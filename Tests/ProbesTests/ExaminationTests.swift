import DNS
import Judgement
import Lab
import Mail
import Networking
import Synchronization
import Testing

@testable import Probes

extension ProbesOnTheNetwork {
    @Suite("The examination of a domain or host")
    struct ExaminationTests {
        private let domain = (try? DomainName("lab.example")) ?? .root

        private func ports(_ observations: [Observation]) -> [PortObservation] {
            observations.compactMap { if case .port(let port) = $0 { port } else { nil } }
        }

        private func lookups(_ observations: [Observation]) -> [LookupObservation] {
            observations.compactMap { if case .lookup(let lookup) = $0 { lookup } else { nil } }
        }

        private func target(_ name: String) throws -> Target { Target(name: name, domain: try DomainName(name)) }

        @Test("The DNS comes first, then all services on all addresses of all hosts, in order")
        func whole() async throws {
            try await withLab { lab in
                var bench = await LabBench(lab)
                bench.zone = try Zone(
                    """
                    lab.example.     MX   10 mx.lab.example.
                    lab.example.     MX   20 mx2.lab.example.
                    mx.lab.example.  A    127.0.0.1
                    mx.lab.example.  AAAA ::1
                    mx2.lab.example. A    127.0.0.2
                    """)
                let smtp = try await bench.start(.smtp)
                let closed = try await lab.closedPort()
                bench.network.connectTo = [
                    ConnectOverride(host: .name(LabBench.name), port: 25, toAddress: nil, toPort: smtp.port),
                    ConnectOverride(host: nil, port: nil, toAddress: nil, toPort: closed.port),
                ]
                let told = Mutex<[String]>([])
                let observations = await examine(
                    Target(name: "lab", domain: domain), with: try bench.means(),
                    by: .after(seconds: 60)
                ) { progress in
                    told.withLock {
                        switch progress {
                        case .looked(_, let ports): $0.append("looked \(ports)")
                        case .observed(_, let done, let of): $0.append("observed \(done) of \(of)")
                        case .dialling, .concluding: break
                        }
                    }
                }
                let seen = ports(observations)
                #expect(seen.count == 21)
                #expect(
                    seen.map { "\($0.endpoint.host) \($0.endpoint.address)" }
                        == Array(repeating: "mx.lab.example 127.0.0.1", count: 7)
                        + Array(repeating: "mx.lab.example ::1", count: 7)
                        + Array(repeating: "mx2.lab.example 127.0.0.2", count: 7))
                #expect(seen.prefix(7).map(\.service) == Service.allCases)
                #expect(seen.map(\.endpoint.port).prefix(7) == [25, 587, 465, 143, 993, 110, 995])
                #expect(seen[0].failure == nil)
                #expect(seen[0].tls?.nameMatches == true)
                #expect(seen[1].failure?.cause == .connectRefused)
                #expect(lookups(observations).contains { $0.question == Question(domain, .mx) })
                let lines = told.withLock { $0 }
                #expect(lines.first == "looked 21")
                #expect(lines.last == "observed 21 of 21")
            }
        }

        @Test(
            "A null MX, no such name and no answer give no ports",
            arguments: [
                "x.example. MX 0 .", "y.example. MX 10 mx.x.example.", "x.example. !servfail",
            ])
        func nothingToDial(zone: String) async throws {
            try await withLab { lab in
                var bench = await LabBench(lab)
                bench.zone = try Zone(zone)
                let observations = await examine(
                    try target("x.example"), with: try bench.means(), by: .after(seconds: 60))
                #expect(ports(observations).isEmpty)
                #expect(!lookups(observations).isEmpty)
            }
        }

        @Test("Without MX the domain itself is dialled")
        func implicit() async throws {
            try await withLab { lab in
                var bench = await LabBench(lab)
                bench.zone = try Zone("x.example. A 127.0.0.1")
                let closed = try await lab.closedPort()
                bench.network.connectTo = [ConnectOverride(host: nil, port: nil, toAddress: nil, toPort: closed.port)]
                let seen = ports(
                    await examine(
                        try target("x.example"), with: try bench.means(),
                        plan: ExaminationPlan(services: [.smtp]), by: .after(seconds: 60)))
                #expect(seen.map(\.endpoint.host.description) == ["x.example"])
                #expect(seen.first?.state == .refused)
            }
        }

        @Test("An address given by --connect-to stands for all addresses of the host, even where it has none")
        func override() async throws {
            try await withLab { lab in
                var bench = await LabBench(lab)
                bench.zone = try Zone("x.example. MX 10 mx.lab.example.")
                let smtp = try await bench.start(.smtp)
                bench.network.connectTo = [
                    ConnectOverride(host: .name(LabBench.name), port: 25, toAddress: smtp.address, toPort: smtp.port)
                ]
                let seen = ports(
                    await examine(try target("x.example"), with: try bench.means(), by: .after(seconds: 60)))
                #expect(seen.map(\.service) == [.smtp])
                #expect(seen.first?.endpoint.port == 25)
                #expect(seen.first?.failure == nil)
            }
        }

        @Test("The examination ends by its deadline, and what did not fit says so")
        func deadline() async throws {
            try await withLab { lab in
                var bench = await LabBench(lab)
                bench.zone = try Zone("x.example. MX 10 mx.lab.example.\nmx.lab.example. A 127.0.0.1")
                let silent = try await bench.start(.smtp, Faults([.greeting: .silent]))
                bench.network.connectTo = [ConnectOverride(host: nil, port: nil, toAddress: nil, toPort: silent.port)]
                await calm()
                let began = ContinuousClock.now
                let seen = ports(
                    await examine(
                        try target("x.example"), with: try bench.means(),
                        plan: ExaminationPlan(services: [.smtp, .submission, .imap, .pop3], atOnce: 2),
                        by: .after(seconds: 3)))
                #expect(ContinuousClock.now - began < .seconds(120))
                try #require(seen.count == 4)
                #expect(seen[0].failure?.cause == .greetingTimeout)
                #expect(seen[3].failure?.cause == .timeout)
                #expect(seen[3].state == .timeout)
            }
        }

        private struct Mute: Resolver {
            func answer(_ question: Question) async throws(Unanswered) -> Answer {
                // Deaf to cancellation: a task of its own is not cancelled with us.
                await Task { try? await Task.sleep(for: .seconds(60)) }.value
                throw Unanswered(.servfail)
            }
        }

        @Test("A resolver that does not heed the time does not hold it up")
        func muteResolver() async throws {
            let means = Means(
                resolver: Mute(), network: Network(), roots: .none(because: "a test"), now: { Timestamp(0) },
                ehloName: .loopback)
            let began = ContinuousClock.now
            let observations = await examine(try target("x.example"), with: means, by: .after(seconds: 0.5))
            #expect(ContinuousClock.now - began < .seconds(120))
            #expect(ports(observations).isEmpty)
            #expect(lookups(observations).allSatisfy { $0.unanswered?.reason == .timedOut })
            #expect(!observations.isEmpty)
        }

        @Test("A server that is silent until the time is up leaves some for the questions that come last")
        func silentPort() async throws {
            try await withLab { lab in
                var bench = await LabBench(lab)
                bench.zone = try Zone("x.example. MX 10 mx.lab.example.\nmx.lab.example. A 127.0.0.1")
                let smtp = try await bench.start(.smtp, Faults([.greeting: .silent]))
                bench.network.connectTo = [ConnectOverride(host: nil, port: 25, toAddress: nil, toPort: smtp.port)]
                let observations = await examine(
                    try target("x.example"), with: try bench.means(), plan: ExaminationPlan(services: [.smtp]),
                    by: .after(seconds: 5))
                #expect(ports(observations).count == 1 && ports(observations)[0].failure != nil)
                let late = lookups(observations).filter { $0.question.type == .tlsa || $0.question.type == .caa }
                #expect(!late.isEmpty && late.allSatisfy { $0.unanswered == nil })
            }
        }

        @Test("Offline, nothing is dialled and every port says why")
        func offline() async throws {
            try await withLab { lab in
                var bench = await LabBench(lab)
                bench.zone = try Zone("x.example. MX 10 mx.lab.example.\nmx.lab.example. A 127.0.0.1")
                bench.network.offline = true
                let seen = ports(
                    await examine(try target("x.example"), with: try bench.means(), by: .after(seconds: 60)))
                #expect(seen.count == 7)
                #expect(seen.allSatisfy { $0.failure?.cause == .offline && $0.state == .unreachable })
            }
        }

        @Test("A domain with very many hosts is not dialled without end")
        func bounded() async throws {
            try await withLab { lab in
                var bench = await LabBench(lab)
                bench.zone = try Zone("x.example. MX 10 mx.lab.example.\nmx.lab.example. A 127.0.0.1")
                let closed = try await lab.closedPort()
                bench.network.connectTo = [ConnectOverride(host: nil, port: nil, toAddress: nil, toPort: closed.port)]
                let seen = ports(
                    await examine(
                        try target("x.example"), with: try bench.means(), plan: ExaminationPlan(maximumPorts: 3),
                        by: .after(seconds: 60)))
                #expect(
                    seen.map { $0.failure?.cause } == Array(repeating: .connectRefused, count: 3)
                        + Array(repeating: .overload, count: 4))
            }
        }

        @Test("A host is examined by name or by address", arguments: ["mx.lab.example", "127.0.0.1"])
        func host(name: String) async throws {
            try await withLab { lab in
                var bench = await LabBench(lab)
                bench.zone = try Zone("mx.lab.example. A 127.0.0.1")
                let imap = try await bench.start(.imap)
                bench.network.connectTo = [ConnectOverride(host: nil, port: 143, toAddress: nil, toPort: imap.port)]
                let observations = await examine(
                    host: try DomainName(name), with: try bench.means(), plan: ExaminationPlan(services: [.imap]),
                    by: .after(seconds: 60))
                #expect(ports(observations).count == 1)
                #expect(ports(observations).first?.failure == nil)
                #expect(ports(observations).first?.tls?.nameMatches == (name == LabBench.host))
                #expect(lookups(observations).count == (name == LabBench.host ? 2 : 0))
            }
        }
    }
}
