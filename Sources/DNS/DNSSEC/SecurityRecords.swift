/// DNSKEY and CDNSKEY (RFC 4034 §2, RFC 7344 §3.2).
package struct DNSKEY: Hashable, Sendable, Codable {
    package var flags: UInt16
    /// 3, or it is no key of DNSSEC (RFC 4034 §2.1.2).
    package var protocolNumber: UInt8
    package var algorithm: UInt8
    package var publicKey: [UInt8]

    package init(flags: UInt16, protocolNumber: UInt8 = 3, algorithm: UInt8, publicKey: [UInt8]) {
        self.flags = flags
        self.protocolNumber = protocolNumber
        self.algorithm = algorithm
        self.publicKey = publicKey
    }

    /// Bit 7 (RFC 4034 §2.1.1): without it no signature of the zone may be checked by the key.
    package var isZoneKey: Bool { flags & 0x0100 != 0 }
    /// Bit 15, the hint of RFC 4034 §2.1.1: a key-signing key.
    package var isSecureEntryPoint: Bool { flags & 0x0001 != 0 }
    /// Bit 8 (RFC 5011 §2.1, §7).
    package var isRevoked: Bool { flags & 0x0080 != 0 }
    /// Whether signatures of a zone may be checked by it.
    package var mayValidate: Bool { isZoneKey && !isRevoked && protocolNumber == 3 }

    package var wire: [UInt8] {
        [UInt8(flags >> 8), UInt8(flags & 0xFF), protocolNumber, algorithm] + publicKey
    }

    /// RFC 4034 §B; for RSA/MD5 §B.1. Several keys may share one.
    package var keyTag: UInt16 {
        if algorithm == 1 {
            guard publicKey.count >= 3 else { return 0 }
            return UInt16(publicKey[publicKey.count - 3]) << 8 | UInt16(publicKey[publicKey.count - 2])
        }
        var sum: UInt32 = 0
        for (index, octet) in wire.enumerated() { sum &+= index & 1 == 0 ? UInt32(octet) << 8 : UInt32(octet) }
        return UInt16(truncatingIfNeeded: sum &+ (sum >> 16) & 0xFFFF)
    }
}

/// DS and CDS (RFC 4034 §5, RFC 7344 §3.1).
package struct DS: Hashable, Sendable, Codable {
    package var keyTag: UInt16
    package var algorithm: UInt8
    package var digestType: UInt8
    package var digest: [UInt8]

    package init(keyTag: UInt16, algorithm: UInt8, digestType: UInt8, digest: [UInt8]) {
        self.keyTag = keyTag
        self.algorithm = algorithm
        self.digestType = digestType
        self.digest = digest
    }
}

/// RFC 4034 §3.
package struct RRSIG: Hashable, Sendable, Codable {
    package var signer: DomainName
    package var signature: [UInt8]
    package var originalTTL: UInt32
    /// Seconds since 1970 modulo 2³² (RFC 4034 §3.1.5), to be compared by serial arithmetic.
    package var expiration: UInt32
    package var inception: UInt32
    package var keyTag: UInt16
    package var typeCovered: RecordType
    package var algorithm: UInt8
    /// Labels of the owner before a wildcard was expanded, "*" and the root not counted (RFC 4034 §3.1.3).
    package var labels: UInt8

    package init(
        typeCovered: RecordType, algorithm: UInt8, labels: UInt8, originalTTL: UInt32, expiration: UInt32,
        inception: UInt32, keyTag: UInt16, signer: DomainName, signature: [UInt8]
    ) {
        self.typeCovered = typeCovered
        self.algorithm = algorithm
        self.labels = labels
        self.originalTTL = originalTTL
        self.expiration = expiration
        self.inception = inception
        self.keyTag = keyTag
        self.signer = signer
        self.signature = signature
    }

    /// What is signed before the records (RFC 4034 §3.1.8.1): the fields before the signature, the signer in lower case.
    var signedPrefix: [UInt8] {
        var writer = WireWriter()
        writeFields(to: &writer, signer: signer.lowercased)
        return writer.octets
    }

    fileprivate func writeFields(to writer: inout WireWriter, signer: DomainName) {
        writer.uint16(typeCovered.number)
        writer.uint8(algorithm)
        writer.uint8(labels)
        for value in [originalTTL, expiration, inception] { writer.uint32(value) }
        writer.uint16(keyTag)
        writer.name(signer, compressed: false)  // RFC 4034 §3.1.7
    }
}

