/// The identifier of a message (RFC 5322 §3.6.4), as in Message-ID, In-Reply-To, References and Content-ID.
///
///     msg-id = [CFWS] "<" id-left "@" id-right ">" [CFWS]
package struct MessageID: Hashable, Sendable {
    /// Without the angles, otherwise as written.
    package var text: String
    /// Whether it stands in angles and has both halves, without white space.
    package var isWellFormed: Bool

    /// Identifiers of one field beyond that are left out.
    package static let maximumCount = 1_000

    /// Reads the value of a field. Text without angles counts as one identifier that is not well formed.
    package static func list(_ value: some Collection<UInt8>) -> [MessageID] {
        let octets = value.filter { $0 != 13 && $0 != 10 }
        var ids: [MessageID] = []
        var rest = octets[...]
        while ids.count < maximumCount, let open = rest.firstIndex(of: UInt8(ascii: "<")) {
            guard let close = rest[open...].firstIndex(of: UInt8(ascii: ">")) else { break }
            let inside = rest[(open + 1)..<close].trimmed()
            if !inside.isEmpty { ids.append(MessageID(text: inside.text, isWellFormed: isWellFormed(inside))) }
            rest = rest[(close + 1)...]
        }
        if ids.isEmpty, !octets.contains(UInt8(ascii: "<")) {
            let bare = octets.trimmed()
            if !bare.isEmpty { ids.append(MessageID(text: bare.prefix(1_000).text, isWellFormed: false)) }
        }
        return ids
    }

    private static func isWellFormed(_ id: ArraySlice<UInt8>) -> Bool {
        guard let at = id.lastIndex(of: UInt8(ascii: "@")) else { return false }
        return at > id.startIndex && at < id.index(before: id.endIndex) && id.allSatisfy { $0 > 32 && $0 != 127 }
            && !id.contains(UInt8(ascii: "<"))
    }
}
