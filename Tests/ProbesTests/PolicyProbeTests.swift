import DNS
import Judgement
import Lab
import Mail
import Networking
import Testing

@testable import Probes

extension ProbesOnTheNetwork {
    /// Policies of MTA-STS fetched from real servers on loopback, good and bad ones.
    @Suite("Fetching a policy")
    struct PolicyProbeTests {
        static let policy = "version: STSv1\nmode: enforce\nmx: mx.example.org\nmax_age: 604800\n"
        static let domain = (try? DomainName("example.org")) ?? .root
        static let host = (try? DomainName("mta-sts.example.org")) ?? .root

        /// What a fetch saw of a server that answers so.
        private func fetch(
            _ answer: WebServer.Answer, names: [String] = ["mta-sts.example.org"],
            validity: LabAuthority.Validity = .usual, chain: LabAuthority.Chain = .complete, limit: Double = 60
        ) async throws -> PolicyObservation {
            try await withLab { lab in
                let bench = await LabBench(lab)
                let identity = try bench.identity(names, validity: validity, chain: chain)
                let server = try await lab.start(WebServer(identity: identity) { _ in answer })
                return await probe(server, try bench.means(), limit: limit)
            }
        }

        private func probe(_ server: TransportAddress, _ means: Means, limit: Double = 60) async -> PolicyObservation {
            var means = means
            means.network.connectTo = [
                ConnectOverride(host: nil, port: 443, toAddress: server.address, toPort: server.port)
            ]
            var probe = PolicyProbe(domain: Self.domain, host: Self.host, addresses: [.loopback], means: means)
            probe.limit = limit
            return await probe.observe(by: .after(seconds: limit))
        }

        private static func ok(_ rest: String, _ body: String) -> WebServer.Answer {
            .octets(Array(("HTTP/1.1 200 OK\r\n" + rest + "\r\n" + body).utf8))
        }

        @Test(
            "A policy comes whole, however its end is told",
            arguments: [
                "Content-Type: text/plain\r\nContent-Length: \(policy.utf8.count)\r\n|\(policy)",
                "content-type:text/plain\r\n|\(policy)",
                "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n|1E;x=y\r\n\(policy.prefix(30))\r\n\(String(policy.utf8.count - 30, radix: 16))\r\n\(policy.dropFirst(30))\r\n0\r\n\r\n",
                "Content-Type: text/plain\r\nTransfer-Encoding: Chunked\r\nContent-Length: 3\r\n|\(String(policy.utf8.count, radix: 16))\r\n\(policy)\r\n0\r\nTrailer: x\r\n\r\n",
                "Content-Type: text/plain\r\nContent-Length: \(policy.utf8.count)\r\n|\(policy)and more that nobody asked for",
                "Content-Type: text/plain\r\nX-Folded: a\r\n b\r\nContent-Length: \(policy.utf8.count), \(policy.utf8.count)\r\n|\(policy)",
            ])
        func whole(answer: String) async throws {
            let bar = try #require(answer.firstIndex(of: "|"))
            let seen = try await fetch(Self.ok(String(answer[..<bar]), String(answer[answer.index(after: bar)...])))
            #expect(seen.failure == nil)
            #expect(seen.status == 200)
            #expect(seen.contentType == "text/plain")
            #expect(String(decoding: seen.body, as: UTF8.self) == Self.policy)
            #expect(!seen.isCut)
            #expect(seen.tls?.trusted == true)
            #expect(seen.tls?.nameMatches == true)
            #expect(MTASTSPolicy(seen.body).isValid)
        }

        @Test("A redirect is told and not followed; other answers are told", arguments: [301, 302, 307, 404, 500, 204])
        func notOK(status: Int) async throws {
            let seen = try await fetch(
                .octets(
                    Array("HTTP/1.1 \(status) Reason\r\nLocation: https://www.example.org/\r\n\r\n\(Self.policy)".utf8))
            )
            #expect(seen.failure == nil)
            #expect(seen.status == status)
            #expect(seen.location == "https://www.example.org/")
            #expect(seen.body.isEmpty)
        }

        @Test("An interim answer comes before the real one")
        func interim() async throws {
            let seen = try await fetch(
                .octets(
                    Array("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".utf8)
                        + WebServer.head("200 OK", length: Self.policy.utf8.count) + Array(Self.policy.utf8)))
            #expect(seen.status == 200)
            #expect(seen.body.count == Self.policy.utf8.count)
        }

