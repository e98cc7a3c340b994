internal import DNS
internal import Mail

/// What the name server of the MailWorld publishes, as master-file text. The private halves of
/// the keys that stand here were never kept.
enum WorldZones {
    /// A domain as it should be. Its hosts have addresses of their own on loopback, with PTR records that lead back.
    static let healthy = """
        $ORIGIN healthy.example.
        $TTL 3600
        $SIGNED
        @           SOA   ns1 hostmaster 2026112201 7200 3600 1209600 3600
        @           NS    ns1
        @           NS    ns2
        @           MX    10 mx1
        @           MX    20 mx2
        @           TXT   "v=spf1 mx a:relay.healthy.example a:mail.healthy.example -all"
        s1._domainkey TXT ( "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0b9x3vWFHiyAL/SpTnTSs0bS+2qNIP3KvzZLZTM+cQrxNiS5ztf+BWdprOZoB90B32eMLQVKI6opeGgj+LufAqJFO9lcHDVf9/VSUB7hoMRWmadJWtbYGMVn1uRVE5YREIa4r8WR28/oaRuEiJjT0jPma0ik"
                            "mizkYD1w5MjWfqcF6cR2JXWsVyLEFLXHHOAg2ULV8X6MEC7Szw2BLVod/ALsnQGFxhcUA9HOYHpY3P531k6eO8UdUlpcGVXULb6iA4Bd+hojZZuFwMX/DiiBC8MpLVYzFb+Ho7nY32s1ZHBIs8J39DyXBxgPuMPbVlh2LWvmVpQ2FAYxeTOR5b7vuQIDAQAB" )
        _dmarc      TXT   "v=DMARC1; p=reject; sp=reject; np=reject; rua=mailto:dmarc@healthy.example"
        _mta-sts    TXT   "v=STSv1; id=20261122"
        _smtp._tls  TXT   "v=TLSRPTv1; rua=mailto:tls@healthy.example"
        ns1         A     127.0.77.2
        ns2         A     127.0.77.3
        mx1         A     127.0.77.11
        mx1         TXT   "v=spf1 a -all"
        mx2         A     127.0.77.12
        mx2         TXT   "v=spf1 a -all"
        relay       A     127.0.77.13
        relay       TXT   "v=spf1 a -all"
        mta-sts     A     127.0.77.15
        mail        A     127.0.77.14
        mail        TXT   "v=spf1 a -all"
        ; Whoever sends the test messages.
        probe       A     127.0.0.1
        $ORIGIN 0.0.127.in-addr.arpa.
        1           PTR   probe.healthy.example.
        $ORIGIN 77.0.127.in-addr.arpa.
        11          PTR   mx1.healthy.example.
        12          PTR   mx2.healthy.example.
        13          PTR   relay.healthy.example.
        14          PTR   mail.healthy.example.
        """

    /// The keys of a mail exchanger: the one in use, and one announced for later.
    static func tlsa(_ host: String, _ identity: ServerIdentity) -> String {
        let next = TLSA(usage: 3, selector: 1, matchingType: 1, association: (0..<32).map { UInt8($0) &* 7 &+ 1 })
        let own = identity.chain.first.flatMap { TLSA.matching(PresentedCertificate($0)) }
        return [own, next].compactMap { $0 }
            .map { "_25._tcp.\(host). TLSA \($0.brief(digits: 64))" }.joined(separator: "\n")
    }

    /// The MTA-STS policy of the healthy domain.
    static let policy = """
        version: STSv1
        mode: enforce
        mx: mx1.healthy.example
        mx: mx2.healthy.example
        max_age: 1209600

        """

    /// Beside the RSA key a receiver may prefer (RFC 8463 §3). Made anew in each world: the test messages are signed by it.
    static let signingSelector = "ed"
    static func healthySignature(_ record: String) -> String {
        "\(signingSelector)._domainkey.healthy.example. TXT \"\(record)\""
    }

    /// Where the machine has IPv6: the first mail exchanger has an address of it too.
    static let healthyIPv6 = """
        mx1.healthy.example.    AAAA  ::1
        $ORIGIN 0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa.
        1.0.0.0.0.0.0.0         PTR   mx1.healthy.example.
        """

    /// A domain where much is wrong: see MailWorld/defects.
    static let broken = """
        $ORIGIN broken.example.
        $TTL 3600
        @           SOA   ns1.healthy.example. hostmaster 2026112201 7200 3600 1209600 3600
        @           NS    ns1.healthy.example.
        ; The first mail host is an alias, the second does not exist, the last has no time for anyone.
        @           MX    10 alias
        @           MX    20 nowhere
        @           MX    30 mail
        @           MX    40 busy
        alias       CNAME mail
        mail        A     127.0.77.21
        busy        A     127.0.77.22
        ; Eleven lookups, and then everybody may send.
        @           TXT   ( "v=spf1 mx"
                            " include:_1.spf.broken.example include:_2.spf.broken.example"
                            " include:_3.spf.broken.example include:_4.spf.broken.example"
                            " include:_5.spf.broken.example include:_6.spf.broken.example"
                            " include:_7.spf.broken.example include:_8.spf.broken.example"
                            " include:_9.spf.broken.example include:_10.spf.broken.example +all" )
        *.spf       TXT   "v=spf1 ?all"
        ; A key that a notebook breaks, a key that is none; a policy that asks for nothing, of others'
        ; mail no less.
        s1._domainkey TXT "v=DKIM1; k=rsa; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALyhYGtaUW9VbRFinxQw1afO/7fp+6lxFJBemiewSeY21jYEh9MyHvi7uIgFesmLAgJipeEM3tWk42VWnvTjeacCAwEAAQ=="
        s2._domainkey TXT "v=DKIM1; k=rsa; p=this is not a key!"
        _dmarc      TXT   "v=DMARC1; p=none; pct=50"
        ; This record cannot be had: whether there is one, nobody can tell.
        _mta-sts    TXT   !servfail
        $ORIGIN 77.0.127.in-addr.arpa.
        ; mail (21) has no PTR record; that of busy (22) leads to a name which does not lead back.
        22          PTR   host-22.pool.broken.example.
        """
}
