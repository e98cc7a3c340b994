import DNS
import Foundation
import Judgement
import Mail
import Networking
import Probes
import TLS
import Testing

@Suite("Asking what a server accepts, over sockets", .serialized)
struct TLSSurveyProbeTests {
    private func survey(
        _ port: UInt16, service: Service = .imaps, depth: Survey.Depth = .brief, questionTimeout: Double = 0.3
    ) async throws -> Survey {
        let means = Means(
            resolver: OfflineResolver(), network: Network(), roots: .none(because: "none"), now: { Timestamp(0) },
            ehloName: .loopback)
        let endpoint = Endpoint(
            host: try DomainName("mx.example.org"), address: .v4(IPv4Address(0x7F00_0001)), port: port)
        let probe = TLSSurveyProbe(
            endpoint: endpoint, service: service, means: means, depth: depth,
            pace: .init(pause: 0, mostPerMinute: 10_000, questionTimeout: questionTimeout))
        return await probe.survey(by: .after(seconds: 20))
    }

    /// A whole answer of TLS 1.2, with a chain of two certificates.
    static let answer: [UInt8] = {
        let hello: [UInt8] = [3, 3] + Array(repeating: 7, count: 32) + [0, 0xC0, 0x2F, 0, 0, 0]
        let chain: [UInt8] = [0, 0, 9, 0, 0, 3, 1, 2, 3, 0, 0, 0]
        let key: [UInt8] = [3, 0, 0x1D, 2, 4, 4, 4, 1, 0, 1, 9]
        func message(_ kind: UInt8, _ body: [UInt8]) -> [UInt8] {
            [kind, 0, UInt8(body.count >> 8), UInt8(body.count & 255)] + body
        }
        let all = message(2, hello) + message(11, Array(chain[..<9])) + message(12, key) + message(14, [])
        return [22, 3, 3, UInt8(all.count >> 8), UInt8(all.count & 255)] + all
    }()

    @Test("A server that closes at each octet of its answer neither stops us nor makes us say what we did not see")
    func closing() async throws {
        for count in 0...Self.answer.count {
            let peer = try HostilePeer(answer: Array(Self.answer.prefix(count)))
            let seen = try await survey(peer.port)
            peer.stop()
            #expect(seen.log.count <= seen.limit)
            #expect(seen.accepts(.tls13) != true, "\(count) octets")
            #expect(seen.suites(of: .tls12).allSatisfy { $0.rawValue == 0xC02F })
        }
    }

    @Test("Hundreds of servers that send garbage end the survey in time")
    func garbage() async throws {
        var generator = SystemRandomNumberGenerator()
        for round in 0..<200 {
            var octets = (0..<Int.random(in: 1...300, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            // Half of them look like TLS at first.
            if round % 2 == 0 { octets = [22, 3, UInt8(round % 5)] + octets }
            if round % 4 == 0 { octets = Array(Self.answer.prefix(Int.random(in: 5...60, using: &generator))) + octets }
            let peer = try HostilePeer(answer: octets)
            let began = ContinuousClock.now
            let seen = try await survey(peer.port)
            peer.stop()
            #expect(ContinuousClock.now - began < .seconds(10), "round \(round)")
            #expect(seen.log.count <= seen.limit, "round \(round)")
        }
    }

    @Test("Endless fragments, lists of sixteen megabytes and silence are left behind")
    func endless() async throws {
        let fragment: [UInt8] = [22, 3, 3, 0, 1, 2]
        let long: [UInt8] = [22, 3, 3, 0x40, 0, 11, 0xFF, 0xFF, 0xFF] + Array(repeating: 0, count: 16_380)
        let flood = Array(repeatElement(fragment, count: 100_000).joined())
        for (answer, holds) in [(flood, false), (long, true), ([], true), (Array(Self.answer.prefix(30)), true)] {
            let peer = try HostilePeer(answer: answer, holds: holds)
            let began = ContinuousClock.now
            let seen = try await survey(peer.port)
            peer.stop()
            #expect(ContinuousClock.now - began < .seconds(15))
            #expect(!seen.isComplete || seen.acceptsWeakSuites != true)
            #expect(ProtocolVersion.all.allSatisfy { seen.accepts($0) != true })
        }
    }

    @Test("Where STARTTLS is not to be had, nothing is asked and the reason is told")
    func noSTARTTLS() async throws {
        for (service, greeting) in [
            (Service.smtp, "421 4.7.0 busy\r\n"), (.smtp, "554 no\r\n"), (.imap, "* BYE no\r\n"),
            (.pop3, "-ERR no\r\n"),
            (.smtp, "hello?\r\n"), (.imap, "* PREAUTH hi\r\n"),
        ] {
            let peer = try HostilePeer(greeting: Array(greeting.utf8), answer: nil)
            let seen = try await survey(peer.port, service: service, questionTimeout: 2)
            peer.stop()
            #expect(seen.log.isEmpty && seen.problem != nil, "\(greeting)")
            let facts = TLSAcceptance(seen)
            #expect(!facts.isComplete && facts.versions.isEmpty && facts.weakSuites == nil)
        }
    }

    @Test("A deadline that has passed leaves everything unasked")
    func deadline() async throws {
        let peer = try HostilePeer(answer: [], holds: true)
        let means = Means(
            resolver: OfflineResolver(), network: Network(), roots: .none(because: "none"), now: { Timestamp(0) })
        let endpoint = Endpoint(
            host: try DomainName("mx.example.org"), address: .v4(IPv4Address(0x7F00_0001)), port: peer.port)
        let surveys = TLSSurveys(depth: .full)
        let began = ContinuousClock.now
        // Two who ask for the same port get one answer.
        async let first = surveys.acceptance(of: endpoint, .imaps, with: means, by: .after(seconds: 1))
        async let second = surveys.acceptance(of: endpoint, .imaps, with: means, by: .after(seconds: 1))
        let answers = await [first, second]
        peer.stop()
        #expect(answers[0] == answers[1])
        #expect(answers[0].problem != nil && !answers[0].isComplete)
        #expect(ContinuousClock.now - began < .seconds(8))
    }
}
