import DNS
import Networking
import Testing

@Suite struct ConnectOverrideTests {
    @Test(arguments: [
        ("mx.example.org:25:127.0.0.1:2525", "mx.example.org", 25, "127.0.0.1", 2525),
        ("MX.Example.ORG.:25:127.0.0.1:2525", "mx.example.org", 25, "127.0.0.1", 2525),
        ("::127.0.0.1:2525", "mail.example.net", 587, "127.0.0.1", 2525),
        (":25:[::1]:2525", "any.example", 25, "::1", 2525),
        ("[2001:db8::1]:25:[::1]:", "2001:db8::1", 25, "::1", 25),
        ("192.0.2.1:25::2525", "192.0.2.1", 25, "192.0.2.1", 2525),
        (":::2525", "any.example", 25, "192.0.2.1", 2525),
    ])
    func `dials there instead`(text: String, host: String, port: UInt16, address: String, newPort: UInt16) throws {
        let network = Network(connectTo: [try ConnectOverride(text)])
        let literal = IPAddress(host)
        let destination = network.destination(
            host: literal == nil ? try DomainName(host) : nil, address: literal ?? IPAddress("192.0.2.1"), port: port)
        #expect(destination.address == IPAddress(address))
        #expect(destination.port == newPort)
    }

    @Test(arguments: [("other.example", 25 as UInt16), ("mx.example.org", 26)])
    func `leaves others alone`(host: String, port: UInt16) throws {
        let network = Network(connectTo: [try ConnectOverride("mx.example.org:25:127.0.0.1:2525")])
        let destination = network.destination(
            host: try DomainName(host), address: IPAddress("192.0.2.1"), port: port)
        #expect(destination.address == IPAddress("192.0.2.1"))
        #expect(destination.port == port)
    }

    @Test func `the first that matches counts`() throws {
        let network = Network(
            connectTo: try ["a.example:25:127.0.0.1:1", "a.example:25:127.0.0.2:2", "::127.0.0.3:3"]
                .map { text throws in try ConnectOverride(text) })
        #expect(network.destination(host: try DomainName("a.example"), port: 25).port == 1)
        #expect(network.destination(host: try DomainName("b.example"), port: 25).port == 3)
    }

    @Test(arguments: [
        ("", ConnectOverrideError.fieldCount(1, "")),
        ("a:1:127.0.0.1", .fieldCount(3, "a:1:127.0.0.1")),
        ("a:1:::1:25", .fieldCount(6, "a:1:::1:25")),
        ("a:+25:127.0.0.1:25", .badPort("+25")),
        ("a:0:127.0.0.1:25", .badPort("0")),
        ("a:25:127.0.0.1:65536", .badPort("65536")),
        ("a:25:localhost:25", .badAddress("localhost")),
        ("a..b:25:127.0.0.1:25", .badHost("a..b")),
        ("[a.b]:25:127.0.0.1:25", .badHost("a.b")),
        ("[::1:25:127.0.0.1:25", .missingBracket("[::1:25:127.0.0.1:25")),
        ("[::1]25:127.0.0.1:25", .missingBracket("[::1]25:127.0.0.1:25")),
    ])
    func `says what is wrong with the text`(text: String, error: ConnectOverrideError) {
        #expect(throws: error) { try ConnectOverride(text) }
        #expect(!error.description.isEmpty)
    }
}
