import DNS
import Judgement
import Lab
import Networking
import Testing

@testable import Probes

extension ProbesOnTheNetwork {
    @Suite("The probe of a port, against servers of the lab")
    struct PortProbeTests {
        @Test("Every service is seen as it is", arguments: Service.allCases)
        func healthy(service: Service) async throws {
            let seen = try await withLab { lab in
                let bench = await LabBench(lab)
                return try await bench.probe(service, at: bench.start(service))
            }
            #expect(seen.failure == nil)
            #expect(seen.state == .open)
            #expect(!seen.greeting.isEmpty)
            #expect(seen.tls?.mode == (service.hasImplicitTLS ? .implicit : .starttls))
            #expect(seen.tls?.version == "TLSv1.3")
            #expect(seen.tls?.trusted == true)
            #expect(seen.tls?.nameMatches == true)
            #expect(seen.tls?.chain.count == 2)
            #expect(seen.offersSTARTTLS == (service.hasImplicitTLS ? nil : true))
            #expect(seen.capabilitiesAfterTLS != nil)
            #expect((seen.capabilitiesBeforeTLS != nil) == !service.hasImplicitTLS)
            if service.isForUsers { #expect(seen.authAfterTLS?.contains("PLAIN") == true) }
            if !service.hasImplicitTLS { #expect(seen.authBeforeTLS == []) }
            let phases = Set(seen.phases.map(\.name))
            #expect(phases.isSuperset(of: [.connect, .greeting, .capabilities, .tls, .quit, .total]))
            #expect(seen.phases.count == phases.count)
            let total = try #require(seen.seconds(.total))
            let sum = seen.phases.filter { $0.name != .total }.map(\.seconds).reduce(0, +)
            #expect(sum <= total + 0.05)
        }

        @Test("Nobody listens: refused, at once")
        func refused() async throws {
            let seen = try await withLab { lab in
                try await LabBench(lab).probe(.smtp, at: lab.closedPort())
            }
            #expect(seen.state == .refused)
            #expect(seen.failure?.cause == .connectRefused)
            #expect(seen.failure?.phase == .connect)
            #expect(seen.seconds(.total).map { $0 < 4 } == true)
        }

        @Test("The network is not touched when offline")
        func offline() async throws {
            let seen = try await withLab { lab in
                var bench = await LabBench(lab)
                bench.network.offline = true
                return try await bench.probe(.smtp, at: bench.start(.smtp))
            }
            #expect(seen.state == .unreachable)
            #expect(seen.failure?.cause == .offline)
        }

        private struct Trouble: Sendable {
            var stage: Faults.Stage
            var misbehaviour: Faults.Misbehaviour

            static let all: [Trouble] = ([.greeting, .capabilities, .handshake] as [Faults.Stage]).flatMap { stage in
                ([.silent, .closes, .garbage, .drips(secondsPerOctet: 0.4), .unendingLine, .unendingReply]
                    as [Faults.Misbehaviour]).map { Trouble(stage: stage, misbehaviour: $0) }
            }
        }

        @Test(
            "Whatever the server does, the probe ends by its deadline and says what it saw", .serialized,
            arguments: [Service.smtp, .submissions, .imap, .imaps, .pop3, .pop3s])
        func troubled(service: Service) async throws {
            try await withLab { lab in
                let bench = await LabBench(lab)
                try await withThrowingTaskGroup(of: (Trouble, PortObservation).self) { group in
                    await calm()
                    for trouble in Trouble.all {
                        let endpoint = try await bench.start(service, Faults([trouble.stage: trouble.misbehaviour]))
                        group.addTask { (trouble, try await bench.probe(service, at: endpoint, seconds: 3)) }
                    }
                    for try await (trouble, seen) in group { try check(trouble, seen) }
                }
            }
        }

        private func check(_ trouble: Trouble, _ seen: PortObservation) throws {
            let which = "\(seen.service) \(trouble.stage) \(trouble.misbehaviour)"
            let total = try #require(seen.seconds(.total))
            #expect(total < 30, "\(which)")
            #expect(seen.state == .open, "\(which)")
            let failure = try #require(seen.failure, "\(which)")
            #expect(failure.phase != nil, "\(which)")
            #expect(failure.cause != .internal, "\(which): \(failure)")
            #expect(!failure.detail.unicodeScalars.contains { $0.value < 32 || $0.value == 127 }, "\(which)")
            #expect(seen.transcript.count <= Transcript.maximumLines + 1, "\(which)")
            if trouble.stage == .greeting {
                #expect(seen.offersSTARTTLS == nil, "\(which)")
                #expect(seen.capabilitiesBeforeTLS == nil, "\(which)")
            }
            if trouble.stage == .handshake { #expect(seen.tls == nil, "\(which)") }
            switch (trouble.stage, trouble.misbehaviour) {
            case (.greeting, .silent): #expect(failure.cause == .greetingTimeout, "\(which)")
            case (.greeting, .closes): #expect([.earlyClose, .tlsHandshake].contains(failure.cause), "\(which)")
            case (.handshake, .closes): #expect(failure.cause == .tlsHandshake, "\(which)")
            default: break
            }
        }

        @Test(
            "421 and 554 at the greeting leave the other questions open",
            arguments: [
                ("421 4.3.2 too many connections", Failure.Cause.greeting4xx),
                ("554 5.7.1 no service here", .greeting5xx),
            ])
        func refusals(line: String, cause: Failure.Cause) async throws {
            let seen = try await withLab { lab in
                let bench = await LabBench(lab)
                return try await bench.probe(.smtp, at: bench.start(.smtp, Faults(refusal: line)))
            }
            #expect(seen.failure?.cause == cause)
            #expect(seen.failure?.phase == .greeting)
            #expect(seen.greetingCode.map { line.hasPrefix("\($0)") } == true)
            #expect(seen.offersSTARTTLS == nil)
            #expect(seen.authBeforeTLS == nil)
            #expect(seen.tls == nil)
        }

        @Test("A slow greeting in several lines is waited for")
        func slowGreeting() async throws {
            let seen = try await withLab { lab in
                let bench = await LabBench(lab)
                return try await bench.probe(.smtp, at: bench.start(.smtp, Faults(slowGreeting: 1.2)))
            }
            #expect(seen.failure == nil)
            #expect(seen.greeting.count > 1)
            #expect(seen.seconds(.greeting).map { $0 > 1 } == true)
        }

        @Test(
            "STARTTLS missing, refused, and with plaintext behind it are three things",
            arguments: [
                (Service.smtp, Faults.Upgrade.notOffered), (.smtp, .refused), (.smtp, .injectsPlaintext),
                (.imap, .notOffered), (.imap, .refused), (.imap, .injectsPlaintext),
                (.pop3, .notOffered), (.pop3, .refused), (.pop3, .injectsPlaintext),
            ])
        func upgrade(service: Service, fault: Faults.Upgrade) async throws {
            let seen = try await withLab { lab in
                let bench = await LabBench(lab)
                return try await bench.probe(service, at: bench.start(service, Faults(upgrade: fault)))
            }
            #expect(seen.tls == nil)
            switch fault {
            case .notOffered:
                #expect(seen.offersSTARTTLS == false)
                #expect(seen.failure == nil)
            case .refused:
                #expect(seen.offersSTARTTLS == true)
                #expect(seen.failure?.cause == .starttlsRejected)
            case .obeysPlaintext, .enforcesOrder: Issue.record("not tried here")
            case .injectsPlaintext:
                #expect(seen.offersSTARTTLS == true)
                #expect(seen.failure?.cause == .protocolViolation)
            }
        }

        @Test("Passwords taken in clear are seen", arguments: [Service.submission, .imap, .pop3])
        func clear(service: Service) async throws {
            let seen = try await withLab { lab in
                let bench = await LabBench(lab)
                return try await bench.probe(service, at: bench.start(service, Faults(authInClear: true)))
            }
            #expect(seen.failure == nil)
            #expect(seen.authBeforeTLS?.contains("PLAIN") == true || seen.loginBeforeTLS == true)
        }

        @Test("Certificates are read as they are: expired, self-signed, of another name")
        func certificates() async throws {
            try await withLab { lab in
                let bench = await LabBench(lab)
                let expired = try await bench.probe(
                    .imaps, at: bench.start(.imaps, identity: bench.identity(validity: .expired(daysAgo: 3))))
                #expect(expired.failure == nil)
                #expect(expired.tls?.chain.first.map { $0.notAfter < expired.at } == true)
                let own = try await bench.probe(
                    .smtp, at: bench.start(.smtp, identity: bench.identity(chain: .selfSigned)))
                #expect(own.tls?.trusted == false)
                #expect(own.tls?.nameMatches == true)
                let other = try await bench.probe(
                    .pop3s, at: bench.start(.pop3s, identity: bench.identity(["other.example"])))
                #expect(other.tls?.trusted == true)
                #expect(other.tls?.nameMatches == false)
            }
        }

        @Test("A cancelled probe ends at once")
        func cancelled() async throws {
            try await withLab { lab in
                let bench = await LabBench(lab)
                let endpoint = try await bench.start(.smtp, Faults([.greeting: .silent]))
                let task = Task { try await bench.probe(.smtp, at: endpoint, seconds: 120) }
                try await Task.sleep(for: .milliseconds(300))
                task.cancel()
                let seen = try await task.value
                #expect(seen.failure?.cause == .cancelled)
            }
        }
    }
}
