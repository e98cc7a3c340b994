import Judgement
import Mail

extension MessageJSON {
    static let mailboxesSchema = Schema.array(
        .object([.always("name", .stringOrNull), .always("address", .string)]))

    static let hopSchema = Schema.object(
        [
            "from", "helo", "rdns", "ip", "by", "with", "id", "for", "via", "envelope_from", "tls_version",
            "tls_cipher",
        ].map { .always($0, .stringOrNull) } + [
            .always("date", .timeOrNull), .always("delay_seconds", .numberOrNull),
            .always("corrected_delay_seconds", .numberOrNull), .always("clock_skew_seconds", .number),
            .always("reasoning", .stringOrNull), .always("role", .word(of: Journey.Role.self)),
        ])

    static let claimSchema = Schema.object([
        .always("server", .string), .always("believed", .bool), .always("doubt", .stringOrNull),
        .always(
            "results",
            .array(
                .object([
                    .always("method", .string), .always("result", .string), .always("reason", .stringOrNull),
                    .always("comments", .strings), .always("properties", .map(.string)),
                ]))),
    ])
}

extension MessageAnalysisJSON {
    /// What `message analyze` says of a message, in its order.
    static let keys: [Schema.Key] =
        head + [
            .always("received", .array(MessageJSON.hopSchema), "The oldest first."),
            .always("transit_seconds", .numberOrNull),
        ] + authentication + contents + [.maybe("profile", profileSchema)] + ReportJSON.judgementKeys

    private static let head: [Schema.Key] = [
        .always("schema", .word([schema])), .always("name", .string), .always("at", .time),
        .always("verdict", .word(of: Report.Overall.self)), .always("size", .integer, "Octets."),
        .always("subject", .stringOrNull), .always("from", MessageJSON.mailboxesSchema),
        .always("to", MessageJSON.mailboxesSchema), .always("cc", MessageJSON.mailboxesSchema),
        .always("sender", MessageJSON.mailboxesSchema), .always("reply_to", MessageJSON.mailboxesSchema),
        .always("date", .timeOrNull), .always("message_id", .stringOrNull),
        .always(
            "identities",
            .array(
                .object([
                    .always("kind", .word(of: MessageIdentity.Kind.self)), .always("name", .stringOrNull),
                    .always("address", .string), .always("domain", .stringOrNull),
                    .always("proof", .word(["proven", "signed", "unproven", "unknown"])), .always("reason", .string),
                ]))),
    ]

    private static let spfSchema = Schema.object([
        .always("result", .orNull(.word(of: SPFResult.self))), .always("reason", .stringOrNull),
        .maybe("identity", .string), .maybe("domain", .stringOrNull), .maybe("ip", .string),
        .maybe("mail_from", .string), .maybe("helo", .string), .maybe("explanation", .stringOrNull),
        .maybe("lookups", .integer), .maybe("basis", .string),
    ])

    private static let dkimSchema = Schema.object([
        .always("domain", .stringOrNull), .always("selector", .stringOrNull), .always("algorithm", .stringOrNull),
        .always("key_bits", .integerOrNull), .always("result", .string), .always("signature_valid", .boolOrNull),
        .always("body_hash_matches", .boolOrNull), .always("reason", .stringOrNull), .always("headers", .strings),
        .always("identity", .stringOrNull), .always("timestamp", .timeOrNull), .always("expiration", .timeOrNull),
    ])

    private static let dmarcSchema = Schema.object([
        .always("result", .word(of: DMARCEvaluation.Result.self)),
        .always("policy", .orNull(.word(of: DMARCRecord.Policy.self))), .always("domain", .stringOrNull),
        .always("organizational_domain", .stringOrNull), .always("from", .stringOrNull),
        .always("record", .stringOrNull), .always("aligned", .strings),
    ])

