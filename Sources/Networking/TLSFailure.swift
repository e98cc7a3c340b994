internal import NIOSSL
internal import TLS

extension TLSFailure {
    /// What BoringSSL says, in our words; nil where the error is not one of TLS.
    init?(of error: any Error) {
        switch error {
        case NIOSSLError.handshakeFailed(let reason): self.init(reason, during: "the handshake failed")
        case NIOSSLError.shutdownFailed(let reason): self.init(reason, during: "closing failed")
        case let error as NIOSSLError: self.init("\(error)")
        case let error as NIOSSLExtraError: self.init("\(error)")
        case let error as BoringSSLError: self.init(error, during: "TLS ended")
        default: return nil
        }
    }

    private init(_ error: BoringSSLError, during attempt: String) {
        switch error {
        case .sslError(let stack), .unknownError(let stack), .invalidSNIName(let stack), .failedToSetALPN(let stack):
            self.init(stack: stack, during: attempt)
        case .syscallError, .zeroReturn: self.init("\(attempt): the peer closed the connection")
        default: self.init(attempt)
        }
    }

    private init(stack: [BoringSSLInternalError], during attempt: String) {
        guard let first = stack.first else {
            self.init(attempt)
            return
        }
        if stack.contains(.eofDuringHandshake) {
            self.init("the peer closed the connection during the handshake")
            return
        }
        let reason = BoringSSLReason(first.description)
        if let alert = reason.alert {
            self.init("the peer refused", alert: alert)
        } else {
            self.init("\(attempt): \(reason.text)")
        }
    }
}

/// The reason in a line of BoringSSL's error stack, which reads
/// `Error: 268436496 error:10000410:SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE at /path/file.cc:604`.
struct BoringSSLReason: Hashable {
    /// `wrong version number`
    var text: String
    /// The name of the alert that was received.
    var alert: String?

    init(_ line: String) {
        let octets = Array(line.utf8)
        let fields = octets.split(separator: UInt8(ascii: ":"), maxSplits: 5, omittingEmptySubsequences: false)
        guard fields.count == 6 else {
            text = "no reason was given"
            return
        }
        let name = fields[5].prefix { $0 != 32 }
        text = String(decoding: name.prefix(80).map { $0 == 95 ? 32 : $0 }, as: UTF8.self).lowercased()
        // The last 12 bits are the reason; those of alerts are 1000 and the alert's number.
        if let code = UInt32(String(decoding: fields[2], as: UTF8.self), radix: 16), code & 0xFFF >= 1_000,
            code >> 24 == 16
        {
            alert = Alert(isFatal: true, number: UInt8(truncatingIfNeeded: code & 0xFFF - 1_000)).name
        }
    }
}
