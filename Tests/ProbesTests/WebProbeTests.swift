import DNS
import Foundation
import Judgement
import Lab
import Mail
import Networking
import Testing

@testable import Probes

extension ProbesOnTheNetwork {
    /// Settings for mail programs, a logo and a mark certificate, fetched from a real server on loopback.
    @Suite("Fetching settings and logos")
    struct WebProbeTests {
        static let zone = """
            $ORIGIN example.org.
            @ MX 10 mx
            mx A 127.0.0.1
            autoconfig A 127.0.0.1
            imap A 127.0.0.1
            _dmarc TXT "v=DMARC1; p=reject"
            default._bimi TXT "v=BIMI1; l=https://www.example.org/logo.svg; a=https://www.example.org/mark.pem"
            www A 127.0.0.1
            """
        static let logo = #"""
            <svg xmlns="http://www.w3.org/2000/svg" version="1.2" baseProfile="tiny-ps" viewBox="0 0 64 64"><title>Example</title><circle cx="32" cy="32" r="30" fill="#a00"/></svg>
            """# + "\n"
        static let mark = """
            -----BEGIN CERTIFICATE-----
            MIIC5TCCAoygAwIBAgIBAjAKBggqhkjOPQQDAjASMRAwDgYDVQQDDAdNYXJrIENB
            MB4XDTI1MDEwMTAwMDAwMFoXDTQ4MDEwMTAwMDAwMFowEjEQMA4GA1UEAwwHRXhh
            bXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFwoP1ITk1Wdag7QzoHyxyzK
            TgErIVzinfyIEGpAcq9xUs1GhbIcLtBRu+V2gwH7pswIKbsCLn48mz6WTDfP5nWj
            ggHRMIIBzTATBgNVHSUEDDAKBggrBgEFBQcDHzAWBgNVHREEDzANggtleGFtcGxl
            Lm9yZzCCAVwGCCsGAQUFBwEMBIIBTjCCAUqiggFGoIIBQjCCAT4wggE6MIIBNhYN
            aW1hZ2Uvc3ZnK3htbDAxMC8wCwYJYIZIAWUDBAIBBCA1/bxsc2sBZ61pYS6CWeLf
            3MLF55I5IhRFNNuQ46mcFzCB8RaB7mRhdGE6aW1hZ2Uvc3ZnK3htbDtiYXNlNjQs
            SDRzSUFBQUFBQUFDQXlXT3dRckNNQkJFNzM3RnNwNXQxbFk4U0pKRHdidS9VTU5h
            QTJsVGt0QzBmKzlLWWVBeDhCaEc1M1dFYlFwek52Z3RaWGtvVld0dGF0ZkVOS3FX
            aUpRWUNDdW43T05zOE5xMENPOGg4eXZGanc5c3NQaDV2eXhaSE0rMWo1dEJBb0w3
            VFlKV0YxOEMyK2MyVEV0Z3JZNnFuVTh1TURpUk85bHorOEVrSUFUWkRRYlBBeEVx
            cS84SDdPa0gzRzFpUmFrQUFBQT0wHQYDVR0OBBYEFI5Dr6Y4BVgG9vyEC26Ri+l+
            +RtVMB8GA1UdIwQYMBaAFD057HzRgsrKc5mSZein93efGKU8MAoGCCqGSM49BAMC
            A0cAMEQCIHaScciaMdzdpdaLzeZQ+oPBrDhQ8wELeGnKrtWgoe5bAiBNTu/3N3Vw
            FGTleJNwb7tH9lzC2naZCQ/SW81r3G/+fw==
            -----END CERTIFICATE-----
            -----BEGIN CERTIFICATE-----
            MIIBQzCB66ADAgECAgEBMAoGCCqGSM49BAMCMBIxEDAOBgNVBAMMB01hcmsgQ0Ew
            HhcNMjUwMTAxMDAwMDAwWhcNNDkwMTAxMDAwMDAwWjASMRAwDgYDVQQDDAdNYXJr
            IENBMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8w14k1DPcvMWsg4D6lDJdcyU
            HN82JPOCcAFKbFkfgfKcow96Hlcn+F0fDv8hKyo6CZQr4R9VL5W81u2pPLmpBKMy
            MDAwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUPTnsfNGCyspzmZJl6Kf3d58Y
            pTwwCgYIKoZIzj0EAwIDRwAwRAIgQXQGiXXfRqJmA/M8qUXR68vlyD+SRQ0UGpRt
            l1kd7t4CIBFL9YBt/ML7Uu5vLC2MeO5w5JM0aq0y7Y+B3b9jpk2C
            -----END CERTIFICATE-----
            """
        static let settings = """
            <?xml version="1.0"?><clientConfig version="1.1"><emailProvider id="example.org">
            <incomingServer type="imap"><hostname>imap.example.org</hostname><port>143</port>
            <socketType>plain</socketType></incomingServer></emailProvider></clientConfig>
            """

        private func audit(_ change: @escaping @Sendable (String, String) -> String? = { _, _ in nil }) async throws
            -> Report
        {
            try await withLab { lab in
                let bench = await LabBench(lab)
                let identity = try bench.identity(["autoconfig.example.org", "www.example.org"])
                let server = try await lab.start(
                    WebServer(identity: identity) { request in
                        let path = request.split(separator: " ").dropFirst().first.map(String.init) ?? ""
                        let file: String =
                            switch path {
                            case "/logo.svg": Self.logo
                            case "/mark.pem": Self.mark
                            default: Self.settings
                            }
                        let body = Array((change(path, file) ?? file).utf8)
                        return .octets(WebServer.head("200 OK", type: nil, length: body.count) + body)
                    })
                var means = try bench.means()
                means.resolver = try Zone(Self.zone)
                means.network.connectTo = [
                    ConnectOverride(host: nil, port: 443, toAddress: server.address, toPort: server.port)
                ]
                let target = Target(name: "example.org", domain: try DomainName("example.org"))
                let seen = await examine(
                    target, with: means, plan: ExaminationPlan(services: [], transport: false),
                    by: .after(seconds: 60))
                // As a recording keeps it, so that a replay says the same.
                let kept = try JSONDecoder().decode([Observation].self, from: JSONEncoder().encode(seen))
                return judge(kept, of: target, at: means.now())
            }
        }

        @Test("A logo that is the one in its mark certificate passes, and settings in clear are found")
        func whole() async throws {
            let report = try await audit()
            for check in ["bimi.logo", "bimi.logo-profile", "bimi.mark-certificate-invalid", "bimi.logo-differs"] {
                #expect(report.passed.contains { $0.identifier == check }, "\(check)")
            }
            #expect(report.passed.contains { $0.identifier == "autoconfig.file" })
            #expect(report.findings.contains { $0.check.identifier == "autoconfig.clear-text" })
        }

        @Test("A logo that differs, and one that is none, are found") func differs() async throws {
            let other = try await audit { path, file in
                path == "/logo.svg" ? file.replacing("#a00", with: "#0a0") : nil
            }
            #expect(other.findings.contains { $0.check.identifier == "bimi.logo-differs" })
            let none = try await audit { path, _ in path == "/logo.svg" ? "<html/>" : nil }
            #expect(none.findings.contains { $0.check.identifier == "bimi.logo-profile" })
        }

        @Test("A mark certificate that is none is found") func noCertificate() async throws {
            let report = try await audit { path, _ in path == "/mark.pem" ? "hello" : nil }
            #expect(report.findings.contains { $0.check.identifier == "bimi.mark-certificate-invalid" })
        }

        // MARK: One fetch

        /// What is seen at autoconfig.example.org where a server answers so.
        private func fetch(
            seconds: Double = 60, limit: Int = 10_000, _ answer: @escaping @Sendable (String) -> WebServer.Answer
        ) async throws -> WebObservation {
            try await withLab { lab in
                let bench = await LabBench(lab)
                let identity = try bench.identity(["autoconfig.example.org", "www.example.org"])
                let server = try await lab.start(
                    WebServer(identity: identity) {
                        answer($0.split(separator: " ").dropFirst().first.map(String.init) ?? "")
                    })
                var means = try bench.means()
                means.network.connectTo = [
                    ConnectOverride(host: nil, port: 443, toAddress: server.address, toPort: server.port)
                ]
                let probe = try Self.probe(means, limit: limit)
                return try #require(await probe.observe(by: .after(seconds: seconds)))
            }
        }

        private static func probe(_ means: Means, limit: Int = 10_000) throws -> WebProbe {
            WebProbe(
                domain: try DomainName("example.org"), purpose: .autoconfig,
                place: try #require(WebPlace("https://autoconfig.example.org/a")),
                addresses: { _ in .records([.loopback]) }, means: means, limit: limit, connectLimit: 20)
        }

        private static func ok(_ body: [UInt8], _ more: String = "") -> WebServer.Answer {
            let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\(more)Content-Length: \(body.count)\r\n\r\n"
            return .octets(Array(head.utf8) + body)
        }

        private static func redirect(_ place: String) -> WebServer.Answer {
            .octets(Array("HTTP/1.1 302 Found\r\nLocation: \(place)\r\n\r\n".utf8))
        }

        @Test("Redirects are followed over HTTPS, to other hosts too", arguments: ["/b", "https://www.example.org/b"])
        func redirects(place: String) async throws {
            let seen = try await fetch { $0 == "/a" ? Self.redirect(place) : Self.ok(Array("there".utf8)) }
            #expect(seen.result == .fetched && seen.body == Array("there".utf8))
            #expect(seen.followed.count == 1 && seen.path == "/a")
        }

        @Test(
            "Redirects that go round, or out of HTTPS, end somewhere",
            arguments: ["/a?again", "http://autoconfig.example.org/a", "https://autoconfig.example.org:0/", "?x", ""])
        func endlessRedirects(place: String) async throws {
            let seen = try await fetch { _ in Self.redirect(place) }
            #expect(seen.status == 302 && seen.followed.count <= 3)
            guard case .notSeen = seen.result else {
                Issue.record("\(seen.result)")
                return
            }
        }

        @Test("A redirect to a host with a certificate for another name is told of that host")
        func redirectToWrongName() async throws {
            let seen = try await fetch { $0 == "/a" ? Self.redirect("https://evil.example/") : Self.ok([65]) }
            #expect(seen.result == .broken("the certificate of evil.example is for another name"))
        }

        @Test("An address inside the network is dialled only where that is meant")
        func inside() async throws {
            try await withLab { lab in
                let bench = await LabBench(lab)
                let means = try bench.means()
                var probe = try Self.probe(means)
                for address in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:127.0.0.1"] {
                    let address = try #require(IPAddress(address))
                    probe.addresses = { _ in .records([address]) }
                    let seen = try #require(await probe.observe(by: .after(seconds: 5)))
                    #expect(seen.tried.isEmpty && seen.failure?.cause == .notStated, "\(address)")
                }
                probe.addresses = { _ in .records([.loopback]) }
                probe.staysInside = true
                probe.place.port = 1
                let seen = try #require(await probe.observe(by: .after(seconds: 5)))
                #expect(seen.tried == [.loopback])
                // Who refuses us there need not refuse others.
                guard case .notSeen = seen.result else {
                    Issue.record("\(seen.result)")
                    return
                }
            }
        }

        @Test("What comes drop by drop, or never, ends at the deadline")
        func slow() async throws {
            for answer in [WebServer.Answer.silence, .drips(Array("HTTP/1.1 200 OK\r\n\r\nabc".utf8), seconds: 0.3)] {
                let began = ContinuousClock.now
                let seen = try await fetch(seconds: 1) { _ in answer }
                #expect(seen.failure != nil && ContinuousClock.now - began < .seconds(15))
                guard case .notSeen = seen.result else {
                    Issue.record("\(seen.result)")
                    continue
                }
            }
            let seen = try await fetch { _ in
                .endless(first: Array("HTTP/1.1 200 OK\r\n\r\n".utf8), then: Array(repeating: 65, count: 1_000))
            }
            #expect(seen.isCut && seen.body.count == 10_000)
        }

        @Test("A body that is compressed without being asked for is read, as far as it is bounded")
        func compressed() async throws {
            func gzip(_ body: [UInt8], times: Int = 1) -> [UInt8] {
                var octets: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
                for number in 1...times {
                    let (low, high) = (UInt8(body.count & 255), UInt8(body.count >> 8))
                    octets += [number == times ? 1 : 0, low, high, ~low, ~high] + body
                }
                return octets + [0, 0, 0, 0, 0, 0, 0, 0]
            }
            let small = gzip(Array("small".utf8))
            let seen = try await fetch { _ in Self.ok(small, "Content-Encoding: gzip\r\n") }
            #expect(seen.body == Array("small".utf8))
            // A block of one octet again and again: more than the limit once it is open.
            let bomb = [UInt8]([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]) + Self.zeros + [0, 0, 0, 0, 0, 0, 0, 0]
            for body in [bomb, gzip([65], times: 3_000), Array("no gzip at all, none".utf8)] {
                let seen = try await fetch { _ in Self.ok(body, "Content-Encoding: gzip\r\n") }
                #expect(seen.body.isEmpty && seen.failure?.cause == .protocolViolation)
            }
        }

        /// A deflated block (RFC 1951 §3.2.6): a zero, then its repetition, 258 octets in 13 bits.
        private static var zeros: [UInt8] {
            var bits: [UInt8] = [1, 1, 0] + [0, 0, 1, 1, 0, 0, 0, 0]
            for _ in 0..<4_000 { bits += [1, 1, 0, 0, 0, 1, 0, 1] + [0, 0, 0, 0, 0] }
            bits += [0, 0, 0, 0, 0, 0, 0]
            while !bits.count.isMultiple(of: 8) { bits.append(0) }
            return stride(from: 0, to: bits.count, by: 8).map { start in
                (0..<8).reduce(UInt8(0)) { $0 | bits[start + $1] << UInt8($1) }
            }
        }
    }
}