    private static let authentication: [Schema.Key] = [
        .always("spf", spfSchema), .always("dkim", .array(dkimSchema), "In the order of the signatures."),
        .always("dmarc", dmarcSchema),
        .always(
            "arc",
            .object([
                .always("result", .string), .always("reason", .stringOrNull), .always("instances", .integer),
                .always("oldest_pass", .integerOrNull),
            ])),
        .always("authentication_results", .array(MessageJSON.claimSchema)),
        .always(
            "spam",
            .array(
                .object([
                    .always("filter", .string), .always("field", .string), .always("is_spam", .boolOrNull),
                    .always("score", .numberOrNull), .always("threshold", .numberOrNull), .always("tests", .strings),
                    .always("believed", .bool), .always("doubt", .stringOrNull),
                ]))),
        .always(
            "received_spf",
            .array(
                .object([
                    .always("result", .string), .always("believed", .bool), .always("doubt", .stringOrNull),
                    .always("comment", .stringOrNull), .always("properties", .map(.string)),
                ]))),
    ]

    private static let contents: [Schema.Key] = [
        .always("links", .strings, "Defanged."),
        .always(
            "link_details",
            .array(
                .object([
                    .always("url", .string), .always("kind", .string), .always("text", .string),
                    .always("host", .stringOrNull), .always("names_other_host", .stringOrNull),
                    .always("has_user_info", .bool), .always("part", .string),
                ]))),
        .always("tracking_pixels", .strings),
        .always(
            "remote_images", .array(.object([.always("url", .string), .always("tracking", .stringOrNull)]))),
        .always(
            "list_unsubscribe",
            .orNull(
                .object([
                    .always("urls", .strings), .always("post", .stringOrNull), .always("one_click", .bool),
                    .always("signed", .bool),
                ]))),
        .always(
            "parts",
            .array(
                .object([
                    .always("path", .string), .always("type", .string), .always("charset", .stringOrNull),
                    .always("encoding", .string), .always("disposition", .stringOrNull),
                    .always("file_name", .stringOrNull), .always("size", .integer), .always("problems", .strings),
                ]))),
    ]

    private static let profileSchema = Schema.object([
        .always("name", .word(of: BulkSenderProfile.self)), .always("verdict", .string),
        .always(
            "requirements",
            .array(
                .object([
                    .always("requirement", .word(of: BulkRequirement.self)), .always("verdict", .string),
                    .always("summary", .stringOrNull),
                ]))),
    ])
}

extension RoundTripJSON {
    private static let own: [Schema.Key] = [
        .always("name", .string), .always("id", .string),
        .always("outcome", .word(of: RoundTripObservation.Outcome.self)), .always("submitted_at", .time),
        .always("submission_seconds", .numberOrNull), .always("delivery_seconds", .numberOrNull),
        .always("folder", .stringOrNull), .always("phases", .named("phases")),
    ]

    /// A round trip; where the message was found and analysed, with the keys of an analysis.
    static let keys: [Schema.Key] =
        own + [.always("received", .array(MessageJSON.hopSchema), "The oldest first.")]
        + MessageAnalysisJSON.keys
        .filter { !["schema", "at", "name", "received"].contains($0.name) }
        .map { ["spf", "dkim", "dmarc", "arc"].contains($0.name) ? .maybe($0.name, .anything) : $0.optional }
        + [.always("failure", .orNull(.named("failure")))]
}

extension SchemaDocument {
    /// `mailsonde.message/1`
    package static let message = SchemaDocument(
        title: MessageAnalysisJSON.schema, text: "A message as received, as message analyze --json writes it.",
        root: .object(MessageAnalysisJSON.keys), definitions: EvidenceJSON.definitions)

    /// What `roundtrip --json` writes.
    package static let roundTrip = SchemaDocument(
        title: "mailsonde.roundtrip/1",
        text: "A test message and its journey, as roundtrip --json writes it; several come as an array of these.",
        root: .object(RoundTripJSON.keys), definitions: EvidenceJSON.definitions)
}
