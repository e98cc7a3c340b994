/// How a message says its reader can leave a list: List-Unsubscribe (RFC 2369 §3.2) and in one click (RFC 8058).
package struct Unsubscription: Hashable, Sendable {
    /// In the order of preference.
    package var addresses: [WebAddress]
    /// What List-Unsubscribe-Post says, if it is there.
    package var post: String?
    /// Text in List-Unsubscribe that stands in no angles: nobody reads it.
    package var hasStrayText = false

    /// Whether the fields offer one click: an https address, and the one value that RFC 8058 §3.1 allows.
    package var isOneClick: Bool {
        addresses.contains { $0.scheme == "https" && $0.host != nil } && saysOneClick
    }

    package var saysOneClick: Bool {
        post?.utf8.filter { !$0.isSpace }.equalsIgnoringCase("List-Unsubscribe=One-Click") == true
    }

    /// nil where the header has no List-Unsubscribe.
    ///
    ///     "<" url ">" *("," "<" url ">")       (RFC 2369 §2)
    package init?(_ header: MessageHeader) {
        guard let field = header.first("List-Unsubscribe") else { return nil }
        var rest = field.value[...]
        addresses = []
        while addresses.count < 50, let open = rest.firstIndex(of: UInt8(ascii: "<")),
            let close = rest[open...].firstIndex(of: UInt8(ascii: ">"))
        {
            addresses.append(WebAddress(rest[(open + 1)..<close].filter { !$0.isSpace }.text))
            rest = rest[(close + 1)...]
        }
        hasStrayText = addresses.isEmpty && !field.value.isEmpty
        post = header.first("List-Unsubscribe-Post")?.text
    }
}