/// RFC 4034 §4.
package struct NSEC: Hashable, Sendable, Codable {
    package var next: DomainName
    package var types: TypeBitmap

    package init(next: DomainName, types: TypeBitmap) {
        self.next = next
        self.types = types
    }
}

/// RFC 5155 §3.
package struct NSEC3: Hashable, Sendable, Codable {
    package var algorithm: UInt8
    package var flags: UInt8
    package var iterations: UInt16
    package var salt: [UInt8]
    /// The hash, not in base32.
    package var nextHash: [UInt8]
    package var types: TypeBitmap

    package init(
        algorithm: UInt8, flags: UInt8, iterations: UInt16, salt: [UInt8], nextHash: [UInt8], types: TypeBitmap
    ) {
        self.algorithm = algorithm
        self.flags = flags
        self.iterations = iterations
        self.salt = salt
        self.nextHash = nextHash
        self.types = types
    }

    /// RFC 5155 §3.1.2.1.
    package var isOptOut: Bool { flags & 1 != 0 }
}

/// RFC 5155 §4.
package struct NSEC3PARAM: Hashable, Sendable, Codable {
    package var algorithm: UInt8
    package var flags: UInt8
    package var iterations: UInt16
    package var salt: [UInt8]

    package init(algorithm: UInt8, flags: UInt8, iterations: UInt16, salt: [UInt8]) {
        self.algorithm = algorithm
        self.flags = flags
        self.iterations = iterations
        self.salt = salt
    }
}

/// The types that exist at a name (RFC 4034 §4.1.2), as on the wire.
package struct TypeBitmap: Hashable, Sendable, Codable {
    /// Windows in ascending order, each its number, its length (1 to 32), and as many octets.
    let wire: [UInt8]

    /// nil where windows are out of order or of a wrong length.
    init?(wire: [UInt8]) {
        var index = 0
        var last = -1
        while index < wire.count {
            guard index + 2 <= wire.count, Int(wire[index]) > last, (1...32).contains(wire[index + 1]),
                index + 2 + Int(wire[index + 1]) <= wire.count
            else { return nil }
            last = Int(wire[index])
            index += 2 + Int(wire[index + 1])
        }
        self.wire = wire
    }

    package init(_ types: some Sequence<RecordType>) {
        var windows: [UInt8: [UInt8]] = [:]
        for number in types.map(\.number) {
            let place = Int(number & 0xFF) / 8
            var octets = windows[UInt8(number >> 8)] ?? []
            while octets.count <= place { octets.append(0) }
            octets[place] |= 0x80 >> UInt8(number & 7)
            windows[UInt8(number >> 8)] = octets
        }
        wire = windows.sorted { $0.key < $1.key }.flatMap { [$0.key, UInt8($0.value.count)] + $0.value }
    }

    package func contains(_ type: RecordType) -> Bool {
        let number = type.number
        var index = 0
        while index + 1 < wire.count {
            let length = Int(wire[index + 1])
            if wire[index] == UInt8(number >> 8) {
                let place = Int(number & 0xFF) / 8
                return place < length && wire[index + 2 + place] & (0x80 >> UInt8(number & 7)) != 0
            }
            index += 2 + length
        }
        return false
    }

    /// In ascending order of their numbers.
    package var types: [RecordType] {
        var types: [RecordType] = []
        var index = 0
        while index + 1 < wire.count {
            let length = Int(wire[index + 1])
            for bit in 0..<(length * 8) where wire[index + 2 + bit / 8] & (0x80 >> UInt8(bit & 7)) != 0 {
                types.append(RecordType(number: UInt16(wire[index]) << 8 | UInt16(bit)))
            }
            index += 2 + length
        }
        return types
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let bitmap = TypeBitmap(wire: try container.decode([UInt8].self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no type bitmap")
        }
        self = bitmap
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wire)
    }
}

/// RDATA of DNSSEC on the wire.
extension RecordData {
    /// What is not well-formed stays octets: one bad signature does not spoil the answer it came with, and it is good
    /// for nothing. Names in this RDATA are never compressed (RFC 3597 §4), so the octets say all.
    init(security type: RecordType, _ octets: [UInt8]) {
        var reader = WireReader(octets)
        self = (try? Self(security: type, &reader)) ?? .unknown(type: type, data: octets)
    }

