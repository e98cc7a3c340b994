/// What a spam filter wrote of a message into its header: SpamAssassin, Rspamd, Exchange and others.
///
/// These fields bear no name that could be held against the receiver's, as Authentication-Results do, and senders write
/// them too, to look well. Only what stands where none but the receiver writes is believed.
package struct SpamOpinion: Hashable, Sendable {
    /// The filter's name, as people know it.
    package var filter: String
    /// The field that says so.
    package var field: String
    /// What it took the message for; nil where it gives a score and no verdict.
    package var isSpam: Bool?
    /// The higher the worse, on a scale of the filter's own.
    package var score: Double?
    /// From where on it takes messages for spam; nil where the field does not say.
    package var threshold: Double?
    /// The names of the tests that told, at most ``maximumTests``.
    package var tests: [String] = []
    /// Why it is not believed; nil where it is.
    package var doubt: String?

    package var isBelieved: Bool { doubt == nil }

    /// Tests beyond that are left out.
    package static let maximumTests = 50
    /// Fields beyond that are left out.
    package static let maximumCount = 30

    /// Every such field of a header, from the top; several fields of one filter in the same place count once.
    package static func claims(
        in header: MessageHeader, by receivers: [String] = [],
        beneath: AuthenticationResults.BeneathReceived = .doubted
    ) -> [SpamOpinion] {
        let trail = ReceiverTrail(header, by: receivers)
        let entrance = trail.entries.last?.position
        let isExchange = trail.entries.contains { $0.field.text.utf8.hasWords("microsoft smtp server") }
        var opinions: [SpamOpinion] = []
        for (position, field) in header.fields.enumerated() {
            let name = field.nameOctets
            guard name.count > 5, name.first?.lower == UInt8(ascii: "x"), opinions.count < maximumCount,
                var opinion = read(name.lowercasedText, field)
            else { continue }
            // Exchange takes these off whatever comes from outside (its header firewall).
            let isGuarded =
                isExchange && name.hasPrefixIgnoringCase("x-ms-exchange-organization-")
                || isExchange && name.hasPrefixIgnoringCase("x-forefront-antispam-report")
            let isAbove = entrance.map { position < $0 } == true
            if !isAbove, !isGuarded, beneath == .doubted {
                opinion.doubt = "it stands beneath the receiver’s Received field: the sender may have written it"
            }
            if let known = opinions.firstIndex(where: {
                $0.filter == opinion.filter && $0.isBelieved == opinion.isBelieved
            }) {
                opinions[known].complete(with: opinion)
            } else {
                opinions.append(opinion)
            }
        }
        return opinions
    }

    /// What another field of the same filter says beside it.
    private mutating func complete(with other: SpamOpinion) {
        isSpam = isSpam ?? other.isSpam
        score = score ?? other.score
        threshold = threshold ?? other.threshold
        if tests.isEmpty { tests = other.tests }
    }

    private static func read(_ name: String, _ field: MessageHeader.Field) -> SpamOpinion? {
        guard let filter = SpamFields.filter(of: name) else { return nil }
        let value = SpamFields.Value(field.rawValue)
        var opinion = SpamOpinion(filter: filter, field: field.name)
        switch name {
        case "x-spam-status", "x-barracuda-spam-status":
            opinion.isSpam = value.yesOrNo
            opinion.score = value.number(after: "score=") ?? value.number(after: "hits=")
            opinion.threshold =
                value.number(after: "required=") ?? value.number(after: "tagged_above=")
                ?? value.number(after: "kill_level=")
            opinion.tests = value.words(after: "tests=", atMost: maximumTests)
        case "x-spam-flag", "x-spam", "x-spam-flag2": opinion.isSpam = value.yesOrNo
        case "x-spam-level", "x-spamd-bar":
            let stars = value.count(of: "*+")
            if value.octets.isEmpty || stars > 0 { opinion.score = Double(stars) }
        case "x-spamd-result", "x-rspamd-report":
            // default: False [3.40 / 15.00]; SYMBOL(0.10)[…]; …
            opinion.isSpam = value.hasWord("true") ? true : value.hasWord("false") ? false : nil
            opinion.score = value.number(after: "[")
            opinion.threshold = value.number(after: " / ")
            opinion.tests = value.symbols(atMost: maximumTests)
        case "x-ms-exchange-organization-scl":
            // −1: trusted, not looked at; 5 and more: Junk.
            guard let level = value.number(after: "") else { return nil }
            (opinion.score, opinion.threshold, opinion.isSpam) = (level, 5, level >= 5)
        case "x-forefront-antispam-report", "x-forefront-antispam-report-untrusted":
            guard let level = value.number(after: "scl:") else { return nil }
            (opinion.score, opinion.threshold, opinion.isSpam) = (level, 5, level >= 5)
            if let category = value.word(after: "cat:") { opinion.tests = ["CAT:" + category] }
        case "x-proofpoint-spam-details", "x-proofpoint-virus-version-spam":
            opinion.score = value.number(after: " score=") ?? value.number(after: "spamscore=")
            opinion.isSpam = value.word(after: "rule=").flatMap { rule in
                rule.hasSuffix("notspam") ? false : rule.hasSuffix("spam") ? true : nil
            }
        case "x-bogosity":
            let word = value.first
            opinion.isSpam = ["spam", "yes"].contains(word) ? true : ["ham", "no"].contains(word) ? false : nil
            opinion.score = value.number(after: "spamicity=")
        case "x-dspam-result":
            opinion.isSpam =
                value.first == "spam" ? true : ["innocent", "whitelisted"].contains(value.first) ? false : nil
        case "x-vr-spamstate", "x-vr-spamcause":
            opinion.isSpam = value.first == "spam" ? true : value.first == "ok" ? false : nil
        default: opinion.score = value.number(after: "")
        }
        if opinion.isSpam == nil, let score = opinion.score, let threshold = opinion.threshold, threshold > 0 {
            opinion.isSpam = score >= threshold
        }
        return opinion.isSpam == nil && opinion.score == nil ? nil : opinion
    }
}

