package import DNS

/// The last server on the way: says what it thinks of the sender and puts the message into mailboxes.
package struct LocalDelivery: MessageTaker {
    private let store: MailStore
    private let resolver: any Resolver
    private let facilities: Facilities
    private let fault: Faults.Delivery?

    /// - Parameters:
    ///   - resolver: who is asked for SPF and DMARC records.
    ///   - fault: what becomes of messages instead of a good delivery.
    package init(
        store: MailStore, resolver: any Resolver, facilities: Facilities, fault: Faults.Delivery? = nil
    ) {
        self.store = store
        self.resolver = resolver
        self.facilities = facilities
        self.fault = fault
    }

    package func refusal(of recipient: String, from client: Envelope.Client) async -> SMTPAnswer? {
        await store.user(of: recipient) == nil
            ? SMTPAnswer(550, "5.1.1 <\(recipient)>: Recipient address rejected: User unknown") : nil
    }

    package func take(_ envelope: Envelope, by host: String) async -> SMTPAnswer {
        let accepted = SMTPAnswer(250, "2.0.0 Ok: queued as \(envelope.id)")
        if fault == .lost { return accepted }
        if fault == .bounced {
            await DeliveryStatus(
                reporter: host, envelope: envelope, recipients: envelope.recipients,
                answer: SMTPAnswer(552, "5.2.2 mailbox is full")
            ).deliver(into: store, facilities)
            return accepted
        }
        let results = await Authentication(resolver: resolver, now: facilities.now()).results(of: envelope, by: host)
        for recipient in envelope.recipients {
            guard let user = await store.user(of: recipient) else { continue }
            var octets =
                Array("Return-Path: <\(envelope.sender)>\r\nDelivered-To: \(recipient)\r\n\(results)\r\n".utf8)
                + Authentication.withoutForgeries(envelope.octets, of: host)
            if fault == .altered { octets += Array("-- \r\nThis message was checked and found harmless.\r\n".utf8) }
            let mailbox = isUnwanted(envelope, recipient) ? "Junk" : "INBOX"
            for _ in 0..<(fault == .twice ? 2 : 1) {
                await store.deliver(octets, to: user, in: mailbox, at: facilities.now())
            }
        }
        return accepted
    }

    /// `user+spam@…`, or a header field `X-Spam-Flag: YES` as filters before us set it.
    private func isUnwanted(_ envelope: Envelope, _ recipient: String) -> Bool {
        fault == .misplaced || recipient.lowercased().contains("+spam@")
            || Header.fields(of: envelope.octets).contains {
                $0.name.lowercased() == "x-spam-flag" && $0.value.uppercased() == "YES"
            }
    }
}
