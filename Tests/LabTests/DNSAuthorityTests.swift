import DNS
@testable import Lab
import Networking
import Testing

private let zone = """
    lab.example.       MX  10 mx.lab.example.
    mx.lab.example.    A   127.0.77.9
    long.lab.example.  TXT "\(String(repeating: "x", count: 250))" "\(String(repeating: "y", count: 250))" "\(String(repeating: "z", count: 250))"
    mute.lab.example.  A   !timeout
    ill.lab.example.   A   !servfail
    shy.lab.example.   A   !refused
    """

@Suite("The lab's name server") struct DNSAuthorityTests {
    private func ask(_ name: String, _ type: RecordType, udpSize: UInt16 = 1232, overTCP: Bool = false) throws
        -> Message?
    {
        let authority = DNSAuthority(try Zone(zone), truncating: [try DomainName("lab.example")])
        let query = Message(
            asking: Question(try DomainName(name), type), id: 77, edns: EDNS(payloadSize: udpSize))
        return try authority.reply(to: query.encoded(), overTCP: overTCP).map { try Message(parsing: $0) }
    }

    @Test(
        "tells records, no record, no name, SERVFAIL and REFUSED apart",
        arguments: [
            ("mx.lab.example", .noError, 1), ("mx.lab.example", .noError, 1), ("none.lab.example", .nameError, 0),
            ("long.lab.example", .noError, 0), ("ill.lab.example", .serverFailure, 0), ("shy.lab.example", .refused, 0),
        ] as [(String, ResponseCode, Int)]) func codes(name: String, code: ResponseCode, answers: Int) throws
    {
        let response = try #require(try ask(name, .a))
        #expect(response.rcode == code && response.answers.count == answers && response.id == 77)
    }

    @Test("is silent where silence is planted, and to what is no question") func silence() throws {
        #expect(try ask("mute.lab.example", .a) == nil)
        let authority = DNSAuthority(try Zone(zone))
        for octets in [[], [0], [UInt8](repeating: 255, count: 40), [UInt8](repeating: 0, count: 11)] {
            #expect(authority.reply(to: octets, overTCP: false) == nil)
        }
        #expect(authority.questions.isEmpty)
    }

    @Test("truncates over UDP what does not fit or shall not, and tells it all over TCP") func truncation() throws {
        let short = try #require(try ask("long.lab.example", .txt, udpSize: 512))
        #expect(short.isTruncated)
        #expect(try ask("long.lab.example", .txt)?.isTruncated == false)
        let told = try #require(try ask("lab.example", .mx))
        #expect(told.isTruncated && told.answers.isEmpty)
        #expect(try ask("lab.example", .mx, overTCP: true)?.answers.count == 1)
    }

    @Test("answers over TCP on the port it has for UDP, message after message") func tcp() async throws {
        try await withLab { lab in
            let endpoint = try await lab.start(DNSAuthority(try Zone(zone)))
            try await Client.talk(to: endpoint) { client in
                for id: UInt16 in 1...3 {
                    let query = Message(asking: Question(try DomainName("mx.lab.example"), .a), id: id).encoded()
                    try await client.connection.write([UInt8(query.count >> 8), UInt8(query.count & 255)] + query)
                    let length = try await client.connection.read(count: 2)
                    let octets = try await client.connection.read(count: Int(length[0]) << 8 | Int(length[1]))
                    let response = try Message(parsing: octets)
                    #expect(response.id == id && response.answers.count == 1)
                }
            }
        }
    }
}
