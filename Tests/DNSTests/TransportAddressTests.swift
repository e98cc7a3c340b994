import DNS
import Testing

@Suite struct TransportAddressTests {
    @Test(arguments: [
        ("127.0.0.1:9725", "127.0.0.1:9725"), ("[::1]:0", "[::1]:0"), ("[2001:DB8::1]:65535", "[2001:db8::1]:65535"),
    ])
    func `an address with a port is read`(text: String, expected: String) throws {
        #expect(try TransportAddress(text).description == expected)
    }

    @Test(arguments: ["192.0.2.1", "2001:db8::1", "[2001:db8::1]"])
    func `without a port the usual one counts, if there is a usual one`(text: String) throws {
        #expect(try TransportAddress(text, defaultPort: 53).port == 53)
        #expect(throws: TransportAddressError.portMissing) { try TransportAddress(text) }
    }

    @Test(arguments: [
        ("", TransportAddressError.notAnAddress), (":", .notAnAddress), (":53", .notAnAddress),
        ("localhost:53", .notAnAddress), ("[127.0.0.1]:53", .notAnAddress), ("[::1]53", .notAnAddress),
        ("[]:53", .notAnAddress), ("[:53", .notAnAddress), ("::g:53", .notAnAddress), ("127.0.0.1:", .notAPort("")),
        ("127.0.0.1:+53", .notAPort("+53")), ("127.0.0.1:65536", .notAPort("65536")), ("[::1]:x", .notAPort("x")),
    ])
    func `anything else is refused`(text: String, expected: TransportAddressError) {
        #expect(throws: expected) { try TransportAddress(text, defaultPort: 53) }
    }
}