/// The fields of filters, and how their values are read.
enum SpamFields {
    private static let filters: [String: String] = [
        "x-spam-status": "SpamAssassin", "x-spam-level": "SpamAssassin", "x-spam-flag": "SpamAssassin",
        "x-spam-score": "SpamAssassin", "x-spam": "Rspamd", "x-spamd-result": "Rspamd", "x-spamd-bar": "Rspamd",
        "x-rspamd-score": "Rspamd", "x-rspamd-report": "Rspamd", "x-ms-exchange-organization-scl": "Exchange",
        "x-forefront-antispam-report": "Exchange", "x-barracuda-spam-status": "Barracuda",
        "x-barracuda-spam-score": "Barracuda", "x-proofpoint-spam-details": "Proofpoint",
        "x-mimecast-spam-score": "Mimecast", "x-bogosity": "Bogofilter", "x-dspam-result": "DSPAM",
        "x-vr-spamstate": "Vade", "x-vr-spamscore": "Vade", "x-cmae-score": "Cloudmark", "x-canit-score": "CanIt",
        "x-spamcatcher-score": "SpamCatcher", "x-spamexperts-score": "SpamExperts",
    ]

    /// nil for fields of something else; `name` in lower case.
    static func filter(of name: String) -> String? { filters[name] }

    /// A value in lower case, at most 16,000 octets of it.
    struct Value {
        let octets: [UInt8]

        init(_ raw: ArraySlice<UInt8>) {
            octets = Array(raw.prefix(16_000).map { $0 == 13 || $0 == 10 || $0 == 9 ? 32 : $0.lower }.trimmed())
        }

        /// The first word, letters only.
        var first: String { octets.prefix(while: \.isAlpha).text }
        var yesOrNo: Bool? {
            switch first {
            case "yes", "true", "spam": true
            case "no", "false": false
            default: nil
            }
        }
        func hasWord(_ word: StaticString) -> Bool { place(after: word) != nil }
        func count(of marks: StaticString) -> Int {
            octets.prefix(200).count { octet in marks.withUTF8Buffer { $0.contains(octet) } }
        }

