/// Reads the responses that nearly all are, in one way through and with no allocation but for what the answer keeps:
/// one question as asked, records of the type asked for at the name asked for, or none of them and an SOA record.
///
/// Whatever it gives is what ``Message/init(parsing:)``, ``Message/mismatch(with:)`` and ``Message/interpreted(as:)``
/// give together (a test holds them together over mutated packets). It leaves out everything else, and says so by nil:
/// aliases, failures, truncation, types whose RDATA it would have to read only to check them, broken messages.
package enum UsualResponse {
    /// - Parameters:
    ///   - octets: the message, its id already compared.
    ///   - question: as it was sent.
    package static func read(_ octets: [UInt8], answering question: Question) -> Interpretation? {
        guard octets.count >= 12, !question.signatures else { return nil }
        // QR set, opcode 0, TC clear; RCODE 0 or 3 (RFC 1035 §4.1.1). The Z bit may be anything.
        guard octets[2] & 0xFA == 0x80, octets[3] & 0x0F == 0 || octets[3] & 0x0F == 3 else { return nil }
        guard octets[4] == 0, octets[5] == 1, holds(question, octets) else { return nil }
        var reader = UsualReader(octets, question)
        return try? reader.read()
    }

    /// Whether the question section is the question, octet by octet: a server that writes it in another case is read
    /// the long way.
    private static func holds(_ question: Question, _ octets: [UInt8]) -> Bool {
        let end = 12 + question.name.wireLength
        guard octets.count >= end + 4 else { return false }
        guard question.name.isWritten(in: octets, at: 12) else { return false }
        let type = question.type.number
        return octets[end] == UInt8(type >> 8) && octets[end + 1] == UInt8(type & 0xFF) && octets[end + 2] == 0
            && octets[end + 3] == 1
    }
}

private struct UsualReader {
    private let question: Question
    private let isNameError: Bool
    private let authenticated: Bool
    private let counts: (answers: Int, authority: Int, additional: Int)
    private var reader: WireReader
    private var records: [Record] = []
    private var ttl = UInt32.max
    private var hasOPT = false

    /// What of a record stands before its RDATA.
    private struct Head {
        var ownerOffset: Int
        var type: RecordType
        var recordClass: UInt16
        var ttl: UInt32
        var length: Int
    }

    /// The response is none of the usual.
    private struct Unusual: Error {}

    init(_ octets: [UInt8], _ question: Question) {
        func count(_ offset: Int) -> Int { Int(octets[offset]) << 8 | Int(octets[offset + 1]) }
        self.question = question
        isNameError = octets[3] & 0x0F == 3
        authenticated = octets[3] & 0x20 != 0
        counts = (count(6), count(8), count(10))
        reader = WireReader(octets)
    }

    mutating func read() throws -> Interpretation {
        try reader.skip(12 + question.name.wireLength + 4, "message")
        if question.type == .any || question.type == .opt { throw Unusual() }
        if counts.answers > 0 {
            // Records beside "no such name" are nothing usual; nor are so many that comparing them would take long.
            if isNameError || counts.answers > 32 { throw Unusual() }
            records.reserveCapacity(counts.answers)
            for _ in 0..<counts.answers { try readAnswer() }
        }
        var negativeTTL: UInt32?
        for _ in 0..<counts.authority { try readAuthority(&negativeTTL) }
        for _ in 0..<counts.additional { try check(readHead(), isAdditional: true) }
        guard reader.remaining == 0 else { throw Unusual() }
        if !records.isEmpty {
            return .answer(Answer(.records, records: records, ttl: ttl, authenticated: authenticated))
        }
        guard let negativeTTL else { throw Unusual() }  // no SOA: perhaps a referral
        return .answer(
            Answer(isNameError ? .noSuchName : .noData, ttl: negativeTTL, authenticated: authenticated))
    }

