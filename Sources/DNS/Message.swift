/// A message of the DNS (RFC 1035 §4) with its OPT record (RFC 6891): what is sent and what comes back.
///
/// Reading takes any octets and either gives a message or says which field was wrong; it never trusts a length
/// or a pointer. What is of another class than IN (TSIG among it) stands aside, its data as octets: nothing here decides
/// by it.
package struct Message: Hashable, Sendable {
    package var id: UInt16
    package var isResponse: Bool  // QR
    /// 0 is a query (RFC 1035 §4.1.1); 0 to 15.
    package var opcode: UInt8
    package var isAuthoritative: Bool  // AA
    package var isTruncated: Bool  // TC
    package var recursionDesired: Bool  // RD
    package var recursionAvailable: Bool  // RA
    package var authenticData: Bool  // AD, RFC 4035 §3.2.3
    package var checkingDisabled: Bool  // CD, RFC 4035 §3.2.2
    /// With the eight upper bits from the OPT record, where there is one.
    package var rcode: ResponseCode
    package var questions: [Question]
    package var answers: [Record]
    package var authority: [Record]
    /// Without the OPT record.
    package var additional: [Record]
    package var edns: EDNS?
    /// Questions and records of other classes, in the order of the message; they are in no other section,
    /// and they are not written.
    package var otherClasses: [OtherClass] = []

    /// What a message holds in a class other than IN (RFC 1035 §3.2.4, RFC 8945 §4.2).
    package struct OtherClass: Hashable, Sendable {
        package enum Section: String, Hashable, Sendable { case questions, answers, authority, additional }

        package var section: Section
        package var name: DomainName
        package var type: RecordType
        package var number: UInt16
        /// Seconds; 0 for a question.
        package var ttl: UInt32
        /// As it came; empty for a question.
        package var data: [UInt8]
    }

    package init(
        id: UInt16, isResponse: Bool = false, opcode: UInt8 = 0, isAuthoritative: Bool = false,
        isTruncated: Bool = false, recursionDesired: Bool = false, recursionAvailable: Bool = false,
        authenticData: Bool = false, checkingDisabled: Bool = false, rcode: ResponseCode = .noError,
        questions: [Question] = [], answers: [Record] = [], authority: [Record] = [], additional: [Record] = [],
        edns: EDNS? = nil
    ) {
        self.id = id
        self.isResponse = isResponse
        self.opcode = opcode
        self.isAuthoritative = isAuthoritative
        self.isTruncated = isTruncated
        self.recursionDesired = recursionDesired
        self.recursionAvailable = recursionAvailable
        self.authenticData = authenticData
        self.checkingDisabled = checkingDisabled
        self.rcode = rcode
        self.questions = questions
        self.answers = answers
        self.authority = authority
        self.additional = additional
        self.edns = edns
    }

    /// A question to a recursive resolver: RD set; AD set to say that the bit is understood (RFC 6840 §5.7).
    package init(asking question: Question, id: UInt16, edns: EDNS? = EDNS()) {
        self.init(id: id, recursionDesired: true, authenticData: true, questions: [question.plain], edns: edns)
        if question.signatures {
            checkingDisabled = true  // RFC 4035 §3.2.2
            self.edns?.dnssecOK = true  // RFC 4035 §3.2.1
        }
    }

    /// The largest response in octets that the sender of this query takes over UDP: 512 without EDNS
    /// (RFC 1035 §4.2.1); values below 512 count as 512 (RFC 6891 §6.2.3).
    package var udpLimit: Int { max(512, Int(edns?.payloadSize ?? 512)) }

    /// The letters of the flags that are set, as `dig` prints them: `qr aa rd`.
    package var flagNames: [String] {
        [
            (isResponse, "qr"), (isAuthoritative, "aa"), (isTruncated, "tc"), (recursionDesired, "rd"),
            (recursionAvailable, "ra"), (authenticData, "ad"), (checkingDisabled, "cd"),
        ].filter(\.0).map(\.1)
    }
}

