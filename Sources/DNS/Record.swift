/// One resource record of class IN (RFC 1035 §3.2.1).
package struct Record: Hashable, Sendable, Codable {
    package var name: DomainName
    /// Seconds; a value with the top bit set counts as 0 (RFC 2181 §8).
    package var ttl: UInt32
    package var data: RecordData

    package init(_ name: DomainName, ttl: UInt32 = 3600, _ data: RecordData) {
        self.name = name
        self.ttl = ttl
        self.data = data
    }

    package var type: RecordType { data.type }
}

/// What a record says, by type. The unknown keeps its bytes (RFC 3597).
package enum RecordData: Hashable, Sendable, Codable {
    case a(IPv4Address)  // RFC 1035 §3.4.1
    case aaaa(IPv6Address)  // RFC 3596 §2.2
    case ns(DomainName)  // RFC 1035 §3.3.11
    case cname(DomainName)  // RFC 1035 §3.3.1
    case dname(DomainName)  // RFC 6672 §2.1
    case ptr(DomainName)  // RFC 1035 §3.3.12
    case mx(MX)
    case txt(TXT)
    case soa(SOA)
    case srv(SRV)
    case tlsa(TLSA)
    case caa(CAA)
    case ds(DS)
    case cds(DS)
    case dnskey(DNSKEY)
    case cdnskey(DNSKEY)
    case rrsig(RRSIG)
    case nsec(NSEC)
    case nsec3(NSEC3)
    case nsec3param(NSEC3PARAM)
    case unknown(type: RecordType, data: [UInt8])  // RFC 3597 §5

    package var type: RecordType {
        switch self {
        case .a: .a
        case .aaaa: .aaaa
        case .ns: .ns
        case .cname: .cname
        case .dname: .dname
        case .ptr: .ptr
        case .mx: .mx
        case .txt: .txt
        case .soa: .soa
        case .srv: .srv
        case .tlsa: .tlsa
        case .caa: .caa
        case .ds: .ds
        case .cds: .cds
        case .dnskey: .dnskey
        case .cdnskey: .cdnskey
        case .rrsig: .rrsig
        case .nsec: .nsec
        case .nsec3: .nsec3
        case .nsec3param: .nsec3param
        case .unknown(let type, _): type
        }
    }
}

/// RFC 1035 §3.3.9. A null MX is `0 .` (RFC 7505 §3).
package struct MX: Hashable, Sendable, Codable {
    /// The lower is tried first (RFC 5321 §5.1).
    package var preference: UInt16
    package var exchange: DomainName

    package init(preference: UInt16, exchange: DomainName) {
        self.preference = preference
        self.exchange = exchange
    }

    package var isNull: Bool { exchange.isRoot }
}

/// RFC 1035 §3.3.14: one or more character-strings, each of at most 255 octets.
package struct TXT: Hashable, Sendable, Codable {
    package var strings: [[UInt8]]

    package init(strings: [[UInt8]]) { self.strings = strings }

    /// The strings joined without a space, as SPF, DKIM and DMARC read them (RFC 7208 §3.3).
    package var joined: [UInt8] {
        if strings.count == 1 { return strings[0] }
        var octets: [UInt8] = []
        octets.reserveCapacity(strings.reduce(0) { $0 + $1.count })
        for string in strings { octets += string }
        return octets
    }
    /// The same as text; what is not UTF-8 becomes U+FFFD.
    package var text: String { String(decoding: joined, as: UTF8.self) }
}

/// RFC 1035 §3.3.13; times in seconds.
package struct SOA: Hashable, Sendable, Codable {
    package var primary: DomainName  // MNAME
    package var mailbox: DomainName  // RNAME
    package var serial: UInt32
    package var refresh: UInt32
    package var retry: UInt32
    package var expire: UInt32
    package var minimum: UInt32  // the negative TTL, RFC 2308 §4

    package init(
        primary: DomainName, mailbox: DomainName, serial: UInt32, refresh: UInt32, retry: UInt32, expire: UInt32,
        minimum: UInt32
    ) {
        self.primary = primary
        self.mailbox = mailbox
        self.serial = serial
        self.refresh = refresh
        self.retry = retry
        self.expire = expire
        self.minimum = minimum
    }
}

/// RFC 2782.
package struct SRV: Hashable, Sendable, Codable {
    package var priority: UInt16
    package var weight: UInt16
    package var port: UInt16
    package var target: DomainName

    package init(priority: UInt16, weight: UInt16, port: UInt16, target: DomainName) {
        self.priority = priority
        self.weight = weight
        self.port = port
        self.target = target
    }
}

/// RFC 6698 §2.1.
package struct TLSA: Hashable, Sendable, Codable {
    package var usage: UInt8
    package var selector: UInt8
    package var matchingType: UInt8
    package var association: [UInt8]

    package init(usage: UInt8, selector: UInt8, matchingType: UInt8, association: [UInt8]) {
        self.usage = usage
        self.selector = selector
        self.matchingType = matchingType
        self.association = association
    }
}

/// RFC 8659 §4.1.
package struct CAA: Hashable, Sendable, Codable {
    package var flags: UInt8
    package var tag: String
    package var value: [UInt8]

    package init(flags: UInt8, tag: String, value: [UInt8]) {
        self.flags = flags
        self.tag = tag
        self.value = value
    }
}
