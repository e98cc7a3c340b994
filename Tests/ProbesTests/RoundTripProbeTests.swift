import DNS
import Judgement
import Lab
import Mail
import Networking
import Testing

@testable import Probes

extension ProbesOnTheNetwork {
    @Suite("The round trip of a test message, in the lab")
    struct RoundTripProbeTests {
        /// What stands between submission and mailbox.
        struct World {
            var submissionFaults = Faults()
            var mailboxFaults = Faults()
            var submission = Service.submission
            var mailbox = Service.imap
            var identity: ServerIdentity?
            var password = LabBench.password
            /// Seconds that a relay holds the message; nil: the submission server delivers itself.
            var hold: Double?
            var deadline = 60.0
            var insecure = false
        }

        private func roundTrip(_ bench: LabBench, _ world: World) async throws -> RoundTripObservation {
            if world.deadline < 60 { await calm() }
            var bench = bench
            bench.zone = try Zone("mx.lab.example. A 127.0.0.1")
            var relay: Relay?
            if let hold = world.hold {
                let exchange = try await bench.start(.smtp)
                let made = Relay(
                    host: "relay.lab.example", address: .loopback, hold: hold, store: bench.store,
                    facilities: bench.lab.facilities
                ) { _ in Relay.Hop(host: LabBench.host, endpoint: exchange) }
                await bench.lab.start(made)
                relay = made
            }
            let submission = try await bench.start(
                world.submission, world.submissionFaults, identity: world.identity, taker: relay)
            let mailbox = try await bench.start(world.mailbox, world.mailboxFaults, identity: world.identity)
            let address = try EmailAddress(LabBench.user)
            let credentials = try Credentials(user: LabBench.user, password: Secret(world.password))
            let isIMAP = world.mailbox.dialect == .imap
            let plan = RoundTripPlan(
                name: "test",
                from: SubmissionAccount(
                    address: address, server: LabBench.name, port: submission.port,
                    security: world.submission.hasImplicitTLS ? .implicit : .starttls,
                    credentials: try Credentials(user: LabBench.user, password: Secret(LabBench.password))),
                to: MailboxAccount(
                    address: address, access: isIMAP ? .imap : .pop3, server: LabBench.name, port: mailbox.port,
                    security: world.mailbox.hasImplicitTLS ? .implicit : .starttls, credentials: credentials),
                deadline: world.deadline, insecure: world.insecure)
            let seen = await RoundTripProbe(plan, means: try bench.means()).observe(by: .never)
            let shown = seen.transcript.joined(separator: "\n") + (seen.failure?.detail ?? "")
            #expect(!shown.contains(LabBench.password))
            #expect(!shown.contains(String(decoding: credentials.plain, as: UTF8.self)))
            #expect(!shown.contains(String(decoding: credentials.loginPassword, as: UTF8.self)))
            return seen
        }

        private func left(_ bench: LabBench, _ mailbox: String = "INBOX") async -> Int {
            await bench.store.mailbox(mailbox, of: LabBench.user)?.messages.count ?? 0
        }

        @Test(
            "It is sent, found, read and removed, by every kind of access",
            arguments: [
                (Service.submission, Service.imap), (.submissions, .imaps), (.submission, .pop3),
                (.submissions, .pop3s),
            ])
        func delivered(submission: Service, mailbox: Service) async throws {
            try await withLab { lab in
                let bench = await LabBench(lab)
                let other = Array("Subject: not ours\r\n\r\nLet me be.\r\n".utf8)
                await bench.store.deliver(other, to: LabBench.user, at: lab.facilities.now())
                let seen = try await roundTrip(bench, World(submission: submission, mailbox: mailbox))
                #expect(seen.outcome == .delivered)
                #expect(seen.failure == nil)
                #expect(seen.folder == "INBOX")
                #expect(seen.submissionSeconds.map { $0 > 0 } == true)
                #expect(seen.deliverySeconds.map { $0 >= 0 && $0 < 60 } == true)
                #expect(ArrivedMessage(seen.header + Array("\r\n\r\n".utf8)).carries(seen.id))
                #expect(
                    Set(seen.phases.map(\.name)).isSuperset(of: [
                        .connect, .tls, .auth, .mail, .rcpt, .data, .fetch, .total,
                    ]))
                #expect(await left(bench) == 1)
            }
        }

        @Test("A relay's delay is in the time of delivery")
        func held() async throws {
            try await withLab { lab in
                let seen = try await roundTrip(await LabBench(lab), World(hold: 1.5))
                #expect(seen.outcome == .delivered)
                #expect(seen.deliverySeconds.map { $0 >= 1.5 && $0 < 60 } == true)
                #expect(ArrivedMessage(seen.header + Array("\r\n\r\n".utf8)).values(of: "Received").count >= 2)
            }
        }

