/// Keys that are trusted without proof: where chains of trust begin (RFC 4033 §2).
package struct TrustAnchors: Hashable, Sendable {
    /// DS and DNSKEY records, by the zone they are for.
    package private(set) var records: [DomainName: [RecordData]] = [:]

    /// None: everything is indeterminate.
    package init() {}

    /// The DS and DNSKEY records among these.
    package init(_ records: some Sequence<Record>) {
        for record in records {
            switch record.data {
            case .ds, .dnskey: self.records[record.name, default: []].append(record.data)
            default: break
            }
        }
    }

    /// Master-file text with DS and DNSKEY records, as `dnssec-dsfromkey` or `unbound-anchor` write it; other records
    /// are passed over.
    package init(_ text: String) throws(ZoneError) {
        self.init(try Zone(text).records)
    }

    /// Those that are trusted.
    package var zones: [DomainName] { records.keys.sorted() }

    /// Whether there is one at or above the name.
    package func covers(_ name: DomainName) -> Bool { zone(above: name) != nil }

    package var isEmpty: Bool { records.isEmpty }

    /// As master-file text: what ``init(_:)`` reads.
    package var text: String {
        records.sorted { $0.key < $1.key }.flatMap { name, all in
            all.map { "\(Record(name, ttl: 86_400, $0))\n" }
        }.joined()
    }

    /// The lowest zone at or above `name` that is trusted.
    func zone(above name: DomainName) -> DomainName? {
        var here: DomainName? = name
        while let candidate = here {
            if records[candidate] != nil { return candidate }
            here = candidate.parent
        }
        return nil
    }

    /// The key-signing keys of the root zone, KSK-2017 (20326) and KSK-2024 (38696), as IANA publishes them (RFC 9718).
    package static let iana = TrustAnchors(
        [
            DS(
                keyTag: 20326, algorithm: 8, digestType: 2,
                digest: [
                    0xE0, 0x6D, 0x44, 0xB8, 0x0B, 0x8F, 0x1D, 0x39, 0xA9, 0x5C, 0x0B, 0x0D, 0x7C, 0x65, 0xD0, 0x84,
                    0x58, 0xE8, 0x80, 0x40, 0x9B, 0xBC, 0x68, 0x34, 0x57, 0x10, 0x42, 0x37, 0xC7, 0xF8, 0xEC, 0x8D,
                ]),
            DS(
                keyTag: 38696, algorithm: 8, digestType: 2,
                digest: [
                    0x68, 0x3D, 0x2D, 0x0A, 0xCB, 0x8C, 0x9B, 0x71, 0x2A, 0x19, 0x48, 0xB2, 0x7F, 0x74, 0x12, 0x19,
                    0x29, 0x8D, 0x0A, 0x45, 0x0D, 0x61, 0x2C, 0x48, 0x3A, 0xF4, 0x44, 0xA4, 0xC0, 0xFB, 0x2B, 0x16,
                ]),
        ].map { Record(.root, ttl: 172_800, .ds($0)) })
}
