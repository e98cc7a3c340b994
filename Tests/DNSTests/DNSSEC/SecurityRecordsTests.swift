import Testing

@testable import DNS

@Suite("Records of DNSSEC") struct SecurityRecordsTests {
    private func data(_ text: String) throws -> RecordData {
        try #require(try Zone(text).records.first).data
    }

    static let lines = [
        "dskey.example.com. 86400 IN DNSKEY 256 3 5 AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==",
        "dskey.example.com. 86400 IN DS 60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118",
        "dskey.example.com. 86400 IN CDS 60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118",
        "example. 3600 IN CDNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=",
        "host.example.com. 86400 IN RRSIG A 5 3 86400 20030322173103 20030220173103 2642 example.com. oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip",
        "alfa.example.com. 86400 IN NSEC host.example.com. A MX RRSIG NSEC TYPE1234",
        "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example. 3600 IN NSEC3 1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA MX RRSIG DNSKEY NSEC3PARAM",
        "example. 3600 IN NSEC3 1 0 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr",
        "example. 3600 IN NSEC3PARAM 1 0 12 aabbccdd",
    ]

    @Test("What is printed reads back, and the wire gives the same again", arguments: lines)
    func roundTrip(line: String) throws {
        let record = try #require(try Zone(line).records.first)
        #expect(record.description == line)
        if case .unknown = record.data { Issue.record("not typed: \(line)") }
        let message = Message(id: 1, isResponse: true, answers: [record])
        #expect(try Message(parsing: message.encoded()).answers == [record])
    }

    @Test("RDATA that ends early, or goes on, or has windows out of order stays octets and spoils nothing")
    func malformed() throws {
        for line in Self.lines {
            let record = try #require(try Zone(line).records.first)
            var writer = WireWriter()
            record.data.write(to: &writer)
            let wire = writer.octets
            #expect(RecordData(security: record.type, wire) == record.data)
            for length in 0..<min(wire.count, 18) {
                _ = RecordData(security: record.type, Array(wire.prefix(length)))
            }
            #expect(RecordData(security: record.type, []) == .unknown(type: record.type, data: []))
        }
        #expect(TypeBitmap(wire: [0, 1, 0x40, 0, 1, 0x40]) == nil)
        #expect(TypeBitmap(wire: [1, 1, 0x40, 0, 1, 0x40]) == nil)
        #expect(TypeBitmap(wire: [0, 0]) == nil && TypeBitmap(wire: [0, 33]) == nil && TypeBitmap(wire: [0]) == nil)
        // A compressed name has no place there (RFC 3597 §4).
        let nsec: [UInt8] = [0xC0, 0x0C, 0, 1, 0x40]
        #expect(RecordData(security: .nsec, nsec) == .unknown(type: .nsec, data: nsec))
    }

    @Test(
        "Key tag and digest of RFC 4034 §5.4, RFC 6605 §6.1, RFC 8080 §6.1",
        arguments: [
            (lines[0], lines[1]),
            (
                "example.net. DNSKEY 257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==",
                "example.net. DS 55648 13 2 b4c8c1fe2e7477127b27115656ad6256f424625bf5c1e2770ce6d6e37df61d17"
            ),
            (
                "example.com. DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=",
                "example.com. DS 3613 15 2 3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b"
            ),
        ])
    func digest(key: String, ds: String) throws {
        let record = try #require(try Zone(key).records.first)
        guard case .dnskey(let key) = record.data, case .ds(let ds) = try data(ds) else {
            Issue.record("not typed")
            return
        }
        #expect(key.keyTag == ds.keyTag && key.algorithm == ds.algorithm)
        #expect(DNSSEC.digest(ds.digestType, of: key, at: record.name) == ds.digest)
    }

    @Test(
        "Signatures of RFC 6605 §6.1 and RFC 8080 §6.1 hold, and for nothing else",
        arguments: [
            (
                "example.net. DNSKEY 257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==",
                "www.example.net. 3600 IN A 192.0.2.1",
                "www.example.net. RRSIG A 13 3 3600 20100909100439 20100812100439 55648 example.net. qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw=="
            ),
            (
                "example.com. DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=",
                "example.com. 3600 IN MX 10 mail.example.com.",
                "example.com. RRSIG MX 15 2 3600 1440021600 1438207200 3613 example.com. oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg=="
            ),
        ])
    func signature(key: String, record: String, signature: String) throws {
        let record = try #require(try Zone(record).records.first)
        guard case .dnskey(let key) = try data(key), case .rrsig(let rrsig) = try data(signature) else {
            Issue.record("not typed")
            return
        }
        let signed = DNSSEC.signedData(rrsig, [record, record], owner: record.name)
        #expect(DNSSEC.holds(rrsig.signature, of: signed, by: key))
        #expect(!DNSSEC.holds(rrsig.signature, of: signed + [0], by: key))
        var other = rrsig
        other.originalTTL += 1
        #expect(!DNSSEC.holds(other.signature, of: DNSSEC.signedData(other, [record], owner: record.name), by: key))
    }

    @Test(
        "Hashes of RFC 5155 §A",
        arguments: [
            ("example", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"), ("a.example", "35mthgpgcu1qg68fab165klnsnk3dpvl"),
            ("ai.example", "gjeqe526plbf1g8mklp59enfd789njgi"), ("X.Y.w.example", "2vptu5timamqttgl4luu9kg21e0aor3s"),
            ("*.w.example", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"),
        ])
    func hash(name: String, hash: String) throws {
        let octets = DNSSEC.nsec3Hash(try DomainName(name), salt: [0xAA, 0xBB, 0xCC, 0xDD], iterations: 12)
        #expect(SecurityText.base32(octets) == hash && SecurityText.base32(decoding: hash.utf8) == octets)
    }

    @Test("Canonical order of RFC 4034 §6.1")
    func order() throws {
        let names = try [
            "example", "a.example", "yljkjljk.a.example", "Z.a.example", "zABC.a.EXAMPLE", "z.example",
            "\\001.z.example",
            "*.z.example", "\\200.z.example",
        ].map { try DomainName($0) }
        #expect(names.shuffled().sorted() == names)
    }

    @Test("Canonical RDATA has its names in lower case where RFC 4034 §6.2 says so; NSEC keeps them (RFC 6840 §5.1)")
    func canonical() throws {
        let pairs = [("MX 10 A.Example.", true), ("SRV 1 2 3 A.Example.", true), ("NSEC A.Example. A", false)]
        for (text, isLowered) in pairs {
            let given = try data("x. \(text)").canonicalWire, lower = try data("x. \(text.lowercased())").canonicalWire
            #expect((given == lower) == isLowered, "\(text)")
        }
        let rp = RecordData.unknown(type: .other(17), data: [1, 65, 0, 1, 66, 0])
        #expect(rp.canonicalWire == [1, 97, 0, 1, 98, 0])
    }

    @Test("Times go round with their 32 bits, and are read near the present")
    func times() {
        #expect(SecurityText.time(decoding: "20301231235959".utf8).map(SecurityText.time) == "20301231235959")
        #expect(SecurityText.time(decoding: "1440021600".utf8) == 1_440_021_600)
        #expect(SecurityText.time(decoding: "20061301000000".utf8) == nil)
        #expect(SecurityText.time(decoding: "4294967296".utf8) == nil)
        #expect(DNSSEC.seconds(5, near: .max) == 4_294_967_301)
        #expect(DNSSEC.seconds(.max, near: 5) == -1)
    }
}
