import Crypto
import DNS
import Testing

@testable import Mail

@Suite("Hostile and mutated signed messages")
struct DKIMHostileTests {
    private static let now = Timestamp(1_795_348_800)

    private func signer(_ key: DKIMSigningKey?) throws -> DKIMSigner {
        DKIMSigner(domain: name("example.org"), selector: "s1", key: try #require(key))
    }

    /// The key is known; whatever else a mutation makes wanted is not there.
    private func knowledge(_ signer: DKIMSigner) -> Knowledge {
        let name = name("s1._domainkey.example.org")
        let record = Record(name, .txt(TXT(strings: [Array(signer.key.record.utf8)])))
        return Knowledge([Question(name, .txt): .success(Answer(.records, records: [record]))])
    }

    @Test("Mutations by the ten thousand: none crashes, and none that changes what is signed passes")
    func mutations() async throws {
        for (count, key) in [(2_000, TestKeys.rsa), (10_000, TestKeys.ed25519)] {
            let signer = try signer(key)
            let original = try #require(signer.signed(Array(plainMessage.utf8), at: Self.now))
            var dice = Dice(UInt64(count))
            var dns = knowledge(signer)
            var passes = 0
            for turn in 0..<count {
                if turn.isMultiple(of: 20) { await Task.yield() }
                let octets = mutated(original, with: &dice)
                let message = Mail.Message(parsing: octets)
                let found = DKIMVerification.verify(message, at: Self.now, asking: &dns)
                for verification in found where verification.result == .pass {
                    passes += 1
                    #expect(
                        canonical(message) == canonical(Mail.Message(parsing: original)),
                        "\(String(decoding: octets, as: UTF8.self))")
                }
            }
            // Changes of white space, and of fields above the signature, leave it whole.
            #expect(passes > 10 && passes < count * 9 / 10, "\(passes)")
        }
    }

    /// What the signature covers, as plainly as can be said: words of the signed fields from the bottom, words of the body.
    private func canonical(_ message: Mail.Message) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        for name in Set(DKIMSigner.usuallySigned).sorted() {
            for field in message.header.all(name) { parts.append(collapsed(Array(field.rawValue), joiningLines: true)) }
        }
        var lines = message.body.split(separator: 10, omittingEmptySubsequences: false).map { line in
            collapsed(Array(line.last == 13 ? line.dropLast() : line), joiningLines: false)
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return parts + lines
    }

    private func collapsed(_ octets: [UInt8], joiningLines: Bool) -> [UInt8] {
        var result: [UInt8] = []
        for (place, octet) in octets.enumerated() {
            if joiningLines, octet == 10 || (octet == 13 && place + 1 < octets.count && octets[place + 1] == 10) {
                continue
            }
            let plain = octet == 9 ? 32 : octet
            if plain == 32, result.isEmpty ? joiningLines : result.last == 32 { continue }
            result.append(plain)
        }
        while result.last == 32 { result.removeLast() }
        return result
    }

    @Test("Any single octet of a signed field or the body that becomes another letter breaks the signature")
    func everyOctet() throws {
        let signer = try signer(TestKeys.ed25519)
        let original = try #require(signer.signed(Array(plainMessage.utf8), at: Self.now))
        var dns = knowledge(signer)
        let from = try #require(firstRange(of: "From: Alice", in: original))
        for place in from..<original.count where original[place] > 32 {
            var octets = original
            octets[place] = octets[place] == UInt8(ascii: "q") ? UInt8(ascii: "w") : UInt8(ascii: "q")
            let found = DKIMVerification.verify(Mail.Message(parsing: octets), at: Self.now, asking: &dns)
            #expect(found.allSatisfy { $0.result != .pass }, "octet \(place)")
        }
    }

    private func firstRange(of text: String, in octets: [UInt8]) -> Int? {
        let wanted = Array(text.utf8)
        return octets.indices.first { octets[$0...].starts(with: wanted) }
    }

