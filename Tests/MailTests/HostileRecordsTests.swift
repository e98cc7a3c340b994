import Testing

@testable import Mail

@Suite("Hostile records and headers")
struct HostileRecordsTests {
    private static let texts: [(RecordKind, String)] = [
        (
            .spf,
            "v=spf1 a mx:example.net/24//64 ip4:192.0.2.0/24 ip6:2001:db8::/32 exists:%{ir}.%{l1r+-}.example include:x.example redirect=y.example -all"
        ),
        (
            .dkimKey,
            "v=DKIM1; k=rsa; h=sha256; t=s; n=x; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALPRqdrZf6MAtdhu5c9YPrT1oUXlRXkBnF4OxRcqYkAnQ7A6dheI/ZCaDvlP9fX4E+4mZaNxLKkuWgu3tJJDDPsCAwEAAQ=="
        ),
        (.dmarc, "v=DMARC1; p=reject; sp=none; rua=mailto:a@example.org!10m,https://b.example/; fo=1:d; t=y"),
        (.dmarc, "v=DMARC1; p=none; np=reject; psd=n; ruf=mailto:a@example.org; adkim=s; aspf=r; pct=50"),
        (.mtastsTXT, "v=STSv1; id=20160831; ext=a"),
        (.tlsrpt, "v=TLSRPTv1; rua=mailto:a@example.org,https://b.example/"),
        (.mtastsPolicy, "version: STSv1\r\nmode: enforce\r\nmx: *.example.net\r\nmax_age: 604800\r\n"),
        (.bimi, "v=BIMI1; l=https://example.org/l.svg; a=https://example.org/a.pem; avp=brand; lps=a,b"),
        (.caa, "128 issue \"ca.example.net; account=1\\045; b=c\""), (.caa, "0 iodef \"mailto:a@example.org\""),
        (.tlsa, "3 1 1 ( 0a0b0c0d0e0f000102030405060708090a0b0c0d0e0f00010203 04050607 0809 )"),
    ]
    private static let seeds: [(RecordKind, [UInt8])] = texts.map { ($0.0, Array($0.1.utf8)) }

    /// Each problem points into the text and says what it says in clean words; valid agrees with what the kind means.
    private func judge(_ kind: RecordKind, _ octets: [UInt8]) {
        let check = kind.check(octets)
        let lines = octets.split(separator: 10, omittingEmptySubsequences: false)
        for problem in check.problems {
            let line =
                kind.isFile
                ? problem.line.flatMap { lines.indices.contains($0 - 1) ? lines[$0 - 1] : nil } : octets[...]
            let isWithin = line.map { (1...($0.count + 1)).contains(problem.column) } ?? false
            let isClean = !problem.message.utf8.contains { $0 < 32 || $0 == 127 }
            if !isWithin || !isClean { Issue.record("\(kind) \(octets): \(problem)") }
        }
        if kind != .dmarc, check.isValid == check.problems.contains(where: \.isError) { Issue.record("\(octets)") }
        if check.problems.count > Problems.maximum + 4 { Issue.record("\(check.problems.count) problems") }
    }

    @Test("100,000 mutated records are judged without harm, and every problem points into them")
    func records() async {
        await withTaskGroup(of: Void.self) { group in
            for part in 0..<8 {
                group.addTask {
                    var dice = Dice(UInt64(42 + part))
                    for round in 0..<12_500 * Suites.hostility {
                        if round.isMultiple(of: 50) { await Task.yield() }
                        let (kind, seed) = Self.seeds.randomElement(using: &dice) ?? Self.seeds[0]
                        self.judge(kind, mutated(seed, with: &dice))
                    }
                }
            }
        }
    }

    @Test("What the grammars make is valid: 30,000 records, each in its own white space and case")
    func generated() async {
        var dice = Dice(44)
        func one(_ choices: String...) -> String { choices.randomElement(using: &dice) ?? "" }
        func space() -> String { one("", "", " ", "\t", "  ") }
        for turn in 0..<10_000 {
            if turn.isMultiple(of: 20) { await Task.yield() }
            let tags = [
                "p" + space() + "=" + space() + one("none", "quarantine", "reject", "Reject"),
                one("adkim", "ASPF") + "=" + one("r", "s", "S"), "psd=" + one("y", "n", "u"), "t=" + one("y", "n"),
                "rua=mailto:a@example.org" + space() + "," + space() + "mailto:b%21c@example.net",
                "x" + space() + "=1 2",
                "sp=" + one("none", "reject"), "np=" + one("none", "reject"),
            ].shuffled(using: &dice)
            let dmarc =
                "v" + space() + "=" + space() + "DMARC1" + tags.map { space() + ";" + space() + $0 }.joined()
                + one("", ";", " ; ")
            let sts =
                "v=STSv1" + one(";", "; ", ";\t") + "id=" + one("1", "20261122T000000Z", "a")
                + one("", ";", " ;", "; x=y")
            let rpt =
                "v=TLSRPTv1" + one(";", "; ") + "rua=" + one("mailto:a@example.org", "https://a.example/x")
                + one("", space() + "," + space() + "mailto:b@example.org") + one("", ";", ";x.y=z;")
            for (kind, text) in [(RecordKind.dmarc, dmarc), (.mtastsTXT, sts), (.tlsrpt, rpt)] {
                let check = kind.check(Array(text.utf8))
                if !check.isValid || check.problems.contains(where: \.isError) { Issue.record("\(text): \(check)") }
            }
        }
    }

    @Test("5,000 mutated headers are read without harm")
    func headers() async {
        var dice = Dice(43)
        let seed = Array(
            ("Authentication-Results: mx.example.org; spf=pass\r\nReceived: from a (b [192.0.2.1])\r\n\tby mx.example.org with ESMTP; 1 Jan 2025 00:00:00 +0000\r\n"
                + "From: =?utf-8?q?J?= <a@example.org>\r\nSubject: =?iso-8859-1?b?5A==?= x\r\n\r\nbody").utf8)
        for round in 0..<5_000 {
            if round.isMultiple(of: 20) { await Task.yield() }
            let message = Message(parsing: mutated(seed, with: &dice))
            _ = Journey(message.header)
            _ = AuthenticationResults.claims(in: message.header, by: ["mx.example.org"], beneath: .believed)
            for field in message.header.fields {
                _ = field.decoded
                _ = Mailbox.list(field.value)
            }
        }
    }
}
