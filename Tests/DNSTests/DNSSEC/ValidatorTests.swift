import Testing

@testable import DNS

/// Trees of a root and some zones, signed by a signer of the tests.
struct SignedTree {
    var zone = Zone()
    let root = TestSigner(.root)

    var anchors: TrustAnchors { root.anchors }

    static let contents = """
        @ MX 10 mx
        @ TXT "v=spf1 mx -all"
        mx A 192.0.2.1
        _25._tcp.mx TLSA 3 1 1 abababab
        *.wild A 192.0.2.2
        alias CNAME mx
        out CNAME mx.other.
        weak CNAME mx.plain.
        tree DNAME other.
        deep.er A 192.0.2.3
        plain NS ns.plain
        """

    init(_ denial: TestSigner.Denial = .nsec, change: (inout [Record]) -> Void = { _ in }) throws {
        let example = TestSigner(try DomainName("example")), other = TestSigner(try DomainName("other"))
        var records = try root.signed(
            "example NS ns.example\nexample DS \(RecordData.ds(example.ds))\n"
                + "other NS ns.other\nother DS \(RecordData.ds(other.ds))\nplain NS ns.plain\n")
        records += try example.signed(Self.contents, denial: denial)
        records += try other.signed("@ MX 10 mx\nmx A 192.0.2.9\n")
        records += try Zone("mx.plain. A 192.0.2.7\nplain. MX 10 mx.plain.\n").records
        change(&records)
        zone = Zone(records: records)
    }

    func word(_ name: String, _ type: RecordType, at now: Double = 1_800_000_000) throws -> String {
        try zone.validated(name, type, anchors: anchors, at: now).security.word
    }
}

@Suite("Validating from the root down") struct ValidatorTests {
    static let secure: [(String, RecordType)] = [
        ("example", .mx), ("example", .soa), ("example", .dnskey), ("example", .ds), ("mx.example", .a),
        ("mx.example", .txt), ("no.example", .a), ("_25._tcp.mx.example", .tlsa), ("_tcp.mx.example", .a),
        ("a.b.wild.example", .a), ("wild.example", .a), ("x.wild.example", .mx), ("*.wild.example", .a),
        ("alias.example", .a), ("alias.example", .cname), ("out.example", .a), ("mx.tree.example", .a),
        ("er.example", .a), ("no.deep.er.example", .a), ("plain", .ds), ("nowhere", .mx), (".", .soa),
    ]

    @Test("What is signed is secure, each kind of “no” too: NSEC", arguments: secure)
    func nsec(name: String, type: RecordType) throws {
        let result = try SignedTree().zone.validated(name, type, anchors: TestSigner(.root).anchors)
        #expect(result.security == .secure, "\(result)")
        #expect(!result.trace.isEmpty && result.soonestExpiry?.expiration == 1_900_000_000)
    }

    @Test("The same with NSEC3, with salt and iterations", arguments: secure)
    func nsec3(name: String, type: RecordType) throws {
        let tree = try SignedTree(.nsec3(optOut: false, iterations: 3, salt: [1, 2]))
        let result = try tree.zone.validated(name, type, anchors: tree.anchors)
        #expect(result.security == .secure, "\(result)")
    }

    @Test("Below a delegation without DS everything is insecure, and an alias is worth its weakest link")
    func insecure() throws {
        for denial in [TestSigner.Denial.nsec, .nsec3(optOut: true, iterations: 0, salt: [])] {
            let tree = try SignedTree(denial)
            for (name, type) in [
                ("plain", RecordType.mx), ("mx.plain", .a), ("no.plain", .a), ("weak.example", .a),
                ("x.plain.example", .a),
            ] {
                #expect(try tree.word(name, type) == "insecure", "\(name) \(type)")
            }
        }
        let optOut = try SignedTree(.nsec3(optOut: true, iterations: 0, salt: []))
        #expect(try optOut.word("no.example", .a) == "insecure")
        #expect(try optOut.word("example", .mx) == "secure")
    }

