import DNS
import Testing

@testable import Mail

@Suite("Chains of custody, RFC 8617")
struct ARCChainTests {
    static let now = Timestamp(1_795_348_800)
    static let text =
        "From: Alice <alice@example.org>\r\nTo: bob@example.net\r\nSubject: a  subject\r\n\tfolded\r\n"
        + "Date: Sun, 22 Nov 2026 12:00:00 +0000\r\n\r\nHello  Bob, \r\n\r\n goodbye.\r\n\r\n"

    static func sealer(_ key: DKIMSigningKey? = TestKeys.ed25519) throws -> ARCSealer {
        ARCSealer(key: try #require(key))
    }

    func validate(_ text: String, _ sealer: ARCSealer, _ other: [Question: Outcome] = [:]) -> ARCChain {
        var dns = Knowledge(sealer.zone.merging(other) { $1 })
        return ARCChain.validate(Mail.Message(parsing: Array(text.utf8)), at: Self.now, asking: &dns)
    }

    // MARK: What holds

    @Test("One to fifty sets hold, with either kind of key", arguments: [1, 2, 3, 10, 50])
    func holds(_ count: Int) throws {
        // Keys of RSA cost a build without optimization too much for many sets.
        for key in count > 3 ? [TestKeys.ed25519] : [TestKeys.ed25519, TestKeys.rsa, TestKeys.rsa2048] {
            let sealer = try Self.sealer(key)
            let chain = validate(sealer.chain(Self.text, of: count).text, sealer)
            #expect(chain.result == .pass, "\(chain.reason ?? "")")
            #expect(chain.sets.map(\.instance) == Array(1...count))
            #expect(chain.oldestPass == 0 && chain.reason == nil)
            #expect(chain.sets.allSatisfy { $0.messageSignatureHolds == true && $0.sealHolds == true })
        }
    }

    @Test("A message without ARC fields has no chain")
    func none() throws {
        let chain = validate(Self.text, try Self.sealer())
        #expect(chain.result == .none && chain.sets.isEmpty && chain.oldestPass == nil && chain.reason == nil)
    }

    @Test("Fifty-one sets are one too many")
    func tooMany() throws {
        let sealer = try Self.sealer()
        #expect(validate(sealer.chain(Self.text, of: 51).text, sealer).result == .fail)
    }

    static let canonicalForms: [(String?, DKIMSignature.Canonicalization, DKIMSignature.Canonicalization)] = [
        ("relaxed/relaxed", .relaxed, .relaxed), ("relaxed/simple", .relaxed, .simple),
        ("simple/relaxed", .simple, .relaxed), ("simple/simple", .simple, .simple), ("simple", .simple, .simple),
        ("relaxed", .relaxed, .simple), ("Relaxed/RELAXED", .relaxed, .relaxed),
        // Without “c=” it is the default of RFC 6376, and what sealers mean that leave it out.
        (nil, .simple, .simple), (nil, .relaxed, .relaxed),
    ]

    @Test("Message signatures hold in each canonical form, said or not", arguments: canonicalForms)
    func forms(
        _ said: String?, _ header: DKIMSignature.Canonicalization, _ body: DKIMSignature.Canonicalization
    ) throws {
        var sealer = try Self.sealer()
        (sealer.canonicalization, sealer.header, sealer.body) = (said, header, body)
        #expect(validate(sealer.chain(Self.text, of: 3).text, sealer).result == .pass)
    }

    @Test("In which order the fields stand makes no difference, nor the case of their names")
    func order() throws {
        let sealer = try Self.sealer()
        let sets = sealer.chain(Self.text, of: 3).sets
        var dice = Dice(1)
        for _ in 0..<30 {
            let lines = sets.flatMap { [$0.results, $0.message, $0.seal] }.shuffled(using: &dice)
            #expect(validate(lines.joined() + Self.text, sealer).result == .pass)
        }
        // The relaxed form of a name is in lower case, so a seal does not cover how it was written.
        let loud = sets.map { $0.seal.replacing("ARC-Seal", with: "arc-SEAL") + $0.message + $0.results }.joined()
        #expect(validate(loud + Self.text, sealer).result == .pass)
    }

    @Test("States and instances are numbers and words, however they are written")
    func writing() throws {
        let sealer = try Self.sealer()
        for (instance, state) in [("1", "none"), ("01", "none"), ("1", "None"), ("1", "NONE")] {
            let set = sealer.seal(Self.text, after: [], instance: instance, state: state)
            #expect(validate(set.lines + Self.text, sealer).result == .pass, "i=\(instance) cv=\(state)")
        }
        let first = sealer.seal(Self.text, after: [])
        let second = sealer.seal(first.lines + Self.text, after: [first], state: "PASS")
        #expect(validate(second.lines + first.lines + Self.text, sealer).result == .pass)
    }

    @Test(
        "A “c=” in a seal says nothing, unknown tags neither",
        arguments: [" c=simple;", " c=x/y;", " x9=abc;", " H=from;"])
    func unknownTags(_ tag: String) throws {
        var sealer = try Self.sealer()
        sealer.extraSealTags = tag
        #expect(validate(sealer.chain(Self.text, of: 2).text, sealer).result == .pass)
    }

    // MARK: How far back the message is as it was

    @Test("The oldest message signature that holds is told", arguments: [1, 2, 3, 4])
    func oldest(_ changedBefore: Int) throws {
        let sealer = try Self.sealer()
        var text = Self.text
        var sets: [ARCSealer.Set] = []
        for instance in 1...4 {
            if instance == changedBefore { text = text.replacing("Subject: ", with: "Subject: [list] ") }
            let set = sealer.seal(text, after: sets)
            sets.append(set)
            text = set.lines + text
        }
        let chain = validate(text, sealer)
        #expect(chain.result == .pass)
        #expect(chain.oldestPass == (changedBefore == 1 ? 0 : changedBefore))
        #expect(chain.sets.map { $0.messageSignatureHolds == true } == (1...4).map { $0 >= changedBefore })
        #expect(chain.sets.allSatisfy { $0.sealHolds == true })
    }

    @Test("A message that was changed after its last set fails, by body and by header")
    func changedAfter() throws {
        let sealer = try Self.sealer()
        let text = sealer.chain(Self.text, of: 3).text
        for (old, new) in [("Hello", "Hallo"), ("a  subject", "another"), ("goodbye.", "goodbye. More.")] {
            let chain = validate(text.replacing(old, with: new), sealer)
            #expect(chain.result == .fail && chain.oldestPass == nil)
            #expect(chain.reason?.contains("instance 3") == true, "\(chain.reason ?? "")")
            #expect(!chain.couldNotTell)
        }
    }

    // MARK: What breaks it

    @Test("Each field of each set that is missing, or there twice, breaks the chain")
    func missingAndDoubled() throws {
        let sealer = try Self.sealer()
        let sets = sealer.chain(Self.text, of: 3).sets
        let fields = sets.flatMap { [$0.results, $0.message, $0.seal] }
        for place in fields.indices {
            var fewer = fields, more = fields
            fewer.remove(at: place)
            more.insert(fields[place], at: 0)
            #expect(validate(fewer.joined() + Self.text, sealer).result == .fail, "without field \(place)")
            #expect(validate(more.joined() + Self.text, sealer).result == .fail, "field \(place) twice")
        }
        for place in sets.indices {
            var fewer = sets
            fewer.remove(at: place)
            let chain = validate(fewer.map(\.lines).joined() + Self.text, sealer)
            // Without the newest the rest is a chain of its own.
            #expect(chain.result == (place == 2 ? .pass : .fail), "without set \(place + 1)")
        }
    }

    @Test(
        "A state that does not follow from its place breaks the chain",
        arguments: [
            (1, "pass"), (1, "fail"), (1, "maybe"), (1, ""), (2, "none"), (2, "fail"), (2, "passed"), (3, "none"),
        ])
    func states(_ instance: Int, _ state: String) throws {
        let sealer = try Self.sealer()
        var (text, sets) = sealer.chain(Self.text, of: instance - 1)
        for number in instance...3 {
            let set = sealer.seal(text, after: sets, state: number == instance ? state : nil)
            sets.append(set)
            text = set.lines + text
            let chain = validate(text, sealer)
            #expect(chain.result == .fail && chain.reason != nil, "\(number)")
        }
    }

    @Test("Who sealed a broken chain says so, for his own set alone, and the chain stays broken")
    func sealedAsBroken() throws {
        var sealer = try Self.sealer()
        let (text, sets) = sealer.chain(Self.text, of: 2)
        sealer.sealsOwnSetAlone = true
        let last = sealer.seal(text, after: sets, state: "fail")
        let chain = validate(last.lines + text, sealer)
        #expect(chain.result == .fail && chain.reason?.contains("cv=fail") == true)
        // Nor does a good seal on top mend it.
        sealer.sealsOwnSetAlone = false
        let more = sealer.seal(last.lines + text, after: sets + [last])
        #expect(validate(more.lines + last.lines + text, sealer).result == .fail)
    }

    @Test(
        "Instances that are none break the chain",
        arguments: ["0", "51", "-1", "x", "1.0", "0x1", "+1", "1e0", "", "1 2"])
    func instances(_ instance: String) throws {
        let sealer = try Self.sealer()
        let set = sealer.seal(Self.text, after: [], instance: instance)
        #expect(validate(set.lines + Self.text, sealer).result == .fail)
        // One stray field beside a whole chain is enough.
        let good = sealer.chain(Self.text, of: 1).text
        for stray in [set.seal, set.message, set.results] {
            #expect(validate(stray + good, sealer).result == .fail, "\(stray)")
        }
    }

    @Test(
        "Tags that must not be there, or twice, break it",
        arguments: [
            (" h=from;", ""), (" bh=AAAA;", ""), (" s=a;", ""), (" ;", ""), (" _=;", ""), (" t=1 2;", ""),
            ("", " s=a;"),
            ("", " x;"), ("", " l=x;"),
        ])
    func tags(_ seal: String, _ message: String) throws {
        var sealer = try Self.sealer()
        (sealer.extraSealTags, sealer.extraMessageTags) = (seal, message)
        #expect(validate(sealer.chain(Self.text, of: 1).text, sealer).result == .fail)
    }

    @Test("A message signature signs From, and no seal")
    func signedFields() throws {
        var sealer = try Self.sealer()
        for (signed, holds) in [
            (["to", "subject"], false), (["from", "arc-seal"], false), (["from"], true), (["from", "from"], true),
            (["from", "arc-message-signature", "arc-authentication-results"], true),
        ] {
            sealer.signed = signed
            #expect(
                validate(sealer.chain(Self.text, of: 1).text, sealer).result == (holds ? .pass : .fail), "\(signed)")
        }
    }

