import DNS
package import Judgement
import Mail

/// A message as received, for programs. Its keys are promises: `mailsonde.message/1`.
package enum MessageAnalysisJSON {
    package static let schema = "mailsonde.message/1"

    /// The message of a report that was made of one.
    package static func json(_ report: Report) -> JSON {
        guard let message = report.evidence.messages.first else { return ReportJSON.json(report) }
        return .object(
            head(message, report) + journey(message) + authentication(message) + contents(message) + judgement(report))
    }

    private static func head(_ message: MessageEvidence, _ report: Report) -> [JSON.Member] {
        let header = message.header
        func text(_ name: String) -> JSON {
            PortJSON.optional(header.first(name).map { String($0.decoded.prefix(10_000)) })
        }
        return [
            .init("schema", .string(schema)), .init("name", .string(message.observation.name)),
            .init("at", .string(report.at.description)), .init("verdict", .string(report.overall.rawValue)),
            .init("size", .integer(message.observation.octets.count)),
            .init("subject", text("Subject")), .init("from", MessageJSON.mailboxes(header.first("From"))),
            .init("to", MessageJSON.mailboxes(header.first("To"))),
            .init("cc", MessageJSON.mailboxes(header.first("Cc"))),
            .init("sender", MessageJSON.mailboxes(header.first("Sender"))),
            .init("reply_to", MessageJSON.mailboxes(header.first("Reply-To"))),
            .init(
                "date",
                PortJSON.optional(
                    header.first("Date").flatMap { MailDate.parse($0.rawValue) }?.timestamp.description)),
            .init("message_id", PortJSON.optional(header.first("Message-ID")?.text)),
            .init("identities", .array(message.identities.map(identity))),
        ]
    }

    private static func identity(_ identity: MessageIdentity) -> JSON {
        let (status, reason) = words(identity.proof)
        return [
            "kind": .string(identity.kind.rawValue), "name": PortJSON.optional(identity.mailbox.name),
            "address": .string(identity.mailbox.address), "domain": PortJSON.optional(identity.domain?.description),
            "proof": .string(status), "reason": .string(reason),
        ]
    }

    /// `proven`, `signed`, `unproven` or `unknown`, and why.
    static func words(_ proof: MessageIdentity.Proof) -> (status: String, reason: String) {
        switch proof {
        case .proven(let why): ("proven", why)
        case .signed(let why): ("signed", why)
        case .unproven(let why): ("unproven", why)
        case .couldNotTell(let why): ("unknown", why)
        }
    }

    private static func journey(_ message: MessageEvidence) -> [JSON.Member] {
        [
            .init("received", .array(message.journey.hops.map(MessageJSON.hop))),
            .init("transit_seconds", RoundTripJSON.seconds(message.journey.transit)),
        ]
    }

    // MARK: Authentication

    private static func authentication(_ message: MessageEvidence) -> [JSON.Member] {
        [
            .init("spf", spf(message)), .init("dkim", .array(message.dkim.map(dkim))), .init("dmarc", dmarc(message)),
            .init(
                "arc",
                [
                    "result": .string(message.arc.result.rawValue), "reason": PortJSON.optional(message.arc.reason),
                    "instances": .integer(message.arc.sets.count),
                    "oldest_pass": message.arc.oldestPass.map { .integer($0) } ?? nil,
                ]),
            .init("authentication_results", .array(message.claims.map(MessageJSON.claim))),
            .init("spam", .array(message.spamOpinions.map(spam))),
            .init(
                "received_spf",
                .array(
                    message.spfClaims.map { claim in
                        [
                            "result": .string(claim.field.result), "believed": .bool(claim.isBelieved),
                            "doubt": PortJSON.optional(claim.doubt), "comment": PortJSON.optional(claim.field.comment),
                            "properties": .object(
                                claim.field.properties.sorted { $0.key < $1.key }.map {
                                    .init($0.key, .string($0.value))
                                }),
                        ]
                    })),
        ]
    }

    private static func spam(_ opinion: SpamOpinion) -> JSON {
        [
            "filter": .string(opinion.filter), "field": .string(String(opinion.field.prefix(100))),
            "is_spam": opinion.isSpam.map { .bool($0) } ?? nil, "score": opinion.score.map { .number($0) } ?? nil,
            "threshold": opinion.threshold.map { .number($0) } ?? nil, "tests": PortJSON.strings(opinion.tests),
            "believed": .bool(opinion.isBelieved), "doubt": PortJSON.optional(opinion.doubt),
        ]
    }

    private static func spf(_ message: MessageEvidence) -> JSON {
        guard let spf = message.spf, let client = message.client else {
            return ["result": nil, "reason": .string(message.clientBasis)]
        }
        return [
            "result": .string(spf.result.rawValue), "identity": .string(spf.identity.rawValue),
            "domain": PortJSON.optional(spf.domain?.description), "ip": .string(client.ip.description),
            "mail_from": .string(client.mailFrom), "helo": .string(client.helo), "reason": .string(spf.reason),
            "explanation": PortJSON.optional(spf.explanation), "lookups": .integer(spf.lookups),
            "basis": .string(client.basis),
        ]
    }

    private static func dkim(_ verification: DKIMVerification) -> JSON {
        let signature = verification.signature
        return [
            "domain": PortJSON.optional(signature.domain?.description),
            "selector": PortJSON.optional(signature.selector),
            "algorithm": PortJSON.optional(signature.algorithm?.name),
            "key_bits": verification.keyBits.map { .integer($0) } ?? nil,
            "result": .string(verification.result.rawValue),
            "signature_valid": verification.signatureValid.map { .bool($0) } ?? nil,
            "body_hash_matches": verification.bodyHashMatches.map { .bool($0) } ?? nil,
            "reason": PortJSON.optional(verification.reason),
            "headers": PortJSON.strings(Array(signature.headers.prefix(200))),
            "identity": PortJSON.optional(signature.identity),
            "timestamp": PortJSON.optional(signature.timestamp?.description),
            "expiration": PortJSON.optional(signature.expiration?.description),
        ]
    }

    private static func dmarc(_ message: MessageEvidence) -> JSON {
        let decisive = message.dmarc.decisive
        return [
            "result": .string(message.dmarc.result.rawValue),
            "policy": PortJSON.optional(decisive?.discovery.appliedPolicy?.rawValue),
            "domain": PortJSON.optional(decisive?.discovery.recordDomain?.description),
            "organizational_domain": PortJSON.optional(decisive?.discovery.organizationalDomain?.description),
            "from": PortJSON.optional(decisive?.discovery.domain.description),
            "record": PortJSON.optional(decisive?.discovery.record?.text),
            "aligned": PortJSON.strings(
                (decisive?.identifiers ?? []).filter { $0.passed && $0.isAligned == true }.map {
                    "\($0.method.rawValue)=\($0.domain)"
                }),
        ]
    }

    // MARK: Contents

    private static func contents(_ message: MessageEvidence) -> [JSON.Member] {
        let contents = message.contents
        var seen: Set<String> = []
        let links = contents.links.map(\.address.defanged).filter { seen.insert($0).inserted }
        return [
            .init("links", PortJSON.strings(links)),
            .init("link_details", .array(contents.links.prefix(500).map(link))),
            .init(
                "tracking_pixels",
                PortJSON.strings(contents.images.filter { $0.tracking != nil }.map(\.address.defanged))),
            .init(
                "remote_images",
                .array(
                    contents.images.prefix(500).map {
                        ["url": .string($0.address.defanged), "tracking": PortJSON.optional($0.tracking)]
                    })),
            .init("list_unsubscribe", unsubscription(message)),
            .init("parts", .array(contents.structure.parts.map { part($0, contents.structure) })),
        ]
    }

    private static func link(_ link: MessageContents.Link) -> JSON {
        [
            "url": .string(link.address.defanged), "kind": .string(link.kind.rawValue), "text": .string(link.text),
            "host": PortJSON.optional(link.address.host.map { WebAddress.dotted(host: $0) }),
            "names_other_host": PortJSON.optional(link.namedHost.map { WebAddress.dotted(host: $0) }),
            "has_user_info": .bool(link.address.hasUserInfo), "part": .string(link.part),
        ]
    }

    private static func unsubscription(_ message: MessageEvidence) -> JSON {
        guard let unsubscription = message.unsubscription else { return nil }
        return [
            "urls": PortJSON.strings(unsubscription.addresses.map(\.defanged)),
            "post": PortJSON.optional(unsubscription.post), "one_click": .bool(unsubscription.isOneClick),
            "signed": .bool(message.signsUnsubscription),
        ]
    }

    private static func part(_ part: MIMEStructure.Part, _ structure: MIMEStructure) -> JSON {
        [
            "path": .string(part.path), "type": .string(part.type.essence),
            "charset": PortJSON.optional(part.type.parameter("charset")), "encoding": .string(part.encoding.name),
            "disposition": PortJSON.optional(part.disposition?.type), "file_name": PortJSON.optional(part.fileName),
            "size": .integer(part.body.count), "problems": PortJSON.strings(part.problems),
        ]
    }

    // MARK: Judgement

    private static func judgement(_ report: Report) -> [JSON.Member] {
        var members: [JSON.Member] = []
        if let profile = BulkVerdict(report) {
            members.append(
                .init(
                    "profile",
                    [
                        "name": .string(profile.profile.rawValue), "verdict": .string(profile.verdict.rawValue),
                        "requirements": .array(
                            profile.requirements.map {
                                [
                                    "requirement": .string($0.requirement.rawValue),
                                    "verdict": .string($0.verdict.rawValue),
                                    "summary": PortJSON.optional($0.summary),
                                ]
                            }),
                    ]))
        }
        return members + [
            .init("findings", .array(report.findings.map(ReportJSON.finding))),
            .init("unknown", .array(report.unknown.map(ReportJSON.unknown))),
            .init("passed", .array(report.passed.map { .string($0.identifier) })),
            .init(
                "not_applicable",
                .array(
                    report.notApplicable.map {
                        ["check": .string($0.check.identifier), "because": .string($0.because)]
                    })),
        ]
    }
}
