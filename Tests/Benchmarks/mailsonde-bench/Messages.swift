import DNS
import FoundationEssentials
import Mail

/// Reads the header of one message again and again, every field typed by its name, and prints what one reading costs.
struct Messages {
    let folder: String
    let count: Int

    init(_ arguments: Arguments) throws {
        folder = try arguments.text("folder")
        count = try arguments.number("count", default: 20_000, in: 1...100_000_000)
    }

    func run() throws {
        let octets = Self.message
        guard FileManager.default.createFile(atPath: "\(folder)/message.eml", contents: Data(octets)) else {
            throw Usage("can't write to \(folder)")
        }
        var read = Reading()
        for _ in 0..<100 { read = Reading(octets) }
        let before = Cost.now
        for _ in 0..<count { read = Reading(octets) }
        let cost = Cost.now - before
        guard read.received == 5, read.dates == 1, read.mailboxes == 5 else {
            throw Usage("the message is not read whole")
        }
        let each = (cost.user + cost.system) / Double(count) * 1e6
        print("{\"program\": \"mailsonde\", \"messages\": \(count), \"fields\": \(read.fields), ", terminator: "")
        print("\"cpu_microseconds_each\": \(thousandths(each)), \"max_rss_kib\": \(cost.memory)}")
    }

    /// What one reading found.
    private struct Reading {
        var fields = 0, received = 0, dates = 0, mailboxes = 0, octets = 0

        init() {}

        init(_ octets: [UInt8]) {
            for field in MessageHeader(parsing: octets).fields {
                fields += 1
                switch field.typed {
                case .received(let value): if value.date != nil, value.ip != nil, value.by != nil { received += 1 }
                case .date: dates += 1
                case .mailboxes(let boxes): mailboxes += boxes.count
                case .identifiers(let ids): self.octets += ids.count
                case .contentType(let type): self.octets += type.parameters.count
                case .text(let text): self.octets += text.utf8.count
                }
            }
        }
    }

    /// Twenty fields, as a message has them that has come by five hosts.
    private static let message: [UInt8] = {
        var text = "Return-Path: <alice@example.org>\r\n"
        for hop in (1...5).reversed() {
            text += "Received: from relay\(hop).example.net (relay\(hop).example.net [192.0.2.\(hop)])\r\n"
            text += "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\r\n"
            text += "\t key-exchange X25519 server-signature RSA-PSS (2048 bits) server-digest SHA256)\r\n"
            text += "\t(No client certificate requested)\r\n"
            text += "\tby relay\(hop + 1).example.net (Postfix) with ESMTPS id 4F\(hop)AB12\r\n"
            text += "\tfor <bob@example.net>; Sun, 22 Nov 2026 12:00:0\(hop) +0000 (UTC)\r\n"
        }
        text += "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=s1;\r\n"
        text += "\th=from:to:subject:date:message-id; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n"
        text += "\tb=" + String(repeating: "AbCdEf0123", count: 34) + "\r\n"
        text += "From: Alice Example <alice@example.org>\r\nTo: Bob Example <bob@example.net>, carol@example.net\r\n"
        text += "Reply-To: \"Example, Alice\" <alice@example.org>\r\n"
        text += "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= =?utf-8?q?_aus?= M=?iso-8859-1?q?=FC?=nchen\r\n"
        text += "Date: Sun, 22 Nov 2026 12:00:00 +0000\r\nMessage-ID: <20261122120000.1234@example.org>\r\n"
        text += "In-Reply-To: <20261121110000.1@example.net>\r\nMIME-Version: 1.0\r\n"
        text += "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
        text += "List-Unsubscribe: <https://example.org/u>\r\nX-Mailer: pen and paper\r\nX-Priority: 3\r\n\r\nHello\r\n"
        return Array(text.utf8)
    }()
}
