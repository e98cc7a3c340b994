internal import DNS
package import Mail

/// One connection to one port of one address.
///
/// A value like any other; what it holds stands elsewhere, because it is much and is handed on often.
package struct PortObservation: Sendable {
    /// What came of dialling.
    package enum State: String, Hashable, Sendable, Codable { case open, refused, timeout, unreachable }

    private struct Facts: Hashable, Sendable, Codable {
        var endpoint: Endpoint
        var service: Service
        var at: Timestamp
        var state: State
        var greeting: [String] = []
        var greetingCode: Int?
        var capabilitiesBeforeTLS: [String]?
        var capabilitiesAfterTLS: [String]?
        var ehloName: String?
        var authBeforeTLS: [String]?
        var authAfterTLS: [String]?
        var loginBeforeTLS: Bool?
        var offersSTARTTLS: Bool?
        var tls: TLSFacts?
        var accepts: TLSAcceptance?
        var phases: [Phase] = []
        var failure: Failure?
        var transcript: [String] = []
        var saidHELO: Bool?
        var isPreauthenticated: Bool?
        var lineFacts: LineFacts?
        var injection: InjectionOutcome?
        var behaviour: SMTPBehaviour?
    }

    /// Never written to while another has it too.
    private final class Box: @unchecked Sendable {
        var facts: Facts

        init(_ facts: Facts) { self.facts = facts }
    }

    private var box: Box

    private var facts: Facts {
        get { box.facts }
        _modify {
            if !isKnownUniquelyReferenced(&box) { box = Box(box.facts) }
            yield &box.facts
        }
    }

    package init(endpoint: Endpoint, service: Service, at: Timestamp, state: State) {
        box = Box(Facts(endpoint: endpoint, service: service, at: at, state: state))
    }

    package var endpoint: Endpoint {
        get { box.facts.endpoint }
        _modify { yield &facts.endpoint }
    }
    package var service: Service {
        get { box.facts.service }
        _modify { yield &facts.service }
    }
    package var at: Timestamp {
        get { box.facts.at }
        _modify { yield &facts.at }
    }
    /// Whether a TCP connection came about.
    package var state: State {
        get { box.facts.state }
        _modify { yield &facts.state }
    }
    /// The greeting, a string a line, as sent (not escaped: those who print escape). Empty where none came.
    package var greeting: [String] {
        get { box.facts.greeting }
        _modify { yield &facts.greeting }
    }
    /// The reply code of an SMTP greeting.
    package var greetingCode: Int? {
        get { box.facts.greetingCode }
        _modify { yield &facts.greetingCode }
    }
    /// What the server says it can before TLS: EHLO keywords with parameters (the first line, with the server's
    /// name, is `ehloName`), CAPABILITY atoms, CAPA lines. nil where it was not told; with implicit TLS always nil.
    package var capabilitiesBeforeTLS: [String]? {
        get { box.facts.capabilitiesBeforeTLS }
        _modify { yield &facts.capabilitiesBeforeTLS }
    }
    /// The same once TLS is up. nil where it was not told.
    package var capabilitiesAfterTLS: [String]? {
        get { box.facts.capabilitiesAfterTLS }
        _modify { yield &facts.capabilitiesAfterTLS }
    }
    /// The name in the first line of the reply to EHLO (RFC 5321 §4.1.1.1).
    package var ehloName: String? {
        get { box.facts.ehloName }
        _modify { yield &facts.ehloName }
    }
    /// SASL mechanisms, upper case, offered in clear; nil where it was not told.
    package var authBeforeTLS: [String]? {
        get { box.facts.authBeforeTLS }
        _modify { yield &facts.authBeforeTLS }
    }
    /// SASL mechanisms, upper case, offered inside TLS; nil where it was not told.
    package var authAfterTLS: [String]? {
        get { box.facts.authAfterTLS }
        _modify { yield &facts.authAfterTLS }
    }
    /// Whether a plaintext login is open before TLS although no mechanism says so: IMAP LOGIN without
    /// LOGINDISABLED (RFC 9051 §6.2.3), POP3 USER. nil where it was not told.
    package var loginBeforeTLS: Bool? {
        get { box.facts.loginBeforeTLS }
        _modify { yield &facts.loginBeforeTLS }
    }
    /// Whether STARTTLS (STLS) is on offer; nil where it was not told, or with implicit TLS.
    package var offersSTARTTLS: Bool? {
        get { box.facts.offersSTARTTLS }
        _modify { yield &facts.offersSTARTTLS }
    }
    package var tls: TLSFacts? {
        get { box.facts.tls }
        _modify { yield &facts.tls }
    }
    /// What the server accepts besides; nil where it was not asked.
    package var accepts: TLSAcceptance? {
        get { box.facts.accepts }
        _modify { yield &facts.accepts }
    }
    package var phases: [Phase] {
        get { box.facts.phases }
        _modify { yield &facts.phases }
    }
    package var failure: Failure? {
        get { box.facts.failure }
        _modify { yield &facts.failure }
    }
    /// What was said, `C: ` and `S: ` before each line, secrets left out; bounded.
    package var transcript: [String] {
        get { box.facts.transcript }
        _modify { yield &facts.transcript }
    }
    /// SMTP: EHLO was not known, and HELO taken instead; nil where neither was accepted.
    package var saidHELO: Bool? {
        get { box.facts.saidHELO }
        _modify { yield &facts.saidHELO }
    }
    /// IMAP: whether the greeting was PREAUTH, that is: logged in already (RFC 9051 §7.1.4); nil without a greeting.
    package var isPreauthenticated: Bool? {
        get { box.facts.isPreauthenticated }
        _modify { yield &facts.isPreauthenticated }
    }
    /// How the server's lines were formed; nil where none came.
    package var lineFacts: LineFacts? {
        get { box.facts.lineFacts }
        _modify { yield &facts.lineFacts }
    }
    /// What came of a command smuggled in behind STARTTLS; nil where it was not tried.
    package var injection: InjectionOutcome? {
        get { box.facts.injection }
        _modify { yield &facts.injection }
    }
    /// What the server answers to questions about senders and recipients; nil where they were not asked.
    package var behaviour: SMTPBehaviour? {
        get { box.facts.behaviour }
        _modify { yield &facts.behaviour }
    }
}

extension PortObservation {
    /// The last capabilities the server told.
    package var capabilities: [String] { capabilitiesAfterTLS ?? capabilitiesBeforeTLS ?? [] }

    /// How long a phase took, in seconds; nil where it was not reached.
    package func seconds(_ phase: Phase.Name) -> Double? { phases.first { $0.name == phase }?.seconds }
}

extension PortObservation: Hashable, Codable {
    package static func == (a: PortObservation, b: PortObservation) -> Bool {
        a.box === b.box || a.box.facts == b.box.facts
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(box.facts) }

    package init(from decoder: any Decoder) throws { box = Box(try Facts(from: decoder)) }

    package func encode(to encoder: any Encoder) throws { try box.facts.encode(to: encoder) }
}
