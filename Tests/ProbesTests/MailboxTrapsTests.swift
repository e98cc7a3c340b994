import DNS
import Judgement
import Lab
import Mail
import Networking
import Testing

@testable import Probes

extension ProbesOnTheNetwork {
    @Suite("Mailboxes in which others' tools lost their messages")
    struct MailboxTrapsTests {
        private func plan(_ bench: LabBench, _ submission: UInt16, _ mailbox: UInt16) throws -> RoundTripPlan {
            let address = try EmailAddress(LabBench.user)
            let credentials = try Credentials(user: LabBench.user, password: Secret(LabBench.password))
            return RoundTripPlan(
                name: "test",
                from: SubmissionAccount(
                    address: address, server: LabBench.name, port: submission, security: .starttls,
                    credentials: credentials),
                to: MailboxAccount(
                    address: address, access: .imap, server: LabBench.name, port: mailbox, security: .starttls,
                    credentials: credentials), deadline: 60, insecure: false)
        }

        @Test("Two messages at once to one mailbox are each found, and only their own is taken away")
        func together() async throws {
            try await withLab { lab in
                var bench = await LabBench(lab)
                bench.zone = try Zone("mx.lab.example. A 127.0.0.1")
                let plan = try plan(
                    bench, try await bench.start(.submission).port, try await bench.start(.imap).port)
                let means = try bench.means()
                let seen = await withTaskGroup(of: RoundTripObservation.self) { group in
                    for _ in 0..<2 { group.addTask { await RoundTripProbe(plan, means: means).observe(by: .never) } }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(seen.map(\.outcome) == [.delivered, .delivered], "\(seen.map(\.transcript))")
                #expect(Set(seen.map(\.id)).count == 2)
                for trip in seen { #expect(ArrivedMessage(trip.header + Array("\r\n\r\n".utf8)).carries(trip.id)) }
                #expect(await bench.store.mailbox("INBOX", of: LabBench.user)?.messages.isEmpty == true)
            }
        }

        @Test("A server whose search finds no identifier loses no message")
        func words() async throws {
            try await withLab { lab in
                var bench = await LabBench(lab)
                bench.zone = try Zone("mx.lab.example. A 127.0.0.1")
                let other = Array("Subject: not ours\r\n\r\nLet me be.\r\n".utf8)
                await bench.store.deliver(other, to: LabBench.user, at: lab.facilities.now())
                let plan = try plan(
                    bench, try await bench.start(.submission).port,
                    try await bench.start(.imap, Faults(searchKnowsOnlyWords: true)).port)
                let seen = await RoundTripProbe(plan, means: try bench.means()).observe(by: .never)
                #expect(seen.outcome == .delivered, "\(seen.transcript)")
                #expect(await bench.store.mailbox("INBOX", of: LabBench.user)?.messages.count == 1)
            }
        }
    }
}
