import DNS
@testable import Lab
import Networking
import Testing

@Suite("The world of the demo") struct MailWorldTests {
    @Test("has names for all its hosts, and its addresses lead back to them") func names() async throws {
        try await withMailWorld(hold: 0) { world in
            let zone = world.authority.zone
            for host in ["mx1", "mx2", "relay", "mail"] {
                let name = try DomainName("\(host).healthy.example")
                let answer = try await zone.answer(Question(name, .a))
                guard case .a(let address)? = answer.records.first?.data else {
                    Issue.record("no address of \(name)")
                    continue
                }
                let back = try await zone.answer(Question(IPAddress.v4(address).reverseName, .ptr))
                #expect(back.records.first?.data == .ptr(name))
            }
            let planted = zone.lookUp(Question(try DomainName("_mta-sts.broken.example"), .txt))
            #expect(throws: Unanswered.self) { try planted.get() }
        }
    }

    @Test("leads every port of every host to a server or to a closed port") func ports() async throws {
        try await withMailWorld(hold: 0) { world in
            let mail = world.overrides.filter { $0.port != 443 }
            #expect(mail.count % 7 == 0 && mail.count >= 6 * 7)
            let network = Network(connectTo: world.overrides)
            let expected: [(UInt8, Set<UInt16>)] = [
                (11, [25, 465, 587, 110, 995, 143, 993]), (12, [25]), (13, [25]), (14, [465, 587, 110, 995, 143, 993]),
                (21, [25, 465, 587, 110, 143, 993]), (22, [25]),
            ]
            for (octet, open) in expected {
                let address = IPAddress.v4(IPv4Address(127, 0, 77, octet))
                for port: UInt16 in [25, 465, 587, 110, 995, 143, 993] {
                    let isOpen =
                        await
                        (try? network.withConnection(
                            to: address, port: port, host: nil, by: .after(seconds: 60)
                        ) { _ in true }) ?? false
                    #expect(isOpen == open.contains(port), "\(address):\(port)")
                }
            }
        }
    }

    @Test("carries a message over three servers, one of which holds it, into the mailbox") func journey() async throws {
        try await withMailWorld(hold: 1) { world in
            let journey = try #require(world.journeys.first)
            let network = Network(connectTo: world.overrides)
            let submission = network.destination(
                host: nil, address: .v4(IPv4Address(127, 0, 77, 14)), port: journey.submissionPort)
            let endpoint = TransportAddress(address: try #require(submission.address), port: submission.port)
            let started = ContinuousClock.now
            try await Client.talk(to: endpoint) { client in
                _ = try await client.line()
                _ = try await client.smtp("EHLO client")
                _ = try await client.ask("STARTTLS")
                _ = try await client.startTLS(journey.submissionHost)
                _ = try await client.smtp("EHLO client")
                let plain = Array("\0\(journey.from.address)\0\(journey.from.password)".utf8)
                #expect(try await client.ask("AUTH PLAIN \(base64(plain))").hasPrefix("235"))
                #expect(try await client.ask("MAIL FROM:<\(journey.from.address)>").hasPrefix("250"))
                #expect(try await client.ask("RCPT TO:<stranger@elsewhere.example>").hasPrefix("554"))
                #expect(try await client.ask("RCPT TO:<\(journey.recipient)>").hasPrefix("250"))
                _ = try await client.ask("DATA")
                #expect(try await client.ask("From: <\(journey.from.address)>\r\n\r\nHello\r\n.").hasPrefix("250"))
            }
            var messages: [MailStore.Message] = []
            for _ in 0..<6_000 where messages.isEmpty {
                try await Task.sleep(for: .milliseconds(10))
                messages = await world.store.mailbox("INBOX", of: journey.to.address)?.messages ?? []
            }
            #expect(ContinuousClock.now - started > .seconds(1))
            let text = String(decoding: try #require(messages.first).octets, as: UTF8.self)
            #expect(text.ranges(of: "Received: from ").count == 3)
            #expect(text.contains("Received: from relay.healthy.example (relay.healthy.example [127.0.77.13])"))
            #expect(text.contains("with ESMTPSA id "))
            #expect(text.contains("spf=pass smtp.mailfrom=probe@healthy.example"))
            #expect(text.contains("dmarc=pass header.from=healthy.example"))
            #expect(!text.contains(journey.from.password))
        }
    }

    @Test("ends with its closure: nobody listens any more") func end() async throws {
        let overrides = try await withMailWorld(hold: 0) { $0.overrides }
        let network = Network(connectTo: overrides)
        await #expect(throws: WireError.refused) {
            try await network.withConnection(
                to: .v4(IPv4Address(127, 0, 77, 11)), port: 25, host: nil, by: .after(seconds: 60)
            ) { _ in }
        }
    }
}

/// RFC 4648 §4.
func base64(_ octets: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for start in stride(from: 0, to: octets.count, by: 3) {
        let group = octets[start..<min(start + 3, octets.count)]
        let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
        for index in 0...3 {
            text.append(index <= group.count ? alphabet[bits >> (18 - 6 * index) & 63] : "=")
        }
    }
    return text
}