        @Test(
            "What becomes of a message is told apart",
            arguments: [
                (Faults.Delivery.twice, RoundTripObservation.Outcome.duplicated, Failure.Cause?.none),
                (.misplaced, .misplaced, .misplaced), (.altered, .altered, nil), (.lost, .lost, .notReceived),
                (.bounced, .bounced, .bounced),
            ])
        func fates(fate: Faults.Delivery, outcome: RoundTripObservation.Outcome, cause: Failure.Cause?) async throws {
            try await withLab { lab in
                let bench = await LabBench(lab)
                let deadline = fate == .lost ? 5.0 : 60.0
                let seen = try await roundTrip(
                    bench, World(submissionFaults: Faults(delivery: fate), deadline: deadline))
                #expect(seen.outcome == outcome)
                #expect(seen.failure?.cause == cause)
                if fate == .misplaced { #expect(seen.folder == "Junk") }
                #expect(await left(bench) == (fate == .bounced ? 1 : 0))
                #expect(await left(bench, "Junk") == 0)
            }
        }

        @Test("A message in the junk folder is lost to POP3")
        func junkByPOP3() async throws {
            try await withLab { lab in
                let seen = try await roundTrip(
                    await LabBench(lab),
                    World(submissionFaults: Faults(delivery: .misplaced), mailbox: .pop3, deadline: 5))
                #expect(seen.outcome == .lost)
            }
        }

        @Test("Refusals for good and for now are told apart")
        func refused() async throws {
            try await withLab { lab in
                let bench = await LabBench(lab)
                let rejected = try await roundTrip(bench, World(submissionFaults: Faults(recipient: .rejected)))
                #expect(rejected.outcome == .rejected)
                #expect(rejected.failure?.cause == .rcptRejected)
                let deferred = try await roundTrip(
                    bench, World(submissionFaults: Faults(recipient: .greylisted(times: 3))))
                #expect(deferred.outcome == .deferred)
                #expect(deferred.failure?.phase == .rcpt)
                let busy = try await roundTrip(bench, World(submissionFaults: Faults(refusal: "421 4.3.2 busy")))
                #expect(busy.outcome == .deferred)
                #expect(busy.failure?.cause == .greeting4xx)
            }
        }

        @Test(
            "Where the mailbox cannot be looked at, the outcome is unknown",
            arguments: [
                (Service.imap, Faults.Stage.greeting), (.imap, .login), (.pop3, .greeting), (.pop3, .login),
            ])
        func blind(mailbox: Service, stage: Faults.Stage) async throws {
            try await withLab { lab in
                let seen = try await roundTrip(
                    await LabBench(lab), World(mailboxFaults: Faults([stage: .closes]), mailbox: mailbox, deadline: 5)
                )
                #expect(seen.outcome == .unknown)
                #expect(seen.failure != nil)
                #expect(seen.submissionSeconds != nil)
            }
        }

        @Test("A wrong password for the mailbox is tried once", arguments: [Service.imap, .pop3])
        func wrongPassword(mailbox: Service) async throws {
            try await withLab { lab in
                let seen = try await roundTrip(
                    await LabBench(lab), World(mailbox: mailbox, password: "wrong password"))
                #expect(seen.outcome == .unknown)
                #expect(seen.failure?.cause == .fetchLoginFailed)
                #expect(
                    seen.transcript.filter { $0.hasPrefix("C: ") && $0.contains("AUTH") || $0.contains("LOGIN ") }.count
                        <= 3)
                #expect(!seen.transcript.joined().contains("wrong password"))
            }
        }

        @Test(
            "No password goes where the certificate is not to be trusted",
            arguments: [
                (
                    LabAuthority.Chain.selfSigned, LabAuthority.Validity.usual, [LabBench.host],
                    Failure.Cause.certificateUntrusted
                ),
                (.complete, .expired(daysAgo: 1), [LabBench.host], .certificateExpired),
                (.complete, .usual, ["other.example"], .certificateName),
            ])
        func untrusted(
            chain: LabAuthority.Chain, validity: LabAuthority.Validity, names: [String], cause: Failure.Cause
        ) async throws {
            try await withLab { lab in
                let bench = await LabBench(lab)
                let identity = try bench.identity(names, validity: validity, chain: chain)
                let seen = try await roundTrip(bench, World(identity: identity))
                #expect(seen.outcome == .unknown)
                #expect(seen.failure?.cause == cause)
                #expect(!seen.transcript.contains { $0.contains("AUTH PLAIN ***") })
                let insecure = try await roundTrip(bench, World(identity: identity, insecure: true))
                #expect(insecure.outcome == .delivered)
            }
        }

        @Test("Nobody logs in without TLS")
        func noTLS() async throws {
            try await withLab { lab in
                let seen = try await roundTrip(
                    await LabBench(lab), World(submissionFaults: Faults(upgrade: .notOffered, authInClear: true)))
                #expect(seen.outcome == .unknown)
                #expect(seen.failure?.cause == .starttlsMissing)
            }
        }

        @Test("A message whose taking over is not confirmed is looked for in half of the time")
        func silentAfterTheDot() async throws {
            try await withLab { lab in
                let seen = try await roundTrip(
                    await LabBench(lab), World(submissionFaults: Faults([.message: .silent]), deadline: 6))
                #expect(seen.outcome == .delivered)
                #expect(seen.submissionSeconds == nil && seen.failure == nil)
                // From the moment when all of it was sent, so with the time that was waited.
                #expect((seen.deliverySeconds ?? 0) > 2)
            }
        }

        @Test(
            "Whatever the servers do, it ends by its deadline", .serialized,
            arguments: [
                Faults.Stage.greeting, .capabilities, .handshake, .login, .sender, .recipient, .message,
            ], [Faults.Misbehaviour.silent, .unendingReply])
        func deadline(stage: Faults.Stage, misbehaviour: Faults.Misbehaviour) async throws {
            try await withLab { lab in
                let began = ContinuousClock.now
                let seen = try await roundTrip(
                    await LabBench(lab), World(submissionFaults: Faults([stage: misbehaviour]), deadline: 1))
                #expect(ContinuousClock.now - began < .seconds(120))
                // A message whose answer never ended may have been taken over all the same: it is looked for.
                let isInDoubt = stage == .message && seen.outcome == .delivered
                #expect(seen.outcome == .unknown || isInDoubt)
                #expect(seen.failure != nil || isInDoubt)
            }
        }
    }
}
