import CryptoExtras
import DNS
import Foundation
import Testing

@testable import Mail

/// Programs of others that sign and verify.
private enum Peer {
    static func path(_ name: String) -> String? {
        ["/usr/sbin/", "/usr/bin/"].map { $0 + name }.first(where: FileManager.default.isExecutableFile)
    }

    static let hasOpenDKIM = path("opendkim") != nil
    /// With what it needs for Ed25519 (Debian: python3-dkim, python3-nacl).
    static let hasDKIMPy =
        path("dkimverify") != nil && path("python3") != nil
        && FileManager.default.fileExists(atPath: "/usr/lib/python3/dist-packages/nacl")

    /// What it writes to standard output.
    static func run(_ program: String, _ arguments: [String], in folder: URL) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: try #require(path(program)))
        process.arguments = arguments
        let output = folder.appending(path: "output-\(UInt32.random(in: .min ... .max))")
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        process.standardOutput = FileHandle(forWritingAtPath: output.path)
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return String(decoding: try Data(contentsOf: output), as: UTF8.self)
    }

    /// A folder for the work of a test.
    static func within<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mailsonde-dkim-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }
}

@Suite("Others' signatures hold here, and ours there")
struct DKIMPeersTests {
    private static let now = Timestamp(Date().timeIntervalSince1970)

    /// Messages with what tends to go wrong: folds, doubled fields, white space, empty lines, no body at all.
    private static let messages: [String] = [
        plainMessage,
        "From: a@example.org\r\nSubject: no body\r\n\r\n",
        "From: a@example.org\r\nSubject: empty lines\r\n\r\n\r\n\r\n\r\n",
        "From: a@example.org\r\nTo: x@example.net\r\nTo: y@example.net\r\nSubject:\r\n\r\n \t \r\na  b\t\tc  \r\n\r\n",
        "From: a@example.org\r\nSubject: \u{e9}\r\n\t folded  twice\r\n  here\r\n\r\n\u{e9}\u{e9}  \u{e9}\r\n.\r\n..\r\n",
        "From: a@example.org\r\nSubject: long\r\n\r\n"
            + String(repeating: "all work and no play \t makes  dull\r\n", count: 900),
    ]

    private static let canonicalizations: [DKIMSignature.Canonicalization] = [.simple, .relaxed]

    private func verified(_ octets: [UInt8], _ signer: DKIMSigner) -> [DKIMVerification] {
        let name = name("s1._domainkey.example.org")
        let record = Record(name, .txt(TXT(strings: [Array(signer.key.record.utf8)])))
        var dns = Knowledge([Question(name, .txt): .success(Answer(.records, records: [record]))])
        return DKIMVerification.verify(Mail.Message(parsing: octets), at: Self.now + 60, asking: &dns)
    }

    private func signers(_ key: DKIMSigningKey) -> [DKIMSigner] {
        Self.canonicalizations.flatMap { header in
            Self.canonicalizations.map { body in
                DKIMSigner(domain: name("example.org"), selector: "s1", key: key, headers: header, body: body)
            }
        }
    }

    @Test("OpenDKIM verifies ours", .enabled(if: Peer.hasOpenDKIM, "OpenDKIM is not installed"))
    func openDKIMVerifies() throws {
        try Peer.within { folder in
            let key = try #require(TestKeys.rsa2048)
            let conf = folder.appending(path: "conf").path, keys = folder.appending(path: "keys").path
            try "Mode v\nTestPublicKeys \(keys)\n".write(toFile: conf, atomically: true, encoding: .utf8)
            try "s1._domainkey.example.org \(key.record)\n".write(toFile: keys, atomically: true, encoding: .utf8)
            for signer in signers(key) {
                let form = "\(signer.headerCanonicalization.rawValue)/"
                for (place, text) in Self.messages.enumerated() where Self.survivesMilter(place, form) {
                    let signed = try #require(signer.signed(Array(text.utf8), at: Self.now))
                    let file = folder.appending(path: "message")
                    try Data(signed).write(to: file)
                    let said = try Peer.run("opendkim", ["-x", conf, "-t", file.path, "-v", "-v"], in: folder)
                    #expect(said.contains("dkim=pass"), "message \(place): \(said)")
                }
            }
        }
    }

