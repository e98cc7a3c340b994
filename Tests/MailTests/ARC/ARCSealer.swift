import Crypto
import DNS
import Testing

@testable import Mail

/// Seals messages for the tests, as RFC 8617 §5.1 has a handler do it. Each part can be made wrong on purpose. It shares
/// nothing with the validator but the keys: the canonical forms are written out here once more.
struct ARCSealer {
    struct Set {
        var results: String
        var message: String
        var seal: String
        var lines: String { seal + message + results }
    }

    var key: DKIMSigningKey
    var domain = "forwarder.example"
    var selector = "a"
    /// "c" of the message signature; nil leaves it out.
    var canonicalization: String? = "relaxed/relaxed"
    /// How it is really made.
    var header = DKIMSignature.Canonicalization.relaxed
    var body = DKIMSignature.Canonicalization.relaxed
    var signed = ["from", "to", "subject", "date"]
    /// More tags in the message signature and in the seal, each with its “;”.
    var extraMessageTags = ""
    var extraSealTags = ""
    /// The results, behind "i=…;".
    var results = " mx.forwarder.example; spf=pass smtp.mailfrom=example.org"
    /// Seal the own set alone, as RFC 8617 §5.1.2 asks for where cv=fail.
    var sealsOwnSetAlone = false

    /// Where the key stands.
    var zone: [Question: Outcome] {
        let owner = name("\(selector)._domainkey.\(domain)")
        let record = Record(owner, .txt(TXT(strings: [Array(key.record.utf8)])))
        return [Question(owner, .txt): .success(Answer(.records, records: [record]))]
    }

    /// The set `instance` for a message that has `sets` already.
    func seal(
        _ text: String, after sets: [Set], instance: String? = nil, state: String? = nil
    ) -> Set {
        let instance = instance ?? String(sets.count + 1)
        let state = state ?? (sets.isEmpty ? "none" : "pass")
        let results = "ARC-Authentication-Results: i=\(instance);\(self.results)\r\n"

        let end = text.range(of: "\r\n\r\n")
        let head = end.map { String(text[..<$0.lowerBound]) } ?? text
        let rest = end.map { String(text[$0.upperBound...]) } ?? ""
        let hash = Base64.encode(Array(SHA256.hash(data: Self.canonicalBody(rest, body))))
        let canonicalization = self.canonicalization.map { " c=\($0);" } ?? ""
        let open =
            "ARC-Message-Signature: i=\(instance); a=\(key.algorithm.name);\(canonicalization)\(extraMessageTags)"
            + " d=\(domain); s=\(selector);\r\n\th=\(signed.joined(separator: ":"));\r\n\tbh=\(hash);\r\n\tb="
        var fields = Self.fields(results + head)
        var octets: [UInt8] = []
        for name in signed {
            guard let place = fields.lastIndex(where: { $0.lowercased().hasPrefix(name + ":") }) else { continue }
            octets += Self.canonical(fields.remove(at: place), header) + [13, 10]
        }
        octets += Self.canonical(open, header)
        let message = open + (key.signature(of: octets).map { Base64.encode($0) } ?? "") + "\r\n"

        let begin =
            "ARC-Seal: i=\(instance); a=\(key.algorithm.name); cv=\(state);\(extraSealTags) d=\(domain);"
            + " s=\(selector); t=1795348800; b="
        var sealed: [UInt8] = []
        for set in sealsOwnSetAlone ? [] : sets {
            for field in [set.results, set.message, set.seal] { sealed += Self.canonical(field, .relaxed) + [13, 10] }
        }
        for field in [results, message] { sealed += Self.canonical(field, .relaxed) + [13, 10] }
        sealed += Self.canonical(begin, .relaxed)
        let seal = begin + (key.signature(of: sealed).map { Base64.encode($0) } ?? "") + "\r\n"
        return Set(results: results, message: message, seal: seal)
    }

    /// A message with `count` sets, the newest on top.
    func chain(_ text: String, of count: Int) -> (text: String, sets: [Set]) {
        var text = text
        var sets: [Set] = []
        for _ in 0..<count {
            let set = seal(text, after: sets)
            sets.append(set)
            text = set.lines + text
        }
        return (text, sets)
    }

    // MARK: Canonical forms, RFC 6376 §3.4, as plainly as can be

    static func fields(_ head: String) -> [String] {
        var fields: [String] = []
        for line in head.components("\r\n") {
            if let first = line.utf8.first, first == 32 || first == 9, !fields.isEmpty {
                fields[fields.count - 1] += "\r\n" + line
            } else {
                fields.append(line)
            }
        }
        return fields
    }

    static func canonical(_ field: String, _ how: DKIMSignature.Canonicalization) -> [UInt8] {
        let field = field.hasSuffix("\r\n") ? String(field.dropLast()) : field
        if how == .simple { return Array(field.utf8) }
        let parts = field.components(":", limit: 1)
        let value = parts[1].components("\r\n").joined()
        let words = value.utf8.split { $0 == 32 || $0 == 9 }.map { String(Substring($0)) }
        return Array("\(parts[0].lowercased()):\(words.joined(separator: " "))".utf8)
    }

    static func canonicalBody(_ text: String, _ how: DKIMSignature.Canonicalization) -> [UInt8] {
        var lines = text.components("\r\n")
        if how == .relaxed {
            lines = lines.map { line in
                var line = line.utf8.split(omittingEmptySubsequences: false) { $0 == 32 || $0 == 9 }
                    .map { String(Substring($0)) }
                while line.count > 1, line.last == "" { line.removeLast() }
                var kept: [String] = []
                for (place, word) in line.enumerated() where !word.isEmpty || place == 0 { kept.append(word) }
                return kept.joined(separator: " ")
            }
        }
        while lines.last == "" { lines.removeLast() }
        if lines.isEmpty { return how == .simple ? [13, 10] : [] }
        return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
    }
}

extension String {
    /// The pieces between `separator`; Swift takes CRLF for one character, so this goes by octets.
    func components(_ separator: String, limit: Int = .max) -> [String] {
        let octets = Array(utf8), mark = Array(separator.utf8)
        var pieces: [String] = []
        var start = 0, index = 0
        while index + mark.count <= octets.count, pieces.count < limit {
            if octets[index..<(index + mark.count)].elementsEqual(mark) {
                pieces.append(String(decoding: octets[start..<index], as: UTF8.self))
                index += mark.count
                start = index
            } else {
                index += 1
            }
        }
        pieces.append(String(decoding: octets[start...], as: UTF8.self))
        return pieces
    }

    func range(of text: String) -> Range<String.Index>? {
        let octets = Array(utf8), wanted = Array(text.utf8)
        guard let start = octets.indices.first(where: { octets[$0...].starts(with: wanted) }) else { return nil }
        return utf8.index(startIndex, offsetBy: start)..<utf8.index(startIndex, offsetBy: start + wanted.count)
    }
}
