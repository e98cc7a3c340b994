import Foundation

/// Hosts with TLSA records in a signed tree, and a Postfix that presents a chain of its own on each port.
///
/// `dane.test` is signed, `plain.test` is not, and the signatures of `bogus.test` have expired. Records stand at the
/// server's real port and at 25.
final class DANEWorld {
    enum Server: String, CaseIterable {
        /// The root's certificate too, as DANE-TA(2) wants it.
        case whole
        case withoutRoot, alone
        /// For another name.
        case other
        case expired
        /// Without STARTTLS.
        case clear
    }

    /// A TLSA record by what it is of: usage, selector, matching type, and a certificate's name, or hexadecimal digits.
    struct Record {
        var numbers: (UInt8, UInt8, UInt8)
        var of: String

        init(_ usage: UInt8, _ selector: UInt8, _ matching: UInt8, _ of: String) {
            (numbers, self.of) = ((usage, selector, matching), of)
        }
    }

    struct Host {
        var name: String
        var server: Server
        var records: [Record]
        /// Lines of `dane.test` in place of an address: `{port}` is the server's.
        var lines: String?
    }

    let folder: Folder
    let knot: Knot
    let postfix: Postfix
    /// Where Unbound, which validates, listens on port 53.
    let resolver: String
    private var unbound: Process?
    private let ports: [Server: UInt16]

    var authority: String { folder.path("root.pem") }
    var anchor: String { folder.path("tree/anchor") }

    func port(_ server: Server) -> UInt16 { ports[server] ?? 0 }

    init(in folder: Folder, _ hosts: [Host]) async throws {
        self.folder = folder
        resolver = "127.53.\(getpid() % 250 + 1).\(Int.random(in: 2...250))"
        try await Self.issueAll(in: folder)
        ports = try Dictionary(uniqueKeysWithValues: Server.allCases.map { ($0, try Ports.free()) })
        var zones = ["dane": "; signed\n", "plain": "; unsigned\n", "bogus": "; expired\n"]
        for host in hosts {
            let zone = host.name.hasSuffix(".plain") ? "plain" : host.name.hasSuffix(".bogus") ? "bogus" : "dane"
            let port = ports[host.server] ?? 0
            let full = host.name.contains(".") ? host.name + ".test." : host.name + ".dane.test."
            var text = (host.lines ?? "\(full) 300 IN A 127.0.0.1").replacing("{port}", with: "\(port)") + "\n"
            for record in host.records {
                let data = try await Self.data(record, in: folder)
                for place in [port, 25] { text += "_\(place)._tcp.\(full) 300 IN TLSA \(data)\n" }
            }
            text += "for-\(full) 300 IN MX 10 \(full)\n"
            zones[zone, default: ""] += text
        }
        zones["plain", default: ""] += "plain.test. 300 IN MX 10 server-key.dane.test.\n"
        zones["bogus", default: ""] += "bogus.test. 300 IN MX 10 server-key.dane.test.\n"
        zones["dane", default: ""] +=
            "two.dane.test. 300 IN MX 10 mismatch.dane.test.\ntwo.dane.test. 300 IN MX 20 server-key.dane.test.\n"
        for (name, text) in zones { try folder.write("tree/own/\(name)", text) }
        knot = try await SignedTree.knot(in: folder)
        let ports = ports
        postfix = try Postfix(
            "postfix", in: folder, hostname: "mx.dane.test", certificate: folder.path("whole.both"),
            listeners: Server.allCases.map { server in
                Postfix.Listener(
                    port: ports[server] ?? 0,
                    options: [
                        server == .clear
                            ? "smtpd_tls_security_level=none"
                            : "smtpd_tls_chain_files=\(folder.path("\(server.rawValue).both"))"
                    ])
            }, settings: ["smtpd_client_connection_count_limit = 0"])
    }

    func start() async throws {
        try await knot.start()
        try await postfix.start()
    }

