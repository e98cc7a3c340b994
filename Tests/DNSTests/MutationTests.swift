import DNS
import Testing

/// Numbers that look random and are the same each time (SplitMix64).
private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

private func name(_ text: String) -> DomainName { (try? DomainName(text)) ?? .root }

@Suite(.timeLimit(.minutes(5))) struct MutationTests {
    private static let zone = """
        example.org. 300 SOA ns1 hostmaster 1 3600 600 86400 600
        example.org. 300 NS ns1.example.org.
        example.org. 300 MX 10 mail.example.org.
        example.org. 300 MX 20 mail.elsewhere.example.
        example.org. 60 TXT "v=spf1 include:_spf.example.org -all"
        example.org. 60 TXT "another" "in two strings"
        mail.example.org. 0 A 192.0.2.1
        mail.example.org. 0 A 192.0.2.2
        mail.example.org. 0 AAAA 2001:db8::1
        www.example.org. CNAME mail.example.org.
        _25._tcp.mail.example.org. TLSA 3 1 1 0123456789abcdef
        example.org. CAA 0 issue "ca.example"
        _submission._tcp.example.org. SRV 0 1 587 mail.example.org.
        """

    /// Questions and the responses of a well-behaved server to them.
    private static var exchanges: [(Question, [UInt8])] {
        guard let zone = try? Zone(zone) else { return [] }
        let asked: [(String, RecordType)] = [
            ("example.org", .mx), ("example.org", .txt), ("example.org", .soa), ("example.org", .ns),
            ("example.org", .caa), ("mail.example.org", .a), ("mail.example.org", .aaaa), ("mail.example.org", .mx),
            ("www.example.org", .a), ("www.example.org", .mx), ("nowhere.example.org", .txt), ("example.org", .any),
            ("_25._tcp.mail.example.org", .tlsa), ("_submission._tcp.example.org", .srv),
        ]
        return asked.compactMap { owner, type in
            let question = Question(name(owner), type)
            let message = zone.message(answering: Message(asking: question, id: 0x1234))
            return message.map { (question, $0.encoded()) }
        }
    }

    private func mutate(_ octets: [UInt8], with other: [UInt8], _ dice: inout Dice) -> [UInt8] {
        var octets = octets
        for _ in 0..<Int.random(in: 1...3, using: &dice) {
            guard !octets.isEmpty else { return octets }
            let place = Int.random(in: 0..<octets.count, using: &dice)
            switch Int.random(in: 0..<8, using: &dice) {
            case 0: octets[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
            case 1: octets[place] = [0, 1, 63, 64, 0xC0, 0xFF, 12, 41].randomElement(using: &dice) ?? 0
            case 2: octets.removeLast(octets.count - place)
            case 3: octets.insert(UInt8.random(in: 0...255, using: &dice), at: place)
            case 4: octets.remove(at: place)
            case 5: octets.append(contentsOf: other.suffix(Int.random(in: 0...other.count, using: &dice)))
            case 6:
                // A pointer to anywhere.
                octets[place] = 0xC0 | UInt8.random(in: 0...1, using: &dice)
                if place + 1 < octets.count { octets[place + 1] = UInt8.random(in: 0...255, using: &dice) }
            default:
                // The header: flags and counts.
                let field = Int.random(in: 2..<12, using: &dice)
                if field < octets.count { octets[field] = UInt8.random(in: 0...3, using: &dice) }
            }
        }
        return octets
    }

    @Test func `two hundred thousand broken packets are read or refused, and the short way agrees with the long one`()
        async throws
    {
        let exchanges = Self.exchanges
        try #require(exchanges.count == 14)
        var dice = Dice(state: 20_261_122)
        var read = 0, refused = 0, usual = 0
        let start = ContinuousClock.now
        for index in 0..<200_000 {
            if index.isMultiple(of: 20) { await Task.yield() }
            let (question, octets) = exchanges[index % exchanges.count]
            let other = exchanges[Int.random(in: 0..<exchanges.count, using: &dice)].1
            let packet = mutate(octets, with: other, &dice)
            let message = try? Message(parsing: packet)
            if message == nil { refused += 1 } else { read += 1 }
            if let short = UsualResponse.read(packet, answering: question) {
                usual += 1
                let long = message.map { message in
                    message.mismatch(with: Message(asking: question, id: message.id)) == nil
                        ? message.interpreted(as: question) : nil
                }
                if long != short { Issue.record("\(packet) is \(short), but \(String(describing: long))") }
            }
            // On a busy machine fewer will do.
            if index % 1000 == 0, ContinuousClock.now - start > .seconds(60) { break }
        }
        #expect(read > 100 && refused > 100 && usual > 100, "\(read) read, \(refused) refused, \(usual) usual")
    }

    @Test func `every usual response is read the short way, as the long way reads it`() throws {
        for (question, octets) in Self.exchanges {
            let message = try Message(parsing: octets)
            let short = UsualResponse.read(octets, answering: question)
            if question.type == .any || message.answers.contains(where: { $0.type == .cname }) {
                #expect(short == nil, "\(question)")
            } else {
                #expect(short == message.interpreted(as: question), "\(question)")
            }
        }
    }

    @Test func `no cut of a response is taken for an answer`() throws {
        for (question, octets) in Self.exchanges {
            for count in 0..<octets.count {
                let cut = Array(octets.prefix(count))
                #expect(UsualResponse.read(cut, answering: question) == nil)
                #expect(throws: MessageError.self) { try Message(parsing: cut) }
            }
        }
    }

    @Test func `a chain of pointers costs no more than the longest name`() throws {
        // 8000 pointers, each to the one before; then as many records as fit, each naming itself by the last.
        var octets: [UInt8] = [0, 1, 0x80, 0, 0, 0, 0x10, 0, 0, 0, 0, 0]
        octets += [0, 0]
        while octets.count < 16_000 {
            let target = octets.count - 2
            octets += [0xC0 | UInt8(target >> 8), UInt8(target & 0xFF)]
        }
        let last = octets.count - 2
        while octets.count < 65_000 {
            octets += [0xC0 | UInt8(last >> 8), UInt8(last & 0xFF), 0, 99, 0, 1, 0, 0, 0, 0, 0, 0]
        }
        let start = ContinuousClock.now
        #expect(throws: MessageError.self) { try Message(parsing: octets) }
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test func `a packet of names that each point through the longest chain is read in time`() throws {
        // Names that hop 120 times through pointers, thousands of records of them.
        var octets: [UInt8] = [0, 1, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        var question: [UInt8] = [0]
        question += [0, 16, 0, 1]
        octets[5] = 1
        octets += question
        var target = 12
        // A TXT record's octets hold the chain.
        var chain: [UInt8] = []
        let start = octets.count + 11 + 1
        for _ in 0..<100 {
            let place = start + chain.count
            chain += [0xC0 | UInt8(target >> 8), UInt8(target & 0xFF)]
            target = place
        }
        octets += [0, 0, 16, 0, 1, 0, 0, 0, 0, 0, UInt8(chain.count + 1), UInt8(chain.count)] + chain
        var answers = 1
        while octets.count < 65_000 {
            octets += [0xC0 | UInt8(target >> 8), UInt8(target & 0xFF), 0, 99, 0, 1, 0, 0, 0, 0, 0, 0]
            answers += 1
        }
        octets[6] = UInt8(answers >> 8)
        octets[7] = UInt8(answers & 0xFF)
        let started = ContinuousClock.now
        let message = try Message(parsing: octets)
        #expect(message.answers.count == answers && message.answers.allSatisfy { $0.name.isRoot })
        #expect(ContinuousClock.now - started < .seconds(10))
    }

    @Test func `names are equal and hash alike whatever the case, and only ASCII letters have one`() throws {
        var dice = Dice(state: 5)
        for _ in 0..<5000 {
            let count = Int.random(in: 1...30, using: &dice)
            let label = (0..<count).map { _ in UInt8.random(in: 0...255, using: &dice) }
            let swapped = label.map { octet -> UInt8 in
                switch octet {
                case 65...90: octet | 0x20
                case 97...122: octet & 0xDF
                default: octet
                }
            }
            let a = try DomainName(labels: [label, label]), b = try DomainName(labels: [swapped, label])
            #expect(a == b && a.hashValue == b.hashValue && a.hash(seed: 9) == b.hash(seed: 9))
            #expect(a.lowercased == b && a.lowercased.wire == b.lowercased.wire)
            // Another octet 0x20 away, where it is no letter, is another name.
            var other = label
            let place = Int.random(in: 0..<count, using: &dice)
            other[place] ^= 0x20
            let isLetter = (65...90).contains(label[place] & 0xDF)
            let changed = try DomainName(labels: [other, label])
            #expect((changed == a) == isLetter)
        }
    }
}
