// Conversations written down, and played to a probe instead of a server.
//
// A transcript is text. Its first line names the service, the host, and the address with its port, as the info string
// of a block in a check's page does:
//
//     smtp mx.example.org 192.0.2.25:25          (IPv6: [2001:db8::25]:25)
//
// Then comes a line for each thing that happens, in order:
//
//     S: 220 mx.example.org ESMTP      The server says this line.
//     C: EHLO                          The client has to say a line that begins so, in either case. These lines may
//                                      be left out: what the client says where none stands is taken as it is.
//     TLS version=TLSv1.3 names=mx.example.org trusted=yes not_after=+60d
//                                      The handshake, where the client begins one: after the go-ahead, or first with
//                                      implicit TLS. All words are optional: version, cipher, group, names (by comma),
//                                      subject, issuer, trusted (yes, no, unknown), problem, not_before, not_after
//                                      (seconds, minutes, hours or days from the moment of the probe: -30d, +60d, 90s),
//                                      key (RSA/2048, ECDSA/256), signature, fingerprint, chain (what is sent behind
//                                      it: SUBJECT<ISSUER, by comma). Words with spaces stand in quotes.
//     ACCEPTS versions=TLSv1,TLSv1.2   What the server accepts besides, where it was asked. All words are optional:
//                                      versions and not (those that are refused), suites and groups (by comma), depth
//                                      (brief, full), weak, static, compression, renegotiation, ems, order, pq, fallback,
//                                      sha1 (yes, no), dh (bits), sni (same, other, refused), problem.
//     TLS fails  the reason            The handshake comes to nothing.
//     pause 12s                        Time passes.
//     close                            The server closes the connection.
//     silence                          The server says nothing more, until the deadline.
//     refused / unreachable / timeout  No connection comes about. Alone.
//     AND SERVICE HOST ADDRESS:PORT    Another conversation begins, as on the first line.
//     # …                              A remark.
//     asks behaviour of example.org    The client asks whom the server takes as sender and recipient for that domain,
//     asks recipient ann@example.org   or whether an address is there. On as many connections as that needs: each is
//                                      played from the beginning.
//     when RCPT TO:<postmaster => 550 5.1.1 unknown after 3s
//                                      Behind the last line, what begins so is answered so; `after` may be left out.
//     injection answered               What came of a NOOP behind STARTTLS on a connection of its own: answered,
//                                      discarded, refused, not_offered.
//
// Behind its last line the server is polite: it answers what was not written down the way a plain server would. It goes
// ahead with STARTTLS where it has offered that (a trusted certificate for the host), tells the same capabilities once
// more inside TLS, without STARTTLS, and says farewell; where the client asks how it behaves, it takes postmaster, abuse
// and the address that is asked for, and nobody else. So a transcript ends with what matters: `close` or `silence`
// where the server is not to be polite. In IMAP `S: TAG OK …` has the tag of the last command.

package import DNS
package import Judgement
package import Mail
package import Networking
internal import Synchronization

/// Why text is no transcript, or the client did not follow it: with the line, counted from 1.
package struct TranscriptError: Error, Hashable, Sendable, CustomStringConvertible {
    package var line: Int
    package var problem: String
    package var description: String { "line \(line): \(problem)" }
}

extension PortObservation {
    /// What the probe of a port sees where the server behaves as written down; see the head of this file for how to
    /// write it.
    package static func playing(transcript: String, at: Timestamp) async throws -> PortObservation {
        let script = try TranscriptScript(transcript, at: at)
        if let error = script.dialling {
            var observation = PortObservation(
                endpoint: script.endpoint, service: script.service, at: at, state: PortProbe.state(after: error))
            observation.failure = Failure(error, during: .connect)
            return observation
        }
        let interview = script.interview
        var observation = try await play(script, interview, at)
        if let interview {
            while interview.wantsMore { _ = try await play(script, interview, at) }
            if let failure = observation.failure { interview.cameToNothing(failure) }
            observation.behaviour = interview.behaviour
        }
        observation.injection = script.injection
        observation.accepts = script.accepts
        return observation
    }

