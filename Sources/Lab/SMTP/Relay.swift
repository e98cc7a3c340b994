package import DNS

/// A queue that takes messages from an ``SMTPServer``, holds each for a known time and passes it on by SMTP.
package final class Relay: MessageTaker {
    /// The next server on the way.
    package struct Hop: Sendable, Hashable {
        package var host: String
        package var endpoint: TransportAddress

        package init(host: String, endpoint: TransportAddress) {
            self.host = host
            self.endpoint = endpoint
        }
    }

    /// Its name in EHLO.
    package let host: String
    /// The address it sends from.
    package let address: IPAddress
    /// Seconds.
    package let hold: Double
    private let route: @Sendable (_ recipient: String) -> Hop?
    private let store: MailStore
    private let facilities: Facilities
    private let retry: (seconds: Double, times: Int)
    private let queue: AsyncStream<Envelope>
    private let entrance: AsyncStream<Envelope>.Continuation

    /// - Parameters:
    ///   - route: the next server for a recipient; nil where this relay does not take such mail.
    ///   - store: where bounces for senders of this world go.
    ///   - retry: after a temporary refusal it tries again after so many seconds, so many times.
    package init(
        host: String, address: IPAddress, hold: Double, store: MailStore, facilities: Facilities,
        retry: (seconds: Double, times: Int) = (2, 5), route: @escaping @Sendable (_ recipient: String) -> Hop?
    ) {
        self.host = host
        self.address = address
        self.hold = hold
        self.route = route
        self.store = store
        self.facilities = facilities
        self.retry = retry
        (queue, entrance) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1_000))
    }

    package func refusal(of recipient: String, from client: Envelope.Client) async -> SMTPAnswer? {
        route(recipient) == nil ? SMTPAnswer(554, "5.7.1 <\(recipient)>: Relay access denied") : nil
    }

    package func take(_ envelope: Envelope, by host: String) async -> SMTPAnswer {
        switch entrance.yield(envelope) {
        case .enqueued: SMTPAnswer(250, "2.0.0 Ok: queued as \(envelope.id)")
        default: SMTPAnswer(452, "4.3.1 Queue is full")
        }
    }

    /// Passes on what is queued until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await envelope in queue {
                group.addTask { await self.pass(envelope) }
            }
            group.cancelAll()
        }
    }

    private func pass(_ envelope: Envelope) async {
        do { try await Task.sleep(for: .seconds(hold)) } catch { return }
        let byHop = Dictionary(grouping: envelope.recipients) { route($0) }
        for (hop, recipients) in byHop {
            guard let hop else { continue }
            await pass(envelope, to: recipients, over: hop)
        }
    }

    private func pass(_ envelope: Envelope, to recipients: [String], over hop: Hop) async {
        let client = SMTPClient(host: host, address: address)
        var reason = SMTPAnswer(451, "4.4.7 delivery time expired")
        for attempt in 0...retry.times {
            if attempt > 0 {
                do { try await Task.sleep(for: .seconds(retry.seconds)) } catch { return }
            }
            do throws(SMTPClient.Failure) {
                return try await client.hand(
                    envelope.octets, from: envelope.sender, to: recipients, over: hop.endpoint, named: hop.host)
            } catch {
                switch error {
                case .temporary(let answer): reason = answer
                case .permanent(let answer):
                    return await bounce(envelope, recipients, because: answer)
                }
            }
        }
        await bounce(envelope, recipients, because: reason)
    }

    private func bounce(_ envelope: Envelope, _ recipients: [String], because answer: SMTPAnswer) async {
        await DeliveryStatus(reporter: host, envelope: envelope, recipients: recipients, answer: answer)
            .deliver(into: store, facilities)
    }
}
