import Testing

@testable import Mail

@Suite("What spam filters write into headers")
struct SpamOpinionTests {
    private func read(_ field: String) -> SpamOpinion? {
        let text =
            field
            + "\r\nReceived: from a.example ([192.0.2.1]) by b.example with SMTP; 1 Jan 2025 00:00:00 +0000\r\n\r\n"
        return SpamOpinion.claims(in: MessageHeader(parsing: Array(text.utf8))).first
    }

    @Test(
        "Each in its own way",
        arguments: [
            (
                "X-Spam-Status: Yes, score=7.4 required=5.0 tests=BAYES_99,RDNS_NONE autolearn=no", "SpamAssassin",
                true, 7.4, 5
            ),
            (
                "X-Spam-Status: No, hits=-0.5 tagged_above=3 required=6.2 tests=[BAYES_00=-1.9,\r\n\tHTML=0.001]",
                "SpamAssassin", false, -0.5, 6.2
            ),
            ("X-Spam-Level: *****", "SpamAssassin", nil, 5, nil), ("X-Spam-Flag: YES", "SpamAssassin", true, nil, nil),
            ("X-Spam-Score: 2.81 (++)", "SpamAssassin", nil, 2.81, nil),
            (
                "X-Spamd-Result: default: False [3.40 / 15.00]; MIME_GOOD(-0.10)[text/plain]; ARC_NA(0.00)[]", "Rspamd",
                false, 3.4, 15
            ),
            ("X-Spamd-Bar: ++++", "Rspamd", nil, 4, nil),
            ("X-MS-Exchange-Organization-SCL: 6", "Exchange", true, 6, 5),
            ("X-MS-Exchange-Organization-SCL: -1", "Exchange", false, -1, 5),
            ("X-Forefront-Antispam-Report: CIP:192.0.2.1;CTRY:DE;SCL:1;SFV:NSPM;CAT:NONE;", "Exchange", false, 1, 5),
            (
                "X-Barracuda-Spam-Status: No, SCORE=0.20 using global scores of TAG_LEVEL=3.5 QUARANTINE_LEVEL=1000.0 KILL_LEVEL=8.0 tests=HTML_MESSAGE",
                "Barracuda", false, 0.2, 8
            ),
            (
                "X-Proofpoint-Spam-Details: rule=outbound_notspam policy=outbound score=12 mlxscore=0", "Proofpoint",
                false, 12, nil
            ),
            ("X-Proofpoint-Spam-Details: rule=spam policy=default score=100", "Proofpoint", true, 100, nil),
            ("X-Mimecast-Spam-Score: 4", "Mimecast", nil, 4, nil),
            (
                "X-Bogosity: Ham, tests=bogofilter, spamicity=0.000012, version=1.2.5", "Bogofilter", false, 0.000012,
                nil
            ),
            ("X-DSPAM-Result: Innocent", "DSPAM", false, nil, nil), ("X-VR-SPAMSTATE: OK", "Vade", false, nil, nil),
        ] as [(String, String, Bool?, Double?, Double?)])
    func reads(_ field: String, _ filter: String, _ isSpam: Bool?, _ score: Double?, _ threshold: Double?) throws {
        let opinion = try #require(read(field))
        let wanted = score ?? .infinity
        let isScore = opinion.score.map { abs($0 - wanted) < 1e-9 } ?? (wanted == .infinity)
        #expect(opinion.filter == filter && opinion.isSpam == isSpam && opinion.threshold == threshold)
        #expect(isScore)
        #expect(opinion.isBelieved)
    }

    @Test("The tests that told, by name")
    func tests() {
        #expect(read("X-Spam-Status: Yes, score=7 required=5 tests=A_1,B_2 autolearn=no")?.tests == ["A_1", "B_2"])
        #expect(
            read("X-Spam-Status: No, score=1 required=5 tests=[A_1=0.5,\r\n\tB_2=-1.9] autolearn=no")?.tests == [
                "A_1", "B_2",
            ])
        #expect(read("X-Spam-Status: No, score=1 required=5 tests=none autolearn=no")?.tests == [])
        #expect(read("X-Spamd-Result: default: True [20.0 / 15.00]; A(1.0)[x]; B(2.0)[]")?.tests == ["A", "B"])
    }

    @Test(
        "What says nothing is nothing",
        arguments: [
            "X-Spam-Status: maybe", "X-Spam-Score: high", "X-Spam: ", "X-Mailer: 5",
            "X-MS-Exchange-Organization-SCL: x",
            "X-Spam-Score: 99999999999999999999", "X-Spam-Level: none at all",
        ])
    func nothing(_ field: String) { #expect(read(field) == nil) }

    @Test(
        "One filter's fields count once; what stands beneath the receiver's Received is doubted, unless the message is ours"
    )
    func belief() {
        let text = """
            X-Spam-Flag: NO
            X-Spam-Status: No, score=1.5 required=5.0 tests=A
            Received: from a.example ([192.0.2.1]) by b.example with SMTP; 1 Jan 2025 00:00:00 +0000
            X-Spam-Status: Yes, score=99 required=5.0 tests=B

            """
        let header = MessageHeader(parsing: Array(text.utf8))
        let claims = SpamOpinion.claims(in: header)
        #expect(claims.map(\.isBelieved) == [true, false] && claims.map(\.score) == [1.5, 99])
        #expect(claims[0].isSpam == false && claims[0].threshold == 5 && claims[0].tests == ["A"])
        let ours = SpamOpinion.claims(in: header, beneath: .believed)
        #expect(ours.map(\.isBelieved) == [true])
    }
}
