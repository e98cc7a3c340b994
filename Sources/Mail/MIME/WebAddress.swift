/// Where a link leads (RFC 3986 §3), read as browsers read it: tabs and line ends in it are nothing, backslashes are
/// slashes, the host stands behind the last “@”.
package struct WebAddress: Hashable, Sendable {
    /// Without white space around it and line ends within.
    package var text: String
    /// Lower case; nil for an address without one.
    package var scheme: String?
    /// Lower case, percent escapes decoded, without user and port; nil where there is none.
    package var host: String?
    /// Whether something stands before an “@” that looks like a host and is none.
    package var hasUserInfo = false
    /// Where user, host and port stand in `text`.
    private var authority: Range<Int>?

    /// Octets that are read.
    static let maximumLength = 8_000

    package init(_ text: String) {
        let octets = Array(
            Array(text.utf8.prefix(Self.maximumLength).drop { $0 <= 32 }.filter { $0 != 9 && $0 != 10 && $0 != 13 })
        )
        .trimmedControls()
        self.text = octets.text
        let own = Array(self.text.utf8)
        var index = own.startIndex
        if let colon = own.prefix(40).firstIndex(of: UInt8(ascii: ":")), own.first?.isAlpha == true,
            own[..<colon].allSatisfy({ $0.isAlphanumeric || "+-.".utf8.contains($0) })
        {
            scheme = own[..<colon].lowercasedText
            index = colon + 1
        }
        func isSlash(_ octet: UInt8) -> Bool { octet == UInt8(ascii: "/") || octet == UInt8(ascii: "\\") }
        let slashes = own[index...].prefix(while: isSlash).count
        guard scheme.map(Self.withHost.contains) ?? (slashes >= 2), slashes > 0 || scheme != nil else { return }
        let start = index + slashes
        let end =
            own[start...].firstIndex { isSlash($0) || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? own.count
        authority = start..<end
        var host = own[start..<end]
        if let at = host.lastIndex(of: UInt8(ascii: "@")) {
            hasUserInfo = true
            host = host[(at + 1)...]
        }
        if host.first == UInt8(ascii: "["), let close = host.firstIndex(of: UInt8(ascii: "]")) {
            host = host[...close]
        } else if let colon = host.lastIndex(of: UInt8(ascii: ":")), host[(colon + 1)...].allSatisfy(\.isDigit) {
            host = host[..<colon]
        }
        let plain = percentDecoded(host) ?? Array(host)
        if !plain.isEmpty { self.host = plain.lowercasedText }
    }

    private static let withHost: Set<String> = ["http", "https", "ftp", "ws", "wss"]

    /// Whether a browser would fetch it from the network.
    package var isRemote: Bool { host != nil }

    /// So that nothing makes it a link again: `hxxps://example[.]org/a`.
    package var defanged: String {
        let own = Array(text.utf8)
        guard let authority else {
            if scheme == "mailto" {
                return "mailto:" + Self.defanged(address: String(decoding: own.dropFirst(7), as: UTF8.self))
            }
            return Self.broken(own[...])
        }
        var written =
            (scheme.map { Self.harmless($0) + ":" } ?? "")
            + own[(scheme.map { $0.utf8.count + 1 } ?? 0)..<authority.lowerBound].text
        written += Self.dotted(own[authority])
        return written + Self.broken(own[authority.upperBound...])
    }

    private static func harmless(_ scheme: String) -> String {
        switch scheme {
        case "http": "hxxp"
        case "https": "hxxps"
        case "ftp": "fxp"
        default: scheme
        }
    }

    private static func dotted(_ octets: some Sequence<UInt8>) -> String {
        var written: [UInt8] = []
        for octet in octets {
            if octet == UInt8(ascii: ".") { written += "[.]".utf8 } else { written.append(octet) }
        }
        return written.text
    }

    /// Addresses within an address, as redirectors have them, are no links either.
    private static func broken(_ octets: ArraySlice<UInt8>) -> String {
        var written: [UInt8] = []
        for (index, octet) in zip(octets.indices, octets) {
            if octet == UInt8(ascii: ":"), index + 1 < octets.endIndex, octets[index + 1] == UInt8(ascii: "/") {
                written += "[:]".utf8
            } else {
                written.append(octet)
            }
        }
        return written.text
    }

    /// A mail address that nothing makes a link again: `alice[@]example[.]org`.
    package static func defanged(address: String) -> String {
        var octets: [UInt8] = []
        let own = Array(address.utf8)
        let at = own.firstIndex(of: UInt8(ascii: "@")) ?? own.count
        let end = own[min(at, own.count)...].firstIndex(of: UInt8(ascii: "?")) ?? own.count
        for (index, octet) in own.enumerated() {
            if octet == UInt8(ascii: "@") {
                octets += "[@]".utf8
            } else if octet == UInt8(ascii: "."), index > at, index < end {
                octets += "[.]".utf8
            } else {
                octets.append(octet)
            }
        }
        return octets.text
    }

    /// A host that nothing makes a link.
    package static func dotted(host: String) -> String { dotted(host.utf8) }

    // MARK: Hosts

    /// The host that words name: an address of the web, or a name with a dot in it that stands alone. nil for others,
    /// file names among them.
    package static func host(namedBy words: String) -> String? {
        let octets = Array(words.utf8.prefix(1_000)).trimmed()
        guard !octets.isEmpty, !octets.contains(where: \.isSpace) else { return nil }
        if octets.prefix(12).contains(UInt8(ascii: ":")), let host = WebAddress(octets.text).host { return host }
        if octets.contains(UInt8(ascii: "@")) { return nil }
        let end = octets.firstIndex { "/?#:".utf8.contains($0) } ?? octets.endIndex
        let host = octets[octets.startIndex..<end]
        let labels = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.count >= 2,
            labels.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isAlphanumeric || $0 == 45 || $0 >= 128 } }),
            let last = labels.last, last.count >= 2,
            !last.contains(where: \.isDigit) || last.hasPrefixIgnoringCase("xn--")
        else { return nil }
        if end == octets.endIndex, !host.hasPrefixIgnoringCase("www."), fileEndings.contains(last.lowercasedText) {
            return nil
        }
        return host.lowercasedText
    }

    private static let fileEndings: Set<String> = [
        "html", "htm", "php", "asp", "aspx", "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "jpg", "jpeg", "png",
        "gif", "svg", "txt", "md", "js", "ts", "py", "rs", "sh", "css", "json", "xml", "csv", "zip", "gz", "tar", "exe",
        "ics", "eml", "mov", "mp", "swift",
    ]

    /// Whether two hosts are of one house as far as names tell: one within the other, or both beneath a domain that is
    /// not itself one that anyone registers under.
    package static func isSameHouse(_ a: String, _ b: String) -> Bool {
        let x = labels(a), y = labels(b)
        var shared = 0
        while shared < min(x.count, y.count), x[x.count - 1 - shared] == y[y.count - 1 - shared] { shared += 1 }
        if shared == x.count || shared == y.count { return shared >= min(2, x.count, y.count) }
        guard shared >= 2 else { return false }
        if shared == 2, x[x.count - 1].utf8.count == 2, secondLevel.contains(x[x.count - 2]) { return false }
        return true
    }

    private static func labels(_ host: String) -> [String] {
        host.utf8.split(separator: UInt8(ascii: ".")).map { $0.lowercasedText }
    }

    private static let secondLevel: Set<String> = [
        "co", "com", "org", "net", "ac", "gov", "edu", "or", "ne", "go", "gob",
    ]

    // MARK: In plain text

    /// The web addresses that stand in a text.
    static func find(in text: String, atMost limit: Int) -> [WebAddress] {
        var text = text
        return text.withUTF8 { buffer in
            var found: [WebAddress] = []
            var index = 0
            while index < buffer.count, found.count < limit {
                let octet = buffer[index].lower
                let begins = index == 0 || !buffer[index - 1].isAlphanumeric
                guard begins, octet == UInt8(ascii: "h") || octet == UInt8(ascii: "w") || octet == UInt8(ascii: "f"),
                    isBeginning(buffer[index...])
                else {
                    index += 1
                    continue
                }
                let end = end(of: buffer, from: index)
                found.append(WebAddress((octet == UInt8(ascii: "w") ? "http://" : "") + buffer[index..<end].text))
                index = end
            }
            return found
        }
    }

    private static func isBeginning(_ rest: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        let hasBeginning =
            rest.hasPrefixIgnoringCase("http://") || rest.hasPrefixIgnoringCase("https://")
            || rest.hasPrefixIgnoringCase("ftp://")
        if hasBeginning { return true }
        return rest.hasPrefixIgnoringCase("www.") && rest.dropFirst(4).first?.isAlphanumeric == true
    }

    /// Up to white space, quotes or angles; stops and closing brackets behind it are not part of it.
    private static func end(of buffer: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var end = start
        while end < buffer.count, end < start + maximumLength, buffer[end] > 32, buffer[end] != 127,
            !"<>\"`{}|".utf8.contains(buffer[end])
        { end += 1 }
        while end > start + 8 {
            let last = buffer[end - 1]
            if last == UInt8(ascii: ")"), buffer[start..<end].contains(UInt8(ascii: "(")) { break }
            guard ".,;:!?)]'*_".utf8.contains(last) else { break }
            end -= 1
        }
        return end
    }
}

extension Array<UInt8> {
    fileprivate func trimmedControls() -> ArraySlice<UInt8> {
        var end = endIndex
        while end > 0, self[end - 1] <= 32 { end -= 1 }
        return self[..<end]
    }
}