    /// The same of a text in which lines that begin with `AND` begin another conversation.
    package static func playingAll(transcript: String, at: Timestamp) async throws -> [PortObservation] {
        var texts: [[Substring]] = [[]]
        for line in transcript.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("AND ") {
                texts.append([line.dropFirst(4)])
            } else {
                texts[texts.count - 1].append(line)
            }
        }
        var seen: [PortObservation] = []
        for text in texts {
            seen.append(try await playing(transcript: text.joined(separator: "\n"), at: at))
        }
        return seen
    }

    /// One connection.
    private static func play(
        _ script: TranscriptScript, _ interview: SMTPInterview?, _ at: Timestamp
    ) async throws -> PortObservation {
        let wire = ScriptedWire(script, at: at)
        let conversation = Conversation(wire) { wire.elapsed }
        conversation.add(.connect, seconds: 0)
        var talk = PortConversation(
            endpoint: script.endpoint, service: script.service, ehloName: .loopback, at: at, conversation: conversation
        ) { handshake, mode in
            wire.shown?.facts(handshake, mode: mode, host: script.endpoint.host)
                ?? TLSFacts(mode: mode, version: handshake.version)
        }
        talk.interview = interview
        let observation = await talk.observe()
        if let problem = wire.departure { throw problem }
        return observation
    }
}

/// A transcript, read.
struct TranscriptScript: Sendable {
    enum Step: Hashable, Sendable {
        case server([UInt8])
        case client([UInt8])
        case tls(ScriptedTLS)
        case tlsFails(String)
        case pause(Double)
        case close
        case silence
    }

    struct Numbered: Hashable, Sendable {
        var line: Int
        var step: Step
    }

    var service: Service
    var endpoint: Endpoint
    var steps: [Numbered] = []
    var dialling: WireError?
    /// What is asked besides.
    var asked = ScriptedQuestions()
    var injection: InjectionOutcome?
    var accepts: TLSAcceptance?

    init(_ text: String, at: Timestamp) throws(TranscriptError) {
        // By Unicode scalars' octets: "\r\n" is one Character.
        let lines = text.utf8.split(separator: 10, omittingEmptySubsequences: false)
            .map { $0.last == 13 ? $0.dropLast() : $0 }.map { String(decoding: $0, as: UTF8.self) }
        guard let first = lines.firstIndex(where: { !$0.allSatisfy(\.isWhitespace) }) else {
            throw TranscriptError(line: 1, problem: "the transcript is empty")
        }
        (service, endpoint) = try Self.head(lines[first], line: first + 1)
        for (index, line) in lines.enumerated().dropFirst(first + 1) {
            try read(String(line.drop(while: \.isWhitespace)), line: index + 1, at: at)
        }
    }

    /// `smtp mx.example.org 192.0.2.25:25`
    private static func head(_ text: String, line: Int) throws(TranscriptError) -> (Service, Endpoint) {
        var words = text.split(separator: " ").map(String.init)
        if words.first == "transcript" { words.removeFirst() }
        guard words.count == 3, let service = Service(rawValue: words[0]), let host = try? DomainName(words[1]),
            let colon = words[2].lastIndex(of: ":"), let port = UInt16(words[2][words[2].index(after: colon)...]),
            let address = IPAddress(String(words[2][..<colon].filter { $0 != "[" && $0 != "]" }))
        else {
            throw TranscriptError(
                line: line, problem: "write SERVICE HOST ADDRESS:PORT, as in: smtp mx.example.org 192.0.2.25:25")
        }
        return (service, Endpoint(host: host, address: address, port: port))
    }

