internal import Mail

/// The two mechanisms that the lab's servers know.
enum SASL {
    /// An answer of the client, which is base64 with its padding (RFC 4648 §4); nil for anything else.
    static func decoded(_ text: [UInt8]) -> [UInt8]? {
        text.count % 4 == 0 ? try? Base64.decode(text).get() : nil
    }

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