        /// Where what follows the first `text` begins.
        private func place(after text: StaticString) -> Int? {
            text.withUTF8Buffer { wanted in
                guard let first = wanted.first else { return 0 }
                return octets.withUnsafeBufferPointer { buffer in
                    var index = buffer.index(of: first)
                    while let found = index, found + wanted.count <= buffer.count {
                        if (0..<wanted.count).allSatisfy({ buffer[found + $0] == wanted[$0] }) {
                            return found + wanted.count
                        }
                        index = buffer.index(of: first, from: found + 1)
                    }
                    return nil
                }
            }
        }

        /// The number right behind the first `text`, white space before it left out; nil for none, or one that is absurd.
        func number(after text: StaticString) -> Double? {
            guard var index = place(after: text) else { return nil }
            while index < octets.count, octets[index] == 32 { index += 1 }
            var isNegative = false
            if index < octets.count, octets[index] == UInt8(ascii: "-") || octets[index] == UInt8(ascii: "+") {
                isNegative = octets[index] == UInt8(ascii: "-")
                index += 1
            }
            var value = 0.0, scale = 0.0, digits = 0
            while index < octets.count, digits < 12 {
                if octets[index].isDigit {
                    value = value * 10 + Double(octets[index] - 48)
                    scale *= 10
                    digits += 1
                } else if octets[index] == UInt8(ascii: "."), scale == 0 {
                    scale = 1
                } else {
                    break
                }
                index += 1
            }
            guard digits > 0, digits < 12 else { return nil }
            let number = value / max(scale, 1)
            return isNegative ? -number : number
        }

        /// The word right behind the first `text`.
        func word(after text: StaticString) -> String? {
            guard let start = place(after: text) else { return nil }
            let word = octets[start...].prefix(60).prefix { $0.isAlphanumeric || $0 == UInt8(ascii: "_") }
            return word.isEmpty ? nil : word.text
        }

        /// The names in the list behind `text`: `a, b=0.1,c`, in capitals as filters write them.
        func words(after text: StaticString, atMost limit: Int) -> [String] {
            guard let start = place(after: text) else { return [] }
            var words: [String] = []
            var index = start
            while index < octets.count, words.count < limit {
                while index < octets.count, octets[index] == 32 || octets[index] == UInt8(ascii: "[") { index += 1 }
                let begin = index
                while index < octets.count, octets[index].isAlphanumeric || octets[index] == UInt8(ascii: "_") {
                    index += 1
                }
                guard index > begin else { break }
                let word = octets[begin..<index].text.uppercased()
                // “=” behind a word that is no test begins the next item: autolearn=ham
                if index < octets.count, octets[index] == UInt8(ascii: "=") {
                    let value = index + 1
                    guard value < octets.count, octets[value].isDigit || octets[value] == UInt8(ascii: "-") else {
                        break
                    }
                    while index < octets.count, octets[index] != 32, octets[index] != UInt8(ascii: ",") { index += 1 }
                }
                if word != "NONE" { words.append(word) }
                while index < octets.count, octets[index] == 32 { index += 1 }
                guard index < octets.count, octets[index] == UInt8(ascii: ",") else { break }
                index += 1
            }
            return words
        }

        /// The symbols of Rspamd: `NAME(1.00)[…];`
        func symbols(atMost limit: Int) -> [String] {
            var symbols: [String] = []
            for item in octets.split(separator: UInt8(ascii: ";")).dropFirst().prefix(limit) {
                let word = item.drop { $0 == 32 }.prefix { $0.isAlphanumeric || $0 == UInt8(ascii: "_") }
                if !word.isEmpty { symbols.append(word.text.uppercased()) }
            }
            return symbols
        }
    }
}

extension Sequence<UInt8> {
    /// Whether `words`, in lower case, stand in it, in either case.
    fileprivate func hasWords(_ words: StaticString) -> Bool {
        let own = map(\.lower)
        return words.withUTF8Buffer { wanted in
            own.count >= wanted.count
                && (0...(own.count - wanted.count)).contains { own[$0...].starts(with: wanted) }
        }
    }
}
