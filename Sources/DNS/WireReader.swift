/// Why octets are no DNS message: which field could not be read, where, and what was wrong.
package struct MessageError: Error, Hashable, Sendable {
    package enum Problem: Hashable, Sendable {
        /// The octets end before the field does.
        case endsEarly
        /// A compression pointer that does not point further back (RFC 1035 §4.1.4: "a prior occurrence").
        case pointerNotBackwards
        /// A label that begins with the bits 01 or 10 (RFC 6891 §5).
        case unknownLabelType
        /// More than 255 octets (RFC 1035 §2.3.4).
        case nameTooLong
        /// So many octets behind what the field should hold.
        case leftOver(Int)
        /// A value the field must not have.
        case invalid(String)
    }

    /// `MX.preference`, `header.id`, `record.ttl`.
    package var field: String
    /// The section and place of the record, `answers[2]`; empty in the header.
    package var place: String
    /// The octet of the message, from 0.
    package var offset: Int
    package var problem: Problem

    static func failedToRead(_ field: String, at offset: Int, _ problem: Problem) -> MessageError {
        MessageError(field: field, place: "", offset: offset, problem: problem)
    }

    func inside(_ place: String) -> MessageError {
        var error = self
        if error.place.isEmpty { error.place = place }
        return error
    }
}

extension MessageError: CustomStringConvertible {
    package var description: String {
        let what: String =
            switch problem {
            case .endsEarly: "the octets end before it does"
            case .pointerNotBackwards: "a compression pointer does not point backwards"
            case .unknownLabelType: "a label of an unknown type"
            case .nameTooLong: "the name is longer than 255 octets"
            case .leftOver(let count): "\(count) octets are left over"
            case .invalid(let why): why
            }
        return "failed to read \(place.isEmpty ? "" : place + " ")\(field) at octet \(offset): \(what)"
    }
}

/// Reads a message from its first octet to its last. Every read is checked against the end; a name is read
/// in a bounded number of steps, because each pointer must point before the last (RFC 1035 §4.1.4) and there may be
/// only so many.
struct WireReader {
    let octets: [UInt8]
    private(set) var position: Int
    /// Where what is being read ends: the message, or the RDATA of a record.
    private(set) var end: Int

    init(_ octets: [UInt8]) {
        self.octets = octets
        position = 0
        end = octets.count
    }

    var remaining: Int { end - position }

    mutating func uint8(_ field: String) throws(MessageError) -> UInt8 {
        guard remaining >= 1 else { throw .failedToRead(field, at: position, .endsEarly) }
        defer { position += 1 }
        return octets[position]
    }

    mutating func uint16(_ field: String) throws(MessageError) -> UInt16 {
        guard remaining >= 2 else { throw .failedToRead(field, at: position, .endsEarly) }
        defer { position += 2 }
        return UInt16(octets[position]) << 8 | UInt16(octets[position + 1])
    }

    mutating func uint32(_ field: String) throws(MessageError) -> UInt32 {
        guard remaining >= 4 else { throw .failedToRead(field, at: position, .endsEarly) }
        let high = try uint16(field), low = try uint16(field)
        return UInt32(high) << 16 | UInt32(low)
    }

    mutating func bytes(_ count: Int, _ field: String) throws(MessageError) -> [UInt8] {
        guard count >= 0, remaining >= count else { throw .failedToRead(field, at: position, .endsEarly) }
        defer { position += count }
        return Array(octets[position..<(position + count)])
    }

    /// What stands between a record's name and its RDATA (RFC 1035 §4.1.3), in one step; nil where the octets end before it.
    mutating func recordHead() -> (type: UInt16, recordClass: UInt16, ttl: UInt32, length: Int)? {
        guard remaining >= 10 else { return nil }
        defer { position += 10 }
        return octets.withUnsafeBytes { octets in
            func uint16(_ offset: Int) -> UInt16 {
                UInt16(bigEndian: octets.loadUnaligned(fromByteOffset: position + offset, as: UInt16.self))
            }
            let ttl = UInt32(bigEndian: octets.loadUnaligned(fromByteOffset: position + 4, as: UInt32.self))
            return (uint16(0), uint16(2), ttl, Int(uint16(8)))
        }
    }

    /// One octet of length and as many octets (RFC 1035 §3.3).
    mutating func characterString(_ field: String) throws(MessageError) -> [UInt8] {
        try bytes(Int(uint8(field)), field)
    }

    /// RFC 1035 §4.1.4.
    mutating func name(_ field: String) throws(MessageError) -> DomainName {
        let start = position
        let length = try skipName(field)
        // Every step was checked by skipping: the second way through only copies.
        let octets = octets
        return DomainName(
            wire: [UInt8](count: length) { buffer in
                var cursor = start, count = 0
                while count < length {
                    let octet = octets[cursor]
                    if octet & 0xC0 == 0xC0 {
                        cursor = Int(octet & 0x3F) << 8 | Int(octets[cursor + 1])
                    } else {
                        for index in cursor..<(cursor + 1 + Int(octet)) {
                            buffer[count] = octets[index]
                            count += 1
                        }
                        cursor += 1 + Int(octet)
                    }
                }
            })
    }

    /// Goes past a name and checks it as ``name(_:)`` does; gives how many octets it has uncompressed.
    @discardableResult
    mutating func skipName(_ field: String) throws(MessageError) -> Int {
        var length = 0
        var cursor = position
        var limit = end
        var lowest = position
        var after: Int?
        var pointers = 0
        while true {
            guard cursor < limit else { throw .failedToRead(field, at: cursor, .endsEarly) }
            let octet = octets[cursor]
            switch octet & 0xC0 {
            case 0x00:
                let next = cursor + 1 + Int(octet)
                guard next <= limit else { throw .failedToRead(field, at: cursor, .endsEarly) }
                length += next - cursor
                guard length <= 255 else { throw .failedToRead(field, at: cursor, .nameTooLong) }
                cursor = next
                if octet == 0 {
                    position = after ?? cursor
                    return length
                }
            case 0xC0:
                guard cursor + 1 < limit else { throw .failedToRead(field, at: cursor, .endsEarly) }
                let target = Int(octet & 0x3F) << 8 | Int(octets[cursor + 1])
                guard target < lowest else { throw .failedToRead(field, at: cursor, .pointerNotBackwards) }
                // A name has at most 127 labels, and no use for more pointers; chains of bare pointers, one a record,
                // would make reading quadratic.
                pointers += 1
                guard pointers <= 127 else {
                    throw .failedToRead(field, at: cursor, .invalid("more than 127 compression pointers"))
                }
                after = after ?? cursor + 2
                lowest = target
                cursor = target
                limit = octets.count
            default:
                throw .failedToRead(field, at: cursor, .unknownLabelType)
            }
        }
    }

    /// To a place that was read before.
    mutating func goBack(to position: Int) { self.position = min(position, self.position) }

    mutating func skip(_ count: Int, _ field: String) throws(MessageError) {
        guard count >= 0, remaining >= count else { throw .failedToRead(field, at: position, .endsEarly) }
        position += count
    }

    /// Narrows reading to the next `count` octets while `read` runs; what it leaves unread is an error.
    mutating func within<Value>(
        _ count: Int, _ field: String, _ read: (inout WireReader) throws(MessageError) -> Value
    ) throws(MessageError) -> Value {
        guard remaining >= count else { throw .failedToRead(field, at: position, .endsEarly) }
        let outer = end
        end = position + count
        let value = try read(&self)
        guard position == end else { throw .failedToRead(field, at: position, .leftOver(remaining)) }
        end = outer
        return value
    }
}