    @Test("OpenDKIM's hold here", .enabled(if: Peer.hasOpenDKIM, "OpenDKIM is not installed"))
    func openDKIMSigns() throws {
        try Peer.within { folder in
            let rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
            let signer = DKIMSigner(
                domain: name("example.org"), selector: "s1", key: try DKIMSigningKey(rsa.pemRepresentation))
            let key = folder.appending(path: "key").path, conf = folder.appending(path: "conf").path
            try rsa.pemRepresentation.write(toFile: key, atomically: true, encoding: .utf8)
            for form in ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"] {
                try """
                Mode s
                Domain example.org
                Selector s1
                KeyFile \(key)
                RequireSafeKeys no
                Canonicalization \(form)
                OversignHeaders From

                """.write(toFile: conf, atomically: true, encoding: .utf8)
                for (place, text) in Self.messages.enumerated() where Self.survivesMilter(place, form) {
                    let file = folder.appending(path: "message").path
                    try Data(text.utf8).write(to: URL(filePath: file))
                    let said = try Peer.run("opendkim", ["-x", conf, "-t", file, "-v", "-v"], in: folder)
                    // ### INSHEADER: idx=0 hname='DKIM-Signature' hvalue='v=1; …'
                    let start = try #require(said.range(of: "hname='DKIM-Signature' hvalue='"), "\(said)")
                    let value = said[start.upperBound...].prefix { $0 != "'" }
                    let found = verified(Array("DKIM-Signature: \(value)\r\n\(text)".utf8), signer)
                    #expect(found.map(\.result) == [.pass], "message \(place) \(form): \(found.map(\.reason)) \(said)")
                }
            }
        }
    }

    /// OpenDKIM's test mode reads a header as milters get it: white space at the ends of fields is gone, so that a
    /// “simple” header with such is another (dkimpy's signatures fail there alike).
    private static func survivesMilter(_ place: Int, _ form: String) -> Bool {
        form.hasPrefix("relaxed") || ![0, 3].contains(place)
    }

    /// Verifies each `*.eml` of a folder by the record in `record`, or signs it with the key in `key`.
    private static let script = """
        import dkim, glob, sys
        folder, what = sys.argv[1], sys.argv[2]
        record = open(folder + "/record", "rb").read()
        for path in sorted(glob.glob(folder + "/*.eml")):
            message = open(path, "rb").read()
            if what == "verify":
                print(path.split("/")[-1], dkim.verify(message, dnsfunc=lambda name, timeout=5: record))
            else:
                key = open(folder + "/key", "rb").read().strip()
                algorithm = sys.argv[3].encode()
                for header in (b"simple", b"relaxed"):
                    for body in (b"simple", b"relaxed"):
                        field = dkim.sign(message, b"s1", b"example.org", key, canonicalize=(header, body),
                                          signature_algorithm=algorithm)
                        name = "%s.%s.%s.signed" % (path, header.decode(), body.decode())
                        open(name, "wb").write(field + message)
        """

    @Test("dkimpy verifies ours", .enabled(if: Peer.hasDKIMPy, "dkimpy is not installed"))
    func dkimpyVerifies() throws {
        for key in [TestKeys.rsa2048, TestKeys.ed25519] {
            try Peer.within { folder in
                let key = try #require(key)
                try Data(key.record.utf8).write(to: folder.appending(path: "record"))
                var count = 0
                for signer in signers(key) {
                    for text in Self.messages {
                        let signed = try #require(signer.signed(Array(text.utf8), at: Self.now))
                        try Data(signed).write(to: folder.appending(path: "\(count).eml"))
                        count += 1
                    }
                }
                let said = try Peer.run("python3", ["-c", Self.script, folder.path, "verify"], in: folder)
                let lines = said.split(whereSeparator: \.isNewline)
                #expect(lines.count == count && lines.allSatisfy { $0.hasSuffix("True") }, "\(said)")
            }
        }
    }

    @Test(
        "dkimpy's hold here", .enabled(if: Peer.hasDKIMPy, "dkimpy is not installed"),
        arguments: ["rsa-sha256", "ed25519-sha256"])
    func dkimpySigns(_ algorithm: String) throws {
        try Peer.within { folder in
            let rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
            let seed = Base64.encode((0..<32).map { _ in UInt8.random(in: 0...255) })
            let text = algorithm == "rsa-sha256" ? rsa.pemRepresentation : seed
            let signer = DKIMSigner(domain: name("example.org"), selector: "s1", key: try DKIMSigningKey(text))
            try Data(text.utf8).write(to: folder.appending(path: "key"))
            try Data(signer.key.record.utf8).write(to: folder.appending(path: "record"))
            for (place, message) in Self.messages.enumerated() {
                try Data(message.utf8).write(to: folder.appending(path: "\(place).eml"))
            }
            _ = try Peer.run("python3", ["-c", Self.script, folder.path, "sign", algorithm], in: folder)
            let signed = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
                $0.hasSuffix(".signed")
            }
            #expect(signed.count == Self.messages.count * 4)
            for file in signed {
                let found = verified(Array(try Data(contentsOf: folder.appending(path: file))), signer)
                #expect(found.map(\.result) == [.pass], "\(file): \(found.map(\.reason))")
            }
        }
    }
}
