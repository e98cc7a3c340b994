import Foundation
import Testing

/// `tls probe` against `openssl s_server` in odd set-ups, each on a free port of loopback, and beside `sslscan`.
@Suite(
    "tls probe", .serialized,
    .enabled(if: Tool.missing(of: ["openssl"]).isEmpty, "needs openssl; Tests/run installs it"))
struct TLSProbeTests {
    /// A server, and what is to be seen of it.
    struct Case: Sendable {
        var title: String
        var shows = "rsa"
        var chain: String? = "intermediate.pem"
        var arguments: [String] = []
        /// Paths into the JSON object, `accepts.versions.TLSv1`, with their values.
        var facts: [String: any Sendable & Equatable] = [:]
        var finds: Set<String> = []
        var doesNotFind: Set<String> = []
        var depth = "weak"
    }

    static let anything = "ALL:eNULL:@SECLEVEL=0"

    static let cases: [Case] = [
        Case(
            title: "a usual server",
            facts: [
                "protocol": "TLSv1.3", "trusted": true, "name_ok": true, "expired": false, "chain_order": "in_order",
                "confirmed": true, "accepts.complete": true, "accepts.versions.TLSv1.3": true,
                "accepts.versions.TLSv1.2": true, "accepts.versions.SSLv3": false, "accepts.secure_renegotiation": true,
                "accepts.extended_master_secret": true, "accepts.compression": false, "accepts.without_sni": "same",
                "accepts.weak_key_exchange_hash": false,
            ],
            doesNotFind: ["tls.ssl-accepted", "tls.weak-suites", "tls.compression", "tls.chain-order", "tls.weak-key"]),
        Case(
            title: "TLS 1.2 alone", arguments: ["-tls1_2"],
            facts: [
                "protocol": "TLSv1.2", "accepts.versions.TLSv1.3": false, "accepts.versions.TLSv1.2": true,
                "accepts.versions.TLSv1.1": false, "accepts.versions.TLSv1": false, "accepts.post_quantum": false,
            ], finds: ["tls.new-versions-missing"], doesNotFind: ["tls.old-versions-accepted"]),
        Case(
            title: "TLS 1.3 alone", arguments: ["-tls1_3"],
            facts: [
                "protocol": "TLSv1.3", "accepts.versions.TLSv1.3": true, "accepts.versions.TLSv1.2": false,
                "accepts.versions.TLSv1": false, "accepts.weak_suites": false, "accepts.complete": true,
            ], finds: ["tls.new-versions-missing"], doesNotFind: ["tls.old-versions-accepted", "tls.weak-suites"]),
        Case(
            title: "TLS 1.0 alone", arguments: ["-tls1", "-cipher", anything],
            facts: [
                "protocol": "TLSv1", "accepts.versions.TLSv1": true, "accepts.versions.TLSv1.1": false,
                "accepts.versions.TLSv1.2": false,
            ], finds: ["tls.old-version", "tls.old-versions-accepted", "tls.new-versions-missing"]),
        Case(
            title: "TLS 1.0 to 1.2", arguments: ["-no_tls1_3", "-cipher", "HIGH:!aNULL:@SECLEVEL=0"],
            facts: [
                "accepts.versions.TLSv1": true, "accepts.versions.TLSv1.1": true, "accepts.versions.TLSv1.2": true,
                "accepts.weak_suites": false,
            ], finds: ["tls.old-versions-accepted", "tls.static-key-accepted"]),
        Case(
            title: "no encryption", arguments: ["-tls1_2", "-cipher", "eNULL:@SECLEVEL=0"],
            facts: [
                "tls": false, "connected": true, "accepts.versions.TLSv1.2": true, "accepts.weak_suites": true,
            ], finds: ["tls.weak-suites"]),
        Case(
            title: "anonymous suites", arguments: ["-cipher", anything], facts: ["accepts.weak_suites": true],
            finds: ["tls.weak-suites", "tls.client-order"]),
        Case(
            title: "its own order, RSA key transport alone",
            arguments: ["-tls1_2", "-serverpref", "-cipher", "AES128-SHA:AES256-SHA256:@SECLEVEL=0"],
            facts: ["accepts.server_order": true, "accepts.without_forward_secrecy": true],
            finds: ["tls.static-key-accepted", "tls.forward-secrecy"], doesNotFind: ["tls.client-order"]),
        Case(
            title: "a missing intermediate", chain: nil, facts: ["trusted": false, "trust_issue": "issuer_unknown"],
            finds: ["tls.chain-incomplete", "tls.trusted"]),
        Case(
            title: "a chain in the wrong order", chain: "backwards.pem",
            facts: ["trusted": true, "chain_order": "out_of_order"], finds: ["tls.chain-order"],
            doesNotFind: ["tls.trusted", "tls.chain-incomplete"]),
        Case(
            title: "an expired certificate", shows: "expired",
            facts: ["expired": true, "trusted": true],
            finds: ["tls.expired"], doesNotFind: ["tls.trusted"]),
        Case(
            title: "RSA 1024", shows: "small", arguments: ["-cipher", anything],
            facts: [
                "chain.0.key_bits": 1024, "trust_problem": "an RSA key of 1024 bits is too short to be judged here",
            ],
            finds: ["tls.weak-key"]),
        Case(
            title: "ECDSA on P-384", shows: "ecdsa",
            facts: [
                "chain.0.key_algorithm": "ECDSA", "chain.0.key_curve": "secp384r1", "chain.0.signature_hash": "SHA-256",
            ],
            doesNotFind: ["tls.weak-key"]),
        Case(
            title: "a signature with SHA-1", shows: "sha1", arguments: ["-cipher", anything],
            facts: ["chain.0.signature_hash": "SHA-1"], finds: ["tls.weak-signature"]),
        Case(
            title: "a Diffie-Hellman group of 1024 bits",
            arguments: ["-tls1_2", "-dhparam", "dh1024.pem", "-cipher", "ALL:@SECLEVEL=0"],
            facts: ["accepts.dh_bits": 1024], finds: ["tls.small-dh-group"]),
        Case(
            title: "one group", arguments: ["-groups", "P-384"],
            facts: ["accepts.groups": ["secp384r1"], "key_exchange": "secp384r1", "accepts.post_quantum": false],
            finds: ["tls.post-quantum"], depth: "all"),
        Case(title: "ECDSA on P-521", shows: "p521", facts: ["chain.0.key_curve": "secp521r1", "trusted": true]),
        Case(title: "Ed25519", shows: "ed25519", facts: ["chain.0.key_algorithm": "Ed25519", "trusted": true]),
        // Most senders have OpenSSL, which speaks these, and BoringSSL does not: that is no failure of the server's.
        Case(
            title: "Diffie-Hellman in finite fields alone", arguments: ["-tls1_2", "-cipher", "DHE"],
            facts: ["tls": false, "failure.cause": "tls_unsupported", "accepts.versions.TLSv1.2": true],
            doesNotFind: ["access.implicit-tls"]),
        Case(
            title: "the curve x448 alone", arguments: ["-groups", "X448"],
            facts: ["tls": false, "failure.cause": "tls_unsupported", "accepts.versions.TLSv1.3": true],
            doesNotFind: ["access.implicit-tls"]),
        Case(
            title: "a key of Ed448", shows: "ed448",
            facts: [
                "tls": false, "failure.cause": "tls_unsupported",
                "failure.summary":
                    "the server has a certificate with a key of Ed448 456, which this program does not speak",
            ], doesNotFind: ["access.implicit-tls"]),
        Case(
            title: "a key for RSA-PSS alone", shows: "rsa-pss", arguments: ["-tls1_3"],
            facts: [
                "tls": false, "failure.cause": "tls_unsupported",
                "failure.summary": "the server has a certificate of a kind which this program does not speak",
            ], doesNotFind: ["access.implicit-tls"]),
        Case(
            title: "a key on secp224r1", shows: "secp224r1", arguments: ["-cipher", "ECDHE+AESGCM"],
            facts: [
                "tls": false, "failure.cause": "tls_unsupported",
                "failure.summary":
                    "the server has a certificate with a key of ECDSA secp224r1, which this program does not speak",
            ], doesNotFind: ["access.implicit-tls"]),
        Case(
            title: "a key on secp256k1", shows: "secp256k1",
            facts: ["tls": false, "failure.cause": "tls_unsupported"], doesNotFind: ["access.implicit-tls"]),
        Case(
            title: "a key on brainpoolP256r1", shows: "brainpoolP256r1",
            facts: ["tls": false, "failure.cause": "tls_unsupported"], doesNotFind: ["access.implicit-tls"]),
        Case(
            title: "a name that the server does not go by",
            arguments: [
                "-servername", "other.example", "-servername_fatal", "-cert2", "other.pem", "-key2", "other.key",
            ],
            facts: [
                "tls": false, "failure.cause": "tls_handshake",
                "failure.summary":
                    "the server turns down the name mx.example.org (SNI, alert unrecognized_name); without a name it speaks TLS",
            ]),
        Case(
            title: "another certificate without SNI", shows: "other",
            arguments: ["-servername", "mx.example.org", "-cert2", "rsa.pem", "-key2", "rsa.key"],
            facts: ["accepts.without_sni": "other"], finds: ["tls.no-sni"]),
    ]

