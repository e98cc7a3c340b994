internal import Mail

/// The report that a message could not be delivered (RFC 3464), for a sender whose mailbox is in this world.
struct DeliveryStatus {
    var reporter: String
    var envelope: Envelope
    var recipients: [String]
    var answer: SMTPAnswer

    /// Nothing for the null sender: there is never a report on a report (RFC 5321 §6.1).
    func deliver(into store: MailStore, _ facilities: Facilities) async {
        guard !envelope.sender.isEmpty, let user = await store.user(of: envelope.sender) else { return }
        let octets = message(at: facilities.now(), id: facilities.makeID())
        await store.deliver(octets, to: user, at: facilities.now())
    }

    private func message(at moment: Timestamp, id: String) -> [UInt8] {
        let status = answer.text.split(separator: " ").first.map(String.init) ?? "5.0.0"
        var lines = [
            "Return-Path: <>",
            "Received: by \(reporter) (mailsonde lab) id \(id); \(moment.headerDate)",
            "Date: \(moment.headerDate)",
            "From: Mail Delivery System <mailer-daemon@\(reporter)>",
            "To: <\(envelope.sender)>",
            "Subject: Undelivered Mail Returned to Sender",
            "Message-ID: <\(id)@\(reporter)>",
            "Auto-Submitted: auto-replied",
            "MIME-Version: 1.0",
            "Content-Type: multipart/report; report-type=delivery-status; boundary=\"\(id)\"",
            "",
            "--\(id)",
            "Content-Type: text/plain; charset=us-ascii",
            "",
            "Your message could not be delivered:",
        ]
        lines += recipients.map { "<\($0)>: \(answer)" }
        lines += [
            "", "--\(id)", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; \(reporter)",
            "X-Queue-ID: \(envelope.id)", "Arrival-Date: \(moment.headerDate)", "",
        ]
        for recipient in recipients {
            lines += [
                "Final-Recipient: rfc822; \(recipient)", "Action: failed",
                "Status: \(status)", "Diagnostic-Code: smtp; \(answer)", "",
            ]
        }
        lines += ["--\(id)", "Content-Type: text/rfc822-headers", ""]
        let tail = ["", "--\(id)--", ""]
        return Array(lines.map { $0 + "\r\n" }.joined().utf8) + Header.section(of: envelope.octets)
            + Array(tail.map { $0 + "\r\n" }.joined().utf8)
    }
}

/// Just enough of a header section for the lab.
enum Header {
    /// The octets up to and including the empty line.
    static func section(of message: [UInt8]) -> [UInt8] { Array(message[..<end(of: message)]) }

    /// Where the body begins.
    static func end(of message: [UInt8]) -> Int {
        var lineStart = 0
        for (index, octet) in message.enumerated() where octet == 10 {
            let line = message[lineStart..<index]
            if line.isEmpty || line.elementsEqual([13]) { return index + 1 }
            lineStart = index + 1
        }
        return message.count
    }

    /// Fields in order, unfolded (RFC 5322 §2.2.3), each with where it stands in the message.
    static func fields(of message: [UInt8]) -> [(name: String, value: String, range: Range<Int>)] {
        var fields: [(name: String, value: String, range: Range<Int>)] = []
        var lineStart = 0
        for (index, octet) in message[..<end(of: message)].enumerated() where octet == 10 {
            let line = String(decoding: message[lineStart..<index], as: UTF8.self)
            let text = line.unicodeScalars.last == "\r" ? String(line.unicodeScalars.dropLast()) : line
            if let first = text.first, first == " " || first == "\t", !fields.isEmpty {
                fields[fields.count - 1].value += " " + text.trimmed
                fields[fields.count - 1].range = fields[fields.count - 1].range.lowerBound..<index + 1
            } else if let colon = text.firstIndex(of: ":") {
                fields.append(
                    (
                        String(text[..<colon]).trimmed, text[text.index(after: colon)...].trimmed,
                        lineStart..<index + 1
                    ))
            }
            lineStart = index + 1
        }
        return fields
    }
}