    @Test("Any visible octet of any ARC field that becomes another letter breaks the chain")
    func everyOctet() throws {
        let sealer = try Self.sealer()
        let (text, sets) = sealer.chain(Self.text, of: 2)
        let octets = Array(text.utf8)
        let end = sets.map(\.lines.utf8.count).reduce(0, +)
        var dns = Knowledge(sealer.zone)
        for place in 0..<end where octets[place] > 32 && octets[place] != UInt8(ascii: "=") {
            // The last letters of base64 have bits that mean nothing.
            if octets[(place + 1)...].starts(with: "=".utf8), octets[place].isAlphanumeric,
                octets[(place + 1)...].prefix(3).contains(13)
            {
                continue
            }
            var changed = octets
            changed[place] = octets[place] == UInt8(ascii: "q") ? UInt8(ascii: "w") : UInt8(ascii: "q")
            let chain = ARCChain.validate(Mail.Message(parsing: changed), at: Self.now, asking: &dns)
            #expect(chain.result == .fail, "octet \(place): \(text.utf8.dropFirst(max(0, place - 20)).prefix(40).text)")
        }
    }

    // MARK: Keys

    @Test("A key that is not there, or not for this, breaks the chain; one that nobody could fetch is told apart")
    func keys() throws {
        let sealer = try Self.sealer()
        let text = sealer.chain(Self.text, of: 2).text
        let question = try #require(sealer.zone.keys.first)
        func with(_ record: String) -> ARCChain {
            let answer = Answer(
                .records, records: [Record(question.name, .txt(TXT(strings: [Array(record.utf8)])))])
            return validate(text, sealer, [question: .success(answer)])
        }
        let record = sealer.key.record
        #expect(with(record).result == .pass)
        #expect(with(record.replacing("v=DKIM1;", with: "v=DKIM1; t=s;")).result == .pass)
        for bad in [
            record.replacing("v=DKIM1;", with: "v=DKIM1; h=sha1;"),
            record.replacing("v=DKIM1;", with: "v=DKIM1; s=other;"), record.replacing("DKIM1", with: "DKIM2"),
            record.replacing("k=ed25519", with: "k=rsa"), "v=DKIM1; k=ed25519; p=",
            try #require(TestKeys.rsa?.record),
        ] {
            let chain = with(bad)
            #expect(chain.result == .fail && !chain.couldNotTell, "\(bad)")
        }
        #expect(validate(text, sealer, [question: .success(Answer(.noSuchName))]).result == .fail)
        let unanswered = validate(text, sealer, [question: .failure(Unanswered(.timedOut))])
        #expect(unanswered.result == .fail && unanswered.couldNotTell)
        #expect(unanswered.unansweredName == question.name)
    }