    /// Starts the resolver, for others than us.
    func startUnbound() async throws {
        let settings = try folder.write(
            "unbound/unbound.conf",
            """
            server:
                interface: \(resolver)
                port: 53
                directory: "\(folder.path("unbound"))"
                chroot: ""
                username: ""
                pidfile: ""
                use-syslog: no
                do-daemonize: no
                do-not-query-localhost: no
                do-ip6: no
                qname-minimisation: no
                trust-anchor-file: "\(anchor)"
                local-zone: "test." nodefault
            remote-control:
                control-enable: no
            forward-zone:
                name: "."
                forward-addr: 127.0.0.1@\(knot.port)

            """)
        // glibc passes the AD bit on only where it is told to.
        try folder.write("resolv.conf", "nameserver \(resolver)\noptions trust-ad edns0\n")
        unbound = try Tool("unbound")?.start(
            ["-d", "-c", settings], output: folder.path("unbound/log"), errors: folder.path("unbound/errors"))
        try await eventually("Unbound answers\n\(folder.read("unbound/errors"))") {
            folder.read("unbound/errors").contains("start of service")
        }
    }

    func stop() async {
        await unbound?.end()
        await postfix.stop()
        await knot.stop()
    }

    // MARK: Certificates

    private static func openssl(_ arguments: [String]) async throws {
        guard let tool = Tool("openssl") else { throw TestFailure("openssl is not installed") }
        let outcome = try await tool.run(arguments)
        if outcome.status != 0 { throw TestFailure("openssl \(arguments): \(outcome.errors)") }
    }

    private static func issueAll(in folder: Folder) async throws {
        let authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
        let names = "subjectAltName=DNS:*.dane.test,DNS:mx.plain.test,DNS:mx.bogus.test\n"
        try await issue("root", by: nil, authority, in: folder)
        try await issue("inter", by: "root", authority, in: folder)
        try await issue("leaf", by: "inter", names, in: folder)
        try await issue("next", by: "inter", names, in: folder)
        try await issue("stranger", by: "inter", "subjectAltName=DNS:other.example.net\n", in: folder)
        try await issue("old", by: "inter", names, days: -1, in: folder)
        for (server, parts) in [
            (Server.whole, ["leaf", "inter", "root"]), (.withoutRoot, ["leaf", "inter"]), (.alone, ["leaf"]),
            (.other, ["stranger", "inter", "root"]), (.expired, ["old", "inter", "root"]),
        ] {
            let chain = parts.map { folder.read("\($0).pem") }.joined()
            try folder.write("\(server.rawValue).both", folder.read("\(parts[0]).key") + chain)
        }
    }

    private static func issue(
        _ name: String, by issuer: String?, _ extensions: String, days: Int = 20, in folder: Folder
    ) async throws {
        let path = folder.path(name)
        try folder.write("\(name).ext", extensions)
        try await openssl([
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "\(path).key", "-out",
            "\(path).csr", "-subj", "/CN=\(name)",
        ])
        let signer =
            issuer.map {
                ["-CA", folder.path("\($0).pem"), "-CAkey", folder.path("\($0).key"), "-CAcreateserial"]
            } ?? ["-signkey", "\(path).key"]
        try await openssl(
            [
                "x509", "-req", "-in", "\(path).csr", "-days", "\(days)", "-extfile", "\(path).ext", "-out",
                "\(path).pem",
            ]
                + signer)
        try await openssl(["x509", "-in", "\(path).pem", "-outform", "der", "-out", "\(path).0"])
        try await openssl(["x509", "-in", "\(path).pem", "-noout", "-pubkey", "-out", "\(path).pub"])
        try await openssl(["pkey", "-pubin", "-in", "\(path).pub", "-outform", "der", "-out", "\(path).1"])
    }

    private static func data(_ record: Record, in folder: Folder) async throws -> String {
        let (usage, selector, matching) = record.numbers
        var hex = record.of
        let file = folder.path("\(record.of).\(selector)")
        if let octets = FileManager.default.contents(atPath: file) {
            if matching == 0 {
                hex = octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            } else {
                let said = try await Tool("openssl")?.run(["dgst", matching == 1 ? "-sha256" : "-sha512", "-r", file])
                hex = said?.output.split(separator: " ").first.map(String.init) ?? ""
            }
        }
        return "\(usage) \(selector) \(matching) \(hex)"
    }
}
