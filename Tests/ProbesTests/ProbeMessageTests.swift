import DNS
import Mail
import Testing

@testable import Probes

@Suite("The test message")
struct ProbeMessageTests {
    private func message(name: String = "office", id: String = "abc123") throws -> ProbeMessage {
        try #require(
            ProbeMessage(
                name: name, id: id, from: try EmailAddress("probe@example.org"),
                to: try EmailAddress("probe@example.net"), at: Timestamp(1_795_348_800)))
    }

    private func text(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }

    @Test("It has the fields of RFC 5322 and ours, in ASCII, with CRLF and short lines")
    func fields() throws {
        let message = try message()
        let arrived = ArrivedMessage(message.octets)
        #expect(arrived.values(of: "From") == [Array("<probe@example.org>".utf8)])
        #expect(arrived.values(of: "to") == [Array("<probe@example.net>".utf8)])
        #expect(arrived.values(of: "Message-ID") == [Array("<abc123@example.org>".utf8)])
        #expect(arrived.values(of: "Subject") == [Array("mailsonde office abc123".utf8)])
        #expect(arrived.values(of: "Auto-Submitted") == [Array("auto-generated".utf8)])
        #expect(arrived.carries("abc123"))
        #expect(!arrived.carries("abc12"))
        #expect(message.octets.allSatisfy { $0 < 127 })
        let lines = message.octets.split(separator: 10, omittingEmptySubsequences: false)
        #expect(lines.dropLast().allSatisfy { $0.last == 13 && $0.count <= 79 })
        #expect(lines.last?.isEmpty == true)
    }

    @Test(
        "Dates are those of RFC 5322",
        arguments: [
            (1_795_348_800.0, "Sun, 22 Nov 2026 12:00:00 +0000"), (0, "Thu, 1 Jan 1970 00:00:00 +0000"),
            (-1, "Wed, 31 Dec 1969 23:59:59 +0000"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
        ])
    func dates(seconds: Double, text: String) { #expect(ProbeMessage.date(Timestamp(seconds)) == text) }

    @Test("A name cannot bring a field in", arguments: ["a\r\nBcc: x@example.com", "a\nX: y", "\u{0}", "ä\u{202E}"])
    func injection(name: String) throws {
        let message = try message(name: name)
        #expect(ArrivedMessage(message.octets).values(of: "Bcc").isEmpty)
        #expect(ArrivedMessage(message.octets).values(of: "X").isEmpty)
        #expect(message.subject.utf8.allSatisfy { (32...126).contains($0) })
    }

    @Test("Given a key, it is signed; it stays the message that it was")
    func signed() throws {
        let key = try DKIMSigningKey("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
        let domain = try DomainName("example.org")
        let at = Timestamp(1_795_348_800)
        let address = try EmailAddress("probe@example.org")
        let message = try #require(
            ProbeMessage(
                name: "office", id: "abc123", from: address, to: address, at: at,
                signer: DKIMSigner(domain: domain, selector: "s1", key: key)))
        #expect(ArrivedMessage(message.octets).alteration(of: message) == nil)
        let name = try DomainName("s1._domainkey.example.org")
        let record = Record(name, .txt(TXT(strings: [Array(key.record.utf8)])))
        var knowledge = Knowledge([Question(name, .txt): .success(Answer(.records, records: [record]))])
        let found = DKIMVerification.verify(Mail.Message(parsing: message.octets), at: at, asking: &knowledge)
        #expect(found.map(\.result) == [.pass])
    }

    @Test("An identifier is letters and digits")
    func identifier() throws { #expect(try message(id: "a-b\r\n>c").id == "abc") }

    @Test("As it was sent, it is not altered: white space at line ends and trace fields do not count")
    func unaltered() throws {
        let sent = try message()
        #expect(ArrivedMessage(sent.octets).alteration(of: sent) == nil)
        let traced = Array("Received: from a by b; x\r\nX-Spam: no\r\n".utf8) + sent.octets + Array("\r\n \r\n".utf8)
        #expect(ArrivedMessage(traced).alteration(of: sent) == nil)
        let unix = sent.octets.filter { $0 != 13 }
        #expect(ArrivedMessage(unix).alteration(of: sent) == nil)
    }

    @Test("Another encoding of the same words is no alteration")
    func encodings() throws {
        let sent = try message()
        let header = "Subject: \(sent.subject)\r\n"
        let body = Array(sent.body.utf8)
        let encoded = Array((header + "Content-Transfer-Encoding: base64\r\n\r\n").utf8) + base64(of: body)
        #expect(ArrivedMessage(encoded).alteration(of: sent) == nil)
        let quoted =
            header + "content-transfer-encoding: Quoted-Printable\r\n\r\n"
            + sent.body.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "=0A=\r\n")
        #expect(ArrivedMessage(Array(quoted.utf8)).alteration(of: sent) == nil)
    }

    @Test("A subject in encoded words is the same subject")
    func encodedSubject() throws {
        let sent = try message()
        let words = sent.subject.replacing(" ", with: "_").replacing("-", with: "=2D")
        let encoded = text(sent.octets).replacing("Subject: \(sent.subject)", with: "Subject: =?us-ascii?Q?\(words)?=")
        #expect(encoded != text(sent.octets))
        #expect(ArrivedMessage(Array(encoded.utf8)).alteration(of: sent) == nil)
    }

    @Test("Without our field it is known by its whole Message-ID, and no answer to it is")
    func messageID() throws {
        let sent = try message()
        let bare = text(sent.octets).replacing("\(ProbeMessage.field): \(sent.id)\r\n", with: "")
        #expect(!ArrivedMessage(Array(bare.utf8)).carries(sent.id))
        #expect(ArrivedMessage(Array(bare.utf8)).isCopy(of: sent) && ArrivedMessage(sent.octets).isCopy(of: sent))
        let reply =
            "Message-ID: <x@example.net>\r\nIn-Reply-To: \(sent.messageID)\r\nSubject: Re: \(sent.subject)\r\n\r\n"
        #expect(!ArrivedMessage(Array(reply.utf8)).isCopy(of: sent))
    }

    @Test("A footer, another body and a marked subject are")
    func altered() throws {
        let sent = try message()
        let footer = sent.octets + Array("-- \r\nScanned.\r\n".utf8)
        #expect(ArrivedMessage(footer).alteration(of: sent)?.contains("2 lines were added") == true)
        let other = ArrivedMessage(sent.octets).header + Array("\r\nHello\r\n".utf8)
        #expect(ArrivedMessage(other).alteration(of: sent) != nil)
        let marked = text(sent.octets).replacing("Subject: ", with: "Subject: [SPAM] ")
        #expect(ArrivedMessage(Array(marked.utf8)).alteration(of: sent)?.contains("[SPAM]") == true)
    }

    @Test(
        "Odd messages are taken apart without harm",
        arguments: [
            "", "\r\n", "\n\n", "Subject", ": x\r\n\r\n", " folded\r\nSubject: x\r\n y\r\n\r\nbody", "A: b\r\n",
        ])
    func odd(message: String) {
        let arrived = ArrivedMessage(Array(message.utf8))
        #expect(arrived.header.count + arrived.body.count <= message.utf8.count)
        #expect(!arrived.carries("x"))
        if message.contains("folded") { #expect(arrived.values(of: "subject") == [Array("x y".utf8)]) }
    }
}
