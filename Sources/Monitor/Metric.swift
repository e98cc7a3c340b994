package import Rendering

/// A family of the metrics endpoint: its name, type, labels and HELP. These are promises to users.
package struct Metric: Hashable, Sendable {
    package let name: String
    package let kind: MetricFamily.Kind
    package let labels: [String]
    package let help: String
    /// Upper bounds of a histogram's buckets.
    package let bounds: [Double]

    init(_ name: String, _ kind: MetricFamily.Kind, _ labels: [String], _ help: String, bounds: [Double] = []) {
        self.name = name
        self.kind = kind
        self.labels = labels
        self.help = help
        self.bounds = bounds
    }

    package static func == (a: Metric, b: Metric) -> Bool { a.name == b.name }
    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension Metric {
    static let phaseBounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
    static let queryBounds: [Double] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
    static let deliveryBounds: [Double] = [
        0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400,
    ]

    static let buildInfo = Metric(
        "mailsonde_build_info", .gauge, ["version", "revision"], "Always 1; the labels tell what is running.")
    static let reloadSuccessful = Metric(
        "mailsonde_config_last_reload_successful", .gauge, [],
        "Whether the last reading of the configuration succeeded; 0 while an older one is in force.")
    static let reloadTimestamp = Metric(
        "mailsonde_config_last_reload_success_timestamp_seconds", .gauge, [],
        "When the configuration in force was read, in seconds since 1970.")
    static let historyFailures = Metric(
        "mailsonde_history_write_failures_total", .counter, [], "Results that could not be written to the history.")

    static let probeInfo = Metric(
        "mailsonde_probe_info", .gauge, ["probe", "kind", "target"],
        "Always 1; what kind of probe it is (audit, port, roundtrip) and what it probes.")
    static let interval = Metric(
        "mailsonde_probe_interval_seconds", .gauge, ["probe"], "Configured time from one run to the next.")
    static let success = Metric(
        "mailsonde_probe_success", .gauge, ["probe"], "Whether the last run passed; 0 before the first run.")
    static let result = Metric(
        "mailsonde_probe_result", .gauge, ["probe", "result"],
        "What the last run came to: 1 for one of pass, fail and unknown; all 0 before the first run.")
    static let runs = Metric(
        "mailsonde_probe_runs_total", .counter, ["probe", "result"], "Runs that ended, by what they came to.")
    static let failures = Metric(
        "mailsonde_probe_failures_total", .counter, ["probe", "reason"], "Runs that did not pass, by the main reason.")
    static let phaseDuration = Metric(
        "mailsonde_probe_duration_seconds", .histogram, ["probe", "phase"],
        "Time taken by each step of a probe, and by all of it (total).", bounds: phaseBounds)
    static let lastRun = Metric(
        "mailsonde_probe_last_run_timestamp_seconds", .gauge, ["probe"],
        "When the last run ended, in seconds since 1970; 0 before the first.")
    static let lastSuccess = Metric(
        "mailsonde_probe_last_success_timestamp_seconds", .gauge, ["probe"],
        "When a run last passed, in seconds since 1970; 0 where none has since the start.")
    static let lag = Metric(
        "mailsonde_probe_schedule_lag_seconds", .gauge, ["probe"], "How late the last run began.")
    static let running = Metric("mailsonde_probes_running", .gauge, [], "Probes that run at this moment.")
    static let skipped = Metric(
        "mailsonde_probes_skipped_total", .counter, ["probe", "reason"],
        "Runs that were due and left out: still_running, or overload (no place became free for a whole interval).")

    static let findings = Metric(
        "mailsonde_audit_findings", .gauge, ["probe", "domain", "severity"],
        "Findings of the last audit; 0 before the first.")
    static let checkStatus = Metric(
        "mailsonde_audit_check_status", .gauge, ["probe", "domain", "check", "status"],
        "What each check came to in the last audit: 1 for one of pass, fail, unknown and not_applicable; all 0 before the first."
    )
    static let changes = Metric(
        "mailsonde_audit_changes_total", .counter, ["probe", "domain", "record"],
        "Audits that saw another record than the audit before.")

    static let queryDuration = Metric(
        "mailsonde_dns_query_duration_seconds", .histogram, ["rrtype", "rcode"],
        "Time until a DNS question was answered, retries included; answers from the cache left out.",
        bounds: queryBounds)
    static let queries = Metric(
        "mailsonde_dns_queries_total", .counter, ["rrtype", "rcode"],
        "DNS questions of audits by what came of them; beside RCODEs there are timeout, malformed, unreachable and other."
    )

    static let mxHosts = Metric(
        "mailsonde_mx_hosts", .gauge, ["probe", "domain", "ip_family"],
        "Mail hosts with an address of the family; as last told, 0 before that.")
    static let mxAddresses = Metric(
        "mailsonde_mx_addresses", .gauge, ["probe", "domain", "ip_family"],
        "Addresses of the mail hosts; as last told, 0 before that.")
    static let spfLookups = Metric(
        "mailsonde_spf_dns_lookups", .gauge, ["probe", "domain"],
        "Terms of the SPF record that cause DNS lookups, includes counted in: more than 10 are an error (RFC 7208 section 4.6.4); as last told."
    )
    static let spfVoidLookups = Metric(
        "mailsonde_spf_void_lookups", .gauge, ["probe", "domain"],
        "Lookups of the SPF record that find nothing: more than 2 are an error (RFC 7208 section 4.6.4); as last told.")
    static let dkimBits = Metric(
        "mailsonde_dkim_key_length", .gauge, ["probe", "domain", "selector", "algorithm"],
        "Length of the DKIM key in bits; 0 where there is none or it was not seen yet.")
    static let dkimPresent = Metric(
        "mailsonde_dkim_key_present", .gauge, ["probe", "domain", "selector", "algorithm"],
        "Whether the selector has a usable DKIM key; as last told, 0 before that.")
    static let dmarcPolicy = Metric(
        "mailsonde_dmarc_policy_info", .gauge, ["probe", "domain", "policy", "subdomain_policy", "source"],
        "Always 1; the labels tell the DMARC policy as last told (absent: no record; unknown: not told yet).")

    static let notAfter = Metric(
        "mailsonde_tls_cert_not_after_timestamp_seconds", .gauge, ["probe", "mx", "port", "protocol"],
        "End of the server certificate's validity in seconds since 1970, the earliest of all addresses; as last seen, 0 before that."
    )
    static let notBefore = Metric(
        "mailsonde_tls_cert_not_before_timestamp_seconds", .gauge, ["probe", "mx", "port", "protocol"],
        "Begin of the same certificate's validity in seconds since 1970; as last seen, 0 before that.")
    static let remainingRatio = Metric(
        "mailsonde_tls_cert_lifetime_remaining_ratio", .gauge, ["probe", "mx", "port", "protocol"],
        "What is left of the certificate's lifetime: 1 when new, 0 or less when expired; NaN before one was seen.")
    static let certValid = Metric(
        "mailsonde_tls_cert_valid", .gauge, ["probe", "mx", "port", "protocol"],
        "Whether the certificates of all addresses are trusted, name the host and are in their time; as last seen, 0 before that."
    )
    static let tlsVersion = Metric(
        "mailsonde_tls_version_info", .gauge, ["probe", "mx", "port", "protocol", "version"],
        "Always 1; the TLS versions that were negotiated in the last run that came so far.")

    static let sent = Metric(
        "mailsonde_roundtrip_messages_sent_total", .counter, ["probe"], "Test messages accepted by the first server.")
    static let received = Metric(
        "mailsonde_roundtrip_messages_received_total", .counter, ["probe"], "Test messages found in the mailbox.")
    static let late = Metric(
        "mailsonde_roundtrip_messages_late_total", .counter, ["probe"], "Test messages found after their deadline.")
    static let lost = Metric(
        "mailsonde_roundtrip_messages_lost_total", .counter, ["probe"], "Test messages not found by their deadline.")
    static let bounced = Metric(
        "mailsonde_roundtrip_messages_bounced_total", .counter, ["probe"], "Test messages that came back as a bounce.")
    static let duplicate = Metric(
        "mailsonde_roundtrip_messages_duplicate_total", .counter, ["probe"], "Test messages found more than once.")
    static let inFlight = Metric(
        "mailsonde_roundtrip_in_flight", .gauge, ["probe"], "Test messages being sent or looked for at this moment.")
    static let oldestInFlight = Metric(
        "mailsonde_roundtrip_oldest_in_flight_seconds", .gauge, ["probe"],
        "For how long the oldest test message has been under way; 0 where none is.")
    static let submissionDuration = Metric(
        "mailsonde_roundtrip_submission_duration_seconds", .histogram, ["probe"],
        "Time from dialling the first server to its acceptance of the message.", bounds: phaseBounds)
    static let deliveryDuration = Metric(
        "mailsonde_roundtrip_delivery_duration_seconds", .histogram, ["probe"],
        "Time from the first server's acceptance to the message being seen in the mailbox.", bounds: deliveryBounds)
    static let placement = Metric(
        "mailsonde_roundtrip_placement_total", .counter, ["probe", "folder"],
        "Test messages found, by where: inbox, junk or other.")
    static let authResults = Metric(
        "mailsonde_roundtrip_auth_results_total", .counter, ["probe", "method", "result"],
        "What the receiving server said of the message's authentication (RFC 8601).")
    static let hops = Metric(
        "mailsonde_roundtrip_hops", .gauge, ["probe"], "Received fields of the last message found; 0 before that.")
    static let hopDelay = Metric(
        "mailsonde_hop_delay_seconds", .histogram, ["probe", "hop"],
        "Time a message took to each hop (submission, relay, filter, delivery), corrected for clocks that are wrong.",
        bounds: deliveryBounds)
    static let hopSkew = Metric(
        "mailsonde_hop_clock_skew_seconds", .gauge, ["probe", "hop"],
        "How far a hop's clock was ahead of ours in the last message, the furthest of its kind; 0 where that cannot be told."
    )
    static let hopPlaintext = Metric(
        "mailsonde_hop_plaintext_total", .counter, ["probe", "hop"],
        "Hops over the network whose Received field tells of a protocol without TLS.")

    /// All there are, in the order of the exposition.
    package static let all: [Metric] = [
        buildInfo, reloadSuccessful, reloadTimestamp, historyFailures, probeInfo, interval, success, result, runs,
        failures, phaseDuration, lastRun, lastSuccess, lag, running, skipped, findings, checkStatus, changes,
        queryDuration, queries, mxHosts, mxAddresses, spfLookups, spfVoidLookups, dkimBits, dkimPresent, dmarcPolicy,
        notAfter, notBefore, remainingRatio, certValid, tlsVersion, sent, received, late, lost, bounced, duplicate,
        inFlight, oldestInFlight, submissionDuration, deliveryDuration, placement, authResults, hops, hopDelay,
        hopSkew, hopPlaintext,
    ]
}
