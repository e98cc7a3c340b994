import Testing

@testable import TLS

@Suite("ClientHello")
struct ClientHelloTests {
    private let random = (0..<64).map { UInt8($0) }

    @Test("One record, whose lengths agree", arguments: ProtocolVersion.all)
    func lengths(version: ProtocolVersion) {
        let hello = ClientHello(
            version: version, suites: CipherSuite.usual, serverName: "mx.example.org", offersCompression: true)
        let octets = hello.octets(random: random)
        if version == .ssl2 {
            #expect(octets.count == Int(octets[0] & 0x7F) << 8 + Int(octets[1]) + 2)
            #expect(Array(octets[2...4]) == [1, 0, 2])
            return
        }
        var record = OctetReader(octets[...])
        #expect(record.octet() == 22)
        #expect(record.short() == min(version, .tls10).rawValue)
        #expect(record.short() == UInt16(record.rest.count))
        #expect(record.octet() == 1)
        #expect(record.long24() == record.rest.count)
        #expect(record.short() == min(version, .tls12).rawValue)
        #expect(record.octets(32).map(Array.init) == Array(random.prefix(32)))
        _ = record.octet().flatMap { record.octets(Int($0)) }
        #expect(record.short().flatMap { record.octets(Int($0)) }?.count == CipherSuite.usual.count * 2)
        #expect(
            record.octet().flatMap { record.octets(Int($0)) }.map(Array.init) == (version == .tls13 ? [0] : [1, 0]))
        if version == .ssl3 {
            #expect(record.isEmpty)
            return
        }
        var kinds: [UInt16] = []
        #expect(record.short() == UInt16(record.rest.count))
        while let kind = record.short(), let length = record.short(), record.octets(Int(length)) != nil {
            kinds.append(kind)
        }
        #expect(record.isEmpty)
        #expect(Set(kinds).count == kinds.count)
        #expect(kinds.contains(0) && kinds.contains(10))
        #expect(kinds.contains(51) == (version == .tls13) && kinds.contains(23) == (version < .tls13))
    }

    @Test("Without a name there is no SNI, and too much of a list is cut instead of overflowing")
    func bounds() {
        let hello = ClientHello(version: .tls12, suites: Array(repeating: CipherSuite(rawValue: 1), count: 70_000))
        let octets = hello.octets(random: [])
        #expect(octets.count <= 65_535 + 5)
        #expect(ClientHello.farewell(.tls12).count == 14 && ClientHello.farewell(.ssl2).isEmpty)
    }
}
