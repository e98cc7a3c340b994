import Crypto
import DNS
import Mail
import Testing

/// What a sender that follows DANE makes of a chain.
@Suite struct DANEVerificationTests {
    static let host = try! DomainName("mx.example.org")
    static let now = Timestamp(year: 2026, month: 11, day: 22, hour: 12)

    enum Part: Sendable { case whole, key }
    enum Expected: Hashable, Sendable { case verified, unusable, failed, unknown }

    /// A record for `certificate`.
    static func tlsa(_ usage: UInt8, _ selector: UInt8, _ type: UInt8, of certificate: [UInt8]) -> TLSA {
        let selected = selector == 0 ? certificate : PresentedCertificate(certificate).publicKeyInfo ?? []
        let data =
            switch type {
            case 0: selected
            case 1: Array(SHA256.hash(data: selected))
            default: Array(SHA512.hash(data: selected))
            }
        return TLSA(usage: usage, selector: selector, matchingType: type, association: data)
    }

    static func verdict(_ verification: DANEVerification) -> Expected {
        switch verification.result {
        case .verified: .verified
        case .noUsableRecord: .unusable
        case .failed: .failed
        case .couldNotTell: .unknown
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var records: [TLSA]
        var chain: [[UInt8]]
        var expected: Expected
        var names = [host]
        var now = DANEVerificationTests.now

        init(
            _ title: String, _ records: [TLSA], _ chain: [[UInt8]], _ expected: Expected, names: [DomainName] = [host],
            now: Timestamp = DANEVerificationTests.now
        ) {
            testDescription = title
            self.records = records
            self.chain = chain
            self.expected = expected
            self.names = names
            self.now = now
        }
    }

    static let usual = [TestChain.leaf, TestChain.issuer]
    static let strange = TLSA(usage: 3, selector: 1, matchingType: 1, association: Array(repeating: 7, count: 32))

    static let cases: [Case] = [
        Case("3 1 1", [tlsa(3, 1, 1, of: TestChain.leaf)], usual, .verified),
        Case("3 1 2", [tlsa(3, 1, 2, of: TestChain.leaf)], usual, .verified),
        Case("3 1 0", [tlsa(3, 1, 0, of: TestChain.leaf)], usual, .verified),
        Case("3 0 1", [tlsa(3, 0, 1, of: TestChain.leaf)], usual, .verified),
        Case("3 0 0", [tlsa(3, 0, 0, of: TestChain.leaf)], usual, .verified),
        Case("DANE-EE asks for no date", [tlsa(3, 1, 1, of: TestChain.expired)], [TestChain.expired], .verified),
        Case(
            "DANE-EE asks for no name and no issuer", [tlsa(3, 1, 1, of: TestChain.selfSigned)],
            [TestChain.selfSigned], .verified),
        Case(
            "DANE-EE asks for no purpose", [tlsa(3, 1, 1, of: TestChain.forClients)], [TestChain.forClients], .verified),
        Case("DANE-EE is of the first certificate alone", [tlsa(3, 1, 1, of: TestChain.issuer)], usual, .failed),
        Case("another key", [strange], usual, .failed),
        Case("a rollover: one of two matches", [strange, tlsa(3, 1, 1, of: TestChain.leaf)], usual, .verified),
        Case("2 1 1 of the issuer", [tlsa(2, 1, 1, of: TestChain.issuer)], usual, .verified),
        Case("2 0 1 of the issuer", [tlsa(2, 0, 1, of: TestChain.issuer)], usual, .verified),
        Case(
            "2 0 1 of the root that was sent", [tlsa(2, 0, 1, of: TestChain.root)], usual + [TestChain.root], .verified),
        Case(
            "the order of what was sent is no matter", [tlsa(2, 0, 1, of: TestChain.root)],
            [TestChain.leaf, TestChain.root, TestChain.otherIssuer, TestChain.issuer], .verified),
        Case("2 0 1 of a root that was not sent", [tlsa(2, 0, 1, of: TestChain.root)], usual, .failed),
        Case("2 0 0 of a root that was not sent", [tlsa(2, 0, 0, of: TestChain.root)], usual, .verified),
        Case("2 1 0 of a root that was not sent", [tlsa(2, 1, 0, of: TestChain.root)], usual, .verified),
        Case(
            "2 0 0 of the issuer that was not sent", [tlsa(2, 0, 0, of: TestChain.issuer)], [TestChain.leaf], .verified),
        Case("2 0 0 of a namesake", [tlsa(2, 0, 0, of: TestChain.otherIssuer)], [TestChain.leaf], .failed),
        Case(
            "2 1 1 of a namesake that was sent", [tlsa(2, 1, 1, of: TestChain.otherIssuer)],
            [
                TestChain.leaf, TestChain.otherIssuer,
            ], .failed),
        Case(
            "DANE-TA asks for the date", [tlsa(2, 1, 1, of: TestChain.issuer)],
            [
                TestChain.expired, TestChain.issuer,
            ], .failed),
        Case(
            "DANE-TA asks for the name", [tlsa(2, 1, 1, of: TestChain.issuer)], usual, .failed,
            names: [try! DomainName("mx.example.net")]),
        Case(
            "the domain is a name as well", [tlsa(2, 1, 1, of: TestChain.issuer)],
            [TestChain.wildcard, TestChain.issuer],
            .verified, names: [try! DomainName("mail.example.com"), try! DomainName("example.net")]),
        Case(
            "a wildcard stands for one label", [tlsa(2, 1, 1, of: TestChain.issuer)],
            [TestChain.wildcard, TestChain.issuer], .verified),
        Case(
            "a wildcard stands for no more", [tlsa(2, 1, 1, of: TestChain.issuer)],
            [TestChain.wildcard, TestChain.issuer], .failed, names: [try! DomainName("a.mx.example.org")]),
        Case(
            "the common name counts where there is no other", [tlsa(2, 1, 1, of: TestChain.issuer)],
            [TestChain.commonName, TestChain.issuer], .verified),
        Case(
            "DANE-TA asks for the purpose", [tlsa(2, 1, 1, of: TestChain.issuer)],
            [
                TestChain.forClients, TestChain.issuer,
            ], .failed),
        Case(
            "who is no authority is no anchor", [tlsa(2, 1, 1, of: TestChain.noAuthority)],
            [
                TestChain.belowNoAuthority, TestChain.noAuthority,
            ], .failed),
        Case("usage 2 of the server's own certificate", [tlsa(2, 1, 1, of: TestChain.leaf)], usual, .failed),
        Case("usage 0", [tlsa(0, 0, 1, of: TestChain.root)], usual, .unusable),
        Case("usage 1", [tlsa(1, 1, 1, of: TestChain.leaf)], usual, .unusable),
        Case(
            "usage 1 beside one that can be used",
            [
                tlsa(1, 1, 1, of: TestChain.leaf), tlsa(3, 1, 1, of: TestChain.leaf),
            ], usual, .verified),
        Case("usage 255", [TLSA(usage: 255, selector: 1, matchingType: 1, association: [1])], usual, .unusable),
        Case(
            "selector 2", [TLSA(usage: 3, selector: 2, matchingType: 1, association: strange.association)], usual,
            .unusable),
        Case("matching type 3", [TLSA(usage: 3, selector: 1, matchingType: 3, association: [1])], usual, .unusable),
        Case(
            "a digest cut short",
            [
                TLSA(usage: 3, selector: 1, matchingType: 1, association: Array(strange.association.dropLast()))
            ], usual, .unusable),
        Case("no digest", [TLSA(usage: 3, selector: 1, matchingType: 1, association: [])], usual, .unusable),
        Case(
            "no certificate in 3 0 0", [TLSA(usage: 3, selector: 0, matchingType: 0, association: [48, 0])], usual,
            .unusable),
        Case("no key in 3 1 0", [TLSA(usage: 3, selector: 1, matchingType: 0, association: [1])], usual, .unusable),
        Case("no record", [], usual, .unusable),
        Case("no certificate", [tlsa(3, 1, 1, of: TestChain.leaf)], [], .failed),
        // RFC 7671 §9.
        Case(
            "the stronger digest decides",
            [
                tlsa(3, 1, 1, of: TestChain.leaf), tlsa(3, 1, 2, of: TestChain.issuer),
            ], usual, .failed),
        Case(
            "the stronger digest decides among its like alone",
            [
                tlsa(3, 1, 1, of: TestChain.leaf), tlsa(3, 0, 2, of: TestChain.issuer),
            ], usual, .verified),
        Case(
            "a stronger digest that can't be used decides nothing",
            [
                tlsa(3, 1, 1, of: TestChain.leaf),
                TLSA(usage: 3, selector: 1, matchingType: 2, association: strange.association),
            ], usual, .verified),
        Case(
            "matching type 0 is compared whatever digests there are",
            [
                tlsa(3, 1, 0, of: TestChain.leaf), tlsa(3, 1, 2, of: TestChain.issuer),
            ], usual, .verified),
    ]

    @Test(arguments: cases) func `Records meet a chain`(example: Case) {
        let verification = DANEVerification(
            example.records, chain: example.chain, names: example.names, at: example.now)
        #expect(Self.verdict(verification) == example.expected, "\(verification)")
        #expect(verification.entries.count == example.records.count)
    }

    @Test func `The place where a record matched is told`() throws {
        let records = [
            Self.tlsa(2, 1, 1, of: TestChain.issuer), Self.tlsa(2, 0, 1, of: TestChain.root),
            Self.tlsa(2, 1, 0, of: TestChain.root), Self.tlsa(3, 1, 1, of: TestChain.leaf), Self.strange,
        ]
        let verification = DANEVerification(
            records, chain: Self.usual + [TestChain.root], names: [Self.host], at: Self.now)
        #expect(
            verification.entries.map(\.fate) == [
                .matchesAuthority(depth: 1), .matchesAuthority(depth: 2), .matchesAuthority(depth: nil), .matchesServer,
                .noMatch,
            ])
    }

