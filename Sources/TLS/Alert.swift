/// An alert that a peer sent (RFC 8446 §6, RFC 5246 §7.2).
package struct Alert: Hashable, Sendable {
    package var isFatal: Bool
    package var number: UInt8

    package init(isFatal: Bool, number: UInt8) {
        self.isFatal = isFatal
        self.number = number
    }

    /// `handshake_failure`; others as their number, `alert 200`.
    package var name: String { names[number] ?? "alert \(number)" }

    static let closeNotify: UInt8 = 0
    static let protocolVersion: UInt8 = 70
    static let inappropriateFallback: UInt8 = 86
    static let unrecognizedName: UInt8 = 112

    /// Whether it says that what was offered is not accepted, and not that something else went wrong.
    package var isRefusal: Bool {
        switch number {
        // handshake_failure, illegal_parameter, protocol_version, insufficient_security, inappropriate_fallback,
        // missing_extension, unsupported_extension; no_certificate and bad_certificate of SSLv3's days.
        case 40, 41, 42, 47, 70, 71, 86, 109, 110: true
        // decode_error and internal_error: what servers say that never expected such a hello.
        case 50, 80: true
        default: false
        }
    }
}

private let names: [UInt8: String] = [
    0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed", 22: "record_overflow",
    30: "decompression_failure", 40: "handshake_failure", 41: "no_certificate", 42: "bad_certificate",
    43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired", 46: "certificate_unknown",
    47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error", 51: "decrypt_error",
    60: "export_restriction", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error",
    86: "inappropriate_fallback", 90: "user_canceled", 100: "no_renegotiation", 109: "missing_extension",
    110: "unsupported_extension", 111: "certificate_unobtainable", 112: "unrecognized_name",
    113: "bad_certificate_status_response", 114: "bad_certificate_hash_value", 115: "unknown_psk_identity",
    116: "certificate_required", 120: "no_application_protocol",
]
