/// A user's name and password, checked so that each mechanism can carry them.
package struct Credentials: Sendable {
    package let user: String
    package let password: Secret

    /// Why a name or a password cannot be used; never says what it is.
    package enum Unusable: Error, Hashable, Sendable, CustomStringConvertible {
        case user, password

        package var description: String {
            switch self {
            case .user: "the user name is empty or has a control character in it"
            case .password: "the password is empty or has a control character in it"
            }
        }
    }

    /// Neither may be empty or hold a control character: NUL parts the fields of PLAIN (RFC 4616 §2), CR and LF end
    /// a command.
    package init(user: String, password: Secret) throws(Unusable) {
        guard Self.isClean(Array(user.utf8)) else { throw .user }
        guard Self.isClean(password.reveal()) else { throw .password }
        self.user = user
        self.password = password
    }

    private static func isClean(_ octets: [UInt8]) -> Bool {
        (1...1_000).contains(octets.count) && octets.allSatisfy { $0 >= 32 && $0 != 127 }
    }

    /// RFC 4616 §2: `message = [authzid] UTF8NUL authcid UTF8NUL passwd`, in base64 (RFC 4954 §4).
    var plain: [UInt8] { base64(of: [0] + Array(user.utf8) + [0] + password.reveal()) }
    /// What LOGIN, which no RFC describes, is asked for in turn.
    var loginUser: [UInt8] { base64(of: Array(user.utf8)) }
    var loginPassword: [UInt8] { base64(of: password.reveal()) }

    /// Keeps every form of the password out of what is recorded.
    func hide(in transcript: inout Transcript) {
        transcript.hide(password.reveal())
        transcript.hide(plain)
        transcript.hide(loginPassword)
    }
}

/// RFC 4648 §4, with padding.
func base64(of octets: [UInt8]) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((octets.count + 2) / 3 * 4)
    for start in stride(from: 0, to: octets.count, by: 3) {
        let group = octets[start..<min(start + 3, octets.count)]
        let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
        for index in 0..<4 {
            text.append(index <= group.count ? alphabet[bits >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
        }
    }
    return text
}
