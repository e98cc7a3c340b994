internal import DNS
internal import Judgement
internal import Networking

/// One conversation over a wire: what was said, how long each phase took, and which phase it is in, so that a
/// failure carries all three. The sessions of SMTP, IMAP and POP3 speak through it.
///
/// It belongs to one task at a time. Its deadline is the wire's.
final class Conversation {
    let wire: any Wire
    var transcript: Transcript
    /// The phases gone through, each once: what happens again in a phase is added to it.
    private(set) var phases: [Phase]
    /// Seconds since any fixed moment, monotonic.
    let clock: @Sendable () -> Double
    private(set) var phase: Phase.Name?
    /// Whether anything was read since TLS came up: until then the handshake counts for nothing (RFC 8446 §2:
    /// a server may still refuse after the client is done).
    private(set) var hasReadInsideTLS = false
    /// Octets of the longest line heard; nil before the first.
    private(set) var longestLine: Int?
    private(set) var hasHeardEightBit = false

    init(
        _ wire: any Wire, transcript: Transcript = Transcript(), phases: [Phase] = [],
        clock: @escaping @Sendable () -> Double
    ) {
        self.wire = wire
        self.transcript = transcript
        self.phases = phases
        self.clock = clock
    }

    /// Runs `work` as the phase `name`: takes its time, whether it ends well or not.
    func during<T>(_ name: Phase.Name, _ work: () async throws(Failure) -> T) async throws(Failure) -> T {
        let outer = phase
        let began = clock()
        phase = name
        defer {
            add(name, seconds: clock() - began)
            phase = outer
        }
        return try await work()
    }

    func add(_ name: Phase.Name, seconds: Double) {
        if let index = phases.firstIndex(where: { $0.name == name }) {
            phases[index].seconds += seconds
        } else {
            phases.append(Phase(name, seconds: seconds))
        }
    }

    // MARK: Hearing

    /// The next line, without its end.
    func hear(limit: Int) async throws(Failure) -> [UInt8] {
        heard(try await attempt { () async throws(WireError) in try await wire.readLine(limit: limit) })
    }

    private func heard(_ line: [UInt8]) -> [UInt8] {
        if wire.isSecured { hasReadInsideTLS = true }
        longestLine = max(longestLine ?? 0, line.count)
        if line.contains(where: { $0 > 127 }) { hasHeardEightBit = true }
        transcript.server(line)
        return line
    }

    /// The same, waited for so long; nil where nothing came, and the conversation is of no more use.
    func hear(limit: Int, within seconds: Double) async throws(Failure) -> [UInt8]? {
        let line = try await attempt { () async throws(WireError) in
            try await wire.readLine(limit: limit, within: seconds)
        }
        return line.map(heard)
    }

    /// Exactly `count` octets, which the transcript only counts.
    func hear(count: Int) async throws(Failure) -> [UInt8] {
        let octets = try await attempt { () async throws(WireError) in try await wire.read(count: count) }
        if wire.isSecured { hasReadInsideTLS = true }
        transcript.note("\(count) octets of data")
        return octets
    }

    /// A line that is data and not conversation: the transcript leaves it out.
    func hearData(limit: Int) async throws(Failure) -> [UInt8] {
        try await attempt { () async throws(WireError) in try await wire.readLine(limit: limit) }
    }

    // MARK: Saying

    /// Sends a line. Only whole, checked commands get here; a line end or NUL within one is our own fault and
    /// is never sent.
    /// - Parameter shown: what the transcript has instead, where the line holds a secret.
    func say(_ line: [UInt8], shown: String? = nil) async throws(Failure) {
        guard !line.contains(where: { $0 == 13 || $0 == 10 || $0 == 0 }) else {
            throw Failure(.internal, during: phase, "a command with a line end in it was not sent")
        }
        transcript.client(shown.map { Array($0.utf8) } ?? line)
        try await attempt { () async throws(WireError) in try await wire.write(line + [13, 10]) }
    }

    func say(_ line: String) async throws(Failure) { try await say(Array(line.utf8)) }

    /// Sends octets as they are: a message, an IMAP literal.
    func send(_ octets: [UInt8], shown: String) async throws(Failure) {
        transcript.client(Array(shown.utf8))
        try await attempt { () async throws(WireError) in try await wire.write(octets) }
    }

