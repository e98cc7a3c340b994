/// Header fields as they are hashed (RFC 6376 §3.4.1, §3.4.2). Line ends are CRLF, however they came.
extension DKIMSignature.Canonicalization {
    /// Appends a field without its last CRLF. `field` is all of it, `nameEnd` where its name ends (white space behind the
    /// name left out), `valueStart` one past the colon.
    func append(_ field: UnsafeBufferPointer<UInt8>, nameEnd: Int, valueStart: Int, to octets: inout [UInt8]) {
        switch self {
        case .simple: Self.appendSimple(field, to: &octets)
        case .relaxed:
            for index in 0..<nameEnd { octets.append(field[index].lower) }
            octets.append(UInt8(ascii: ":"))
            Self.appendRelaxed(field, from: valueStart, to: &octets)
        }
    }

    /// The field as it is, each lone LF as CRLF.
    private static func appendSimple(_ field: UnsafeBufferPointer<UInt8>, to octets: inout [UInt8]) {
        var start = 0
        while let feed = field.index(of: 10, from: start) {
            if feed > 0, field[feed - 1] == 13 {
                octets.append(contentsOf: field[start...feed])
            } else {
                octets.append(contentsOf: field[start..<feed])
                octets.append(13)
                octets.append(10)
            }
            start = feed + 1
        }
        octets.append(contentsOf: field[start...])
    }

    /// The value on one line, runs of white space as one space, none at its ends.
    private static func appendRelaxed(_ field: UnsafeBufferPointer<UInt8>, from start: Int, to octets: inout [UInt8]) {
        let count = field.count
        var index = start
        var isPending = false, isEmpty = true
        while index < count {
            let octet = field[index]
            index += 1
            if octet > 32 {
                if isPending {
                    if !isEmpty { octets.append(32) }
                    isPending = false
                }
                isEmpty = false
                octets.append(octet)
                continue
            }
            switch octet {
            case 32, 9: isPending = true
            case 10: break  // a fold is taken out, the white space behind it counts
            case 13 where index < count && field[index] == 10: break
            default:
                if isPending, !isEmpty { octets.append(32) }
                isPending = false
                isEmpty = false
                octets.append(octet)
            }
        }
    }
}

/// Which field of a message each name of "h" means: the lowest that was not meant yet (RFC 6376 §5.4.2).
struct HeaderSelection {
    /// The places of the fields of each name, from the bottom; names in lower case.
    private let places: [String: [Int]]

    init(_ header: MessageHeader) {
        var places: [String: [Int]] = [:]
        places.reserveCapacity(header.fields.count)
        for place in header.fields.indices.reversed() {
            places[header.fields[place].nameOctets.lowercasedText, default: []].append(place)
        }
        self.places = places
    }

    /// The fields in the order of `names`; a name that no field is left of means none. The field at `excluded` (the
    /// signature that is verified) is never meant.
    func fields(_ names: [String], except excluded: Int) -> [Int] {
        var used: [String: Int] = [:]
        var selected: [Int] = []
        selected.reserveCapacity(names.count)
        for name in names {
            guard let all = places[name] else { continue }
            var next = used[name, default: 0]
            if next < all.count, all[next] == excluded { next += 1 }
            if next < all.count { selected.append(all[next]) }
            used[name] = next + 1
        }
        return selected
    }

    /// How many fields of a name there are; the name in lower case.
    func count(_ name: String) -> Int { places[name]?.count ?? 0 }
}
