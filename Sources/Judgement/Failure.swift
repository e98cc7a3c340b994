/// Why something could not be seen or did not work: a cause from a closed list (it becomes a metric's label
/// and JSON's `cause`), the phase it happened in, and more for a person.
package struct Failure: Error, Hashable, Sendable, Codable {
    /// Bounded: the `reason` values of `mailsonde_probe_failures_total`.
    package enum Cause: String, Hashable, Sendable, Codable, CaseIterable {
        case dnsTimeout = "dns_timeout"
        case dnsServfail = "dns_servfail"
        case dnsRefused = "dns_refused"
        case dnsMalformed = "dns_malformed"
        /// A connection over TCP that the name server closed before its answer was whole.
        case dnsEarlyClose = "dns_early_close"
        case dnsUnreachable = "dns_unreachable"
        case dnsBogus = "dns_bogus"
        /// Whether the answer is secure could not be told: signatures or keys are not passed on (RFC 4035 §5).
        case dnsUnvalidated = "dns_unvalidated"
        case noSuchName = "nxdomain"
        case noMX = "no_mx"
        case nullMX = "null_mx"
        case connectRefused = "connect_refused"
        case connectTimeout = "connect_timeout"
        case unreachable
        case egressBlocked = "egress_blocked"
        case greetingTimeout = "greeting_timeout"
        case greeting4xx = "greeting_4xx"
        case greeting5xx = "greeting_5xx"
        case earlyClose = "early_close"
        case ehloRejected = "ehlo_rejected"
        case starttlsMissing = "starttls_missing"
        case starttlsRejected = "starttls_rejected"
        case tlsHandshake = "tls_handshake"
        /// The server takes only what our TLS does not speak, and others' does.
        case tlsUnsupported = "tls_unsupported"
        case certificateUntrusted = "cert_untrusted"
        case certificateName = "cert_name"
        case certificateExpired = "cert_expired"
        case authFailed = "auth_failed"
        case mailRejected = "mail_rejected"
        case rcptRejected = "rcpt_rejected"
        case greylisted
        case dataRejected = "data_rejected"
        case bounced
        case fetchLoginFailed = "fetch_login_failed"
        case fetchProtocol = "fetch_protocol"
        case notReceived = "not_received"
        case misplaced
        case authResultsFail = "auth_results_fail"
        /// The peer broke the protocol: a line without end, garbage, plaintext behind STARTTLS.
        case protocolViolation = "protocol_violation"
        /// The deadline passed in a phase that has no cause of its own.
        case timeout
        case overload
        case cancelled
        case offline
        /// What was given does not say it.
        case notStated = "not_stated"
        /// Our own fault.
        case `internal`
    }

    package var cause: Cause
    package var phase: Phase.Name?
    /// For a person; free of control characters and secrets. May quote the peer's words, escaped.
    package var detail: String

    package init(_ cause: Cause, during phase: Phase.Name? = nil, _ detail: String = "") {
        self.cause = cause
        self.phase = phase
        self.detail = detail
    }
}

/// A step of a probe and how long it took.
package struct Phase: Hashable, Sendable, Codable {
    /// The phases of a probe, as `phase` in the metrics.
    package enum Name: String, Hashable, Sendable, Codable, CaseIterable {
        case dns, connect, greeting, capabilities, starttls, tls, auth, mail, rcpt, data, fetch, quit, total

        /// The label `phase` of `mailsonde_probe_duration_seconds`.
        package var metricLabel: String {
            switch self {
            case .greeting: "banner"
            case .capabilities: "ehlo"
            default: rawValue
            }
        }
    }

    package var name: Name
    package var seconds: Double

    package init(_ name: Name, seconds: Double) {
        self.name = name
        self.seconds = seconds
    }
}