    /// Says good-bye and hears the first line of the answer, as the phase `quit`. Nobody waits long for it: all that
    /// was to be seen has been seen. nil where nothing came.
    @discardableResult
    func farewell(_ line: String, within seconds: Double = 3) async -> [UInt8]? {
        try? await during(.quit) { () async throws(Failure) -> [UInt8]? in
            try await say(line)
            let answer = try? await wire.readLine(limit: 4_096, within: seconds)
            if let answer { transcript.server(answer) }
            return answer
        }
    }

    /// How the lines heard were formed; nil where none was.
    var lineFacts: LineFacts? {
        longestLine.map {
            LineFacts(longest: $0, hasBareLineFeed: wire.sawBareLineFeed, hasEightBit: hasHeardEightBit)
        }
    }

    // MARK: TLS

    /// The handshake. Whoever calls sees to it that data is read before it counts.
    func startTLS(as name: DomainName?) async throws(Failure) -> TLSHandshake {
        try await during(.tls) { () async throws(Failure) -> TLSHandshake in
            let handshake = try await attempt { () async throws(WireError) in
                try await wire.startTLS(serverName: name)
            }
            transcript.note("TLS: \(handshake.version)\(handshake.cipher.map { ", " + $0 } ?? "")")
            return handshake
        }
    }

    /// Whether ``confirm(saying:within:)`` waited in vain: the server has neither spoken nor refused.
    private(set) var isSilentInsideTLS = false

    /// Hears one line inside TLS, so that the handshake counts, and says nothing more. A server that keeps silent for
    /// `seconds` has not refused: ``isSilentInsideTLS`` says so.
    func confirm(saying line: String?, within seconds: Double = 5) async throws(Failure) {
        if let line { try await say(line) }
        do throws(WireError) {
            guard let line = try await wire.readLine(limit: 4_096, within: seconds) else {
                isSilentInsideTLS = true
                return
            }
            hasReadInsideTLS = true
            transcript.server(line)
        } catch {
            throw Failure(error, during: .tls, securedButSilent: true)
        }
    }

    // MARK: Failing

    /// A failure in the phase that we are in.
    func failure(_ cause: Failure.Cause, _ detail: String) -> Failure { Failure(cause, during: phase, detail) }

    /// The peer broke the protocol: what it said is quoted, escaped and without secrets.
    func violation(_ what: String, quoting line: some Collection<UInt8> = []) -> Failure {
        failure(.protocolViolation, line.isEmpty ? what : "\(what): “\(quote(line))”")
    }

    /// The peer's words for a person: escaped, cut, without secrets.
    func quote(_ line: some Collection<UInt8>) -> String { printable(transcript.redacted(line)) }

    private func attempt<T: Sendable>(_ work: () async throws(WireError) -> T) async throws(Failure) -> T {
        do throws(WireError) {
            return try await work()
        } catch {
            throw Failure(error, during: phase, securedButSilent: wire.isSecured && !hasReadInsideTLS)
        }
    }
}

extension Failure {
    /// What happened to an open connection, in the words of the report.
    /// - Parameter securedButSilent: TLS is up for us, and the peer has said nothing inside it yet.
    init(_ error: WireError, during phase: Phase.Name?, securedButSilent: Bool = false) {
        let cause: Cause =
            switch error {
            case .timedOut:
                switch phase {
                case .connect: .connectTimeout
                case .greeting: .greetingTimeout
                default: .timeout
                }
            // A server that closes instead of greeting inside TLS has refused the handshake without an alert.
            case .closedByPeer: phase == .tls || (securedButSilent && phase != .greeting) ? .tlsHandshake : .earlyClose
            case .lineTooLong, .tooMuch, .plaintextBehindSTARTTLS: .protocolViolation
            case .tls: .tlsHandshake
            case .refused: .connectRefused
            case .unreachable: .unreachable
            case .heldBack: .overload
            case .offline: .offline
            case .cancelled: .cancelled
            case .io: phase == .connect ? .unreachable : .internal
            }
        self.init(cause, during: phase, printable("\(error)"))
    }
}
