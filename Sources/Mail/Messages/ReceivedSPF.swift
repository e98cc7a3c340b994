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
    package init?(_ value: some Collection<UInt8>) {
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

extension ReceivedSPF {
    /// A field and whether to believe it.
    package struct Claim: Hashable, Sendable {
        package var field: ReceivedSPF
        /// Its place among the fields of the header, from the top.
        package var position: Int
        /// Why it is not believed; nil where it is.
        package var doubt: String?

        package var isBelieved: Bool { doubt == nil }
    }

    /// The fields of a header, told apart as Authentication-Results are (RFC 7208 §9.1): by their `receiver`, or by the
    /// name that their comment begins with, and by where they stand.
    package static func claims(
        in header: MessageHeader, by receivers: [String] = [],
        beneath: AuthenticationResults.BeneathReceived = .doubted
    ) -> [Claim] {
        let believer = AuthenticationResults.Believer(header, receivers, beneath)
        return header.fields.enumerated().lazy.filter { $0.element.isNamed("Received-SPF") }.prefix(50)
            .compactMap { position, field in
                ReceivedSPF(field.rawValue).map {
                    Claim(field: $0, position: position, doubt: believer.doubt($0.writer ?? "", at: position))
                }
            }
    }

    /// `receiver=`, or what stands before the colon in `(mx.example.org: domain of …)`.
    private var writer: String? {
        if let receiver, receiver.contains(".") { return receiver }
        guard let comment, let colon = comment.firstIndex(of: ":") else { return nil }
        let name = comment[..<colon]
        return name.contains(".") && !name.contains(" ") ? String(name) : nil
    }
}
