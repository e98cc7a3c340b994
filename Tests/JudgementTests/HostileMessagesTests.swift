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
}
