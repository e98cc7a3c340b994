import Crypto
import DNS
import Foundation
import Mail
import Testing

/// What OpenSSL makes of the same chains and records: `openssl s_client -dane_tlsa_domain` against a server of ours on
/// loopback. Left out: usages 0 and 1, which OpenSSL knows and mail does not.
@Suite(.serialized) struct DANEPeersTests {
    private static let openssl = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// Two authorities, certificates below them, and chains to present.
    private struct Shop {
        let folder: URL

        init() throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "mailsonde-dane-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try write("ca", "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n")
            try write("leaf", "subjectAltName=DNS:mx.example.org\nextendedKeyUsage=serverAuth\n")
            try write("other", "subjectAltName=DNS:other.example.net\n")
            try write("client", "subjectAltName=DNS:mx.example.org\nextendedKeyUsage=clientAuth\n")
            try write("plain", "basicConstraints=critical,CA:false\n")
            try make("root", "rsa:2048", by: nil, "ca", "Peer Root")
            try make("inter", "ec", by: "root", "ca", "Peer Issuer")
            try make("leaf", "ec", by: "inter", "leaf", "mx.example.org")
            try make("rsa", "rsa:2048", by: "inter", "leaf", "mx.example.org")
            try make("other", "ec", by: "inter", "other", "mx.example.org")
            try make("client", "ec", by: "inter", "client", "mx.example.org")
            try make("cn", "ec", by: "inter", "plain", "mx.example.org")
            try make("ed", "ed25519", by: "root", "leaf", "mx.example.org")
            try make("noca", "ec", by: "root", "plain", "No Authority")
            try make("below", "ec", by: "noca", "leaf", "mx.example.org")
            try make("self", "ec", by: nil, "plain", "somebody else")
        }

        func write(_ name: String, _ text: String) throws {
            try Data(text.utf8).write(to: folder.appending(path: name + ".ext"))
        }

        private func make(_ name: String, _ key: String, by issuer: String?, _ ext: String, _ subject: String) throws {
            let kind = key == "ec" ? ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"] : ["-newkey", key]
            try run(
                ["req", "-new", "-nodes", "-keyout", "\(name).key", "-subj", "/CN=\(subject)", "-out", "\(name).csr"]
                    + kind)
            let signer =
                issuer.map { ["-CA", "\($0).pem", "-CAkey", "\($0).key", "-CAcreateserial"] } ?? [
                    "-signkey", "\(name).key",
                ]
            try run(
                ["x509", "-req", "-in", "\(name).csr", "-days", "30", "-extfile", "\(ext).ext", "-out", "\(name).pem"]
                    + signer)
            try run(["x509", "-in", "\(name).pem", "-outform", "der", "-out", "\(name).der"])
        }