    struct Outlook: Sendable {
        var records: [TLSA]
        var sameKey: Bool
        var sameAuthority: Bool
        var isProvidedFor: Bool
    }

    @Test(arguments: [
        Outlook(
            records: [tlsa(3, 1, 1, of: TestChain.leaf)], sameKey: true, sameAuthority: false, isProvidedFor: false),
        Outlook(
            records: [tlsa(3, 0, 1, of: TestChain.leaf)], sameKey: false, sameAuthority: false, isProvidedFor: false),
        Outlook(
            records: [tlsa(3, 1, 1, of: TestChain.leaf), strange], sameKey: true, sameAuthority: false,
            isProvidedFor: true),
        Outlook(
            records: [tlsa(2, 1, 1, of: TestChain.issuer)], sameKey: true, sameAuthority: true, isProvidedFor: true),
        Outlook(
            records: [tlsa(3, 1, 1, of: TestChain.leaf), tlsa(2, 1, 1, of: TestChain.issuer)], sameKey: true,
            sameAuthority: true, isProvidedFor: true),
    ])
    func `What the next certificate will meet is told`(example: Outlook) throws {
        let verification = DANEVerification(example.records, chain: Self.usual, names: [Self.host], at: Self.now)
        let rollover = try #require(DANERollover(verification))
        #expect(rollover.sameKey == example.sameKey)
        #expect(rollover.sameAuthority == example.sameAuthority)
        #expect(rollover.isProvidedFor == example.isProvidedFor)
    }