    private mutating func read(_ text: String, line: Int, at: Timestamp) throws(TranscriptError) {
        func add(_ step: Step) { steps.append(Numbered(line: line, step: step)) }
        func said(_ mark: String) -> [UInt8] {
            let rest = text.utf8.dropFirst(mark.utf8.count)
            return Array(rest.first == 32 ? rest.dropFirst() : rest)
        }
        let word = text.prefix { $0 != " " }
        switch word {
        case "", "#": break
        case "S:": add(.server(said("S:")))
        case "C:": add(.client(said("C:")))
        case "TLS":
            let rest = String(text.dropFirst(3).drop(while: \.isWhitespace))
            if rest == "fails" || rest.hasPrefix("fails ") {
                add(.tlsFails(String(rest.dropFirst(6))))
            } else {
                do throws(ScriptedTLS.Malformed) {
                    add(.tls(try ScriptedTLS(rest, at: at)))
                } catch {
                    throw TranscriptError(line: line, problem: error.description)
                }
            }
        case "ACCEPTS":
            do throws(ScriptedTLS.Malformed) {
                accepts = try ScriptedTLS.acceptance(String(text.dropFirst(7).drop(while: \.isWhitespace)))
            } catch {
                throw TranscriptError(line: line, problem: error.description)
            }
        case "pause":
            guard let seconds = ScriptedTLS.seconds(String(text.dropFirst(6))) else {
                throw TranscriptError(line: line, problem: "write how long: pause 12s")
            }
            add(.pause(seconds))
        case "asks", "when":
            guard asked.read(text) else {
                throw TranscriptError(
                    line: line,
                    problem: "write asks behaviour of DOMAIN, asks recipient ADDRESS, or when COMMAND => REPLY")
            }
        case "injection":
            injection = InjectionOutcome(rawValue: String(text.dropFirst("injection ".count)))
            if injection == nil {
                throw TranscriptError(line: line, problem: "injection answered, discarded, refused …")
            }
        case "close": add(.close)
        case "silence": add(.silence)
        case "refused": dialling = .refused
        case "unreachable": dialling = .unreachable("no route to host")
        case "timeout": dialling = .timedOut
        default:
            if word.hasPrefix("#") { return }
            throw TranscriptError(
                line: line,
                problem: "“\(printable(word))” begins no line: S:, C:, TLS, ACCEPTS, pause, close, silence, refused, …")
        }
    }
}

/// What a handshake of a transcript shows.
struct ScriptedTLS: Hashable, Sendable {
    var version = "TLSv1.3"
    var cipher: String? = "TLS_AES_128_GCM_SHA256"
    var group: String? = "x25519"
    var trusted: Bool? = true
    var problem: String?
    var certificate: CertificateFacts
    /// What is sent behind it.
    var behind: [CertificateFacts] = []

    struct Malformed: Error, CustomStringConvertible { var description: String }

    /// `version=TLSv1.2 names=a.example,b.example …`
    init(_ text: String, at: Timestamp) throws(Malformed) {
        certificate = CertificateFacts(
            subject: "", issuer: "CN=Test Authority", serial: "01", names: [], notBefore: at + -30 * 86_400,
            notAfter: at + 60 * 86_400, keyAlgorithm: "ECDSA", keyBits: 256, signatureAlgorithm: "ECDSA with SHA-256",
            fingerprint: String(repeating: "0", count: 64))
        for (key, value) in try Self.words(text) { try set(key, value, at: at) }
        if certificate.subject.isEmpty { certificate.subject = certificate.names.first.map { "CN=\($0)" } ?? "CN=test" }
        if trusted == false, problem == nil { problem = "the certificate is self-signed" }
    }

    private mutating func set(_ key: String, _ value: String, at: Timestamp) throws(Malformed) {
        func moment() throws(Malformed) -> Timestamp {
            guard let seconds = Self.seconds(value) else {
                throw Malformed(description: "“\(printable(value))” is no length of time: write +60d or -1h")
            }
            return at + seconds
        }
        switch key {
        case "version": version = value
        case "cipher": cipher = value == "unknown" ? nil : value
        case "group": group = value == "unknown" ? nil : value
        case "names": certificate.names = value.split(separator: ",").map(String.init)
        case "subject": certificate.subject = value
        case "issuer": certificate.issuer = value
        case "problem": problem = value
        case "signature": certificate.signatureAlgorithm = value
        case "not_before": certificate.notBefore = try moment()
        case "not_after": certificate.notAfter = try moment()
        case "fingerprint": certificate.fingerprint = value
        case "chain":
            behind = value.split(separator: ",").map { part in
                var issuer = certificate
                let names = part.split(separator: "<").map(String.init)
                (issuer.subject, issuer.issuer) = (names.first ?? "", names.last ?? "")
                return issuer
            }
        case "trusted":
            guard ["yes", "no", "unknown"].contains(value) else {
                throw Malformed(description: "trusted is yes, no or unknown")
            }
            trusted = value == "unknown" ? nil : value == "yes"
        case "key":
            let parts = value.split(separator: "/").map(String.init)
            certificate.keyAlgorithm = parts.first ?? ""
            certificate.keyBits = parts.count > 1 ? Int(parts[1]) : nil
        default: throw Malformed(description: "“\(printable(key))” is no word of TLS")
        }
    }