    @Test("30,000 mutated signature fields are read without harm")
    func fields() async {
        let field =
            " v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=s1; t=1; x=2; l=3; q=dns/txt;\r\n\ti=@a.example.org; h=From:To;\r\n\tbh=AAAA; b=BBBB"
        var dice = Dice(7)
        for turn in 0..<30_000 * Suites.hostility {
            if turn.isMultiple(of: 20) { await Task.yield() }
            let octets = mutated(Array(field.utf8), with: &dice)
            let kind = [DKIMSignature.Kind.dkim, .arcMessage, .arcSeal][turn % 3]
            let signature = DKIMSignature(kind, octets)
            let columns = 1...(octets.count + 1)
            if !signature.problems.allSatisfy({ columns.contains($0.column) }) { Issue.record("\(octets)") }
            if let range = signature.signatureRange, range.upperBound > octets.count { Issue.record("\(octets)") }
        }
    }

    @Test(
        "A hundred thousand fields, a hundred signatures, a name a hundred thousand times in “h”: bounded, with a word")
    func bounds() throws {
        let signer = try signer(TestKeys.ed25519)
        let signed = try #require(signer.signed(Array(plainMessage.utf8), at: Self.now))
        var dns = knowledge(signer)
        let clock = ContinuousClock()
        let start = clock.now

        let many = Array(String(repeating: "X-A: b\r\n", count: 100_000).utf8) + signed
        let cut = DKIMVerification.verify(Mail.Message(parsing: many), at: Self.now, asking: &dns)
        #expect(cut.allSatisfy { $0.result == .neutral && $0.reason != nil && $0.signatureValid == nil })

        let field = try #require(signer.field(for: Mail.Message(parsing: Array(plainMessage.utf8)), at: Self.now))
        let hundred = Array(repeatElement(field, count: 100).joined()) + Array(plainMessage.utf8)
        let found = DKIMVerification.verify(Mail.Message(parsing: hundred), at: Self.now, asking: &dns)
        #expect(found.count == 100)
        #expect(found.prefix(DKIMVerifier.maximumSignatures).allSatisfy { $0.result == .pass })
        #expect(found.dropFirst(DKIMVerifier.maximumSignatures).allSatisfy { $0.result == .neutral })

        let names = String(repeating: "from:", count: 100_000) + "from"
        let long = Array("DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s1; h=\(names); bh=AAAA; b=AAAA\r\n".utf8)
        let tooLong = DKIMVerification.verify(
            Mail.Message(parsing: long + Array(plainMessage.utf8)), at: Self.now, asking: &dns)
        #expect(tooLong.map(\.result) == [.permerror])
        #expect(clock.now - start < .seconds(20))
    }

    @Test("Ten different lengths of a body of megabytes are hashed in one pass")
    func lengths() {
        let body = Array(repeating: UInt8(ascii: "a"), count: 3_000_000)
        let wanted = (0..<10).map {
            BodyHashes.Wanted(canonicalization: .relaxed, isSHA1: false, length: $0 * 300_000 + 7)
        }
        body.withUnsafeBufferPointer { buffer in
            let hashes = BodyHashes(
                of: buffer, for: wanted + [.init(canonicalization: .relaxed, isSHA1: false, length: nil)])
            for want in wanted {
                #expect(hashes[want] == Array(SHA256.hash(data: body.prefix(want.length ?? 0))))
            }
            let tooLong = BodyHashes.Wanted(canonicalization: .relaxed, isSHA1: false, length: body.count + 3)
            #expect(BodyHashes(of: buffer, for: [tooLong])[tooLong] == nil)
            let exact = BodyHashes.Wanted(canonicalization: .relaxed, isSHA1: false, length: body.count + 2)
            #expect(BodyHashes(of: buffer, for: [exact])[exact] == Array(SHA256.hash(data: body + [13, 10])))
        }
    }
}
