import DNS
import Judgement
import Mail

extension EvidenceJSON {
    /// What stands in `evidence`: one line a key.
    static let keys: [Schema.Key] = [
        .always(
            "mx", .orNull(.array(.object([.always("preference", .integer), .always("host", .string)]))),
            "The MX records, the most preferred first; null where nobody could tell."),
        .always("addresses", .array(addressSchema), "Of the mail hosts."),
        .always("ptr", .array(ptrSchema), "What the reverse zones say of the addresses."),
        .always("spf", spfSchema),
        .always("dkim", .array(dkimSchema), "The selectors given, and the guesses that hit or nobody answered."),
        .always("dmarc", dmarcSchema),
        .always("mta_sts", mtaSTSSchema),
        .always(
            "tls_rpt",
            .object(found + [.maybe("valid", .bool), .maybe("rua", .strings), .maybe("problems", problemsSchema)])),
        .always("bimi", bimiSchema),
        .always("dane", .array(TransportJSON.daneSchema), "A mail host each."),
        .maybe("dnssec", DNSSECEvidenceJSON.schema, "Our own validation of the answers that mail depends on."),
        .maybe("caa", .array(TransportJSON.caaSchema), "A mail host each."),
        .maybe("senders", .orNull(TransportJSON.sendersSchema), "What senders would do."),
        .maybe("reputation", SurroundingsJSON.reputationSchema, "What block lists and allow lists say."),
        .maybe("role", .word(of: DomainRole.self), "What the domain says it does with mail."),
        .maybe("discovery", SurroundingsJSON.discoverySchema, "Where SRV records send mail programs."),
        .maybe("authority", .array(AuthorityJSON.schema), "A zone each: its name servers, asked themselves."),
        .maybe("bimi_files", WebJSON.filesSchema, "Logo and mark certificate, fetched."),
        .maybe("autoconfig", WebJSON.settingsSchema, "What the domain tells mail programs of its servers."),
        .always("ports", .array(PortJSON.schema)),
        .maybe("recipients", .array(BehaviourJSON.recipientSchema)),
    ]

    /// Shapes that stand in several places, or in themselves.
    static let definitions: [(name: String, schema: Schema)] = [
        ("certificate", PortJSON.certificateSchema), ("failure", PortJSON.failureSchema),
        ("phases", PortJSON.phasesSchema), ("spf_record", SPFTree.schema),
    ]

    private static let addressSchema = Schema.object([
        .always("host", .string), .always("address", .string), .always("family", .word(of: IPAddress.Family.self)),
    ])

    private static let ptrSchema = Schema.object([
        .always("address", .string), .always("status", status),
        .maybe("names", .strings), .always("forward_confirmed", .boolOrNull, "null where nobody could tell."),
    ])

    static let status = Schema.word(["found", "none", "no_such_name", "multiple", "unknown"])

    /// `status`, and the text as published where there is one.
    private static let found: [Schema.Key] = [
        .maybe("status", status), .maybe("record", .string, "The text as published."),
        .maybe("records", .strings, "The texts where there are several, so that none counts."),
    ]

    static let problemsSchema = Schema.array(
        .object([
            .always("column", .integer, "From 1."), .always("message", .string),
            .always("severity", .word(of: RecordProblem.Severity.self)),
        ]))

    private static let spfSchema = Schema.object(
        found + [
            .maybe("valid", .bool), .maybe("lookups", .integer, "Of the ten that RFC 7208 §4.6.4 allows."),
            .maybe("void_lookups", .integer), .maybe("complete", .bool, "Whether all that it draws in could be read."),
            .maybe("all", .stringOrNull), .maybe("problems", problemsSchema), .maybe("tree", .named("spf_record")),
        ])

    private static let dkimSchema = Schema.object(
        [
            .always("selector", .string), .always("guessed", .bool), .maybe("name", .string),
        ] + found + [
            .maybe("valid", .bool), .maybe("key_type", .string), .maybe("key_bits", .integerOrNull),
            .maybe("revoked", .bool), .maybe("testing", .bool), .maybe("problems", problemsSchema),
        ])

    private static let policy = Schema.orNull(.word(of: DMARCRecord.Policy.self))

    private static let dmarcSchema = Schema.object(
        found + [
            .maybe("domain", .stringOrNull, "Where the record was found."), .maybe("valid", .bool),
            .maybe("policy", policy), .maybe("policy_tag", .stringOrNull), .maybe("applied_policy", policy),
            .maybe("testing", .bool), .maybe("adkim", .string), .maybe("aspf", .string), .maybe("rua", .strings),
            .maybe("ruf", .strings), .maybe("problems", problemsSchema),
            .maybe("organizational_domain", .stringOrNull),
            .maybe("walk", .strings, "The names asked (RFC 9989 §4.10)."),
            .maybe(
                "rfc7489", DMARCEvaluationRendering.legacySchema, "The same by RFC 7489 and the Public Suffix List."),
            .maybe(
                "report_destinations",
                .array(
                    .object([
                        .always("domain", .string), .always("tags", .strings),
                        .always(
                            "permission",
                            .word(["not_needed", "granted", "leads_elsewhere", "missing", "name_too_long", "unknown"])),
                        .always("asked", .stringOrNull),
                    ]))),
        ])

    private static let mtaSTSSchema = Schema.object(
        found + [
            .maybe("valid", .bool), .maybe("id", .stringOrNull), .maybe("problems", problemsSchema),
            .maybe("policy", TransportJSON.policySchema, "The policy file."),
        ])

    private static let bimiSchema = Schema.object(
        found + [
            .maybe("name", .string), .maybe("valid", .bool), .maybe("location", .stringOrNull),
            .maybe("evidence", .stringOrNull), .maybe("problems", problemsSchema),
        ])
}

extension SPFTree {
    /// A record and those it draws in.
    static let schema = Schema.object([
        .always("domain", .string),
        .always("status", .word(["found", "invalid", "none", "no_such_name", "multiple", "loop", "could_not_tell"])),
        .always("record", .stringOrNull), .always("lookups", .integer),
        .always(
            "terms",
            .array(
                .object([
                    .always("term", .string), .always("lookups", .integer), .maybe("record", .named("spf_record")),
                ]))),
    ])
}

extension DMARCEvaluationRendering {
    static let legacySchema = Schema.object([
        .always("result", .word(of: DMARCEvaluation.Result.self)),
        .always("policy", .orNull(.word(of: DMARCRecord.Policy.self))), .always("policy_tag", .stringOrNull),
        .always("percentage", .integer), .always("domain", .stringOrNull), .always("organizational_domain", .string),
        .always("differs", .boolOrNull),
    ])
}
