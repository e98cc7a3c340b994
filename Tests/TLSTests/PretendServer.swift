@testable import TLS

/// A server's side of the first flight, without a network: answers a ClientHello by its configuration.
struct PretendServer {
    var versions: Set<ProtocolVersion> = [.tls12, .tls13]
    var suites: [CipherSuite] = []
    var groups: [NamedGroup] = [.x25519, .secp256r1]
    var prefersOwnOrder = true
    var primeBits = 2048
    var extendedMasterSecret = true
    var secureRenegotiation = true
    var compresses = false
    var heedsFallback = true
    var certificates: [[UInt8]] = [[1, 2, 3], [4, 5]]
    var certificatesWithoutName: [[UInt8]]?

    func answer(_ hello: ClientHello) -> [UInt8] {
        guard let version = versions.filter({ $0 <= hello.version }).max(), hello.version != .ssl2,
            hello.version < .tls13 || version == .tls13
        else { return Self.alert(70) }
        if heedsFallback, hello.suites.contains(.fallbackSignal), versions.contains(where: { $0 > hello.version }) {
            return Self.alert(86)
        }
        let order = prefersOwnOrder ? suites : hello.suites
        let both = order.filter { suite in
            suites.contains(suite) && hello.suites.contains(suite) && suite.isTLS13 == (version == .tls13)
                && (version >= .tls12 || !suite.needsTLS12)
        }
        let group = groups.first { hello.groups.contains($0) }
        if version == .tls13 {
            guard let suite = both.first, let group else { return Self.alert(40) }
            return Self.retry(suite, group)
        }
        let curve = groups.first { hello.groups.contains($0) && !$0.isPostQuantum }
        guard let suite = both.first(where: { !$0.isEllipticCurve || curve != nil }) else { return Self.alert(40) }
        return flight(version, suite, curve, hello)
    }

    static func alert(_ number: UInt8, level: UInt8 = 2) -> [UInt8] { [21, 3, 3, 0, 2, level, number] }

    static func record(_ messages: [UInt8], version: ProtocolVersion = .tls12) -> [UInt8] {
        var all = Octets()
        for start in stride(from: 0, to: messages.count, by: 16_000) {
            all.octet(22)
            all.short(min(version, .tls12).rawValue)
            all.vector16 { $0.raw(Array(messages[start..<min(start + 16_000, messages.count)])) }
        }
        return all.all
    }

    static func message(_ kind: UInt8, _ write: (inout Octets) -> Void) -> [UInt8] {
        var body = Octets()
        write(&body)
        var all = Octets()
        all.octet(kind)
        all.vector24(body.all)
        return all.all
    }

    static func retry(_ suite: CipherSuite, _ group: NamedGroup) -> [UInt8] {
        record(
            message(2) { hello in
                hello.short(0x0303)
                hello.raw([
                    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
                    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
                ])
                hello.vector8([])
                hello.short(suite.rawValue)
                hello.octet(0)
                hello.vector16 { all in
                    all.short(43)
                    all.vector16 { $0.short(0x0304) }
                    all.short(51)
                    all.vector16 { $0.short(group.rawValue) }
                }
            })
    }

    private func flight(
        _ version: ProtocolVersion, _ suite: CipherSuite, _ curve: NamedGroup?, _ hello: ClientHello
    ) -> [UInt8] {
        var messages = Self.message(2) { told in
            told.short(version.rawValue)
            told.raw(Array(repeating: 7, count: 32))
            told.vector8([9, 9])
            told.short(suite.rawValue)
            told.octet(compresses && hello.offersCompression ? 1 : 0)
            if version > .ssl3 {
                told.vector16 { all in
                    if secureRenegotiation {
                        all.short(0xFF01)
                        all.vector16 { $0.vector8([]) }
                    }
                    if extendedMasterSecret {
                        all.short(23)
                        all.vector16 { _ in }
                    }
                }
            }
        }
        let chain = hello.serverName == nil ? certificatesWithoutName ?? certificates : certificates
        messages += Self.message(11) { body in
            var list = Octets()
            for certificate in chain { list.vector24(certificate) }
            body.vector24(list.all)
        }
        if suite.isEllipticCurve, let curve {
            messages += Self.message(12) { body in
                body.octet(3)
                body.short(curve.rawValue)
                body.vector8(Array(repeating: 4, count: 32))
            }
        } else if suite.isFiniteField {
            messages += Self.message(12) { body in
                body.vector16 { $0.raw([0] + Array(repeating: 0xFF, count: primeBits / 8)) }
                body.vector16 { $0.raw([2]) }
            }
        }
        return Self.record(messages + Self.message(14) { _ in }, version: version)
    }
}

extension Survey {
    /// Asks `server` to the end.
    mutating func ask(_ server: PretendServer) {
        while let question = next() {
            var flight = ServerFlight()
            flight.consume(server.answer(question.hello))
            note(SurveyAnswer(flight, to: question.hello, closed: true), to: question)
        }
    }
}
