internal import DNS
internal import NIOSSL

/// Hands one message to the next server (RFC 5321 §3.3), with TLS where it is offered, unverified as between mail
/// servers without a policy (RFC 7435).
struct SMTPClient {
    /// What this side calls itself.
    var host: String
    /// The address it comes from.
    var address: IPAddress

    /// Why the message was not taken over.
    enum Failure: Error {
        /// Trying again may help: 4xx, or no connection.
        case temporary(SMTPAnswer)
        /// 5xx.
        case permanent(SMTPAnswer)
    }

    func hand(
        _ octets: [UInt8], from sender: String, to recipients: [String], over endpoint: TransportAddress,
        named name: String
    ) async throws(Failure) {
        do {
            let link = try await dial(endpoint, from: address)
            defer { link.close() }
            let talk = LabConversation(link, isSecure: false)
            try await expect(220, on: talk)
            var offers = try await command("EHLO \(host)", expecting: 250, on: talk)
            if offers.contains("STARTTLS") {
                try await command("STARTTLS", expecting: 220, on: talk)
                var configuration = TLSConfiguration.makeClientConfiguration()
                configuration.certificateVerification = .none
                try await talk.startTLS(.client(NIOSSLContext(configuration: configuration), serverName: name))
                offers = try await command("EHLO \(host)", expecting: 250, on: talk)
            }
            try await command("MAIL FROM:<\(sender)>", expecting: 250, on: talk)
            for recipient in recipients { try await command("RCPT TO:<\(recipient)>", expecting: 250, on: talk) }
            try await command("DATA", expecting: 354, on: talk)
            try await talk.say(octets: Self.stuffed(octets))
            try await expect(250, on: talk)
            // The message is theirs now; a QUIT that goes unanswered changes nothing.
            try? await talk.say("QUIT")
        } catch let failure as Failure {
            throw failure
        } catch {
            throw .temporary(SMTPAnswer(451, "4.4.1 no conversation with \(name)"))
        }
    }

    @discardableResult
    private func command(_ line: String, expecting code: Int, on talk: LabConversation) async throws -> [String] {
        try await talk.say(line)
        return try await expect(code, on: talk)
    }

    /// The texts of a reply of up to 100 lines (RFC 5321 §4.2.1), the codes taken off.
    @discardableResult
    private func expect(_ code: Int, on talk: LabConversation) async throws -> [String] {
        var lines: [String] = []
        while lines.count < 100 {
            let line = try await talk.line(limit: 1_024)
            guard line.count >= 3, let found = Int(String(decoding: line.prefix(3), as: UTF8.self)) else {
                throw Failure.temporary(SMTPAnswer(451, "4.5.0 the other side does not speak SMTP"))
            }
            lines.append(String(decoding: line.dropFirst(4), as: UTF8.self))
            if line.count > 3, line[3] == UInt8(ascii: "-") { continue }
            if found == code { return lines }
            let answer = SMTPAnswer(found, lines.last ?? "")
            throw found >= 500 ? Failure.permanent(answer) : .temporary(answer)
        }
        throw Failure.temporary(SMTPAnswer(451, "4.5.0 a reply without end"))
    }

    /// Dots at the beginning of lines doubled, the lone dot behind (RFC 5321 §4.5.2).
    static func stuffed(_ octets: [UInt8]) -> [UInt8] {
        var stuffed: [UInt8] = []
        stuffed.reserveCapacity(octets.count + 16)
        var atLineStart = true
        for octet in octets {
            if atLineStart, octet == UInt8(ascii: ".") { stuffed.append(octet) }
            stuffed.append(octet)
            atLineStart = octet == 10
        }
        if !atLineStart { stuffed += [13, 10] }
        return stuffed + Array(".\r\n".utf8)
    }
}
