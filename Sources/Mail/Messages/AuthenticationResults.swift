/// What a receiver found of SPF, DKIM, DMARC and others (RFC 8601).
package struct AuthenticationResults: Hashable, Sendable {
    package struct Property: Hashable, Sendable {
        package var type: String  // smtp, header, body, policy; lower case
        package var name: String  // mailfrom, d, from; lower case
        package var value: String
        package init(type: String, name: String, value: String) {
            self.type = type
            self.name = name
            self.value = value
        }
    }

    package struct Result: Hashable, Sendable {
        package var method: String  // spf, dkim, dmarc, arc; lower case
        package var result: String  // pass, fail, none; lower case
        package var reason: String?
        package var comments: [String]
        package var properties: [Property]
        package init(
            method: String, result: String, reason: String? = nil, comments: [String] = [], properties: [Property] = []
        ) {
            self.method = method
            self.result = result
            self.reason = reason
            self.comments = comments
            self.properties = properties
        }
        /// The value of `type.name`, both in lower case.
        package func property(_ type: String, _ name: String) -> String? {
            properties.first { $0.type == type && $0.name == name }?.value
        }
    }

    /// authserv-id: who says so.
    package var server: String
    package var results: [Result]
}
