import DNS
package import Judgement
import Mail

/// A round trip for programs: its outcome, and the message as received where it was.
package enum RoundTripJSON {
    /// One round trip with its phases and hops.
    /// - Parameter analysis: of the message as it was found, if it was analysed: its keys stand beside, as
    ///   `message analyze` has them; `spf`, `dkim`, `dmarc` and `arc` are then our own verdicts, and the receiver’s stand
    ///   in `authentication_results`.
    package static func json(_ roundTrip: RoundTripObservation, analysis: Report? = nil) -> JSON {
        var members: [JSON.Member] = [
            .init("name", .string(roundTrip.name)),
            .init("id", .string(roundTrip.id)),
            .init("outcome", .string(roundTrip.outcome.rawValue)),
            .init("submitted_at", .string(roundTrip.submittedAt.description)),
            .init("submission_seconds", seconds(roundTrip.submissionSeconds)),
            .init("delivery_seconds", seconds(roundTrip.deliverySeconds)),
            .init("folder", PortJSON.optional(roundTrip.folder)),
            .init("phases", PortJSON.phases(roundTrip.phases)),
        ]
        if let message = MessageFacts(roundTrip) {
            let facts = MessageJSON.members(message)
            guard let analysis, case .object(let all) = MessageAnalysisJSON.json(analysis) else {
                members += facts
                members.append(.init("failure", PortJSON.failure(roundTrip.failure)))
                return .object(members)
            }
            // What we know better: when it was sent, and by which clock it was seen.
            let own = facts.filter { ["received", "transit_seconds"].contains($0.key) }
            let known = Set((members + own).map(\.key) + ["schema", "at", "failure"])
            members += own + all.filter { !known.contains($0.key) }
        } else {
            members.append(.init("received", []))
        }
        members.append(.init("failure", PortJSON.failure(roundTrip.failure)))
        return .object(members)
    }

    static func seconds(_ seconds: Double?) -> JSON { seconds.map { .number($0) } ?? nil }
}

/// What the header of a message as received says.
enum MessageJSON {
    static func members(_ message: MessageFacts) -> [JSON.Member] {
        let header = message.header
        return [
            .init("subject", PortJSON.optional(header.first("Subject")?.decoded)),
            .init("from", mailboxes(header.first("From"))),
            .init("to", mailboxes(header.first("To"))),
            .init(
                "date",
                PortJSON.optional(
                    header.first("Date").flatMap { MailDate.parse($0.value) }?.timestamp.description)),
            .init("message_id", PortJSON.optional(header.first("Message-ID")?.text)),
            .init("received", .array(message.journey.hops.map(hop))),
            .init("transit_seconds", RoundTripJSON.seconds(message.journey.transit)),
            .init("spf", result("spf", message)),
            .init("dkim", .array(message.results(of: "dkim").map(opinion))),
            .init("dmarc", result("dmarc", message)),
            .init("arc", result("arc", message)),
            .init("authentication_results", .array(message.claims.map(claim))),
        ]
    }

    static func mailboxes(_ field: MessageHeader.Field?) -> JSON {
        .array(
            (field.map { Mailbox.list($0.value) } ?? []).prefix(100).map {
                ["name": PortJSON.optional($0.name), "address": .string($0.address)]
            })
    }

    static func hop(_ hop: Journey.Hop) -> JSON {
        let received = hop.received
        return .object([
            .init("from", PortJSON.optional(received.from)),
            .init("helo", PortJSON.optional(received.helo)),
            .init("rdns", PortJSON.optional(received.rdns)),
            .init("ip", PortJSON.optional(received.ip?.description)),
            .init("by", PortJSON.optional(received.by)),
            .init("with", PortJSON.optional(received.with)),
            .init("id", PortJSON.optional(received.id)),
            .init("for", PortJSON.optional(received.for)),
            .init("via", PortJSON.optional(received.via)),
            .init("envelope_from", PortJSON.optional(received.envelopeFrom)),
            .init("tls_version", PortJSON.optional(received.tlsVersion)),
            .init("tls_cipher", PortJSON.optional(received.tlsCipher)),
            .init("date", PortJSON.optional(received.date?.description)),
            .init("delay_seconds", RoundTripJSON.seconds(hop.delay)),
            .init("corrected_delay_seconds", RoundTripJSON.seconds(hop.correctedDelay)),
            .init("clock_skew_seconds", .number(hop.skew)),
            .init("reasoning", PortJSON.optional(hop.explanation)),
            .init("role", .string(hop.role.rawValue)),
        ])
    }

    /// What the receiver itself said of one method; null where it said nothing.
    private static func result(_ method: String, _ message: MessageFacts) -> JSON {
        message.results(of: method).first.map(opinion) ?? nil
    }

    private static func opinion(_ result: AuthenticationResults.Result) -> JSON {
        var members: [JSON.Member] = [.init("result", .string(result.result))]
        if result.method == "dkim" {
            members.append(.init("domain", PortJSON.optional(result.property("header", "d"))))
            members.append(.init("selector", PortJSON.optional(result.property("header", "s"))))
            members.append(.init("algorithm", PortJSON.optional(result.property("header", "a"))))
        }
        members.append(.init("reason", PortJSON.optional(result.reason)))
        return .object(members)
    }

    static func claim(_ claim: AuthenticationResults.Claim) -> JSON {
        [
            "server": .string(claim.field.server), "believed": .bool(claim.isBelieved),
            "doubt": PortJSON.optional(claim.doubt),
            "results": .array(
                claim.field.results.map { result in
                    [
                        "method": .string(result.method), "result": .string(result.result),
                        "reason": PortJSON.optional(result.reason), "comments": PortJSON.strings(result.comments),
                        "properties": .object(
                            result.properties.map { .init("\($0.type).\($0.name)", .string($0.value)) }),
                    ]
                }),
        ]
    }
}