    @Test("A seal is not taken with rsa-sha1, nor with another algorithm than its key’s")
    func algorithms() throws {
        let sealer = try Self.sealer(TestKeys.rsa)
        let text = sealer.chain(Self.text, of: 1).text
        for other in ["rsa-sha1", "ed25519-sha256", "rsa-sha512"] {
            #expect(validate(text.replacing("a=rsa-sha256", with: "a=\(other)"), sealer).result == .fail)
        }
    }

    // MARK: Results

    @Test("What the first handler found can be read, whatever stands around it")
    func results() throws {
        var sealer = try Self.sealer()
        sealer.results =
            " (a; comment) mx.forwarder.example (v1) 1;\r\n\tdkim=pass (good) header.d=example.org;\r\n spf=fail"
        let chain = validate(sealer.chain(Self.text, of: 1).text, sealer)
        #expect(chain.result == .pass)
        let results = try #require(chain.sets.first?.results)
        #expect(results.server == "mx.forwarder.example")
        #expect(results.results.map(\.method) == ["dkim", "spf"])
        #expect(results.results.map(\.result) == ["pass", "fail"])
    }

    @Test("Mutated chains: none crashes, and none passes whose sealed fields say something else", arguments: [0, 1])
    func mutations(_ part: Int) async throws {
        let sealer = try Self.sealer()
        let (text, sets) = sealer.chain("From: a@example.org\r\n\r\nx\r\n", of: 2)
        let original = Array(text.utf8)
        let length = sets.map(\.lines.utf8.count).reduce(0, +)
        func plain(_ octets: some Sequence<UInt8>) -> [UInt8] { octets.filter { $0 > 32 }.map(\.lower) }
        let wanted = sets.flatMap { [$0.results, $0.message, $0.seal] }.map { plain($0.utf8) }
        let known = Knowledge(sealer.zone)
        var dice = Dice(UInt64(90 + part))
        var passes = 0
        for round in 0..<1_500 * Suites.hostility {
            if round.isMultiple(of: 10) { await Task.yield() }
            var head = mutated(Array(original[..<length]), with: &dice)
            // White space where there is some already changes nothing.
            if round.isMultiple(of: 10) {
                head = original[..<length].flatMap { octet in
                    octet == 32 && Bool.random(using: &dice) ? [32, 9] : [octet]
                }
            }
            let message = Mail.Message(parsing: head + original[length...])
            var dns = known
            guard ARCChain.validate(message, at: Self.now, asking: &dns).result == .pass else { continue }
            passes += 1
            let found = message.header.fields.map { plain($0.octets) }
            if !wanted.allSatisfy(found.contains) { Issue.record("\(message.octets.text)") }
        }
        #expect(passes >= 150 * Suites.hostility)
    }
}