    @Test("What openssl s_server is set to is what is seen")
    func setups() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let certificates = try await OddCertificates(in: folder)
        for setup in Self.cases {
            let arguments = setup.arguments.map {
                $0.hasSuffix(".pem") || $0.hasSuffix(".key") ? folder.path($0) : $0
            }
            let server = try await OpenSSLServer(
                certificates, certificates.show(setup.shows, chain: setup.chain) + arguments)
            let result = try await probe(server.port, certificates.root, setup.depth)
            await server.stop()
            for (path, value) in setup.facts {
                let seen = Self.value(path, in: result.object)
                #expect("\(seen ?? "nothing")" == Self.text(value), "\(setup.title): \(path)")
            }
            let found = ReportObject(object: result.object).found
            #expect(setup.finds.subtracting(found).isEmpty, "\(setup.title): \(found.sorted())")
            #expect(setup.doesNotFind.isDisjoint(with: found), "\(setup.title): \(found.sorted())")
        }
    }

    private static func text(_ value: any Equatable) -> String {
        if let flag = value as? Bool { return flag ? "1" : "0" }
        if let list = value as? [String] { return "\(list as [Any])" }
        if let number = value as? Double, number == number.rounded() { return "\(Int(number))" }
        return "\(value)"
    }

    private static func value(_ path: String, in object: [String: Any]) -> Any? {
        var value: Any? = object
        // Versions have a dot in their names.
        for part in path.replacingOccurrences(of: "v1.", with: "v1,").split(separator: ".") {
            let key = part.replacingOccurrences(of: ",", with: ".")
            if let index = Int(key), let list = value as? [Any] {
                value = index < list.count ? list[index] : nil
            } else {
                value = (value as? [String: Any])?[key]
            }
        }
        if let number = value as? NSNumber {
            return "\(number)" == "true" ? "1" : "\(number)" == "false" ? "0" : "\(number)"
        }
        return value
    }

    private func probe(
        _ port: UInt16, _ root: String, _ depth: String
    ) async throws -> (object: [String: Any], status: Int32) {
        try await Program.object([
            "tls", "probe", "mx.example.org", "--port", "\(port)", "--protocol", "imap", "--mode", "implicit",
            "--connect-to", "::127.0.0.1:", "--ca-file", root, "--accepts", depth, "--timeout", "60",
        ])
    }

    @Test(
        "Suites one by one are those that sslscan finds",
        .enabled(if: Tool.missing(of: ["sslscan"]).isEmpty, "needs sslscan; Tests/run installs it"))
    func sslscan() async throws {
        guard let sslscan = Tool("sslscan") else { return }
        let folder = try Folder()
        defer { folder.remove() }
        let certificates = try await OddCertificates(in: folder)
        let names = try await Self.names(certificates.openssl)
        for cipher in ["ALL:eNULL:@SECLEVEL=0", "HIGH:!aNULL:!kRSA", "ECDHE+AESGCM"] {
            let server = try await OpenSSLServer(certificates, certificates.show("rsa") + ["-cipher", cipher])
            let ours = try await Program.object([
                "tls", "probe", "127.0.0.1", "--port", "\(server.port)", "--protocol", "imap", "--mode", "implicit",
                "--accepts", "all", "--fail-on", "never", "--timeout", "120",
            ])
            let theirs = try await sslscan.run(
                ["--no-colour", "--no-heartbleed", "--xml=-", "127.0.0.1:\(server.port)"])
            await server.stop()
            let accepts = ours.object["accepts"] as? [String: Any]
            let suites = Set(
                (accepts?["suites"] as? [[String: Any]] ?? []).map {
                    "\($0["version"] ?? "") \($0["name"] ?? "")"
                })
            let pattern = /<cipher [^>]*sslversion="([^"]+)"[^>]*id="0x([0-9A-F]{4})"/
            let expected = Set(
                theirs.output.matches(of: pattern).map { match in
                    "\(match.1 == "TLSv1.0" ? "TLSv1" : match.1) \(names[String(match.2)] ?? "?")"
                })
            #expect(!expected.isEmpty)
            #expect(accepts?["complete"] as? Bool == true)
            #expect(
                suites.subtracting(expected).isEmpty, "\(cipher): only ours \(suites.subtracting(expected).sorted())")
            #expect(
                expected.subtracting(suites).isEmpty, "\(cipher): only theirs \(expected.subtracting(suites).sorted())")
        }
    }

    /// IANA's names by number, `C02F`, as openssl knows them.
    static func names(_ openssl: Tool) async throws -> [String: String] {
        let list = try await openssl.run(["ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"])
        let pattern = /0x([0-9A-F]{2}),0x([0-9A-F]{2}) - (TLS_\S+)/
        return list.output.matches(of: pattern).reduce(into: [:]) { $0["\($1.1)\($1.2)"] = String($1.3) }
    }

    @Test("A server that is not there could not be told of, and wrong usage is told as such")
    func nobody() async throws {
        let (object, status) = try await probe(try Ports.free(), "/etc/ssl/certs/ca-certificates.crt", "weak")
        #expect(status == 3)
        #expect(object["connected"] as? Bool == false && object["tls"] as? Bool == false)
        #expect((object["failure"] as? [String: Any])?["cause"] as? String == "connect_refused")
        for wrong in [["mx.example.org:99999"], ["mx.example.org", "--protocol", "ftp"], [".."]] {
            #expect(try await Program.run(["tls", "probe"] + wrong + ["--offline"]).status == 64, "\(wrong)")
        }
    }
}