        @Test("What is longer than 64 KiB is cut there", arguments: [true, false])
        func tooLong(saysHowLong: Bool) async throws {
            let body = Array(repeating: UInt8(ascii: "x"), count: 70_000)
            let seen = try await fetch(
                .octets(WebServer.head("200 OK", length: saysHowLong ? body.count : nil) + body))
            #expect(seen.failure == nil)
            #expect(seen.isCut)
            #expect(seen.body.count == MTASTSPolicy.maximumLength)
        }

        @Test(
            "What is no answer of HTTP is told as such",
            arguments: [
                "220 mx.example.org ESMTP\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n",
                "HTTP/1.1 999 x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n", "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n",
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nxx",
            ])
        func noHTTP(answer: String) async throws {
            let seen = try await fetch(.octets(Array(answer.utf8)))
            #expect(seen.failure?.cause == .protocolViolation, "\(seen)")
        }

        @Test(
            "An answer that breaks off is no policy",
            arguments: [
                "", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Type: text",
                "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nversion: STSv1\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nversion: STSv1\n",
            ])
        func broken(answer: String) async throws {
            let seen = try await fetch(.octets(Array(answer.utf8)))
            #expect(seen.failure != nil)
            #expect(seen.body.isEmpty)
        }

        @Test("The fetch ends whatever the server does")
        func endless() async throws {
            let head = Array("HTTP/1.1 200 OK\r\n".utf8)
            let answers: [(WebServer.Answer, Failure.Cause)] = [
                (.endless(first: head, then: Array("X-Header: again\r\n".utf8)), .protocolViolation),
                (.endless(first: head, then: Array(repeating: 97, count: 4_096)), .protocolViolation),
                (.endless(first: [], then: Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)), .protocolViolation),
                (.drips(head + Array(Self.policy.utf8), seconds: 0.5), .timeout),
                (.silence, .timeout),
            ]
            for (answer, cause) in answers {
                let began = ContinuousClock.now
                // Only what never ends by itself needs the limit.
                let seen = try await fetch(answer, limit: cause == .timeout ? 3 : 60)
                #expect(seen.failure?.cause == cause, "\(answer): \(String(describing: seen.failure))")
                #expect(ContinuousClock.now - began < .seconds(100))
            }
        }

        @Test(
            "An endless body is cut",
            arguments: [
                ("", "\n\n\n\n"), ("Transfer-Encoding: chunked\r\n", "0F;ext\r\nfifteen octets\n\r\n"),
            ])
        func endlessBody(field: String, piece: String) async throws {
            let head = Array("HTTP/1.1 200 OK\r\n\(field)\r\n".utf8)
            let seen = try await fetch(
                .endless(first: head, then: Array(String(repeating: piece, count: 1_000).utf8)))
            #expect(seen.isCut)
            #expect(seen.body.count == MTASTSPolicy.maximumLength)
        }

        @Test("The server's certificate is told, and the policy read all the same")
        func certificates() async throws {
            let answer = Self.ok("Content-Type: text/plain\r\n", Self.policy)
            let expired = try await fetch(answer, validity: .expired(daysAgo: 3))
            #expect(expired.tls?.chain.first.map { $0.notAfter < expired.at } == true)
            let other = try await fetch(answer, names: ["www.example.org"])
            #expect(other.tls?.nameMatches == false)
            let own = try await fetch(answer, chain: .selfSigned)
            #expect(own.tls?.trusted == false)
            let wildcard = try await fetch(answer, names: ["*.example.org"])
            #expect(wildcard.tls?.nameMatches == true)
            for seen in [expired, other, own, wildcard] { #expect(!seen.body.isEmpty) }
        }

        @Test("A closed port is a refusal, and the next address is tried")
        func refused() async throws {
            try await withLab { lab in
                let bench = await LabBench(lab)
                let closed = try await lab.closedPort()
                let seen = await probe(closed, try bench.means())
                #expect(seen.failure?.cause == .connectRefused)
                #expect(seen.tls == nil)
                let server = try await lab.start(
                    WebServer(
                        identity: try bench.identity(["mta-sts.example.org"]), path: PolicyProbe.path, file: Self.policy
                    ))
                var means = try bench.means()
                means.network.connectTo = [
                    ConnectOverride(host: nil, port: 443, toAddress: nil, toPort: server.port)
                ]
                let nobody = IPAddress.v4(IPv4Address(127, 0, 0, 77))
                let probe = PolicyProbe(
                    domain: Self.domain, host: Self.host, addresses: [nobody, .loopback], means: means)
                let second = await probe.observe(by: .after(seconds: 60))
                #expect(second.tried == [nobody, .loopback])
                #expect(second.status == 200)
                #expect(String(decoding: second.body, as: UTF8.self) == Self.policy)
            }
        }
    }
}
