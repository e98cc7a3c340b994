import Judgement
import Mail

extension PortJSON {
    static let schema = Schema.object([
        .always("host", .string), .always("address", .string), .always("port", .integer),
        .always("service", .word(of: Service.self)),
        .always("state", .word(["open", "refused", "timeout", "unreachable"])),
        .always("greeting", .stringOrNull), .always("capabilities", .strings, "As last told."),
        .always("auth", .strings, "After TLS where there is TLS."), .always("auth_before_tls", .orNull(.strings)),
        .always("starttls_offered", .boolOrNull), .always("tls", .orNull(tlsSchema)),
        .always("accepts", .orNull(TLSProbeRendering.acceptsSchema), "With --accepts: what else it takes in TLS."),
        .always("phases", .named("phases")), .always("failure", .orNull(.named("failure"))),
        .maybe("extensions", BehaviourJSON.extensionsSchema),
        .maybe("starttls_injection", .word(of: InjectionOutcome.self)),
        .maybe("behaviour", BehaviourJSON.schema, "With --behaviour: how it answered questions."),
    ])

    static let tlsSchema = Schema.object([
        .always("mode", .word(["starttls", "implicit"])), .always("version", .string), .always("cipher", .stringOrNull),
        .always("key_exchange", .stringOrNull), .always("trusted", .boolOrNull),
        .always("trust_problem", .stringOrNull),
        .always("trust_issue", .stringOrNull), .always("confirmed", .boolOrNull), .always("chain_order", .stringOrNull),
        .always("name_ok", .boolOrNull), .always("expired", .boolOrNull), .always("not_after", .timeOrNull),
        .always("days_left", .numberOrNull), .always("life_left", .numberOrNull, "Of 1, the part of its life to come."),
        .always("chain", .array(.named("certificate")), "As sent."),
    ])

    static let certificateSchema = Schema.object([
        .always("subject", .string), .always("issuer", .string), .always("serial", .string), .always("sans", .strings),
        .always("not_before", .time), .always("not_after", .time), .always("key_algorithm", .string),
        .always("key_bits", .integerOrNull), .always("key_curve", .stringOrNull),
        .always("signature_hash", .stringOrNull),
        .always("signature_algorithm", .string), .always("fingerprint_sha256", .string),
    ])

    static let phasesSchema = Schema.object(
        Phase.Name.allCases.map { .maybe("\($0.rawValue)_seconds", .number) })

    static let failureSchema = Schema.object([
        .always("cause", .word(of: Failure.Cause.self)), .always("phase", .orNull(.word(of: Phase.Name.self))),
        .always("summary", .string),
    ])
}

extension TLSProbeRendering {
    static let acceptsSchema = Schema.object([
        .always("depth", .word(["all", "weak"])), .always("complete", .bool), .always("problem", .stringOrNull),
        .always("questions", .integer), .always("versions", .map(.bool)),
        .always(
            "suites",
            .array(
                .object([
                    .always("version", .string), .always("name", .string),
                    .always("quality", .word(of: SuiteQuality.self)), .always("weaknesses", .strings),
                ]))),
        .always("groups", .strings), .always("weak_suites", .boolOrNull),
        .always("without_forward_secrecy", .boolOrNull), .always("dh_bits", .integerOrNull),
        .always("post_quantum", .boolOrNull), .always("compression", .boolOrNull),
        .always("secure_renegotiation", .boolOrNull), .always("extended_master_secret", .boolOrNull),
        .always("server_order", .boolOrNull), .always("fallback_signal", .boolOrNull),
        .always("weak_key_exchange_hash", .boolOrNull), .always("without_sni", .stringOrNull),
        .always("without_sni_certificate", .orNull(.named("certificate"))),
        .always("wants_client_certificate", .boolOrNull),
    ])
}

extension BehaviourJSON {
    static let extensionsSchema = Schema.object([
        .always("size", .integerOrNull), .always("pipelining", .bool), .always("8bitmime", .bool),
        .always("smtputf8", .bool), .always("chunking", .bool), .always("dsn", .bool),
        .always("enhancedstatuscodes", .bool), .always("requiretls", .bool),
    ])

    static let schema = Schema.object([
        .always("domain", .string), .always("connections", .integer),
        .always(
            "answers",
            .array(
                .object([
                    .always("question", .string), .always("about", .stringOrNull), .always("sender", .stringOrNull),
                    .always("command", .string), .always("code", .integer), .always("enhanced_code", .stringOrNull),
                    .always("meaning", .word(of: SMTPAnswer.Meaning.self)), .always("reply", .string),
                    .always("refused_at_mail", .bool), .always("seconds", .number),
                    .maybe("first_reply", .string, "With --greylist-wait: what was said the first time."),
                    .maybe("second_try_seconds", .number, "How much later this was asked again."),
                ]))),
        .always("stopped", .orNull(.named("failure"))),
    ])

    static let recipientSchema = Schema.object([
        .always("address", .string), .always("result", .word(of: RecipientConclusion.Result.self)),
        .always("host", .stringOrNull), .always("code", .integerOrNull), .always("reply", .stringOrNull),
        .always("worth", .string),
    ])
}
