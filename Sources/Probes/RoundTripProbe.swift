internal import DNS
package import Judgement
internal import Mail
package import Networking

/// Sends a test message and follows it to the mailbox: hands it in by submission, looks for it by IMAP or POP3 in the
/// inbox and the junk folder, keeps its header, and removes it.
///
/// A 250 after DATA is no delivery: what counts is what is found. "Lost" is said only where the mailbox could be looked
/// at until the end; where it could not, the outcome is unknown.
package struct RoundTripProbe: Sendable {
    package var plan: RoundTripPlan
    package var means: Means

    /// Octets of a body that are kept.
    static let largestBody = 64_000

    package init(_ plan: RoundTripPlan, means: Means) {
        self.plan = plan
        self.means = means
        // Polling for minutes takes more than a probe of a port.
        self.means.network.octetLimit = max(means.network.octetLimit, 16_000_000)
    }

    /// Comes back by `deadline`, or by the plan's own where that is sooner.
    package func observe(by deadline: Deadline) async -> RoundTripObservation {
        let began = Means.monotonic()
        let journal = Journal()
        var seen = await follow(by: deadline.capped(seconds: plan.deadline), journal: journal)
        seen.phases = journal.phases + [Phase(.total, seconds: Means.monotonic() - began)]
        seen.transcript = journal.complete
        return seen
    }

    private func follow(by deadline: Deadline, journal: Journal) async -> RoundTripObservation {
        let began = Means.monotonic(), at = means.now()
        var seen = RoundTripObservation(name: plan.name, id: means.newID(), outcome: .unknown, submittedAt: at)
        guard
            let message = ProbeMessage(
                name: plan.name, id: seen.id, from: plan.from.address, to: plan.to.address, at: at,
                signer: plan.from.signer),
            let sender = SMTPPath(plan.from.address), let recipient = SMTPPath(plan.to.address)
        else {
            seen.failure = Failure(
                .internal, "an address is not of ASCII: mailsonde does not speak SMTPUTF8 (RFC 6531)")
            return seen
        }
        seen.id = message.id
        let submission = Submission(
            account: plan.from, recipient: recipient, sender: sender,
            server: MailServer(name: plan.from.server, port: plan.from.port, means: means, insecure: plan.insecure))
        let ending = await submission.handIn(message, by: deadline, journal: journal)
        var handedIn = Means.monotonic()
        switch ending {
        case .accepted(let moment), .inDoubt(_, let moment): handedIn = moment
        case .rejected, .deferred, .failed: break
        }
        switch ending {
        case .accepted, .inDoubt: seen.submissionSeconds = handedIn - began
        case .rejected(let failure): (seen.outcome, seen.failure) = (.rejected, failure)
        case .deferred(let failure): (seen.outcome, seen.failure) = (.deferred, failure)
        case .failed(let failure): seen.failure = failure
        }
        guard seen.submissionSeconds != nil else { return seen }
        if case .inDoubt = ending { seen.submissionSeconds = nil }

        let search = MailboxSearch(
            plan.to,
            server: MailServer(name: plan.to.server, port: plan.to.port, means: means, insecure: plan.insecure),
            sent: message, journal: journal)
        await search.run(by: deadline)
        journal.add(.fetch, seconds: Means.monotonic() - handedIn)
        conclude(search, ending, sent: message, handedIn: handedIn, &seen)
        return seen
    }

    private func conclude(
        _ search: MailboxSearch, _ ending: Submission.Ending, sent: ProbeMessage, handedIn: Double,
        _ seen: inout RoundTripObservation
    ) {
        guard let first = search.copies.first(where: { !$0.isJunk }) ?? search.copies.first else {
            if let bounce = search.bounce {
                (seen.outcome, seen.failure) = (.bounced, Failure(.bounced, during: .fetch, bounce))
            } else if case .inDoubt(let failure, _) = ending {
                seen.failure = failure
            } else if !search.hasLooked || search.blindness != nil {
                seen.failure =
                    search.blindness ?? Failure(.timeout, during: .fetch, "there was no time to look for the message")
            } else if Task.isCancelled {
                seen.failure = Failure(.cancelled, during: .fetch, "cancelled while the message was looked for")
            } else {
                seen.outcome = .lost
                seen.failure = Failure(
                    .notReceived, during: .fetch,
                    "not in the mailbox \(Int(Means.monotonic() - handedIn)) s after it was taken over")
            }
            return
        }
        let message = ArrivedMessage(first.message)
        seen.folder = first.folder
        seen.header = message.header
        // Ours are small; what a gateway made large is not kept for good.
        if message.body.count <= Self.largestBody { seen.body = message.body }
        seen.deliverySeconds = search.foundAt.map { max(0, $0 - handedIn) }
        if search.copies.count > 1 {
            seen.outcome = .duplicated
        } else if first.isJunk {
            seen.outcome = .misplaced
            seen.failure = Failure(.misplaced, during: .fetch, "found in \(first.folder)")
        } else if let alteration = message.alteration(of: sent) {
            seen.outcome = .altered
            search.journal.note("altered: \(alteration)")
        } else if let limit = plan.lateAfter, let seconds = seen.deliverySeconds, seconds > limit {
            seen.outcome = .late
        } else {
            seen.outcome = .delivered
        }
    }
}
