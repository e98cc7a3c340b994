import Testing

@testable import Networking

@Suite struct ServerHelloTests {
    // TLS 1.3, TLS_AES_256_GCM_SHA384, x25519.
    static let modern = record(22, serverHello(suite: 0x1302, extensions: versions(0x0304) + keyShare(0x001D, 32)))
    // TLS 1.2, certificate, ECDHE over secp256r1, done.
    static let older =
        record(22, serverHello(suite: 0xC02F, extensions: [0xFF, 0x01, 0x00, 0x01, 0x00]))
        + record(22, message(11, Array(repeating: 0xAA, count: 5_000)))
        + record(22, message(12, [3, 0x00, 0x17, 65] + Array(repeating: 4, count: 65)) + message(14, []))

    @Test func `TLS 1_3 tells suite and group in the ServerHello`() {
        let hello = read(Self.modern)
        #expect(hello.version == 0x0304)
        #expect(hello.cipherSuite == 0x1302)
        #expect(hello.group == 0x001D)
        #expect(hello.isDone)
    }

    @Test func `TLS 1_2 tells the group in ServerKeyExchange`() {
        let hello = read(Self.older)
        #expect(hello.version == 0x0303)
        #expect(hello.cipherSuite == 0xC02F)
        #expect(hello.group == 0x0017)
        #expect(hello.isDone)
    }

    @Test func `RSA key transport has no group`() {
        let hello = read(
            record(22, serverHello(suite: 0x009C, extensions: []) + message(11, [0, 0, 0]) + message(14, [])))
        #expect(hello.cipherSuite == 0x009C)
        #expect(hello.group == nil)
        #expect(hello.isDone)
    }

    @Test func `a HelloRetryRequest is passed over, and the ChangeCipherSpec behind it`() {
        let retry = record(22, serverHello(random: retryRandom, suite: 0x1301, extensions: [0, 51, 0, 2, 0, 0x18]))
        let hello = read(retry + record(20, [1]) + Self.modern)
        #expect(hello.cipherSuite == 0x1302)
        #expect(hello.group == 0x001D)
        let only = read(retry)
        #expect(only.cipherSuite == nil)
        #expect(!only.isDone)
    }

    @Test(arguments: [1, 2, 3, 5, 7, 64, 1_000], [ServerHelloTests.modern, ServerHelloTests.older])
    func `it does not matter how reads cut it`(size: Int, octets: [UInt8]) {
        var hello = ServerHello()
        for start in stride(from: 0, to: octets.count, by: size) {
            hello.consume(Array(octets[start..<min(start + size, octets.count)]))
        }
        let whole = read(octets)
        #expect(hello.isDone)
        #expect(hello.version == whole.version)
        #expect(hello.cipherSuite == whole.cipherSuite && hello.cipherSuite != nil)
        #expect(hello.group == whole.group && hello.group != nil)
    }

    @Test func `a message may be cut over records`() {
        let whole = serverHello(suite: 0x1301, extensions: versions(0x0304) + keyShare(0x11EC, 1_120))
        let hello = read(
            record(22, Array(whole[..<3])) + record(22, Array(whole[3..<500])) + record(22, Array(whole[500...])))
        #expect(hello.group == 0x11EC)
    }

    @Test func `clear text is kept for the story, bounded`() {
        #expect(read(Array("220 mx ESMTP\r\n".utf8)).clearText == Array("220 mx ESMTP\r\n".utf8))
        let long = read(Array(repeating: 65, count: 10_000))
        #expect(long.clearText.count == 128)
        #expect(long.isDone)
    }

    @Test func `an alert ends the reading`() {
        let hello = read([21, 3, 3, 0, 2, 2, 40])
        #expect(hello.isDone)
        #expect(hello.cipherSuite == nil)
        #expect(hello.clearText.isEmpty)
    }

    @Test func `no mutation and no cut breaks it, or makes it keep much`() async {
        var generator = Linear(state: 7)
        for original in [Self.modern, Self.older] {
            for cut in stride(from: 0, to: original.count, by: 13) { _ = read(Array(original[..<cut])) }
            for round in 0..<2_000 {
                if round.isMultiple(of: 20) { await Task.yield() }
                var octets = original
                for _ in 0..<Int.random(in: 1...6, using: &generator) {
                    octets[Int.random(in: 0..<octets.count, using: &generator)] = .random(
                        in: 0...255, using: &generator)
                }
                let hello = read(octets)
                #expect(hello.clearText.count <= 128)
            }
        }
    }

    @Test func `names are those of IANA`() {
        #expect(cipherSuiteName(0x1301) == "TLS_AES_128_GCM_SHA256")
        #expect(cipherSuiteName(0xC02F) == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
        #expect(cipherSuiteName(0x0A0A) == "0x0A0A")
        #expect(groupName(0x001D) == "x25519")
        #expect(groupName(0x11EC) == "X25519MLKEM768")
        #expect(versionName(0x0301) == "TLSv1")
        #expect(versionName(0x0304) == "TLSv1.3")
    }
}

private func read(_ octets: [UInt8]) -> ServerHello {
    var hello = ServerHello()
    hello.consume(octets)
    return hello
}

private func short(_ number: Int) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 255)] }

private func record(_ type: UInt8, _ body: [UInt8]) -> [UInt8] { [type, 3, 3] + short(body.count) + body }

private func message(_ type: UInt8, _ body: [UInt8]) -> [UInt8] { [type, 0] + short(body.count) + body }

private func serverHello(
    random: [UInt8] = Array(repeating: 9, count: 32), suite: Int, extensions: [UInt8]
) -> [UInt8] {
    message(2, [3, 3] + random + [2, 7, 7] + short(suite) + [0] + short(extensions.count) + extensions)
}

private func versions(_ version: Int) -> [UInt8] { [0, 43, 0, 2] + short(version) }

private func keyShare(_ group: Int, _ length: Int) -> [UInt8] {
    [0, 51] + short(length + 4) + short(group) + short(length) + Array(repeating: 1, count: length)
}

/// SHA-256 of "HelloRetryRequest" (RFC 8446 §4.1.3).
private let retryRandom: [UInt8] = [
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
]

private struct Linear: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
    }
}
