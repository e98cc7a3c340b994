/// What a receiver found of SPF, DKIM, DMARC and others (RFC 8601). Anyone can write such a field: which to believe,
/// ``believed(in:by:below:)`` tells.
package struct AuthenticationResults: Hashable, Sendable {
    /// What a result was found for, as in `smtp.mailfrom=example.org`.
    package struct Property: Hashable, Sendable {
        package var type: String  // smtp, header, body, policy; lower case; empty where only a name was written
        package var name: String  // mailfrom, d, from; lower case
        package var value: String
        package init(type: String, name: String, value: String) {
            self.type = type
            self.name = name
            self.value = value
        }
    }

    /// What one method found.
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

    /// authserv-id: who says so; empty where the field leaves it out, as it must not.
    package var server: String
    package var results: [Result]

    /// The results of one method.
    package func results(of method: String) -> [Result] { results.filter { $0.method == method } }

    /// Results of one field beyond that are left out.
    package static let maximumResults = 200

    package init?(_ text: String) { self.init(Array(text.utf8)) }

    /// Reads the value of an Authentication-Results field; nil where nothing of it can be read.
    ///
    ///     authres-payload = [CFWS] authserv-id [ CFWS authres-version ] ( no-result / 1*resinfo ) [CFWS]
    ///     resinfo         = [CFWS] ";" methodspec [ CFWS reasonspec ] [ CFWS 1*propspec ]
    ///     methodspec      = [CFWS] method [CFWS] "=" [CFWS] result      ; method may have "/" version
    ///     propspec        = ptype [CFWS] "." [CFWS] property [CFWS] "=" pvalue
    package init?(_ value: some Collection<UInt8>) {
        var parts = FieldParts.split(Array(value.prefix(20_000)))
        guard let first = parts.first else { return nil }
        results = []
        if first.pairs.isEmpty {
            guard let name = first.words.first else { return nil }
            server = name
            parts.removeFirst()
        } else {
            server = ""  // Exchange Online: the results come at once
        }
        for part in parts.prefix(Self.maximumResults) {
            if let result = Result(part) { results.append(result) }
        }
        if server.isEmpty, results.isEmpty { return nil }
    }
}

extension AuthenticationResults.Result {
    fileprivate init?(_ part: FieldParts) {
        guard let first = part.pairs.first else { return nil }
        let method = first.key.utf8.prefix { $0 != UInt8(ascii: "/") }.map(\.lower).text
        guard !method.isEmpty, !first.value.isEmpty else { return nil }
        self.init(method: method, result: first.value.utf8.lowercasedText, comments: part.comments)
        for pair in part.pairs.dropFirst() {
            let key = pair.key.utf8.lowercasedText
            if key == "reason", reason == nil {
                reason = pair.value
                continue
            }
            let dot = key.firstIndex(of: ".")
            properties.append(
                .init(
                    type: dot.map { String(key[..<$0]) } ?? "",
                    name: dot.map { String(key[key.index(after: $0)...]) } ?? key, value: pair.value))
        }
    }
}

/// A piece of a structured field between two “;”: words, `key=value` pairs and comments.
struct FieldParts {
    var words: [String] = []
    var pairs: [(key: String, value: String)] = []
    var comments: [String] = []

    var isEmpty: Bool { words.isEmpty && pairs.isEmpty && comments.isEmpty }

    /// Cuts a value at each “;” outside comments and quotes. White space and comments may stand around “=” and “.”.
    static func split(_ octets: [UInt8]) -> [FieldParts] {
        var parts: [FieldParts] = []
        var part = FieldParts()
        var key: [UInt8]?
        var word: [UInt8] = []
        var wordIsOver = false
        var hasWord = false
        func isJoint(_ octet: UInt8) -> Bool { octet == UInt8(ascii: ".") || octet == UInt8(ascii: "/") }
        func finishWord() {
            if let name = key {
                part.pairs.append((name.text, word.text))
            } else if hasWord {
                part.words.append(word.text)
            }
            key = nil
            word = []
            hasWord = false
            wordIsOver = false
        }
        var comments = Comments()
        var index = 0
        while index < octets.count, parts.count < 1_000 {
            let octet = octets[index]
            switch octet {
            case UInt8(ascii: "("):
                if let end = comments.end(octets, from: index) {
                    part.comments.append(unescaped(octets[(index + 1)..<(end - 1)]).trimmed().text)
                    index = end
                } else {
                    index += 1
                }
                if hasWord { wordIsOver = true }
            case UInt8(ascii: "\""):
                if wordIsOver { finishWord() }
                hasWord = true
                index += 1
                while index < octets.count, octets[index] != UInt8(ascii: "\"") {
                    if octets[index] == UInt8(ascii: "\\"), index + 1 < octets.count { index += 1 }
                    word.append(octets[index])
                    index += 1
                }
                index += 1
            case UInt8(ascii: ";"):
                finishWord()
                if !part.isEmpty { parts.append(part) }
                part = FieldParts()
                index += 1
            case UInt8(ascii: "=") where key == nil && hasWord:
                key = word
                word = []
                hasWord = false
                wordIsOver = false
                index += 1
            case _ where octet.isSpace:
                if hasWord { wordIsOver = true }
                index += 1
            default:
                // “.” and “/” may have white space around them: the name goes on.
                let joins = key == nil && (isJoint(octet) || word.last.map(isJoint) == true)
                if wordIsOver, !joins { finishWord() }
                wordIsOver = false
                hasWord = true
                word.append(octet)
                index += 1
            }
        }
        finishWord()
        if !part.isEmpty { parts.append(part) }
        return parts
    }
}
