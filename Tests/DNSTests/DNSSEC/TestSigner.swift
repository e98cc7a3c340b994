import Crypto

@testable import DNS

/// Signs zones for tests: one Ed25519 key a zone, made from its name, and NSEC or NSEC3 records for all its names.
struct TestSigner {
    enum Denial {
        case nsec
        case nsec3(optOut: Bool, iterations: UInt16, salt: [UInt8])
    }

    let apex: DomainName
    var inception: UInt32 = 1_700_000_000
    var expiration: UInt32 = 1_900_000_000
    private let key: Curve25519.Signing.PrivateKey?

    init(_ apex: DomainName) {
        self.apex = apex
        key = try? Curve25519.Signing.PrivateKey(
            rawRepresentation: Array(SHA256.hash(data: Array("key of \(apex)".utf8))))
    }

    var dnskey: DNSKEY {
        DNSKEY(flags: 257, algorithm: 15, publicKey: key.map { Array($0.publicKey.rawRepresentation) } ?? [])
    }

    var ds: DS {
        DS(keyTag: dnskey.keyTag, algorithm: 15, digestType: 2, digest: DNSSEC.digest(2, of: dnskey, at: apex) ?? [])
    }

    var anchors: TrustAnchors { TrustAnchors([Record(apex, .ds(ds))]) }

    /// The signature of one set.
    func rrsig(_ records: [Record]) -> Record {
        let first = records[0]
        let labels = first.name.labelCount - (first.name.isWildcard ? 1 : 0)
        var rrsig = RRSIG(
            typeCovered: first.type, algorithm: 15, labels: UInt8(labels), originalTTL: first.ttl,
            expiration: expiration, inception: inception, keyTag: dnskey.keyTag, signer: apex, signature: [])
        let data = DNSSEC.signedData(rrsig, records, owner: first.name)
        rrsig.signature = (try? key?.signature(for: data)).map { Array($0) } ?? []
        return Record(first.name, ttl: first.ttl, .rrsig(rrsig))
    }

    /// The zone's records with SOA, key, signatures and proofs. Names below delegations are left unsigned.
    func signed(_ text: String, denial: Denial = .nsec) throws -> [Record] {
        let soa = SOA(
            primary: apex, mailbox: apex, serial: 1, refresh: 3600, retry: 600, expire: 86400, minimum: 300)
        var records = try Zone(text, origin: apex).records + [Record(apex, .soa(soa)), Record(apex, .dnskey(dnskey))]
        if !records.contains(where: { $0.name == apex && $0.type == .ns }) { records.append(Record(apex, .ns(apex))) }
        let cuts = Swift.Set(records.filter { $0.type == .ns && $0.name != apex }.map(\.name))
        let own = records.filter { record in !cuts.contains { record.name != $0 && record.name.isWithin($0) } }
        var types: [DomainName: Types] = [:]
        for record in own { types[record.name, default: []].insert(record.type) }
        for name in types.keys where !cuts.contains(name) || types[name]?.contains(.ds) == true {
            types[name]?.insert(.rrsig)
        }
        switch denial {
        case .nsec:
            let names = types.keys.sorted()
            for (index, name) in names.enumerated() {
                let bitmap = TypeBitmap(Array(types[name] ?? []) + [.nsec, .rrsig])
                records.append(
                    Record(name, ttl: 300, .nsec(NSEC(next: names[(index + 1) % names.count], types: bitmap))))
            }
        case .nsec3(let optOut, let iterations, let salt):
            var named = types
            if optOut { for cut in cuts where types[cut]?.contains(.ds) != true { named[cut] = nil } }
            for name in named.keys {
                var above = name.parent
                while let here = above, here.isWithin(apex), named[here] == nil {
                    named[here] = []
                    above = here.parent
                }
            }
            let hashes = named.map { name, types in
                (DNSSEC.nsec3Hash(name, salt: salt, iterations: Int(iterations)), types)
            }.sorted { $0.0.lexicographicallyPrecedes($1.0) }
            for (index, (hash, types)) in hashes.enumerated() {
                let owner = try DomainName(SecurityText.base32(hash)).appending(apex)
                records.append(
                    Record(
                        owner, ttl: 300,
                        .nsec3(
                            NSEC3(
                                algorithm: 1, flags: optOut ? 1 : 0, iterations: iterations, salt: salt,
                                nextHash: hashes[(index + 1) % hashes.count].0, types: TypeBitmap(types)))))
            }
        }
        var sets: [Set: [Record]] = [:]
        for record in records
        where record.name == apex
            || !cuts.contains(where: { cut in
                record.name != cut && record.name.isWithin(cut) || record.name == cut && record.type == .ns
            })
        {
            sets[Set(name: record.name, type: record.type), default: []].append(record)
        }
        return records + sets.values.map(rrsig)
    }

    private typealias Types = Swift.Set<RecordType>
    private struct Set: Hashable {
        var name: DomainName
        var type: RecordType
    }
}

extension Zone {
    /// The answer validated, all of the DNS being this text.
    func validated(
        _ name: String, _ type: RecordType, anchors: TrustAnchors, at now: Double = 1_800_000_000
    ) throws -> Validated {
        var knowledge = Knowledge()
        let question = Question(try DomainName(name), type)
        while true {
            let result = DNSSEC.validate(question, in: &knowledge, anchors: anchors, at: now)
            if knowledge.wanted.isEmpty { return result }
            for question in knowledge.wanted { knowledge.learn(question, lookUp(question)) }
        }
    }
}