/// Reading.
extension Message {
    /// Reads a message off the wire, whatever stands there. Throws which field was wrong.
    package init(parsing octets: [UInt8]) throws(MessageError) {
        var reader = WireReader(octets)
        let id = try reader.uint16("header.id")
        let flags = try reader.uint16("header.flags")
        var counts: [Int] = []
        for field in ["header.qdcount", "header.ancount", "header.nscount", "header.arcount"] {
            counts.append(Int(try reader.uint16(field)))
        }
        self.init(
            id: id, isResponse: flags & 0x8000 != 0, opcode: UInt8(flags >> 11 & 0xF),
            isAuthoritative: flags & 0x0400 != 0, isTruncated: flags & 0x0200 != 0,
            recursionDesired: flags & 0x0100 != 0, recursionAvailable: flags & 0x0080 != 0,
            authenticData: flags & 0x0020 != 0, checkingDisabled: flags & 0x0010 != 0,
            rcode: ResponseCode(flags & 0xF))
        for index in 0..<counts[0] {
            do throws(MessageError) {
                try readQuestion(&reader)
            } catch {
                throw error.inside("questions[\(index)]")
            }
        }
        answers = try readRecords(counts[1], .answers, &reader)
        authority = try readRecords(counts[2], .authority, &reader)
        additional = try readRecords(counts[3], .additional, &reader)
        if reader.remaining > 0 {
            throw .failedToRead("message", at: reader.position, .leftOver(reader.remaining))
        }
    }

    /// RFC 1035 §4.1.2.
    private mutating func readQuestion(_ reader: inout WireReader) throws(MessageError) {
        let question = Question(
            try reader.name("question.name"), RecordType(number: try reader.uint16("question.type")))
        let questionClass = try reader.uint16("question.class")
        if questionClass == 1 {
            questions.append(question)
        } else {
            otherClasses.append(
                OtherClass(
                    section: .questions, name: question.name, type: question.type, number: questionClass, ttl: 0,
                    data: []))
        }
    }

    private mutating func readRecords(
        _ count: Int, _ section: OtherClass.Section, _ reader: inout WireReader
    ) throws(MessageError) -> [Record] {
        var records: [Record] = []
        for index in 0..<count {
            do throws(MessageError) {
                if let record = try readRecord(&reader, section) {
                    records.append(record)
                }
            } catch {
                throw error.inside("\(section.rawValue)[\(index)]")
            }
        }
        return records
    }

    /// RFC 1035 §4.1.3. nil for the OPT record and for other classes.
    private mutating func readRecord(
        _ reader: inout WireReader, _ section: OtherClass.Section
    ) throws(MessageError) -> Record? {
        let start = reader.position
        let name = try reader.name("record.name")
        let type = RecordType(number: try reader.uint16("record.type"))
        let recordClass = try reader.uint16("record.class")
        let ttl = try reader.uint32("record.ttl")
        let length = Int(try reader.uint16("record.rdlength"))
        if type == .opt {
            // RFC 6891 §6.1.1: at most one, in the additional section, at the root.
            guard section == .additional, edns == nil, name.isRoot else {
                throw .failedToRead("OPT", at: start, .invalid("there may be one, additional, at the root"))
            }
            try readOPT(&reader, payloadSize: recordClass, ttl: ttl, length: length)
            return nil
        }
        guard recordClass == 1 else {
            let data = try reader.bytes(length, "record.rdata")
            otherClasses.append(
                OtherClass(section: section, name: name, type: type, number: recordClass, ttl: ttl, data: data))
            return nil
        }
        let data = try reader.within(length, "\(type).rdata") { (reader) throws(MessageError) in
            try RecordData(type, reading: &reader)
        }
        return Record(name, ttl: ttl > 0x7FFF_FFFF ? 0 : ttl, data)  // RFC 2181 §8
    }

