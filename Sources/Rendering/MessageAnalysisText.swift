import DNS
package import Judgement
import Mail

/// A message as received, for a terminal: what it claims to be, what is wrong, who stands for it, how it came, and what
/// is in it. Addresses are written so that nothing makes them links again.
package enum MessageAnalysisText {
    package static func text(_ report: Report, _ look: Look) -> String {
        var canvas = Canvas(look)
        guard let message = report.evidence.messages.first else { return ReportText.text(report, look) }
        head(message, report, on: &canvas)
        FindingsText.draw(report, isOfOne: true, on: &canvas)
        ReportText.unknown(of: report, on: &canvas)
        authors(message, on: &canvas)
        authentication(message, on: &canvas)
        if message.journey.hops.isEmpty {
            canvas.heading("THE JOURNEY")
            canvas.paragraph(
                indent: 2, "There is none: no server wrote a Received field into this message.", .faint)
        } else {
            JourneyText.hops(of: message.journey, on: &canvas)
        }
        contents(message, on: &canvas)
        bulk(report, on: &canvas)
        ReportText.quiet(of: report, on: &canvas)
        return canvas.text
    }

    // MARK: What it claims to be

    private static func head(_ message: MessageEvidence, _ report: Report, on canvas: inout Canvas) {
        let words = VerdictWords.of(report.overall)
        let subject = message.header.first("Subject")?.decoded ?? ""
        canvas.paragraph([Span(subject.isEmpty ? "(no subject)" : subject, .strong)], limit: 3)
        canvas.paragraph([
            Span(words.text, words.tone), Span("  \(VerdictWords.counts(of: report))", .faint),
        ])
        canvas.gap()
        var rows: [[Span]] = []
        for name in ["From", "Sender", "Reply-To", "To", "Cc"] {
            for field in message.header.all(name).prefix(3) {
                let boxes = Mailbox.list(field.rawValue)
                let shown = boxes.prefix(canvas.look.verbose ? 100 : 5).map(mailbox).joined(separator: ", ")
                let more = boxes.count - (canvas.look.verbose ? 100 : 5)
                rows.append([Span(name, .faint), Span(shown + (more > 0 ? " and \(more) more" : ""))])
            }
        }
        if let field = message.header.first("Date") {
            let date = MailDate.parse(field.rawValue)
            rows.append([Span("Date", .faint), Span(date.map(Self.date) ?? "\(field.text), which is no date")])
        }
        if let field = message.header.first("Message-ID") {
            rows.append([Span("Message-ID", .faint), Span(field.text)])
        }
        rows.append([Span("Size", .faint), Span(size(message))])
        canvas.table(indent: 2, rows)
    }

    private static func mailbox(_ box: Mailbox) -> String {
        let address = WebAddress.defanged(address: box.address)
        return box.name.map { "\($0) <\(address)>" } ?? address
    }

    private static func date(_ date: MailDate) -> String {
        let zone = date.offset.map { offset in
            let hours = abs(offset) / 60, minutes = abs(offset) % 60
            func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
            return offset == 0 ? "" : " (written at \(offset < 0 ? "−" : "+")\(two(hours)):\(two(minutes)))"
        }
        return "\(date.timestamp)\(zone ?? " (its zone is not known)")"
    }

    private static func size(_ message: MessageEvidence) -> String {
        let parts = message.contents.structure.parts.count
        return "\(octets(message.observation.octets.count)), \(Wording.count(message.header.fields.count, "field"))"
            + (parts > 1 ? ", \(parts) parts" : "")
    }

    private static func octets(_ number: Int) -> String {
        switch number {
        case ..<1_000: "\(number) octets"
        case ..<1_000_000: Wording.fixed(Double(number) / 1_000, digits: 1) + " kB"
        default: Wording.fixed(Double(number) / 1_000_000, digits: 1) + " MB"
        }
    }

    // MARK: Who stands for it

    private static func authors(_ message: MessageEvidence, on canvas: inout Canvas) {
        guard !message.identities.isEmpty else { return }
        canvas.heading("WHO SAYS SO")
        let widest = message.identities.map { Columns.of($0.kind.title) }.max() ?? 0
        for identity in message.identities.prefix(30) {
            let (_, reason) = MessageAnalysisJSON.words(identity.proof)
            // The null sender of a bounce is no claim, so there is nothing to prove.
            let isNull = identity.kind == .envelope && identity.mailbox.address.isEmpty
            let words =
                isNull ? VerdictWords(symbol: "–", word: "empty", tone: .faint) : words(identity.proof)
            let title = identity.kind.title + String(repeating: " ", count: widest - Columns.of(identity.kind.title))
            let address =
                identity.mailbox.address.isEmpty ? "<>" : WebAddress.defanged(address: identity.mailbox.address)
            canvas.paragraph(
                behind: ["  ", Span(title, .strong), "  "],
                [Span(address), "  ", Span(words.text, words.tone), "  ", Span(reason, .faint)])
        }
        if message.identities.contains(where: { identity in
            if case .unproven = identity.proof { !identity.mailbox.address.isEmpty } else { false }
        }) {
            canvas.paragraph(indent: 2, "What is unproven, anyone could have written.", .faint)
        }
    }

    private static func words(_ proof: MessageIdentity.Proof) -> VerdictWords {
        switch proof {
        case .proven: .init(symbol: "✓", word: "proven", tone: .good)
        case .signed: .init(symbol: "●", word: "signed", tone: .notice)
        case .unproven: .init(symbol: "✗", word: "unproven", tone: .bad)
        case .couldNotTell: .init(symbol: "?", word: "unknown", tone: .unknown)
        }
    }

    private static func authentication(_ message: MessageEvidence, on canvas: inout Canvas) {
        canvas.heading("AUTHENTICATION")
        var rows: [[Span]] = [["", Span("here", .faint), Span("receiver", .faint), ""]]
        func row(_ name: String, _ own: String?, _ theirs: String?, _ about: String) {
            let here = own.map(VerdictWords.of(result:)) ?? .unknown
            let there = theirs.map(VerdictWords.of(result:))
            rows.append([
                Span(name, .strong), Span(own == nil ? "? unknown" : here.text, here.tone),
                Span(there?.text ?? "– not said", there?.tone ?? .faint), Span(about, .faint),
            ])
        }
        func theirs(_ method: String) -> String? { message.believedResults(of: method).first?.result }
        row("SPF", message.spf?.result.rawValue, theirs("spf") ?? believedSPF(message), about(message.spf, message))
        for (index, verification) in message.dkim.prefix(canvas.look.verbose ? 50 : 6).enumerated() {
            let domain = verification.domain?.description
            let match = message.believedResults(of: "dkim").first { result in
                let name = result.property("header", "d") ?? result.property("header", "i")
                return name.map { $0.lowercased().hasSuffix(domain?.lowercased() ?? "\u{0}") } == true
            }
            row(
                "DKIM", verification.result.rawValue, match?.result ?? (index == 0 ? theirs("dkim") : nil),
                about(verification))
        }
        if message.dkim.isEmpty { row("DKIM", "none", theirs("dkim"), "there is no signature") }
        row("DMARC", message.dmarc.result.rawValue, theirs("dmarc"), about(message.dmarc))
        if message.arc.result != .none || theirs("arc") != nil {
            row(
                "ARC", message.arc.result.rawValue, theirs("arc"),
                message.arc.reason ?? "\(message.arc.sets.count) handovers")
        }
        for opinion in message.spamOpinions where opinion.isBelieved { rows.append(spam(opinion)) }
        canvas.table(indent: 2, rows)
        let believed = message.claims.filter(\.isBelieved).map(\.field.server).filter { !$0.isEmpty }
        let others = message.claims.filter { !$0.isBelieved }.map(\.field.server)
        if let server = believed.first {
            canvas.paragraph(indent: 2, "The receiver is \(server).", .faint)
        } else if !message.claims.isEmpty, !message.claims.contains(where: \.isBelieved) {
            canvas.paragraph(
                indent: 2, "What \(Wording.list(Array(Set(others)).sorted())) wrote proves nothing.", .faint)
        }
    }

    private static func spam(_ opinion: SpamOpinion) -> [Span] {
        let words: VerdictWords =
            switch opinion.isSpam {
            case true?: .init(symbol: "✗", word: "spam", tone: .bad)
            case false?: .init(symbol: "✓", word: "no spam", tone: .good)
            case nil: .init(symbol: "–", word: "a score", tone: .faint)
            }
        let score = opinion.score.map { score in
            " " + Wording.fixed(score, digits: 1)
                + (opinion.threshold.map { " of " + Wording.fixed($0, digits: 1) } ?? "")
        }
        let tests = opinion.tests.isEmpty ? "" : ": " + opinion.tests.prefix(6).joined(separator: ", ")
        return [
            Span("SPAM", .strong), Span("–", .faint), Span(words.text, words.tone),
            Span(opinion.filter + (score ?? "") + tests, .faint),
        ]
    }

    private static func believedSPF(_ message: MessageEvidence) -> String? {
        message.spfClaims.first(where: \.isBelieved)?.field.result
    }

    private static func about(_ spf: SPFEvaluation?, _ message: MessageEvidence) -> String {
        guard let spf, let client = message.client else { return message.clientBasis }
        let who = spf.domain.map(\.description) ?? "nobody"
        return "\(who) from \(client.ip), \(client.basis)" + (spf.result == .pass ? "" : ": \(spf.reason)")
    }

    private static func about(_ verification: DKIMVerification) -> String {
        let signature = verification.signature
        let parts = [
            signature.domain?.description, signature.selector, signature.algorithm?.name,
            verification.keyBits.map { "\($0) bits" },
        ].compactMap(\.self)
        return parts.joined(separator: ", ") + (verification.reason.map { ": \($0)" } ?? "")
    }

    private static func about(_ dmarc: DMARCEvaluation.OfMessage) -> String {
        guard let decisive = dmarc.decisive else { return "From names no author that it could be asked for" }
        guard let policy = decisive.discovery.appliedPolicy, let domain = decisive.discovery.recordDomain else {
            if case .couldNotTell(let why) = decisive.discovery.status {
                return "the policy of \(decisive.discovery.domain) could not be looked up: \(why.reason.rawValue)"
            }
            return "\(decisive.discovery.domain) publishes no policy"
        }
        let aligned = decisive.identifiers.filter { $0.passed && $0.isAligned == true }.map(\.method.rawValue.capitals)
        return "policy \(policy.rawValue) of \(domain)"
            + (aligned.isEmpty ? "" : ", aligned by \(Wording.list(Array(Set(aligned)).sorted()))")
    }

    // MARK: What is in it

    private static func contents(_ message: MessageEvidence, on canvas: inout Canvas) {
        let contents = message.contents
        let verbose = canvas.look.verbose
        let parts = contents.structure.parts
        if parts.count > 1 {
            canvas.heading("PARTS")
            let shown = parts.prefix(verbose ? 1_000 : 12)
            canvas.table(
                indent: 2,
                shown.map { part in
                    [
                        Span(part.path.isEmpty ? "·" : part.path, .faint),
                        Span(String(repeating: "  ", count: min(part.depth, 8)) + part.type.essence),
                        Span(octets(part.body.count), .faint),
                        Span(
                            [part.type.parameter("charset"), part.encoding.name, part.fileName].compactMap(\.self)
                                .joined(separator: ", "), .faint),
                    ]
                })
            if parts.count > shown.count {
                canvas.line(Span("  and \(parts.count - shown.count) more: -v shows them all", .faint))
            }
        }
        links(contents, on: &canvas)
        if let unsubscription = message.unsubscription {
            canvas.heading("UNSUBSCRIBING")
            for address in unsubscription.addresses.prefix(5) { canvas.paragraph(indent: 2, address.defanged) }
            let words = unsubscription.isOneClick ? "one click" : "no one-click unsubscribing (RFC 8058)"
            canvas.paragraph(
                indent: 2,
                "\(words); \(message.signsUnsubscription ? "covered" : "not covered") by a DKIM signature that passes",
                .faint)
        }
    }

    private static func links(_ contents: MessageContents, on canvas: inout Canvas) {
        let verbose = canvas.look.verbose
        if !contents.links.isEmpty {
            canvas.heading("LINKS (\(contents.links.count))")
            let sorted = contents.links.filter { $0.namedHost != nil } + contents.links.filter { $0.namedHost == nil }
            for link in sorted.prefix(verbose ? 2_000 : 10) {
                if let named = link.namedHost {
                    canvas.paragraph(
                        behind: ["  ", Span("▲ ", .warning)],
                        [
                            Span("says \(WebAddress.dotted(host: named)), leads to ", .warning),
                            Span(link.address.defanged),
                        ],
                        limit: verbose ? .max : 2)
                } else {
                    canvas.paragraph(behind: ["    "], [Span(link.address.defanged)], limit: verbose ? .max : 2)
                }
            }
            if !verbose, sorted.count > 10 {
                canvas.line(Span("    and \(sorted.count - 10) more: -v shows them all", .faint))
            }
        }
        let pixels = contents.images.filter { $0.tracking != nil }
        guard !pixels.isEmpty else { return }
        canvas.heading("IMAGES THAT TELL THE SENDER (\(pixels.count))")
        for image in pixels.prefix(verbose ? 500 : 3) {
            canvas.paragraph(
                behind: ["    "], [Span(image.address.defanged), Span("  \(image.tracking ?? "")", .faint)],
                limit: verbose ? .max : 3)
        }
        if !verbose, pixels.count > 3 {
            canvas.line(Span("    and \(pixels.count - 3) more: -v shows them all", .faint))
        }
    }

    private static func bulk(_ report: Report, on canvas: inout Canvas) {
        guard let bulk = BulkVerdict(report) else { return }
        canvas.heading("BULK SENDER’S RULES OF \(bulk.profile.rawValue.capitals)")
        func words(_ verdict: BulkVerdict.Verdict) -> VerdictWords {
            switch verdict {
            case .pass: .pass
            case .fail: .init(symbol: "✗", word: "fail", tone: .bad)
            case .unknown: .init(symbol: "?", word: "unknown", tone: .unknown)
            }
        }
        let rows = bulk.requirements.map { line in
            let words = words(line.verdict)
            return [Span(line.requirement.rawValue), Span(words.text, words.tone), Span(line.summary ?? "", .faint)]
        }
        let all = words(bulk.verdict)
        canvas.table(
            indent: 2,
            rows + [
                [
                    Span("all together", .strong), Span(all.text, all.tone),
                    Span("its complaint rate no message tells", .faint),
                ]
            ])
    }
}

extension String {
    /// Capitals for the names of methods and houses, which are ASCII.
    fileprivate var capitals: String { uppercased() }
}
