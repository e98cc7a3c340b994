/// What a receiver found of SPF, in a field of its own (RFC 7208 §9.1).
package struct ReceivedSPF: Hashable, Sendable {
    package var result: String  // pass, fail, softfail, neutral, none, temperror, permerror; lower case
    package var comment: String?
    /// `client-ip`, `envelope-from`, `helo`, `identity`, `mechanism`, `problem`, `receiver`; lower case.
    package var properties: [String: String]

    /// The host that says so.
    package var receiver: String? { properties["receiver"] }

    package init?(_ text: String) { self.init(Array(text.utf8)) }

    ///     header-field   = "Received-SPF:" [CFWS] result FWS [comment FWS] [ key-value-list ] CRLF
    ///     key-value-list = key-value-pair *( ";" [CFWS] key-value-pair ) [";"]
    package init?(_ value: [UInt8]) {
        let parts = FieldParts.split(Array(value.prefix(20_000)))
        guard let first = parts.first, let word = first.words.first else { return nil }
        result = word.utf8.lowercasedText
        guard result.utf8.allSatisfy(\.isAlpha) else { return nil }
        comment = first.comments.first
        properties = [:]
        for pair in parts.prefix(50).flatMap(\.pairs) {
            let key = pair.key.utf8.lowercasedText
            if properties[key] == nil { properties[key] = pair.value }
        }
    }
}