    @Test func `Altered certificates and records crash nothing and never match`() async {
        var random = Dice(7_672)
        let anchors = [Self.tlsa(2, 0, 1, of: TestChain.issuer), Self.tlsa(2, 1, 0, of: TestChain.root)]
        let server = [Self.tlsa(3, 0, 1, of: TestChain.leaf)]
        for round in 0..<1_500 {
            var leaf = TestChain.leaf
            for _ in 0...(round % 3) {
                let place = Int(random.next() % UInt64(leaf.count))
                switch random.next() % 3 {
                case 0: leaf[place] ^= UInt8(truncatingIfNeeded: 1 << (random.next() % 8))
                case 1: leaf.remove(at: place)
                default: leaf.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
                }
            }
            if leaf == TestChain.leaf { continue }
            let chain = [leaf, TestChain.issuer]
            #expect(Self.verdict(DANEVerification(server, chain: chain, names: [Self.host], at: Self.now)) == .failed)
            // The signature covers all but itself and the outer algorithm; ECDSA's own can be altered into another.
            let verdict = Self.verdict(DANEVerification(anchors, chain: chain, names: [Self.host], at: Self.now))
            #expect(verdict != .verified, "round \(round)")
            var junk = TLSA(usage: 2, selector: 1, matchingType: 0, association: leaf)
            _ = DANEVerification([junk], chain: Self.usual, names: [Self.host], at: Self.now)
            junk.selector = 0
            _ = DANEVerification([junk], chain: Self.usual, names: [Self.host], at: Self.now)
            if round % 20 == 0 { await Task.yield() }
        }
    }

    @Test func `A chain of many namesakes is searched in bounded time`() {
        let began = ContinuousClock.now
        let chain = [TestChain.leaf] + Array(repeating: TestChain.issuer, count: 200)
        let records = Array(repeating: Self.tlsa(2, 0, 0, of: TestChain.otherIssuer), count: 500)
        let verification = DANEVerification(records, chain: chain, names: [Self.host], at: Self.now)
        #expect(verification.entries.count == DANEVerification.maximumRecords)
        #expect(ContinuousClock.now - began < .seconds(20))
    }
}
