package import DNS

/// What a session of SMTP, IMAP or POP3 needs of its connection. ``Connection`` is the real one; a scripted
/// transcript can be another, so that sessions are tested without a socket.
///
/// One operation at a time. Once an operation has thrown, the connection is of no use but for what had arrived before.
package protocol Wire: AnyObject, Sendable {
    /// The next line without its end, which is CRLF or a bare LF (``sawBareLineFeed`` tells); a bare CR is part of
    /// the line. An unfinished line before the peer closes is not a line.
    /// - Parameter limit: octets without the line end; a longer one throws `lineTooLong`.
    func readLine(limit: Int) async throws(WireError) -> [UInt8]

    /// The same, given up after `seconds`: nil then, and the connection is of no more use.
    func readLine(limit: Int, within seconds: Double) async throws(WireError) -> [UInt8]?

    /// Exactly `count` octets (an IMAP literal).
    func read(count: Int) async throws(WireError) -> [UInt8]

    /// Returns when the octets were handed to the system. Where the peer has closed but what it said before is not
    /// read yet, what is written is dropped without an error, so that the reason for closing can be read.
    func write(_ bytes: [UInt8]) async throws(WireError)

    /// Begins TLS: after the go-ahead of STARTTLS, or at once where TLS is implicit. Any certificate is taken: what
    /// it is worth is judged later from the chain. With TLS 1.3 a server may still refuse after this has returned
    /// (RFC 8446 §2): the handshake counts once a reply was read; a late alert is thrown as `.tls` by the next read.
    /// - Parameter serverName: sent in SNI (RFC 6066 §3); nil where an address is all there is.
    func startTLS(serverName: DomainName?) async throws(WireError) -> TLSHandshake

    /// Whether TLS is up.
    var isSecured: Bool { get }

    /// Whether a line ended in LF without CR, against RFC 5321 §2.3.8.
    var sawBareLineFeed: Bool { get }
}

extension Wire {
    package func readLine(limit: Int, within seconds: Double) async throws(WireError) -> [UInt8]? {
        do {
            return try await withDeadline(.after(seconds: seconds)) { try await self.readLine(limit: limit) }
        } catch is DeadlinePassed {
            return nil
        } catch {
            throw (error as? WireError) ?? .cancelled
        }
    }
}

/// Why an operation on a connection came to nothing.
package enum WireError: Error, Hashable, Sendable {
    /// The deadline passed.
    case timedOut
    /// The peer closed or reset the connection.
    case closedByPeer
    /// A line longer than the limit (octets) that was given.
    case lineTooLong(limit: Int)
    /// The peer sent more than the limit (octets) for one connection.
    case tooMuch(limit: Int)
    /// Octets stood behind the go-ahead of STARTTLS: had we used them, they would have passed as if they came from
    /// inside TLS (command injection, CVE-2011-0411; RFC 3207 §4.2 has both sides discard what was said before).
    case plaintextBehindSTARTTLS
    case tls(TLSFailure)
    /// The port answered with a reset (ECONNREFUSED).
    case refused
    /// No way there: no route, or a firewall said so. The text names the system's reason.
    case unreachable(String)
    /// We did not dial: as many connections to the address as are polite were open or had been made.
    case heldBack
    /// The network was not to be touched.
    case offline
    /// The task was cancelled.
    case cancelled
    /// Anything else the system says.
    case io(String)
}

extension WireError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .timedOut: "no answer before the deadline"
        case .closedByPeer: "the peer closed the connection"
        case .lineTooLong(let limit): "the peer sent a line longer than \(limit) octets"
        case .tooMuch(let limit): "the peer sent more than \(limit) octets"
        case .plaintextBehindSTARTTLS: "the peer sent more in clear behind its go-ahead for TLS"
        case .tls(let failure): "TLS failed: \(failure)"
        case .refused: "connection refused"
        case .unreachable(let reason): "unreachable: \(reason)"
        case .heldBack: "not dialled before the deadline: connections to one address are bounded"
        case .offline: "the network is not to be touched (offline)"
        case .cancelled: "cancelled"
        case .io(let reason): reason
        }
    }
}

/// Why TLS did not come about, or ended.
package struct TLSFailure: Error, Hashable, Sendable {
    /// For a person; bounded, without control characters.
    package var text: String
    /// The alert the peer sent, by its name in RFC 8446 §6 or RFC 5246 §7.2: `handshake_failure`; nil without one.
    package var alert: String?

    package init(_ text: String, alert: String? = nil) {
        self.text = text
        self.alert = alert
    }
}

extension TLSFailure: CustomStringConvertible {
    package var description: String { alert.map { "\(text) (alert \($0))" } ?? text }
}

/// What was seen of a TLS handshake.
package struct TLSHandshake: Hashable, Sendable {
    /// `TLSv1.3`, `TLSv1.2`, `TLSv1.1`, `TLSv1`.
    package var version: String
    /// IANA's name of the cipher suite: `TLS_AES_128_GCM_SHA256`; nil where it could not be read.
    package var cipher: String?
    /// IANA's name of the group of the key exchange: `x25519`, `X25519MLKEM768`, `secp256r1`; nil where it could not
    /// be read, and where the key exchange has no group (RSA key transport).
    package var keyExchange: String?
    /// The certificates as sent, in DER, the server's own first.
    package var chain: [[UInt8]]
    /// From the first octet of ours to the end of the handshake.
    package var seconds: Double

    package init(version: String, cipher: String?, keyExchange: String?, chain: [[UInt8]], seconds: Double) {
        self.version = version
        self.cipher = cipher
        self.keyExchange = keyExchange
        self.chain = chain
        self.seconds = seconds
    }
}
