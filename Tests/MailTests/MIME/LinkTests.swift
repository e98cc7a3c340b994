import Testing

@testable import Mail

@Suite("Links, images, and where they lead")
struct LinkTests {
    @Test(
        "Defanged",
        arguments: [
            ("https://example.org", "hxxps://example[.]org"),
            ("HTTP://A.example.org:8080/x.y?z=1", "hxxp://A[.]example[.]org:8080/x.y?z=1"),
            ("https://bank.example@evil.example/", "hxxps://bank[.]example@evil[.]example/"),
            ("ftp://a.b/", "fxp://a[.]b/"),
            ("mailto:a.b@example.org?subject=x.y", "mailto:a.b[@]example[.]org?subject=x.y"),
            ("https://[2001:db8::1]/", "hxxps://[2001:db8::1]/"),
            ("https://192.0.2.1/", "hxxps://192[.]0[.]2[.]1/"),
            ("https://a.example/?u=https://b.example/", "hxxps://a[.]example/?u=https[:]//b.example/"),
            ("ht\ttps://exa\nmple.org", "hxxps://example[.]org"),
            ("https:\\\\example.org\\x", "hxxps:\\\\example[.]org\\x"),
        ])
    func defangs(_ address: String, _ expected: String) { #expect(WebAddress(address).defanged == expected) }

    @Test(
        "The host a link leads to",
        arguments: [
            ("https://example.org/a", "example.org"), ("https://u:p@Example.ORG:1/", "example.org"),
            ("//example.org", "example.org"),
            ("https:/example.org", "example.org"), ("https://a.example%2eorg", "a.example.org"), ("mailto:a@b.c", nil),
            ("/path", nil),
            ("javascript:alert(1)", nil), ("https://", nil), ("#x", nil), ("", nil),
        ] as [(String, String?)])
    func hosts(_ address: String, _ host: String?) { #expect(WebAddress(address).host == host) }

    @Test(
        "Words that name a host",
        arguments: [
            ("www.example.org", "www.example.org"), ("https://example.org/x", "example.org"),
            ("Example.Org/a", "example.org"),
            ("invoice.pdf", nil), ("here", nil), ("bob@example.org", nil), ("1.5", nil), ("see example.org", nil),
            ("v1.2.3", nil),
        ] as [(String, String?)])
    func named(_ words: String, _ host: String?) { #expect(WebAddress.host(namedBy: words) == host) }

    @Test("HTML as it is written, not as it should be")
    func html() {
        let reading = HTMLReading(
            """
            <!-- <a href="https://no.example/">no</a> --><A HREF='https://a.example/?x=1&amp;y=2'>one<b> two</b></a >
            <a href=https://b.example/>unclosed <a title=">" href="https://c.example/">three</a><script>"<a href=x>"</script>
            <img src="https://p.example/i" width=1 height='1px'><img src=https://q.example/j style="Display: none">
            <area href="https://d.example"><form action=https://e.example/f><a href="&#104;ttps&colon;//g.example">x</a> < 3 <
            """)
        #expect(
            reading.links.map(\.target) == [
                "https://a.example/?x=1&y=2", "https://b.example/", "https://c.example/", "https://d.example",
                "https://e.example/f",
                "https://g.example",
            ])
        #expect(reading.links.map(\.text).prefix(3) == ["one two", "unclosed", "three"])
        #expect(reading.images.map(\.width) == [1, nil] && reading.images.map(\.isHidden) == [false, true])
    }

    @Test(
        "A hostile megabyte of HTML takes no time",
        arguments: ["<", "<a ", "<a href=x>", "<!--", "</", "<script>", "&#", "<img src=\"", "<a b='"])
    func fast(_ piece: String) {
        let text = String(repeating: piece, count: (1 << 20) / piece.utf8.count)
        let time = ContinuousClock().measure { _ = HTMLReading(text) }
        #expect(time < .seconds(20), "\(time)")
    }
}