    @Test("NSEC3 of 150 iterations is computed; of more is insecure, if the zone itself signed them (RFC 9276 §3.2)")
    func iterations() throws {
        let names = ["no.example", "a.b.wild.example"]
        let all = try SignedTree(.nsec3(optOut: false, iterations: 150, salt: []))
        for name in names { #expect(try all.word(name, .a) == "secure") }
        let many = try SignedTree(.nsec3(optOut: false, iterations: 151, salt: []))
        for name in names { #expect(try many.word(name, .a) == "insecure") }
        #expect(try many.word("mx.example", .a) == "secure")
        let altered = try SignedTree(.nsec3(optOut: false, iterations: 151, salt: [])) { records in
            records.removeAll { record in
                if case .rrsig(let rrsig) = record.data { rrsig.typeCovered == .nsec3 } else { false }
            }
        }
        for name in names { #expect(try altered.word(name, .a) == "bogus") }
    }

    @Test("Before and after its signatures are valid, a zone is bogus")
    func times() throws {
        let tree = try SignedTree()
        #expect(try tree.word("example", .mx, at: 1_699_999_999) == "bogus")
        #expect(try tree.word("example", .mx, at: 1_700_000_000) == "secure")
        #expect(try tree.word("example", .mx, at: 1_900_000_000) == "secure")
        #expect(try tree.word("example", .mx, at: 1_900_000_001) == "bogus")
    }

    @Test("Without signatures at the top nothing can be told; below it their absence is bogus")
    func stripped() throws {
        let none = try SignedTree { $0.removeAll { $0.type == .rrsig } }
        #expect(try none.word("example", .mx) == "indeterminate")
        let some = try SignedTree { records in
            records.removeAll { record in
                if case .rrsig(let rrsig) = record.data { rrsig.typeCovered == .mx } else { false }
            }
        }
        #expect(try some.word("example", .mx) == "bogus")
        #expect(try some.word("mx.example", .a) == "secure")
        #expect(
            try SignedTree().zone.validated("example", .mx, anchors: TrustAnchors()).security.word == "indeterminate")
        let other = TestSigner(try DomainName("somewhere"))
        #expect(
            try SignedTree().zone.validated("example", .mx, anchors: other.anchors).security.word == "indeterminate")
        #expect(try SignedTree().zone.validated("example", .mx, anchors: .iana).security.word == "bogus")
    }

    @Test("Records changed, added or taken away are bogus")
    func changed() throws {
        let added = try SignedTree { records in
            records.append(Record(records.first { $0.type == .mx }!.name, .mx(MX(preference: 5, exchange: .root))))
        }
        #expect(try added.word("example", .mx) == "bogus")
        let mx = try SignedTree { $0.removeAll { $0.type == .mx } }
        #expect(try mx.word("example", .mx) == "bogus")
        let cut = try SignedTree { $0.removeAll { $0.type == .ds && $0.name.labelCount == 1 } }
        #expect(try cut.word("example", .mx) == "bogus")
        let key = try SignedTree { $0.removeAll { $0.type == .dnskey && $0.name.labelCount == 1 } }
        #expect(try key.word("example", .mx) == "bogus")
    }

    @Test(
        "A revoked key, one that is no zone key, and one of another protocol vouch for nothing",
        arguments: [
            (UInt16(257 | 128), UInt8(3)), (1, 3), (257, 2),
        ])
    func flags(flags: UInt16, protocolNumber: UInt8) throws {
        let example = TestSigner(try DomainName("example"))
        var key = example.dnskey
        key.flags = flags
        key.protocolNumber = protocolNumber
        let digest = DNSSEC.digest(2, of: key, at: example.apex) ?? []
        let ds = DS(keyTag: key.keyTag, algorithm: 15, digestType: 2, digest: digest)
        let root = TestSigner(.root)
        let set = [Record(example.apex, .dnskey(key))]
        let zone = Zone(
            records: try root.signed("example NS ns.example\nexample DS \(RecordData.ds(ds))\n")
                + example.signed("@ MX 10 mx\n").filter { $0.type != .dnskey } + set + [example.rrsig(set)])
        #expect(try zone.validated("example", .mx, anchors: root.anchors).security.word == "bogus")
    }

    @Test(
        "Algorithms and digests nobody here knows make a zone insecure, not bogus",
        arguments: [
            (UInt8(16), UInt8(2)), (12, 2), (200, 2), (15, 3), (15, 250), (5, 2), (7, 1),
        ])
    func unknown(algorithm: UInt8, digestType: UInt8) throws {
        let root = TestSigner(.root)
        let ds = DS(keyTag: 1, algorithm: algorithm, digestType: digestType, digest: [1, 2, 3])
        let zone = Zone(
            records: try root.signed("example NS ns.example\nexample DS \(RecordData.ds(ds))\n")
                + Zone("example. MX 10 mx.example.").records)
        let result = try zone.validated("example", .mx, anchors: root.anchors)
        #expect(result.security == .insecure && result.note != nil)
        // What is signed by what nobody here knows is not called unsigned; RSA/SHA-1 counts as unsigned (RFC 9905 §2).
        #expect(result.isUnchecked == ![5, 7].contains(algorithm))
    }

    @Test("SHA-1 digests count only where there is nothing better, and are told as weak")
    func weakDigest() throws {
        let root = TestSigner(.root), example = TestSigner(try DomainName("example"))
        let sha1 = DS(
            keyTag: example.dnskey.keyTag, algorithm: 15, digestType: 1,
            digest: DNSSEC.digest(1, of: example.dnskey, at: example.apex) ?? [])
        let own = try example.signed("@ MX 10 mx\n")
        let weak = Zone(records: try root.signed("example NS ns\nexample DS \(RecordData.ds(sha1))\n") + own)
        let result = try weak.validated("example", .mx, anchors: root.anchors)
        #expect(result.security == .secure && result.weaknesses == [.sha1Digest(zone: example.apex)])
        // RFC 4509 §3: with a SHA-256 digest beside it that fits nothing, the SHA-1 one is not looked at.
        var wrong = example.ds
        wrong.digest[0] ^= 1
        let both = Zone(
            records: try root.signed(
                "example NS ns\nexample DS \(RecordData.ds(sha1))\nexample DS \(RecordData.ds(wrong))\n") + own)
        #expect(try both.validated("example", .mx, anchors: root.anchors).security.word == "bogus")
    }

    @Test("Hundreds of keys with one tag and signatures that hold for none cost a bounded time")
    func keyTrap() throws {
        let root = TestSigner(.root), example = TestSigner(try DomainName("example"))
        var keys: [Record] = [Record(example.apex, .dnskey(example.dnskey))]
        for index in 0..<300 {
            // Two octets moved between places of equal weight leave the tag as it is.
            var key = example.dnskey
            key.publicKey[2 * (index % 15)] &-= 1
            key.publicKey[2 * (index % 15) + 2] &+= 1
            if key.keyTag == example.dnskey.keyTag, !keys.contains(where: { $0.data == .dnskey(key) }) {
                keys.append(Record(example.apex, .dnskey(key)))
            }
        }
        let own = try example.signed("@ MX 10 mx\n").filter { record in
            if case .rrsig(let rrsig) = record.data { return rrsig.typeCovered != .dnskey && rrsig.typeCovered != .mx }
            return record.type != .dnskey
        }
        var bad = own
        guard case .rrsig(var rrsig) = example.rrsig(own.filter { $0.type == .mx }).data else { return }
        for index in 0..<200 {
            rrsig.signature[index % 64] ^= UInt8(index | 1)
            bad.append(Record(example.apex, .rrsig(rrsig)))
        }
        let zone = Zone(
            records: try root.signed("example NS ns\nexample DS \(RecordData.ds(example.ds))\n") + bad + keys
                + [example.rrsig(keys)])
        let started = ContinuousClock.now
        #expect(try zone.validated("example", .mx, anchors: root.anchors).security.word == "bogus")
        #expect(ContinuousClock.now - started < .seconds(5))
    }

    @Test("The parent's record at a cut denies nothing below it, and the child's no DS (RFC 6840 §4.1, RFC 4035 §5.2)")
    func sidesOfACut() throws {
        let root = TestSigner(.root), example = TestSigner(try DomainName("example"))
        let parent = try root.signed("example NS ns\nexample DS \(RecordData.ds(example.ds))\n")
        let child = try example.signed("@ MX 10 mx\n")
        let parentsNSEC = try #require(parent.first { $0.type == .nsec && $0.name == example.apex })
        let childsNSEC = try #require(child.first { $0.type == .nsec && $0.name == example.apex })
        var above = Denial(zone: .root, [parentsNSEC], work: 1_000)
        #expect(
            above.finding(example.apex, .mx) { _ in true }
                == .nothing("the NSEC record is the parent's, not the child's"))
        if case .nothing = above.finding(try DomainName("mx.example"), .a, { _ in true }) {
        } else {
            Issue.record("a name below the cut was denied")
        }
        var below = Denial(zone: example.apex, [childsNSEC], work: 1_000)
        #expect(
            below.finding(example.apex, .ds) { _ in true }
                == .nothing("the NSEC record is the child's, not the parent's"))
    }

    @Test("A name that an NSEC record was made up for does not exist by its NXNAME bit (RFC 9824)")
    func compactDenial() throws {
        let root = TestSigner(.root)
        let name = try DomainName("made.up")
        let nsec = Record(
            name, ttl: 300,
            .nsec(
                NSEC(next: try DomainName("\\000.made.up"), types: TypeBitmap([.rrsig, .nsec, .other(128)]))))
        let authority = [nsec, root.rrsig([nsec])]
        for kind in [Answer.Kind.noData, .noSuchName] {
            var knowledge = Knowledge()
            let keys = Zone(records: try root.signed(""))
            knowledge.learn(
                Question(name, .a, signatures: true),
                .success(Answer(kind, proof: Answer.Proof(answers: [], authority: authority))))
            var result = DNSSEC.validate(Question(name, .a), in: &knowledge, anchors: root.anchors, at: 1_800_000_000)
            while !knowledge.wanted.isEmpty {
                for question in knowledge.wanted { knowledge.learn(question, keys.lookUp(question)) }
                result = DNSSEC.validate(Question(name, .a), in: &knowledge, anchors: root.anchors, at: 1_800_000_000)
            }
            #expect(result.security == .secure, "\(kind): \(result)")
        }
    }
}
