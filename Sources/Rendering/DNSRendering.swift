package import DNS
package import Judgement

/// Answers and packets of the DNS, for `dns query` and `dns parse`. Record data is written as in zone files, which
/// is visible ASCII whatever a record holds.
package enum DNSRendering {
    // MARK: An answer

    /// The mnemonic of the response code, or the failure where no server told one.
    package static func status(_ outcome: Outcome) -> String {
        switch outcome {
        case .success(let answer): answer.kind == .noSuchName ? "NXDOMAIN" : "NOERROR"
        case .failure(let failure):
            switch failure.reason {
            case .servfail: "SERVFAIL"
            case .refused: "REFUSED"
            case .timedOut: "timeout"
            case .malformed: "malformed"
            case .closedEarly: "early_close"
            case .unreachable: "unreachable"
            case .aliasLoop: "alias_loop"
            case .offline: "offline"
            case .notAsked: "not_asked"
            }
        }
    }

    /// A question with its answer, or why there is none.
    package static func json(_ question: Question, _ outcome: Outcome) -> JSON {
        var members: [JSON.Member] = [
            .init("name", .string(question.name.description)), .init("type", .string(question.type.description)),
            .init("status", .string(status(outcome))),
        ]
        switch outcome {
        case .success(let answer):
            members += [
                .init("authenticated", .bool(answer.authenticated)),
                .init("truncated_then_tcp", .bool(answer.truncatedThenTCP)),
                .init("server", answer.server.isEmpty ? .null : .string(answer.server)),
                .init("seconds", .number(answer.seconds)), .init("ttl", .integer(Int(answer.ttl))),
                .init("answers", .array((answer.aliases + answer.records).map(json))),
            ]
        case .failure(let failure):
            members += [
                .init("server", failure.server.isEmpty ? .null : .string(failure.server)),
                .init("detail", .string(failure.detail)), .init("answers", .array([])),
            ]
        }
        return .object(members)
    }

    /// The same for a terminal.
    package static func text(_ question: Question, _ outcome: Outcome, _ look: Look) -> String {
        // Not wrapped and not cut: each line is one record, to be copied. All of it is visible ASCII, or made visible.
        func line(_ spans: Span...) -> String { spans.map { $0.painted(look.colour) }.joined() + "\n" }
        switch outcome {
        case .success(let answer):
            var text = (answer.aliases + answer.records).map { record in
                line(
                    Span(record.name.absolute, .strong), Span("  \(record.ttl)  \(record.type)  ", .faint),
                    Span(record.data.description))
            }.joined()
            let end = answer.canonicalName ?? question.name
            if answer.kind == .noData { text += line(Span("\(end) has no \(question.type) record")) }
            if answer.kind == .noSuchName { text += line(Span("\(end) does not exist")) }
            return text + line(Span(about(answer), .faint))
        case .failure(let failure):
            let server = failure.server.isEmpty ? "" : " (\(failure.server))"
            let detail = failure.detail.isEmpty ? "" : ": \(Escaping.visible(failure.detail))"
            return line(Span("no answer", .unknown), Span("  \(question)  \(status(outcome))\(server)\(detail)"))
        }
    }

    private static func about(_ answer: Answer) -> String {
        let milliseconds = (answer.seconds * 10_000).rounded() / 10
        var parts = [
            "\(answer.kind == .noSuchName ? "NXDOMAIN" : "NOERROR") from \(answer.server) in \(milliseconds) ms"
        ]
        if answer.truncatedThenTCP { parts.append("truncated over UDP, asked again over TCP") }
        parts.append(answer.authenticated ? "authenticated by the server" : "not authenticated")
        return parts.joined(separator: ", ")
    }

    private static func json(_ record: Record) -> JSON {
        [
            "name": .string(record.name.description), "type": .string(record.type.description),
            "ttl": .integer(Int(record.ttl)), "data": .string(record.data.description),
        ]
    }

    // MARK: A packet

    /// A packet written in hexadecimal, spaces and colons between the digits allowed: what it says, or why it can't be
    /// read. An empty line is a packet of no octets.
    package static func json(packet line: some Collection<UInt8>) -> JSON {
        let digits = line.filter { ![9, 13, 32, 58].contains($0) }
        guard digits.count.isMultiple(of: 2), digits.count <= 131_070 else {
            return error(
                digits.count > 131_070
                    ? "more than the 65535 octets of a message" : "an odd number of hexadecimal digits")
        }
        var octets: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[index]), let low = value(digits[index + 1]) else {
                return error("not hexadecimal at digit \(index + 1)")
            }
            octets.append(high << 4 | low)
        }
        do throws(MessageError) {
            return json(try Message(parsing: octets), octets)
        } catch {
            return Self.error("\(error)")
        }
    }

    private static func error(_ text: String) -> JSON { ["error": .string(text)] }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 48...57: digit - 48
        case 65...70: digit - 55
        case 97...102: digit - 87
        default: nil
        }
    }

    /// `flags` and the counts are the numbers of the header, as they came.
    private static func json(_ message: Message, _ octets: [UInt8]) -> JSON {
        func word(_ index: Int) -> JSON { .integer(Int(octets[2 * index]) << 8 | Int(octets[2 * index + 1])) }
        var members: [JSON.Member] = [
            .init("id", word(0)), .init("flags", word(1)),
            .init("flag_names", .array(message.flagNames.map { .string($0) })),
            .init("opcode", .integer(Int(message.opcode))), .init("rcode", .string(message.rcode.description)),
            .init("qdcount", word(2)), .init("ancount", word(3)), .init("nscount", word(4)), .init("arcount", word(5)),
            .init(
                "questions",
                .array(
                    message.questions.map {
                        ["name": .string($0.name.description), "type": .string($0.type.description)]
                    })),
            .init("answers", .array(message.answers.map(json))),
            .init("authority", .array(message.authority.map(json))),
            .init("additional", .array(message.additional.map(json))),
        ]
        if !message.otherClasses.isEmpty {
            members.append(.init("other_classes", .array(message.otherClasses.map(json))))
        }
        if let edns = message.edns {
            members.append(
                .init(
                    "edns",
                    [
                        "version": .integer(Int(edns.version)), "payload_size": .integer(Int(edns.payloadSize)),
                        "do": .bool(edns.dnssecOK),
                        "errors": .array(edns.extendedErrors.map { .string($0.description) }),
                    ]))
        }
        return .object(members)
    }

    /// Data as RFC 3597 §5 writes what nobody here reads.
    private static func json(_ entry: Message.OtherClass) -> JSON {
        var members: [JSON.Member] = [
            .init("section", .string(entry.section.rawValue)), .init("name", .string(entry.name.description)),
            .init("type", .string(entry.type.description)), .init("class", .integer(Int(entry.number))),
        ]
        if entry.section != .questions {
            members.append(.init("ttl", .integer(Int(entry.ttl))))
            members.append(.init("data", .string(RecordData.unknown(type: entry.type, data: entry.data).description)))
        }
        return .object(members)
    }
}
