import Testing

@testable import Mail

@Suite("Hostile records and headers")
struct HostileRecordsTests {
    @Test("5,000 mutated records are read without harm, and every problem points into them")
    func records() async {
        var dice = Dice(42)
        let seeds = [
            "v=spf1 a mx:example.net/24//64 ip4:192.0.2.0/24 ip6:2001:db8::/32 exists:%{ir}.%{l1r+-}.example include:x.example redirect=y.example -all",
            "v=DKIM1; k=rsa; h=sha256; t=s; n=x; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALPRqdrZf6MAtdhu5c9YPrT1oUXlRXkBnF4OxRcqYkAnQ7A6dheI/ZCaDvlP9fX4E+4mZaNxLKkuWgu3tJJDDPsCAwEAAQ==",
            "v=DMARC1; p=reject; sp=none; rua=mailto:a@example.org!10m,https://b.example/; fo=1:d; t=y",
            "v=STSv1; id=20160831", "v=TLSRPTv1; rua=mailto:a@example.org,https://b.example/",
            "version: STSv1\r\nmode: enforce\r\nmx: *.example.net\r\nmax_age: 604800\r\n",
        ].map { Array($0.utf8) }
        for round in 0..<5_000 {
            if round.isMultiple(of: 20) { await Task.yield() }
            let octets = mutated(seeds.randomElement(using: &dice) ?? [], with: &dice)
            let all = [
                SPFRecord(octets).problems, DKIMKeyRecord(octets).problems, DMARCRecord(octets).problems,
                MTASTSRecord(octets).problems, TLSRPTRecord(octets).problems, MTASTSPolicy(octets).problems,
            ].joined()
            for problem in all {
                let isWithin = (1...(octets.count + 1)).contains(problem.column)
                let isClean = !problem.message.utf8.contains { $0 < 32 || $0 == 127 }
                if !isWithin || !isClean { Issue.record("\(problem)") }
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
