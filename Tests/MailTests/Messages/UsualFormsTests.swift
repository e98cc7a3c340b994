import Testing

@testable import Mail

@Suite("What is read without detour is read the same")
struct UsualFormsTests {
    /// Over pieces that no contiguous storage stands behind, only the patient reader reads.
    private func patient(_ octets: [UInt8]) -> ReversedCollection<[UInt8]> { Array(octets.reversed()).reversed() }

    @Test("40,000 mutated dates and addresses")
    func same() async {
        var dice = Dice(11)
        let dates = [
            "Sun, 22 Nov 2026 12:00:00 +0000", "1 Jan 1999 01:02 -0730 (x)", "Thu, 29 Feb 2024 23:59:60 -0000",
        ].map { Array($0.utf8) }
        let boxes = [
            "Alice B. <a.b@example.org>", "\"Alice, B\" <a@example.org>", "bob@example.net", "=?utf-8?q?x?= <a@b.c>",
        ].map { Array($0.utf8) }
        for round in 0..<20_000 {
            if round.isMultiple(of: 100) { await Task.yield() }
            let date = mutated(dates[round % dates.count], with: &dice)
            if MailDate.parse(date) != MailDate.parse(patient(date)) {
                Issue.record(
                    "“\(String(decoding: date, as: UTF8.self))” \(String(describing: MailDate.parse(date))) \(String(describing: MailDate.parse(patient(date))))"
                )
            }
            let box = mutated(boxes[round % boxes.count], with: &dice)
            if Mailbox.list(box) != Mailbox.list(patient(box)) {
                Issue.record(
                    "“\(String(decoding: box, as: UTF8.self))” \(Mailbox.list(box)) \(Mailbox.list(patient(box)))")
            }
        }
    }

    @Test("Fields are typed by their names")
    func typed() {
        let header = MessageHeader(
            parsing: Array(
                "received: by x; 1 Jan 2020 00:00:00 +0000\nDATE: 1 Jan 2020 00:00:00 +0000\nTo: a@b.c\nMessage-Id: <x@y>\nContent-type: text/html\nDate: never\nX: =?utf-8?q?=C3=A4?=\n\n"
                    .utf8))
        let kinds = header.fields.map { field in
            switch field.typed {
            case .received: "received"
            case .date: "date"
            case .mailboxes: "mailboxes"
            case .identifiers: "identifiers"
            case .contentType: "type"
            case .text(let text): text
            }
        }
        #expect(kinds == ["received", "date", "mailboxes", "identifiers", "type", "never", "ä"])
    }
}
