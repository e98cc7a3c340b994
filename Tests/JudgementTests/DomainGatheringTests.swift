import DNS
import Judgement
import Mail
import Testing

/// What is gathered step by step is what is gathered at once.
@Suite struct DomainGatheringTests {
    private static let zones: [(name: String, text: String)] = [
        (
            "a domain with nearly everything",
            """
            example.org. MX 10 mx1.example.org.
            example.org. MX 20 mx.provider.example.
            example.org. NS ns1.example.org.
            example.org. SOA ns1.example.org. hostmaster.example.org. 1 7200 900 1209600 3600
            example.org. TXT "v=spf1 mx a include:_spf.provider.example include:gone.example exists:%{i}.x.example ~all"
            example.org. TXT "site-verification=1"
            _spf.provider.example. TXT "v=spf1 ip4:192.0.2.0/24 include:_more.provider.example -all"
            _more.provider.example. TXT "v=spf1 ip4:198.51.100.0/24 -all"
            _dmarc.example.org. TXT "v=DMARC1; p=reject; rua=mailto:d@provider.example,mailto:d@other.example"
            example.org._report._dmarc.provider.example. TXT "v=DMARC1"
            provider.example. MX 10 mx.provider.example.
            s1._domainkey.example.org. TXT "v=DKIM1; p="
            default._domainkey.example.org. CNAME key.provider.example.
            key.provider.example. TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
            _mta-sts.example.org. TXT "v=STSv1; id=1;"
            _smtp._tls.example.org. TXT "v=TLSRPTv1; rua=mailto:tls@example.org"
            default._bimi.example.org. TXT "v=BIMI1; l=https://example.org/logo.svg"
            mx1.example.org. A 192.0.2.1
            mx1.example.org. AAAA 2001:db8::1
            mx.provider.example. A 198.51.100.7
            1.2.0.192.in-addr.arpa. PTR mx1.example.org.
            7.100.51.198.in-addr.arpa. PTR other.provider.example.
            """
        ),
        (
            "a domain below an organization",
            "sub.example.org. A 192.0.2.1\n_dmarc.example.org. TXT \"v=DMARC1; p=none\""
        ),
        ("a domain that is not there", "other.example. TXT x"),
        ("a domain of failures", "example.org. MX !timeout\nexample.org. TXT !servfail\n_dmarc.example.org. !refused"),
        ("a null MX", "example.org. MX 0 .\nexample.org. TXT \"v=spf1 -all\""),
        ("no MX, but an address", "example.org. A 192.0.2.1\nexample.org. TXT \"v=spf1 redirect=_spf.example.org\""),
    ]

    private struct Order: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }

    private func text(_ evidence: DomainEvidence) -> String {
        var text = ""
        dump(evidence, to: &text)
        return text
    }

    /// Answers come a few at a time, in any order.
    @Test(arguments: zones.indices, [DomainName?.none, try DomainName("org")])
    func `Keeping what is final changes nothing, whatever comes first`(index: Int, suffix: DomainName?) async throws {
        let zone = try Zone(Self.zones[index].text)
        let name = try DomainName(index == 1 ? "sub.example.org" : "example.org")
        let sender = try #require(IPAddress("192.0.2.1"))
        for seed in 1...12 as ClosedRange<UInt64> {
            var order = Order(state: seed &* 0x9E37_79B9_7F4A_7C15)
            var gathering = DomainGathering(
                name, selectors: ["s1"], senders: [sender], guesses: DKIMKeyLookup.likelyGuesses, publicSuffix: suffix)
            var known = Knowledge()
            var steps = 0
            while true {
                var again = Knowledge(known.outcomes)
                let kept = gathering.evidence(asking: &known)
                let anew = DomainEvidence.gather(
                    name, selectors: ["s1"], senders: [sender], guesses: DKIMKeyLookup.likelyGuesses,
                    publicSuffix: suffix, asking: &again)
                #expect(text(kept) == text(anew), "\(Self.zones[index].name), seed \(seed), step \(steps)")
                #expect(known.wanted == again.wanted)
                if known.wanted.isEmpty { break }
                let wanted = known.wanted.sorted { "\($0)" < "\($1)" }.shuffled(using: &order)
                for question in wanted.prefix(Int.random(in: 1...wanted.count, using: &order)) {
                    known.learn(question, await zone.outcome(question))
                }
                steps += 1
                await Task.yield()
            }
            #expect(steps > 0)
        }
    }
}
