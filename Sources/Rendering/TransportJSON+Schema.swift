import Judgement
import Mail

extension TransportJSON {
    static let daneSchema = Schema.object([
        .always("host", .string),
        .always(
            "status", .word(["pass", "fail", "unusable", "none", "insecure", "lookup_fails", "published", "unknown"])),
        .always("reason", .stringOrNull), .always("base", .stringOrNull),
        .always(
            "records",
            .array(
                .object([
                    .always("usage", .integer), .always("selector", .integer), .always("matching_type", .integer),
                    .always("data", .string), .always("usable", .bool), .always("result", .stringOrNull),
                    .always("problem", .stringOrNull),
                ]))),
        .always(
            "endpoints",
            .array(
                .object([
                    .always("address", .string), .always("result", .word(["pass", "fail", "unusable", "unknown"])),
                ]))),
        .maybe(
            "next_certificate",
            .object([
                .always("same_key", .bool), .always("same_authority", .bool), .always("announced", .strings),
            ])),
    ])

    static let policySchema = Schema.object([
        .always("status", .word(["ok", "none", "error", "unknown"])), .always("problem", .stringOrNull),
        .maybe("mode", .orNull(.word(of: MTASTSPolicy.Mode.self))), .maybe("max_age", .integerOrNull),
        .maybe("mx", .strings),
        .maybe(
            "problems",
            .array(
                .object([
                    .always("line", .integer), .always("column", .integer), .always("message", .string),
                    .always("severity", .word(of: RecordProblem.Severity.self)),
                ]))),
        .maybe("host", .string), .maybe("addresses", .strings), .maybe("http_status", .integerOrNull),
        .maybe("content_type", .stringOrNull), .maybe("location", .stringOrNull), .maybe("seconds", .number),
        .maybe("certificate_problem", .stringOrNull),
        .maybe("failure", .object([.always("cause", .word(of: Failure.Cause.self)), .always("detail", .string)])),
    ])

    static let caaSchema = Schema.object([
        .always("host", .string), .always("status", .word(["found", "none", "unknown"])), .maybe("at", .string),
        .maybe("issue", .orNull(.strings)), .maybe("issuewild", .orNull(.strings)),
        .maybe("issuemail", .orNull(.strings)), .maybe("iodef", .strings), .maybe("problems", .strings),
    ])

    private static let actionKeys: [Schema.Key] = Sender.allCases.map { sender in
        .maybe(
            sender.rawValue,
            .object([.always("action", .word(of: SenderAction.Kind.self)), .always("reason", .string)]))
    }

    static let sendersSchema = Schema.object([
        .always(
            "hosts",
            .array(
                .object(
                    [.always("host", .string), .always("preference", .integerOrNull)] + actionKeys + [
                        .maybe(
                            "require_tls",
                            .object([
                                .always("action", .word(of: SenderAction.Kind.self)), .always("reason", .string),
                                .always("offered", .orNull(.bool)),
                            ])),
                        .always("addresses", .array(.object([.always("address", .string)] + actionKeys))),
                    ]))),
        .always(
            "outcome",
            .object(
                (Sender.allCases.map(\.rawValue) + ["require_tls"]).map { sender in
                    .maybe(
                        sender,
                        .object([
                            .always("action", .word(of: SenderAction.Kind.self)), .always("host", .stringOrNull),
                            .always("reason", .string),
                        ]))
                })),
        .always(
            "matrix",
            .array(
                .object(
                    [.always("host", .string), .always("preference", .integerOrNull), .always("address", .string)]
                        + HostMatrix.Column.allCases.map {
                            .maybe($0.rawValue, .object([.always("state", .string), .always("text", .string)]))
                        }))),
    ])
}
