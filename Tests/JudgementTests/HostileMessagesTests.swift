import DNS
import Judgement
import Mail
import Testing

@Suite struct HostileMessagesTests {
    private static let seeds: [[UInt8]] = CheckPage.all.flatMap(\.examples).compactMap {
        if case .message(let message, _, _) = $0.kind, message.octets.count < 4_000 { message.octets } else { nil }
    }

    @Test func `Thousands of mutated messages are judged without harm, and no sentence holds a control character`()
        async
    {
        var state: UInt64 = 0x2545_F491_4F6C_DD1D
        func roll(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % max(1, limit)
        }
        let telling = Array("()<>[]{}\"\\;:,=@./%!? \t\r\n\0-\u{1B}".utf8) + [128, 255, 0xC3]
        for round in 0..<1_500 {
            if round.isMultiple(of: 10) { await Task.yield() }
            var octets = Self.seeds[roll(Self.seeds.count)]
            for _ in 0..<(1 + roll(8)) where !octets.isEmpty {
                let place = roll(octets.count)
                switch roll(5) {
                case 0: octets.remove(at: place)
                case 1: octets.insert(telling[roll(telling.count)], at: place)
                case 2: octets[place] = UInt8(roll(256))
                case 3: octets.removeSubrange(place..<min(octets.count, place + roll(200)))
                default:
                    octets.insert(
                        contentsOf: octets[place..<min(octets.count, place + roll(200))], at: roll(octets.count))
                }
            }
            var message = MessageObservation(name: "m", octets: octets)
            message.profile = BulkSenderProfile.allCases[roll(3)]
            let report = judge([.message(message)], of: Target(name: "m"), at: noon)
            for finding in report.findings where finding.summary.utf8.count > 5_000 {
                Issue.record("\(finding.summary)")
            }
        }
    }

    @Test(arguments: [
        ("a header of ten million octets", "Subject: " + String(repeating: "x\n y", count: 2_500_000), ""),
        ("100,000 fields", String(repeating: "Received: from a by b; 1 Jan 2020 00:00:00 +0000\n", count: 100_000), ""),
        (
            "100,000 signatures",
            String(
                repeating: "DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=AA==; b=AA==\n",
                count: 100_000), ""
        ),
        (
            "a thousand levels",
            (0..<1_000).map { "Content-Type: multipart/mixed; boundary=b\($0)\n\n--b\($0)\n" }.joined(), ""
        ),
        ("messages within messages", String(repeating: "Content-Type: message/rfc822\n\n", count: 50_000), ""),
        (
            "a hundred thousand parts", "Content-Type: multipart/mixed; boundary=b\n\n",
            String(repeating: "--b\n\n\n", count: 100_000)
        ),
        (
            "links without number", "Content-Type: text/html\n\n",
            String(repeating: "<a href=http://a.b/c>www.d.example</a>", count: 100_000)
        ),
    ]) func `What is too much is bounded, with a word`(what: String, head: String, body: String) throws {
        let message = MessageObservation(name: "m", octets: Array((head + body).utf8))
        let time = ContinuousClock().measure {
            let report = judge([.message(message)], of: Target(name: "m"), at: noon)
            #expect(report.fate(of: "message.too-large") == "fires" || what.contains("signatures"))
        }
        #expect(time < .seconds(30), "\(what): \(time)")
    }

    @Test(arguments: [
        ("comments, a hundred thousand deep", "From: a@b.example\nTo: ", "(", 100_000, ")"),
        ("a million addresses", "From: ", "a@b.example,", 1_000_000, ""),
        ("a hundred thousand ids", "References: ", "<1@b.example>\n ", 100_000, ""),
        ("an encoded word of four megabytes", "Subject: =?utf-8?q?", "=41", 1_300_000, "?="),
        ("encoded words without number", "Subject: ", "=?utf-8?b?QQ==?= ", 200_000, ""),
        ("encoded words that never end", "Subject: ", "=?utf-8?q?", 300_000, ""),
        ("values continued without end", "Content-Type: text/plain", "; name*1*=x", 200_000, ""),
        (
            "a signature of a million tags", "DKIM-Signature: v=1; a=rsa-sha256; d=a.example; s=s; ", "h=from; ",
            500_000, ""
        ),
        ("a verdict of a million methods", "Authentication-Results: b.example; ", "spf=pass; ", 400_000, ""),
        ("a Received field of a million words", "Received: from a.example (", "by x with y; (", 300_000, ""),
        ("links in angles", "List-Unsubscribe: ", "<https://a.example/>,", 200_000, ""),
        ("a spam status of a million tests", "X-Spam-Status: Yes, score=9 tests=", "A=1,\n\t", 700_000, ""),
    ]) func `A field that is too long is read in time that grows with it and no faster`(
        what: String, start: String, piece: String, count: Int, end: String
    ) {
        func time(_ count: Int) -> Duration {
            let tail = end.isEmpty ? "" : end.utf8.count == 1 ? String(repeating: end, count: count) : end
            let text = start + String(repeating: piece, count: count) + tail + "\nDate: 1 Jan 2025 00:00:00 +0000\n\nx"
            let message = MessageObservation(name: "m", octets: Array(text.utf8))
            return ContinuousClock().measure {
                let report = judge([.message(message)], of: Target(name: "m"), at: noon)
                #expect(!report.findings.contains { $0.summary.utf8.count > 5_000 }, "\(what)")
            }
        }
        let half = time(count / 2), whole = time(count)
        #expect(whole < half * 3 + .seconds(2), "\(what): \(half) for half of it, \(whole) for all")
        #expect(whole < .seconds(15), "\(what): \(whole)")
    }

    @Test(arguments: [
        (
            "boundaries that begin alike",
            (0..<30).map { level in
                let name = String(repeating: "b", count: 40 + level)
                return "Content-Type: multipart/mixed; boundary=\(name)\n\n--\(name)\n"
            }.joined(), "--" + String(repeating: "b", count: 75) + "\n", 40_000
        ),
        ("a boundary line, a million times", "Content-Type: multipart/mixed; boundary=b\n\n", "--b\n", 1_000_000),
        ("ends of a boundary that never began", "Content-Type: multipart/mixed; boundary=b\n\n", "--b--\n", 700_000),
        (
            "base 64 without end", "Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n", "PGEgaHJlZj14Pg==",
            400_000
        ),
        ("tags that never close", "Content-Type: text/html\n\n", "<a href='", 400_000),
        ("comments that never close", "Content-Type: text/html\n\n", "<!-- <p ", 400_000),
        ("dots and slashes", "Content-Type: text/plain\n\n", "http://a.b/..", 300_000),
    ]) func `A body made to be slow is read in time that grows with it and no faster`(
        what: String, head: String, piece: String, count: Int
    ) {
        func time(_ count: Int) -> Duration {
            let message = MessageObservation(
                name: "m", octets: Array((head + String(repeating: piece, count: count)).utf8))
            return ContinuousClock().measure { _ = judge([.message(message)], of: Target(name: "m"), at: noon) }
        }
        let half = time(count / 2), whole = time(count)
        #expect(whole < half * 3 + .seconds(2), "\(what): \(half) for half of it, \(whole) for all")
        #expect(whole < .seconds(15), "\(what): \(whole)")
    }
}
