import DNS
import Networking
import Testing

@Suite struct ResolverServerTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1:53"), ("127.0.0.1:5300", "127.0.0.1:5300"), ("::1", "[::1]:53"), ("[::1]", "[::1]:53"),
        ("[::1]:53", "[::1]:53"), ("[2001:DB8::1]:5300", "[2001:db8::1]:5300"),
        ("2001:db8::1:53", "[2001:db8::1:53]:53"),
    ])
    func `an address with or without a port is read`(text: String, expected: String) throws {
        #expect(try ResolverServer(text).description == expected)
    }

    @Test(arguments: [
        "", "localhost", "dns.example.org:53", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:+53",
        "127.0.0.1:53:53", "[::1", "::1]", "[::1]53", "[::1]:", "[127.0.0.1]:53", "::1%lo", ":53", "[fe80::1%lo]:53",
    ])
    func `anything else is refused`(text: String) {
        #expect(throws: ResolverServerError.self) { try ResolverServer(text) }
    }

    @Test func `the refusal says what would be right`() {
        let error = #expect(throws: ResolverServerError.self) { try ResolverServer("dns\u{1b}.example") }
        #expect(
            error?.description
                == "“dns?.example” is no address of a resolver: write 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53, not a name"
        )
    }
}

@Suite struct SystemConfigurationTests {
    func read(_ text: String) -> SystemConfiguration { SystemConfiguration(parsing: Array(text.utf8)) }

    @Test func `name servers and options are read, the rest is passed over`() {
        let configuration = read(
            """
            # written by a machine
            domain example.org
            search example.org example.net
            nameserver 192.0.2.53
            nameserver\t2001:db8::53 ; comment
            nameserver fe80::1%eth0
            nameserver nonsense
            options timeout:2 attempts:4 rotate edns0
            """)
        #expect(configuration.servers.map(\.description) == ["192.0.2.53:53", "[2001:db8::53]:53"])
        #expect(configuration.timeout == 2 && configuration.attempts == 4)
    }

    @Test(arguments: ["", "nameserver", "nameserver x", "\u{0}\u{1}\r\n", "options timeout: attempts:x"])
    func `without a usable server, it is the one of this machine`(text: String) {
        #expect(read(text).servers.map(\.description) == ["127.0.0.1:53"])
        #expect(read(text).timeout == nil)
    }

    @Test func `at most three servers, and numbers within their ranges`() {
        let servers = (1...5).map { "nameserver 192.0.2.\($0)\r\n" }.joined()
        let configuration = read(servers + "options timeout:999 attempts:0")
        #expect(configuration.servers.count == 3)
        #expect(configuration.timeout == 30 && configuration.attempts == 1)
    }

    @Test func `a file that does not end, or holds any octets, is read`() {
        #expect(SystemConfiguration(parsing: Array(0...255)).servers.count == 1)
        #expect(read("nameserver 192.0.2.1").servers.count == 1)
    }

    @Test func `a long pause in the configuration still leaves time for three tries`() {
        let settings = NetworkResolver.Settings(read("options timeout:30"), timeout: 6)
        #expect(settings.pause == 30 && settings.timeout == 6 && settings.attempts == 3)
    }
}