    private mutating func readHead() throws -> Head {
        let offset = reader.position
        // The name that was asked for, pointed to, is the usual owner.
        if reader.remaining >= 2, reader.octets[offset] == 0xC0, reader.octets[offset + 1] == 12 {
            try reader.skip(2, "record.name")
        } else {
            try reader.skipName("record.name")
        }
        guard let fixed = reader.recordHead() else { throw Unusual() }
        return Head(
            ownerOffset: offset, type: RecordType(number: fixed.type), recordClass: fixed.recordClass, ttl: fixed.ttl,
            length: fixed.length)
    }

    /// Whether the record's owner is the name that was asked for or one above it.
    private func isAtOrAbove(_ head: Head) throws -> Bool {
        // Nearly always it is the root, or a pointer into the question, which stands there as it was asked.
        let octet = reader.octets[head.ownerOffset]
        if octet == 0 { return true }
        if octet & 0xC0 == 0xC0 {
            let target = Int(octet & 0x3F) << 8 | Int(reader.octets[head.ownerOffset + 1])
            if target >= 12, question.name.hasLabel(at: target - 12) { return true }
        }
        return question.name.isWithin(try owner(head))
    }

    private func owner(_ head: Head) throws -> DomainName {
        let octets = reader.octets
        if octets[head.ownerOffset] == 0xC0, octets[head.ownerOffset + 1] == 12 { return question.name }
        var again = reader
        again.goBack(to: head.ownerOffset)
        return try again.name("record.name")
    }

    private mutating func readAnswer() throws {
        let head = try readHead()
        guard head.type == question.type, head.recordClass == 1 else { throw Unusual() }
        let name = try owner(head)
        guard name == question.name else { throw Unusual() }
        let data = try reader.within(head.length, "rdata") { (reader) throws(MessageError) in
            try RecordData(head.type, reading: &reader)
        }
        let recordTTL = head.ttl > 0x7FFF_FFFF ? 0 : head.ttl  // RFC 2181 §8
        if records.contains(where: { $0.data == data }) { return }  // RFC 2181 §5
        ttl = min(ttl, recordTTL)
        records.append(Record(name, ttl: recordTTL, data))
    }

    /// The first SOA record at or above the name says how long "no" may be kept (RFC 2308 §5).
    private mutating func readAuthority(_ negativeTTL: inout UInt32?) throws {
        let head = try readHead()
        guard head.type == .soa, head.recordClass == 1 else { return try check(head, isAdditional: false) }
        let minimum = try reader.within(head.length, "SOA.rdata") { (reader) throws(MessageError) in
            try reader.skipName("SOA.primary")
            try reader.skipName("SOA.mailbox")
            try reader.skip(16, "SOA.serial")
            return try reader.uint32("SOA.minimum")
        }
        if negativeTTL == nil, try isAtOrAbove(head) {
            negativeTTL = min(head.ttl > 0x7FFF_FFFF ? 0 : head.ttl, minimum)
        }
    }

    /// What is not looked at must be well-formed all the same.
    private mutating func check(_ head: Head, isAdditional: Bool) throws {
        switch head.type {
        case .opt:
            // RFC 6891 §6.1.1; an extended RCODE makes it another message (§6.1.3).
            guard isAdditional, !hasOPT, reader.octets[head.ownerOffset] == 0, head.ttl >> 24 == 0 else {
                throw Unusual()
            }
            hasOPT = true
            try reader.within(head.length, "OPT.rdata") { (reader) throws(MessageError) in
                while reader.remaining > 0 {
                    try reader.skip(2, "OPT.option.code")
                    try reader.skip(Int(reader.uint16("OPT.option.length")), "OPT.option.data")
                }
            }
        case _ where head.recordClass != 1: try reader.skip(head.length, "record.rdata")
        case .a: try checked(head, head.length == 4)
        case .aaaa: try checked(head, head.length == 16)
        case .rrsig, .nsec, .nsec3, .ds, .dnskey: try reader.skip(head.length, "record.rdata")
        case .ns:
            try reader.within(head.length, "NS.rdata") { (reader) throws(MessageError) in
                _ = try reader.skipName("NS.nameServer")
            }
        default: throw Unusual()
        }
    }

    private mutating func checked(_ head: Head, _ isRight: Bool) throws {
        guard isRight else { throw Unusual() }
        try reader.skip(head.length, "record.rdata")
    }
}