        @discardableResult
        func run(_ arguments: [String], input: String = "") throws -> String {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: DANEPeersTests.openssl ?? "")
            process.arguments = arguments
            process.currentDirectoryURL = folder
            let output = Pipe(), given = Pipe()
            process.standardOutput = output
            process.standardError = output
            process.standardInput = given
            try process.run()
            try given.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try given.fileHandleForWriting.close()
            let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            process.waitUntilExit()
            return text
        }

        func der(_ name: String) throws -> [UInt8] {
            Array(try Data(contentsOf: folder.appending(path: name + ".der")))
        }

        /// Runs a server that presents these certificates.
        func serving<R>(_ names: [String], _ body: (Int) throws -> R) throws -> R {
            let chain = try names.dropFirst().map {
                String(decoding: try Data(contentsOf: folder.appending(path: $0 + ".pem")), as: UTF8.self)
            }.joined()
            try Data(chain.utf8).write(to: folder.appending(path: "chain.pem"))
            let process = Process()
            process.executableURL = URL(fileURLWithPath: DANEPeersTests.openssl ?? "")
            process.arguments =
                [
                    "s_server", "-accept", "127.0.0.1:0", "-cert", "\(names[0]).pem", "-key", "\(names[0]).key",
                ]
                + (names.count > 1 ? ["-cert_chain", "chain.pem"] : [])
            process.currentDirectoryURL = folder
            // A file and no pipe, which nobody would empty: the server tells much of each connection.
            let log = folder.appending(path: "server.log")
            try Data().write(to: log)
            process.standardOutput = try FileHandle(forWritingTo: log)
            process.standardError = FileHandle.nullDevice
            process.standardInput = Pipe()
            try process.run()
            defer {
                // Threads that run tests block signals, and a child inherits that: SIGTERM would not be heard.
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
            }
            // "ACCEPT 127.0.0.1:40123"
            var port: Int?
            for _ in 0..<600 where port == nil {
                Thread.sleep(forTimeInterval: 0.05)
                let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
                port = lines.first { $0.hasPrefix("ACCEPT") }?.split(separator: ":").last.flatMap { Int($0) }
            }
            return try body(try #require(port))
        }
    }

    @Test(.enabled(if: openssl != nil)) func `OpenSSL comes to the same verdicts`() async throws {
        let shop = try Shop()
        defer { try? FileManager.default.removeItem(at: shop.folder) }
        let host = try DomainName("mx.example.org")
        let now = Timestamp(Date().timeIntervalSince1970)
        let chains = [
            ["leaf", "inter"], ["leaf", "inter", "root"], ["leaf"], ["rsa", "inter"], ["other", "inter"],
            ["client", "inter"], ["cn", "inter"], ["ed", "root"], ["below", "noca", "root"], ["self"],
            ["leaf", "root", "inter"],
        ]
        let anchors: [(UInt8, UInt8, String)] = [
            (1, 1, "inter"), (0, 2, "root"), (1, 1, "noca"), (0, 1, "leaf"), (1, 1, "self"), (0, 0, "root"),
            (1, 0, "root"), (0, 0, "inter"), (1, 0, "inter"),
        ]
        let forms: [(UInt8, UInt8)] = [(0, 1), (1, 1), (1, 2), (0, 0), (1, 0)]
        var compared = 0
        for names in chains {
            let chain = try names.map(shop.der)
            var sets: [[TLSA]] = []
            for (selector, type) in forms { sets.append([DANEVerificationTests.tlsa(3, selector, type, of: chain[0])]) }
            for (selector, type, anchor) in anchors {
                sets.append([DANEVerificationTests.tlsa(2, selector, type, of: try shop.der(anchor))])
            }
            sets.append([DANEVerificationTests.strange])
            sets.append([DANEVerificationTests.strange, DANEVerificationTests.tlsa(3, 1, 1, of: chain[0])])
            sets.append([
                DANEVerificationTests.tlsa(3, 1, 1, of: chain[0]),
                DANEVerificationTests.tlsa(3, 1, 2, of: try shop.der("root")),
            ])
            try shop.serving(names) { port in
                for records in sets {
                    let theirs = try shop.run(
                        [
                            "s_client", "-connect", "127.0.0.1:\(port)", "-dane_tlsa_domain", "mx.example.org",
                            "-servername", "mx.example.org", "-brief",
                            // RFC 7672 §3.1.1: with usage 3 names say nothing.
                            "-dane_ee_no_namechecks",
                        ] + records.flatMap { ["-dane_tlsa_rrdata", $0.brief(digits: 10_000)] })
                    let ours = DANEVerification(records, chain: chain, names: [host], at: now)
                    let isTheirs = theirs.contains("Verification: OK")
                    let isOurs = ours.result == .verified
                    #expect(
                        isOurs == isTheirs,
                        "\(names) \(records.map { $0.brief() }): \(ours.result), OpenSSL: \(theirs.prefix(400))")
                    compared += 1
                }
            }
            await Task.yield()
        }
        #expect(compared == chains.count * (forms.count + anchors.count + 3))
    }
}