    private init?(security type: RecordType, _ reader: inout WireReader) throws(MessageError) {
        switch type {
        case .ds: self = .ds(try DS(reading: &reader))
        case .cds: self = .cds(try DS(reading: &reader))
        case .dnskey: self = .dnskey(try DNSKEY(reading: &reader))
        case .cdnskey: self = .cdnskey(try DNSKEY(reading: &reader))
        case .rrsig:
            let rrsig = try RRSIG(reading: &reader)
            self = .rrsig(rrsig)
        case .nsec:
            let next = try reader.name("NSEC.next")
            guard let types = TypeBitmap(wire: try reader.bytes(reader.remaining, "NSEC.types")) else { return nil }
            self = .nsec(NSEC(next: next, types: types))
        case .nsec3:
            let parameters = try NSEC3PARAM(reading: &reader)
            let hash = try reader.characterString("NSEC3.next")
            guard !hash.isEmpty, let types = TypeBitmap(wire: try reader.bytes(reader.remaining, "NSEC3.types"))
            else { return nil }
            self = .nsec3(
                NSEC3(
                    algorithm: parameters.algorithm, flags: parameters.flags, iterations: parameters.iterations,
                    salt: parameters.salt, nextHash: hash, types: types))
        case .nsec3param: self = .nsec3param(try NSEC3PARAM(reading: &reader))
        default: return nil
        }
        if reader.remaining > 0 { return nil }
    }

    /// Writes the RDATA of these types; false for others.
    func writeSecurity(to writer: inout WireWriter) {
        switch self {
        case .ds(let ds), .cds(let ds):
            writer.uint16(ds.keyTag)
            writer.uint8(ds.algorithm)
            writer.uint8(ds.digestType)
            writer.bytes(ds.digest)
        case .dnskey(let key), .cdnskey(let key): writer.bytes(key.wire)
        case .rrsig(let rrsig):
            rrsig.writeFields(to: &writer, signer: rrsig.signer)
            writer.bytes(rrsig.signature)
        case .nsec(let nsec):
            writer.name(nsec.next, compressed: false)
            writer.bytes(nsec.types.wire)
        case .nsec3(let nsec3):
            writer.uint8(nsec3.algorithm)
            writer.uint8(nsec3.flags)
            writer.uint16(nsec3.iterations)
            writer.characterString(nsec3.salt)
            writer.characterString(nsec3.nextHash)
            writer.bytes(nsec3.types.wire)
        case .nsec3param(let parameters):
            writer.uint8(parameters.algorithm)
            writer.uint8(parameters.flags)
            writer.uint16(parameters.iterations)
            writer.characterString(parameters.salt)
        default: break
        }
    }
}

extension DS {
    fileprivate init(reading reader: inout WireReader) throws(MessageError) {
        keyTag = try reader.uint16("DS.keyTag")
        algorithm = try reader.uint8("DS.algorithm")
        digestType = try reader.uint8("DS.digestType")
        digest = try reader.bytes(reader.remaining, "DS.digest")
    }
}

extension DNSKEY {
    fileprivate init(reading reader: inout WireReader) throws(MessageError) {
        flags = try reader.uint16("DNSKEY.flags")
        protocolNumber = try reader.uint8("DNSKEY.protocol")
        algorithm = try reader.uint8("DNSKEY.algorithm")
        publicKey = try reader.bytes(reader.remaining, "DNSKEY.publicKey")
    }
}

extension RRSIG {
    fileprivate init(reading reader: inout WireReader) throws(MessageError) {
        typeCovered = RecordType(number: try reader.uint16("RRSIG.typeCovered"))
        algorithm = try reader.uint8("RRSIG.algorithm")
        labels = try reader.uint8("RRSIG.labels")
        originalTTL = try reader.uint32("RRSIG.originalTTL")
        expiration = try reader.uint32("RRSIG.expiration")
        inception = try reader.uint32("RRSIG.inception")
        keyTag = try reader.uint16("RRSIG.keyTag")
        signer = try reader.name("RRSIG.signer")
        signature = try reader.bytes(reader.remaining, "RRSIG.signature")
    }
}

extension NSEC3PARAM {
    fileprivate init(reading reader: inout WireReader) throws(MessageError) {
        algorithm = try reader.uint8("NSEC3.algorithm")
        flags = try reader.uint8("NSEC3.flags")
        iterations = try reader.uint16("NSEC3.iterations")
        salt = try reader.characterString("NSEC3.salt")
    }
}
