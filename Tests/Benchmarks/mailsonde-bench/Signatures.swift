import DNS
import FoundationEssentials
import Mail

/// Verifies one signed message again and again, from its octets and the text of the key's record to the verdict: what a
/// verifier does for a message once the key was fetched. Message and record are made here, and stay in the folder for
/// others to verify (`dkim_peer.py`).
struct Signatures {
    let folder: String
    let size: Int
    let count: Int
    let key: DKIMSigningKey

    init(_ arguments: Arguments) throws {
        folder = try arguments.text("folder")
        size = try arguments.number("size", default: 12_000, in: 1...100_000_000)
        count = try arguments.number("count", default: 20_000, in: 1...1_000_000_000)
        guard let text = FileManager.default.contents(atPath: try arguments.text("key")) else {
            throw Usage("can't read the key")
        }
        key = try DKIMSigningKey(String(decoding: text, as: UTF8.self))
    }

    func run() throws {
        let now = Timestamp(1_795_348_800)
        let domain = try DomainName("example.org")
        let signer = DKIMSigner(domain: domain, selector: "bench", key: key)
        guard let signed = signer.signed(message(), at: now) else { throw Usage("the key does not sign") }
        guard FileManager.default.createFile(atPath: folder + "/message.eml", contents: Data(signed)),
            FileManager.default.createFile(atPath: folder + "/record.txt", contents: Data(key.record.utf8))
        else { throw Usage("can't write to \(folder)") }
        let record = Array(key.record.utf8)
        let strings = stride(from: 0, to: record.count, by: 255).map { Array(record[$0..<min($0 + 255, record.count)]) }
        let name = try DomainName("bench._domainkey.example.org")
        let answer = Answer(.records, records: [Record(name, .txt(TXT(strings: strings)))])
        var knowledge = Knowledge([Question(name, .txt): .success(answer)])

        var passed = 0
        let before = Cost.now
        for _ in 0..<count {
            let found = DKIMVerification.verify(Mail.Message(parsing: signed), at: now, asking: &knowledge)
            if found.first?.result == .pass { passed += 1 }
        }
        let cost = Cost.now - before
        guard passed == count else { throw Usage("\(count - passed) of \(count) did not pass") }
        let each = (cost.user + cost.system) / Double(count) * 1e6
        print("{\"program\": \"mailsonde\", \"messages\": \(count), \"octets\": \(signed.count), ", terminator: "")
        print("\"cpu_microseconds_each\": \(thousandths(each)), \"max_rss_kib\": \(cost.memory)}")
    }

    /// A header of 20 fields and a body of words.
    private func message() -> [UInt8] {
        var text = ""
        for hop in 1...8 {
            text += "Received: from relay\(hop).example.net (relay\(hop).example.net [192.0.2.\(hop)])\r\n"
            text += "\tby relay\(hop + 1).example.net (Postfix) with ESMTPS id 4F\(hop)AB12;\r\n"
            text += "\tSun, 22 Nov 2026 12:00:0\(hop) +0000 (UTC)\r\n"
        }
        text += "Return-Path: <alice@example.org>\r\nFrom: Alice Example <alice@example.org>\r\n"
        text += "To: Bob Example <bob@example.net>\r\nSubject: Minutes of the meeting\r\n"
        text += "Date: Sun, 22 Nov 2026 12:00:00 +0000\r\nMessage-ID: <20261122120000.1234@example.org>\r\n"
        text += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
        text += "Content-Transfer-Encoding: 8bit\r\nList-Unsubscribe: <https://example.org/u>\r\n"
        text += "X-Mailer: pen and paper\r\nX-Priority: 3\r\n\r\n"
        var octets = Array(text.utf8)
        let line = Array("The quick brown fox jumps over the lazy dog, and nobody minds it in the least.\r\n".utf8)
        while octets.count < size { octets += line }
        return octets
    }
}
