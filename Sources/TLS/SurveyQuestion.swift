/// One question to a server: a ClientHello, and what it is asked for.
package struct SurveyQuestion: Hashable, Sendable {
    /// What the answer is to tell.
    package enum Topic: Hashable, Sendable {
        case version(ProtocolVersion)
        /// Hybrid groups and ML-KEM alone are offered.
        case postQuantum
        case weakSuites
        case withoutForwardSecrecy
        case finiteField
        /// The first hello of the newest version before TLS 1.3 with its suites turned round, and without SNI.
        case turnedRound
        /// The same with SNI, or without the suite that was chosen twice.
        case preference
        case fallback
        case suites(ProtocolVersion)
        case groups(ProtocolVersion)
    }

    package var topic: Topic
    package var hello: ClientHello

    package init(_ topic: Topic, _ hello: ClientHello) {
        self.topic = topic
        self.hello = hello
    }
}

/// What came of a question.
package enum SurveyAnswer: Hashable, Sendable {
    /// The server chose.
    case chosen(ServerFlight)
    /// The server turned the offer down with this alert.
    case refused(Alert)
    /// The server hung up without a word of TLS.
    case closed
    /// Anything else: the time was up, it was no TLS, the peer was not to be reached.
    case couldNotTell(String)

    /// - Parameters:
    ///   - closed: whether the peer closed the connection, where the flight has not come to its end.
    package init(_ flight: ServerFlight, to hello: ClientHello, closed: Bool) {
        if let told = flight.hello {
            // What was not offered can't be chosen: who does so has not understood the question.
            let isSSL2 = told.version == .ssl2
            let isOffered =
                isSSL2
                ? hello.version == .ssl2
                : told.version <= hello.version && told.version >= .ssl3
                    && (hello.version < .tls13 || told.version == .tls13) && hello.suites.contains(told.suite)
            self =
                isOffered
                ? .chosen(flight)
                : .couldNotTell("the server chose \(told.version), \(told.suite), which was not offered")
            return
        }
        switch flight.ending {
        case .alert(let alert): self = alert.isRefusal ? .refused(alert) : .couldNotTell("an alert: \(alert.name)")
        case .notTLS: self = .couldNotTell("what was answered is no TLS")
        case .violation(let what): self = .couldNotTell("the answer can't be read: \(what)")
        case .tooMuch: self = .couldNotTell("the answer is longer than \(ServerFlight.maximum) octets")
        case .complete, nil: self = closed ? .closed : .couldNotTell("no answer before the deadline")
        }
    }

    /// The server does not go by the name in SNI (RFC 6066 §3), which says nothing of what it accepts otherwise.
    package static let nameIsRefused = Self.couldNotTell(
        "an alert: \(Alert(isFatal: true, number: Alert.unrecognizedName).name)")

    package var flight: ServerFlight? { if case .chosen(let flight) = self { flight } else { nil } }
}
