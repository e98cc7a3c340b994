import Judgement

extension ReportJSON {
    static let findingSchema = Schema.object([
        .always("check", .check, "The check's identifier: its page is checks/AREA/WHAT.md."),
        .always("severity", .word(of: Severity.self)),
        .always("subject", .string, "What it is about: a domain, a host, an address, a port."),
        .always("summary", .string, "One sentence with the facts in it."),
        .always("detail", .map(.anything), "The same facts for programs; they differ from check to check."),
        .always("remedy", .string, "What to do, Markdown."),
        .always("reference", .string, "The sections of RFCs it rests on."),
    ])

    private static let acceptedSchema = Schema.object([
        .always("check", .check), .always("severity", .word(of: Severity.self)), .always("subject", .string),
        .always("summary", .string), .always("until", .timeOrNull), .always("reason", .string),
    ])

    static let unknownSchema = Schema.object([
        .always("check", .check), .always("subject", .string),
        .always("cause", .word(of: Failure.Cause.self)), .always("summary", .string),
    ])

    /// What was judged, in reports and in analyses of messages.
    static let judgementKeys: [Schema.Key] = [
        .always("findings", .array(findingSchema), "The worst first."),
        .always("unknown", .array(unknownSchema), "What could not be told, and why."),
        .always("passed", .array(.check), "Checks all of whose subjects passed."),
        .always(
            "not_applicable", .array(.object([.always("check", .check), .always("because", .string)]))),
    ]

    /// The keys of a report.
    /// - Parameter evidence: the shape of its evidence.
    static func keys(evidence: Schema) -> [Schema.Key] {
        [
            .always("schema", .word([schema])), .always("domain", .string, "As the DNS has it."),
            .always("at", .time, "The moment that was judged as of."), .always("duration_seconds", .number),
            .always(
                "verdict", .word(of: Report.Overall.self),
                "The worst there is; unknown where nothing worse is known and something could not be told."),
        ] + judgementKeys + [
            .maybe(
                "machine", .array(SelfTestRendering.lineSchema),
                "What this machine could not see; what that keeps from being told is unknown."),
            .maybe("accepted", .array(acceptedSchema), "Findings that the baseline accepts; they do not count."),
            .maybe("lapsed", .array(acceptedSchema), "Findings that it accepted until a day that has passed."),
            .maybe(
                "changes", DifferenceRendering.shape, "With --overlay: what it changes, as mailsonde diff writes it."),
            .maybe("forecast", ForecastRendering.shape, "With --in: what changes until then if nothing is renewed."),
            .always("evidence", evidence, "What was seen."),
        ]
    }
}

extension SchemaDocument {
    /// `mailsonde.report/1`
    package static let report = SchemaDocument(
        title: ReportJSON.schema,
        text: "A report of mailsonde on one mail domain, as audit --json writes it; several come as an array of these.",
        root: .object(ReportJSON.keys(evidence: .object(EvidenceJSON.keys))), definitions: EvidenceJSON.definitions)

    /// The same as `scan` writes it: what was not looked at, or not asked for by --fields, is left out.
    package static let scan = SchemaDocument(
        title: "\(ReportJSON.schema), of a scan",
        text: "A line of mailsonde scan: a report with the evidence of the DNS alone.",
        root: .object(
            ReportJSON.keys(evidence: .object(EvidenceJSON.keys.map(\.optional))).map(\.optional) + [
                .maybe("error", .string, "Why the entry is no domain.")
            ]), definitions: EvidenceJSON.definitions)
}

extension Schema.Key {
    /// The same, and it may be left out.
    var optional: Schema.Key { .maybe(name, schema, text) }
}