    /// `key=value key="with spaces"`
    static func words(_ text: String) throws(Malformed) -> [(String, String)] {
        var words: [String] = [""]
        var quoted = false
        for character in text {
            switch character {
            case "\"": quoted.toggle()
            case " " where !quoted: words.append("")
            default: words[words.count - 1].append(character)
            }
        }
        var pairs: [(String, String)] = []
        for word in words where !word.isEmpty {
            guard let equals = word.firstIndex(of: "=") else {
                throw Malformed(description: "“\(printable(word))”: write KEY=VALUE")
            }
            pairs.append((String(word[..<equals]), String(word[word.index(after: equals)...])))
        }
        return pairs
    }

    /// `+60d`, `-12h`, `90s`, `5m`.
    static func seconds(_ text: String) -> Double? {
        var digits = Substring(text)
        let sign: Double = digits.first == "-" ? -1 : 1
        if digits.first == "-" || digits.first == "+" { digits = digits.dropFirst() }
        guard let unit = digits.last.flatMap({ ["s": 1, "m": 60, "h": 3_600, "d": 86_400][$0] as Double? }) else {
            return nil
        }
        digits = digits.dropLast()
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 }),
            let count = Double(digits)
        else { return nil }
        return sign * count * unit
    }

    func facts(_ handshake: TLSHandshake, mode: TLSFacts.Mode, host: DomainName) -> TLSFacts {
        TLSFacts(
            mode: mode, version: handshake.version, cipher: handshake.cipher, keyExchange: handshake.keyExchange,
            chain: [certificate] + behind, trusted: trusted, trustProblem: problem,
            nameMatches: certificate.names.contains { Self.names($0, host) })
    }

    /// RFC 9525 §6.3: a name, or a wildcard for the whole leftmost label.
    private static func names(_ name: String, _ host: DomainName) -> Bool {
        if name.hasPrefix("*.") { return (try? DomainName(String(name.dropFirst(2)))) == host.parent }
        return (try? DomainName(name)) == host
    }
}