    /// RFC 6891 §6.1.2, §6.1.3.
    private mutating func readOPT(
        _ reader: inout WireReader, payloadSize: UInt16, ttl: UInt32, length: Int
    ) throws(MessageError) {
        let options = try reader.within(length, "OPT.rdata") { (reader) throws(MessageError) in
            var options: [EDNS.Option] = []
            while reader.remaining > 0 {
                let code = try reader.uint16("OPT.option.code")
                let length = try reader.uint16("OPT.option.length")
                options.append(EDNS.Option(code: code, data: try reader.bytes(Int(length), "OPT.option.data")))
            }
            return options
        }
        edns = EDNS(
            payloadSize: payloadSize, version: UInt8(ttl >> 16 & 0xFF), dnssecOK: ttl & 0x8000 != 0, options: options)
        rcode = ResponseCode(UInt16(ttl >> 24) << 4 | rcode.number)
    }
}

/// Writing.
extension Message {
    /// The message in at most `limit` octets. Where answers or authority do not fit, TC is set and they are left
    /// out; what is additional may be left out without it (RFC 2181 §9).
    package func encoded(limit: Int = 65535) -> [UInt8] {
        let room = min(limit, 65535) - (edns.map { _ in optLength } ?? 0)
        var writer = WireWriter()
        writeHeader(to: &writer)
        for question in questions {
            writer.name(question.name, compressed: true)
            writer.uint16(question.type.number)
            writer.uint16(1)
        }
        let bare = writer
        for record in answers { record.write(to: &writer) }
        for record in authority { record.write(to: &writer) }
        var counts = [questions.count, answers.count, authority.count, 0]
        if writer.count > room || [answers, authority].contains(where: { $0.count > 65535 }) {
            writer = bare
            writer.setBit(0x02, at: 2)
            counts = [questions.count, 0, 0, 0]
        } else {
            for record in additional.prefix(65534) {
                let before = writer
                record.write(to: &writer)
                guard writer.count <= room else {
                    writer = before
                    break
                }
                counts[3] += 1
            }
        }
        if let edns {
            write(edns, to: &writer)
            counts[3] += 1
        }
        return writer.octets[..<4]
            + counts.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
            + writer.octets[12...]
    }

    /// RFC 1035 §4.1.1, with zeros for the counts.
    private func writeHeader(to writer: inout WireWriter) {
        var flags = UInt16(opcode & 0xF) << 11 | (rcode.number & 0xF)
        for (isSet, bit) in [
            (isResponse, 0x8000), (isAuthoritative, 0x0400), (isTruncated, 0x0200), (recursionDesired, 0x0100),
            (recursionAvailable, 0x0080), (authenticData, 0x0020), (checkingDisabled, 0x0010),
        ] as [(Bool, UInt16)] where isSet { flags |= bit }
        writer.uint16(id)
        writer.uint16(flags)
        writer.bytes([0, 0, 0, 0, 0, 0, 0, 0])
    }

    /// Octets of the OPT record: root, type, class, TTL, length, options.
    private var optLength: Int { 11 + (edns?.options.reduce(0) { $0 + 4 + $1.data.count } ?? 0) }

    /// RFC 6891 §6.1.2.
    private func write(_ edns: EDNS, to writer: inout WireWriter) {
        writer.uint8(0)
        writer.uint16(RecordType.opt.number)
        writer.uint16(edns.payloadSize)
        writer.uint32(UInt32(rcode.number >> 4) << 24 | UInt32(edns.version) << 16 | (edns.dnssecOK ? 0x8000 : 0))
        writer.lengthPrefixed { writer in
            for option in edns.options {
                writer.uint16(option.code)
                writer.lengthPrefixed { $0.bytes(option.data) }
            }
        }
    }
}

extension Record {
    fileprivate func write(to writer: inout WireWriter) {
        writer.name(name, compressed: true)
        writer.uint16(type.number)
        writer.uint16(1)
        writer.uint32(ttl)
        writer.lengthPrefixed { data.write(to: &$0) }
    }
}
