/// The two mechanisms that the lab's servers know.
enum SASL {
    /// RFC 4616: authorization identity, NUL, user, NUL, password. nil for anything else.
    static func plain(_ message: [UInt8]?) -> (user: String, password: String)? {
        guard let parts = message?.split(separator: 0, omittingEmptySubsequences: false), parts.count == 3 else {
            return nil
        }
        return login(Array(parts[1]), Array(parts[2]))
    }

    /// The answers to the two prompts of LOGIN.
    static func login(_ user: [UInt8]?, _ password: [UInt8]?) -> (user: String, password: String)? {
        guard let user, let password, let name = String(validating: user, as: UTF8.self),
            let word = String(validating: password, as: UTF8.self)
        else { return nil }
        return (name, word)
    }
}

/// RFC 4648 §4.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// nil where it is not base64 with its padding.
    static func decode(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        let padding = text.suffix(2).count { $0 == UInt8(ascii: "=") }
        var octets: [UInt8] = []
        var bits: UInt32 = 0
        for (index, character) in text.dropLast(padding).enumerated() {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            bits = bits << 6 | UInt32(value)
            if index % 4 == 3 {
                octets += [
                    UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 8),
                    UInt8(truncatingIfNeeded: bits),
                ]
                bits = 0
            }
        }
        switch padding {
        case 1: octets += [UInt8(truncatingIfNeeded: bits >> 10), UInt8(truncatingIfNeeded: bits >> 2)]
        case 2: octets += [UInt8(truncatingIfNeeded: bits >> 4)]
        default: break
        }
        return octets
    }
}
