import Foundation

/// Certificates of all kinds by the `openssl` command, good and bad, for `openssl s_server`.
struct OddCertificates {
    let openssl: Tool
    let folder: Folder

    /// PEM of the root.
    var root: String { folder.path("root.pem") }

    init(in folder: Folder) async throws {
        guard let openssl = Tool("openssl") else { throw TestFailure("openssl is not installed") }
        self.openssl = openssl
        self.folder = folder
        try await run([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder.path("root.key"), "-out", root, "-days",
            "30", "-subj", "/CN=Test Root", "-addext", "basicConstraints=critical,CA:TRUE",
        ])
        try await issue("intermediate", key: "rsa:2048", by: "root", extensions: "basicConstraints=critical,CA:TRUE")
        for (name, key) in [("rsa", "rsa:2048"), ("small", "rsa:1024"), ("other", "rsa:2048")] {
            try await issue(name, key: key)
        }
        try await issue("ecdsa", key: "ec", options: ["-pkeyopt", "ec_paramgen_curve:secp384r1"])
        try await issue("p521", key: "ec", options: ["-pkeyopt", "ec_paramgen_curve:secp521r1"])
        try await issue("ed25519", key: "ed25519")
        try await issue("ed448", key: "ed448")
        try await issue("rsa-pss", key: "rsa-pss", options: ["-pkeyopt", "rsa_keygen_bits:2048"])
        for curve in ["secp224r1", "secp256k1", "brainpoolP256r1"] {
            try await issue(curve, key: "ec", options: ["-pkeyopt", "ec_paramgen_curve:\(curve)"])
        }
        try await issue("expired", key: "rsa:2048", days: -1)
        try await issue("sha1", key: "rsa:2048", signing: ["-sha1"])
        try folder.write("backwards.pem", folder.read("root.pem") + folder.read("intermediate.pem"))
        try await run(["dhparam", "-dsaparam", "-out", folder.path("dh1024.pem"), "1024"])
    }

    private func run(_ arguments: [String]) async throws {
        let outcome = try await openssl.run(arguments)
        if outcome.status != 0 { throw TestFailure("openssl \(arguments): \(outcome.errors)") }
    }

    private func issue(
        _ name: String, key: String, by issuer: String = "intermediate", days: Int = 20, signing: [String] = [],
        options: [String] = [], extensions: String = "subjectAltName=DNS:mx.example.org"
    ) async throws {
        let request = folder.path("\(name).csr")
        try folder.write("\(name).ext", extensions)
        try await run(
            [
                "req", "-newkey", key, "-nodes", "-keyout", folder.path("\(name).key"), "-out", request, "-subj",
                "/CN=\(name)",
            ]
                + options)
        try await run(
            [
                "x509", "-req", "-in", request, "-CA", folder.path("\(issuer).pem"), "-CAkey",
                folder.path("\(issuer).key"), "-CAcreateserial", "-days", "\(days)", "-out", folder.path("\(name).pem"),
                "-extfile", folder.path("\(name).ext"),
            ] + signing)
    }

    /// What `openssl s_server` is told to show one of them, with the intermediate.
    func show(_ name: String, chain: String? = "intermediate.pem") -> [String] {
        ["-cert", folder.path("\(name).pem"), "-key", folder.path("\(name).key")]
            + (chain.map { ["-cert_chain", folder.path($0)] } ?? [])
    }
}

/// `openssl s_server` on a free port of loopback, which greets its first client as an IMAP server does.
final class OpenSSLServer {
    let port: UInt16
    private let process: Process
    private let input = Pipe()

    init(_ certificates: OddCertificates, _ arguments: [String]) async throws {
        port = try Ports.free()
        process = Process()
        process.executableURL = URL(filePath: certificates.openssl.path)
        process.arguments = ["s_server", "-accept", "127.0.0.1:\(port)", "-quiet"] + arguments
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.runUnblocked()
        try input.fileHandleForWriting.write(contentsOf: Data("* OK ready\r\n".utf8))
        let port = port
        try await eventually("openssl s_server \(arguments) listens", within: 60) { Ports.isListenedOn(port) }
    }

    func stop() async { await process.end() }
}
