/// RDATA on the wire: one reader and one writer, type by type. Errors name the field: `MX.preference`.
extension RecordData {
    /// Reads exactly the octets the reader is narrowed to. Types without a case keep them as they are (RFC 3597 §5).
    init(_ type: RecordType, reading reader: inout WireReader) throws(MessageError) {
        switch type {
        case .a:
            let value = try reader.uint32("A.address")
            self = .a(IPv4Address(value))
        case .aaaa:
            let offset = reader.position
            guard let address = IPv6Address(octets: try reader.bytes(16, "AAAA.address")) else {
                throw .failedToRead("AAAA.address", at: offset, .endsEarly)
            }
            self = .aaaa(address)
        case .ns: self = .ns(try reader.name("NS.nameServer"))
        case .cname: self = .cname(try reader.name("CNAME.target"))
        case .dname: self = .dname(try reader.name("DNAME.target"))
        case .ptr: self = .ptr(try reader.name("PTR.target"))
        case .mx: self = .mx(try MX(reading: &reader))
        case .txt: self = .txt(try TXT(reading: &reader))
        case .soa: self = .soa(try SOA(reading: &reader))
        case .srv: self = .srv(try SRV(reading: &reader))
        case .tlsa:
            // Too short a record is as good as one that a sender cannot use (RFC 6698 §4.1): those beside it count.
            self =
                reader.remaining < 3
                ? .unknown(type: .tlsa, data: try reader.bytes(reader.remaining, "TLSA.data"))
                : .tlsa(try TLSA(reading: &reader))
        case .caa: self = .caa(try CAA(reading: &reader))
        case .ds, .cds, .dnskey, .cdnskey, .rrsig, .nsec, .nsec3, .nsec3param:
            self = .init(security: type, try reader.bytes(reader.remaining, "\(type).data"))
        default: self = .unknown(type: type, data: try reader.bytes(reader.remaining, "\(type).data"))
        }
    }

    /// Writes the RDATA without its length.
    func write(to writer: inout WireWriter) {
        switch self {
        case .a(let address): writer.uint32(address.value)
        case .aaaa(let address): writer.bytes(address.octets)
        case .ns(let name), .cname(let name), .ptr(let name): writer.name(name, compressed: true)
        case .dname(let name): writer.name(name, compressed: false)  // RFC 6672 §2.5
        case .mx(let mx):
            writer.uint16(mx.preference)
            writer.name(mx.exchange, compressed: true)
        case .txt(let txt): txt.write(to: &writer)
        case .soa(let soa):
            writer.name(soa.primary, compressed: true)
            writer.name(soa.mailbox, compressed: true)
            for value in [soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum] { writer.uint32(value) }
        case .srv(let srv):
            for value in [srv.priority, srv.weight, srv.port] { writer.uint16(value) }
            writer.name(srv.target, compressed: false)  // RFC 2782: "name compression is not to be used"
        case .tlsa(let tlsa):
            for value in [tlsa.usage, tlsa.selector, tlsa.matchingType] { writer.uint8(value) }
            writer.bytes(tlsa.association)
        case .caa(let caa):
            writer.uint8(caa.flags)
            writer.characterString(Array(caa.tag.utf8))
            writer.bytes(caa.value)
        case .ds, .cds, .dnskey, .cdnskey, .rrsig, .nsec, .nsec3, .nsec3param: writeSecurity(to: &writer)
        case .unknown(_, let data): writer.bytes(data)
        }
    }
}

extension MX {
    fileprivate init(reading reader: inout WireReader) throws(MessageError) {
        preference = try reader.uint16("MX.preference")
        exchange = try reader.name("MX.exchange")
    }
}

extension TXT {
    /// One or more strings (RFC 1035 §3.3.14).
    fileprivate init(reading reader: inout WireReader) throws(MessageError) {
        strings = []
        repeat { strings.append(try reader.characterString("TXT.string")) } while reader.remaining > 0
    }

    /// Strings of more than 255 octets are split, so that every value can be written.
    fileprivate func write(to writer: inout WireWriter) {
        for string in strings.isEmpty ? [[]] : strings {
            var rest = string[...]
            repeat {
                writer.characterString(rest.prefix(255))
                rest = rest.dropFirst(255)
            } while !rest.isEmpty
        }
    }

    /// The text in strings of at most 255 octets, as a record must hold it.
    package init(_ text: String) {
        var rest = Array(text.utf8)[...]
        strings = []
        repeat {
            strings.append(Array(rest.prefix(255)))
            rest = rest.dropFirst(255)
        } while !rest.isEmpty
    }
}

extension SOA {
    fileprivate init(reading reader: inout WireReader) throws(MessageError) {
        primary = try reader.name("SOA.primary")
        mailbox = try reader.name("SOA.mailbox")
        serial = try reader.uint32("SOA.serial")
        refresh = try reader.uint32("SOA.refresh")
        retry = try reader.uint32("SOA.retry")
        expire = try reader.uint32("SOA.expire")
        minimum = try reader.uint32("SOA.minimum")
    }
}

extension SRV {
    fileprivate init(reading reader: inout WireReader) throws(MessageError) {
        priority = try reader.uint16("SRV.priority")
        weight = try reader.uint16("SRV.weight")
        port = try reader.uint16("SRV.port")
        target = try reader.name("SRV.target")
    }
}

extension TLSA {
    fileprivate init(reading reader: inout WireReader) throws(MessageError) {
        usage = try reader.uint8("TLSA.usage")
        selector = try reader.uint8("TLSA.selector")
        matchingType = try reader.uint8("TLSA.matchingType")
        association = try reader.bytes(reader.remaining, "TLSA.association")
    }
}

extension CAA {
    fileprivate init(reading reader: inout WireReader) throws(MessageError) {
        flags = try reader.uint8("CAA.flags")
        let offset = reader.position
        let tag = try reader.characterString("CAA.tag")
        // RFC 8659 §4.1: letters and digits, at least one.
        guard !tag.isEmpty, tag.allSatisfy({ $0.isASCIILetterOrDigit }) else {
            throw .failedToRead("CAA.tag", at: offset, .invalid("a tag is letters and digits"))
        }
        self.tag = String(decoding: tag, as: UTF8.self)
        value = try reader.bytes(reader.remaining, "CAA.value")
    }
}

extension WireReader {
    /// A name in RDATA that was cut out of its message: compressed ones lead nowhere there (RFC 3597 §4).
    mutating func plainName(_ field: String) -> DomainName? {
        let start = position
        guard let name = try? name(field), position - start == name.wireLength else { return nil }
        return name
    }
}

extension UInt8 {
    var isASCIILetterOrDigit: Bool {
        (48...57).contains(self) || (65...90).contains(self) || (97...122).contains(self)
    }
}