/// A wire at whose other end a transcript is played.
package final class ScriptedWire: Wire {
    private struct State {
        var steps: ArraySlice<TranscriptScript.Numbered>
        var unread: [[UInt8]] = []
        var secured = false
        var elapsed = 0.0
        var shown: ScriptedTLS?
        var departure: TranscriptError?
        var written: [UInt8] = []
        /// Every line that the client has said.
        var said: [[UInt8]] = []
        /// The lines in which the server told its capabilities last, the first and the last of a reply among them.
        var capabilities: [[UInt8]] = []
        var hasSpoken = false
        var goesAhead = false
        var isInMessage = false
    }

    private let state: Mutex<State>
    private let dialect: Service.Dialect
    private let host: DomainName
    private let at: Timestamp
    private let asked: ScriptedQuestions

    init(_ script: TranscriptScript, at: Timestamp) {
        dialect = script.service.dialect
        host = script.endpoint.host
        self.at = at
        asked = script.asked
        state = Mutex(State(steps: script.steps[...]))
    }

    /// Plays the lines of a transcript without its first, which names the host.
    package convenience init(script: String, dialect: Service.Dialect, at: Timestamp = Timestamp(0)) throws {
        let read = try TranscriptScript("\(dialect.rawValue) host.test 192.0.2.1:1\n" + script, at: at)
        self.init(read, at: at)
    }

    /// Seconds that passed by the script.
    package var elapsed: Double { state.withLock(\.elapsed) }
    /// Every line the client has said, without its end.
    package var said: [String] { state.withLock { $0.said.map { String(decoding: $0, as: UTF8.self) } } }
    /// Where the client did not follow the script.
    package var departure: TranscriptError? { state.withLock(\.departure) }
    var shown: ScriptedTLS? { state.withLock(\.shown) }

    package var isSecured: Bool { state.withLock(\.secured) }
    package var sawBareLineFeed: Bool { false }

    // MARK: The client's doings

    package func readLine(limit: Int) async throws(WireError) -> [UInt8] {
        let line = try next()
        guard line.count <= limit else { throw .lineTooLong(limit: limit) }
        return line
    }

    /// Literals stand in the script as lines, so that their length counts CRLF between them.
    package func read(count: Int) async throws(WireError) -> [UInt8] {
        var octets: [UInt8] = []
        while octets.count < count { octets += try next() + [13, 10] }
        var rest = Array(octets[count...])
        if rest.suffix(2) == [13, 10] {
            rest.removeLast(2)
            let line = rest
            state.withLock { $0.unread.insert(line, at: 0) }
        }
        return Array(octets[..<count])
    }

    package func write(_ bytes: [UInt8]) async throws(WireError) {
        let followed = state.withLock { state in
            state.written += bytes
            while let end = state.written.firstIndex(of: 10) {
                var line = Array(state.written[..<end])
                state.written.removeSubrange(...end)
                if line.last == 13 { line.removeLast() }
                hear(line, &state)
            }
            return state.departure == nil
        }
        if !followed { throw .io("the client left the transcript") }
    }

    package func startTLS(serverName: DomainName?) async throws(WireError) -> TLSHandshake {
        let result: Result<TLSHandshake, WireError> = state.withLock { state in
            letTimePass(&state)
            switch state.steps.first?.step {
            case .tls(let shown)?:
                state.steps.removeFirst()
                return .success(secure(&state, shown))
            case nil:
                guard state.goesAhead || !state.hasSpoken,
                    let shown = try? ScriptedTLS("names=\(host)", at: at)
                else { return .failure(.closedByPeer) }
                return .success(secure(&state, shown))
            case .tlsFails(let reason)?:
                state.steps.removeFirst()
                return .failure(.tls(TLSFailure(reason.isEmpty ? "the handshake failed" : reason)))
            case .close?: return .failure(.closedByPeer)
            case .silence?: return .failure(.timedOut)
            case .server?: return .failure(.plaintextBehindSTARTTLS)
            case .client?, .pause?: return .failure(.tls(TLSFailure("the server did not answer with TLS")))
            }
        }
        return try result.get()
    }

    private func secure(_ state: inout State, _ shown: ScriptedTLS) -> TLSHandshake {
        state.secured = true
        state.shown = shown
        if !state.hasSpoken, state.steps.isEmpty { state.unread.append(greeting) }
        return TLSHandshake(
            version: shown.version, cipher: shown.cipher, keyExchange: shown.group, chain: [], seconds: 0)
    }

    // MARK: The script's course

    private func letTimePass(_ state: inout State) {
        while case .pause(let seconds)? = state.steps.first?.step {
            state.elapsed += seconds
            state.steps.removeFirst()
        }
    }

    private func next() throws(WireError) -> [UInt8] {
        let result: Result<[UInt8], WireError> = state.withLock { state in
            if !state.unread.isEmpty { return .success(state.unread.removeFirst()) }
            letTimePass(&state)
            switch state.steps.first?.step {
            case .server(let line)?:
                state.steps.removeFirst()
                state.hasSpoken = true
                let tagged = withTag(line, state)
                note(tagged, &state)
                return .success(tagged)
            case .silence?: return .failure(.timedOut)
            case .client(let due)?: return depart(&state, "the client waits, where it has to say “\(printable(due))”")
            case .tls?, .tlsFails?: return depart(&state, "the client waits, where it has to begin TLS")
            case .close?, .pause?, nil: return .failure(.closedByPeer)
            }
        }
        return try result.get()
    }

    private func depart(_ state: inout State, _ problem: String) -> Result<[UInt8], WireError> {
        if state.departure == nil {
            state.departure = TranscriptError(line: state.steps.first?.line ?? 0, problem: problem)
        }
        return .failure(.timedOut)
    }

    /// The client said a line.
    private func hear(_ line: [UInt8], _ state: inout State) {
        state.said.append(line)
        if state.isInMessage {
            guard line == [46] else { return }
            state.isInMessage = false
        }
        letTimePass(&state)
        if tellsCapabilities(line), !state.steps.isEmpty { state.capabilities = [] }
        switch state.steps.first?.step {
        case .client(let due)?:
            if matches(line, due) {
                state.steps.removeFirst()
            } else {
                _ = depart(
                    &state, "the client says “\(printable(line))”, where it has to say “\(printable(due))”")
            }
        case nil: state.unread += answer(line, &state)
        default: break
        }
    }

    /// IMAP's tags are the client's to choose: a line matches without its tag as well.
    private func matches(_ line: [UInt8], _ due: [UInt8]) -> Bool {
        let prefix = String(decoding: due, as: UTF8.self)
        return line.startsWithASCII(prefix) || (dialect == .imap && withoutTag(line).startsWithASCII(prefix))
    }

    private func withoutTag(_ line: [UInt8]) -> [UInt8] { Array(line.drop { $0 != 32 }.dropFirst()) }

    /// `TAG` in front becomes the tag of the last command.
    private func withTag(_ line: [UInt8], _ state: State) -> [UInt8] {
        guard dialect == .imap, line.starts(with: Array("TAG ".utf8)), let said = state.said.last else { return line }
        return said.prefix { $0 != 32 } + line.dropFirst(3)
    }

    private func tellsCapabilities(_ command: [UInt8]) -> Bool {
        switch dialect {
        case .smtp: command.startsWithASCII("EHLO")
        case .imap: withoutTag(command).startsWithASCII("CAPABILITY")
        case .pop3: command.startsWithASCII("CAPA")
        }
    }

    /// Keeps the lines in which the server tells its capabilities.
    private func note(_ line: [UInt8], _ state: inout State) {
        if dialect == .smtp, line.starts(with: Array("354".utf8)) { state.isInMessage = true }
        guard let command = state.said.last, tellsCapabilities(command) else { return }
        if dialect != .imap || line.startsWithASCII("* CAPABILITY") { state.capabilities.append(line) }
    }

    // MARK: Politeness

    private var greeting: [UInt8] {
        switch dialect {
        case .smtp: Array("220 \(host) ESMTP".utf8)
        case .imap: Array("* OK ready".utf8)
        case .pop3: Array("+OK ready".utf8)
        }
    }

    /// What a plain server answers to a command that the script says nothing of.
    private func answer(_ line: [UInt8], _ state: inout State) -> [[UInt8]] {
        if let (reply, seconds) = asked.answer(line) {
            state.elapsed += seconds
            return [Array(reply.utf8)]
        }
        let command = dialect == .imap ? withoutTag(line) : line
        let word = String(decoding: command.prefix { $0 != 32 }.uppercasedASCII, as: UTF8.self)
        if word == "STARTTLS" || word == "STLS" { state.goesAhead = true }
        let told = state.capabilities.map { String(decoding: $0, as: UTF8.self) }
        switch dialect {
        case .smtp:
            if word == "DATA" { state.isInMessage = true }
            return smtp(word, told, isSecured: state.secured).map { Array($0.utf8) }
        case .imap:
            let tag = String(decoding: line.prefix { $0 != 32 }, as: UTF8.self)
            return imap(word, told, isSecured: state.secured).map { Array($0.utf8) } + [Array("\(tag) OK done".utf8)]
        case .pop3:
            guard word == "CAPA" else { return [Array("+OK".utf8)] }
            let lines = told.filter { $0 != "." && !$0.uppercasedASCII.hasPrefix("+OK") }
                .filter { !state.secured || $0.uppercasedASCII != "STLS" }
            return (["+OK"] + lines + ["."]).map { Array($0.utf8) }
        }
    }

    private func smtp(_ word: String, _ told: [String], isSecured: Bool) -> [String] {
        switch word {
        case "EHLO":
            var lines = told.filter { $0.hasPrefix("250") }.map { String($0.dropFirst(4)) }
            if isSecured { lines.removeAll { $0.uppercasedASCII == "STARTTLS" } }
            if lines.isEmpty { lines = ["\(host)"] }
            return lines.dropLast().map { "250-" + $0 } + lines.suffix(1).map { "250 " + $0 }
        case "STARTTLS": return ["220 go ahead"]
        case "QUIT": return ["221 bye"]
        case "AUTH": return ["235 2.7.0 welcome"]
        case "DATA": return ["354 go ahead"]
        case "HELO", "MAIL", "RCPT", "RSET", "NOOP", ".": return ["250 fine"]
        default: return ["502 5.5.1 not known"]
        }
    }

    private func imap(_ word: String, _ told: [String], isSecured: Bool) -> [String] {
        switch word {
        case "CAPABILITY":
            let atoms = (told.last ?? "* CAPABILITY IMAP4rev1").split(separator: " ").filter {
                !isSecured || !["STARTTLS", "LOGINDISABLED"].contains(String($0).uppercasedASCII)
            }
            return [atoms.joined(separator: " ")]
        case "LOGOUT": return ["* BYE"]
        default: return []
        }
    }
}
