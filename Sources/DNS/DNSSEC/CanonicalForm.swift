/// The one form in which records are signed and compared (RFC 4034 §6, with what RFC 6840 §5.1 corrects).
extension RecordData {
    /// RDATA with names in full and, where RFC 4034 §6.2 lists the type, in lower case. NSEC is not among them
    /// (RFC 6840 §5.1), nor is any type that was made later.
    package var canonicalWire: [UInt8] {
        var writer = WireWriter()
        switch self {
        case .ns(let name), .cname(let name), .dname(let name), .ptr(let name):
            return name.lowercased.wire
        case .mx(let mx):
            writer.uint16(mx.preference)
            writer.bytes(mx.exchange.lowercased.wire)
        case .soa(let soa):
            writer.bytes(soa.primary.lowercased.wire)
            writer.bytes(soa.mailbox.lowercased.wire)
            for value in [soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum] { writer.uint32(value) }
        case .srv(let srv):
            for value in [srv.priority, srv.weight, srv.port] { writer.uint16(value) }
            writer.bytes(srv.target.lowercased.wire)
        case .rrsig(var rrsig):
            rrsig.signer = rrsig.signer.lowercased
            RecordData.rrsig(rrsig).write(to: &writer)
        case .unknown(let type, let data): return Self.canonical(type, data)
        default: write(to: &writer)
        }
        return writer.octets
    }

    /// How many octets stand before the names of types that have no case of their own, and how many names there are:
    /// MD, MF, MB, MG, MR, MINFO, RP, AFSDB, RT, PX, KX. NAPTR has three strings besides.
    private static let names: [UInt16: (fixed: Int, names: Int)] = [
        3: (0, 1), 4: (0, 1), 7: (0, 1), 8: (0, 1), 9: (0, 1), 14: (0, 2), 17: (0, 2), 18: (2, 1), 21: (2, 1),
        26: (2, 2), 35: (4, 1), 36: (2, 1),
    ]

    private static func canonical(_ type: RecordType, _ data: [UInt8]) -> [UInt8] {
        guard let (fixed, count) = names[type.number] else { return data }
        var reader = WireReader(data)
        do throws(MessageError) {
            try reader.skip(fixed, "rdata")
            if type.number == 35 { for _ in 0..<3 { _ = try reader.characterString("NAPTR.string") } }
            var octets = Array(data.prefix(reader.position))
            for _ in 0..<count { octets += try reader.name("rdata.name").lowercased.wire }
            return reader.remaining == 0 ? octets : data
        } catch {
            return data
        }
    }
}

extension DNSSEC {
    /// What a signature is made of (RFC 4034 §3.1.8.1): its own fields, and the records in canonical form and order,
    /// none twice. `owner` is the name they stood at before a wildcard was expanded.
    static func signedData(_ rrsig: RRSIG, _ records: [Record], owner: DomainName) -> [UInt8] {
        var data = rrsig.signedPrefix
        var last: [UInt8]?
        let head =
            owner.lowercased.wire + [
                UInt8(rrsig.typeCovered.number >> 8), UInt8(rrsig.typeCovered.number & 0xFF), 0, 1,
                UInt8(rrsig.originalTTL >> 24), UInt8(rrsig.originalTTL >> 16 & 0xFF),
                UInt8(rrsig.originalTTL >> 8 & 0xFF), UInt8(rrsig.originalTTL & 0xFF),
            ]
        for rdata in records.map(\.data.canonicalWire).sorted(by: { $0.lexicographicallyPrecedes($1) })
        where rdata != last {
            data += head
            data.append(UInt8(truncatingIfNeeded: rdata.count >> 8))
            data.append(UInt8(rdata.count & 0xFF))
            data += rdata
            last = rdata
        }
        return data
    }

    /// The name that the signer signed at: the owner, or the wildcard it was expanded from (RFC 4035 §5.3.2); nil where
    /// the signature has more labels than the name.
    static func signedOwner(_ rrsig: RRSIG, _ owner: DomainName) -> DomainName? {
        let count = owner.labelCount - (owner.isWildcard ? 1 : 0)
        if Int(rrsig.labels) == count { return owner }
        return Int(rrsig.labels) < count ? owner.suffix(Int(rrsig.labels)).wildcard : nil
    }
}

extension DomainName {
    /// `*.` put before it; nil where that is too long.
    var wildcard: DomainName? { wireLength + 2 > 255 ? nil : DomainName(wire: [1, UInt8(ascii: "*")] + wire) }
}
