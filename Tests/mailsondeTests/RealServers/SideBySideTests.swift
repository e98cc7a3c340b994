import DNS
import Foundation
import Lab
import Testing

/// What `tls probe` says of real mail servers, beside what `openssl s_client` and `sslscan` say of the same.
@Suite(
    "Real servers, seen by us and by others", .serialized,
    .enabled(
        if: getuid() == 0 && Tool.missing(of: RealWorld.needs).isEmpty,
        "needs root and \(RealWorld.needs.joined(separator: ", ")); Tests/run installs them"))
struct SideBySideTests {
    /// One port, in our words and in those of openssl and sslscan.
    private struct Place {
        var port: UInt16
        var protocolName: String
        /// nil: TLS from the first octet.
        var starttls: String?
        var isGood = true

        var ours: [String] {
            ["--port", "\(port)", "--protocol", protocolName, "--mode", starttls == nil ? "implicit" : "starttls"]
        }
    }

    private static let host = "mx.good.test"

    /// Postfix on three ports and one with an expired certificate, Dovecot on four; ends them.
    private func withServers(
        _ body: ([Place], Certificates, Folder) async throws -> Void
    ) async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let certificates = try await Certificates(in: folder)
        let (smtp, submission, submissions, old) = (
            try Ports.free(), try Ports.free(), try Ports.free(), try Ports.free()
        )
        let postfix = try Postfix(
            "postfix", in: folder, hostname: Self.host, certificate: certificates.good.both,
            listeners: [
                .init(port: smtp), .init(port: submission),
                .init(port: submissions, options: ["smtpd_tls_wrappermode=yes"]),
                .init(port: old, options: ["smtpd_tls_chain_files=\(certificates.expired.both)"]),
            ], settings: ["smtpd_client_connection_count_limit = 0", "anvil_rate_time_unit = 600s"])
        let dovecot = try await Dovecot(
            "dovecot", in: folder, on: "127.0.0.1", certificate: certificates.good.certificate,
            key: certificates.good.key, users: [:])
        try await postfix.start()
        do {
            try await dovecot.start()
            try await body(
                [
                    Place(port: smtp, protocolName: "smtp", starttls: "smtp"),
                    Place(port: submission, protocolName: "submission", starttls: "smtp"),
                    Place(port: submissions, protocolName: "submission"),
                    Place(port: old, protocolName: "smtp", starttls: "smtp", isGood: false),
                    Place(port: dovecot.imap, protocolName: "imap", starttls: "imap"),
                    Place(port: dovecot.imaps, protocolName: "imap"),
                    Place(port: dovecot.pop3, protocolName: "pop3", starttls: "pop3"),
                    Place(port: dovecot.pop3s, protocolName: "pop3"),
                ], certificates, folder)
        } catch {
            await dovecot.stop()
            await postfix.stop()
            throw error
        }
        await dovecot.stop()
        await postfix.stop()
    }

    private func probe(
        _ place: Place, _ certificates: Certificates, accepts: String
    ) async throws -> [String: Any] {
        try await Program.object(
            [
                "tls", "probe", Self.host, "--connect-to", "::127.0.0.1:", "--ca-file", certificates.authority,
                "--accepts", accepts, "--timeout", "60", "--fail-on", "never",
            ] + place.ours
        ).object
    }

    @Test("openssl s_client makes the same connection: version, suite, group, chain, trust, name, dates")
    func openssl() async throws {
        guard let openssl = Tool("openssl") else { return }
        try await withServers { places, certificates, folder in
            for place in places {
                let ours = try await probe(place, certificates, accepts: "none")
                let version = ours["protocol"] as? String ?? "", cipher = ours["cipher"] as? String ?? ""
                let group = ours["key_exchange"] as? String ?? ""
                let told = try await openssl.run(
                    [
                        "s_client", "-connect", "127.0.0.1:\(place.port)", "-servername", Self.host, "-showcerts",
                        "-CAfile", certificates.authority, "-no-CApath", "-no-CAstore", "-verify_hostname", Self.host,
                        "-groups", group == "x25519" ? "X25519" : group,
                    ] + (version == "TLSv1.3" ? ["-tls1_3", "-ciphersuites", cipher] : ["-tls1_2"])
                        + (place.starttls.map { ["-starttls", $0] } ?? []))
                let what = "port \(place.port), \(place.protocolName): \(ours)\n\(told.output)\(told.errors)"
                #expect(told.output.contains("New, \(version), Cipher is \(cipher)"), "\(what)")
                #expect(told.output.contains("Server Temp Key: \(group.uppercased())"), "\(what)")
                try await compare(ours, told.output, openssl, folder, what)
                #expect(ours["trusted"] as? Bool == true, "\(what)")
                #expect(ours["expired"] as? Bool == !place.isGood, "\(what)")
                #expect(ours["name_ok"] as? Bool == place.isGood, "\(what)")
                // 0 is in order, 10 expired, 62 the wrong name: openssl tells one of them.
                let code = told.output.firstMatch(of: /Verify return code: (\d+)/).map { String($0.1) } ?? ""
                #expect(place.isGood ? code == "0" : ["10", "62"].contains(code), "\(code) \(what)")
            }
        }
    }

    /// The certificates shown, octet by octet, and the dates of the first.
    private func compare(
        _ ours: [String: Any], _ output: String, _ openssl: Tool, _ folder: Folder, _ what: String
    ) async throws {
        let marks = output.matches(of: /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/)
        var theirs: [String] = []
        for (index, match) in marks.enumerated() {
            let file = try folder.write("shown/\(index).pem", String(match.0) + "\n")
            let read = try await openssl.run(
                ["x509", "-in", file, "-noout", "-fingerprint", "-sha256", "-enddate", "-dateopt", "iso_8601"])
            let print = read.output.firstMatch(of: /Fingerprint=([0-9A-F:]+)/).map { String($0.1) } ?? ""
            let fingerprint = print.replacingOccurrences(of: ":", with: "").lowercased()
            // Some versions of s_client show their peer's certificate once more at the end.
            if !theirs.contains(fingerprint) { theirs.append(fingerprint) }
            if index == 0 {
                let end = read.output.firstMatch(of: /notAfter=(\S+ \S+)/).map { String($0.1) } ?? ""
                let own = (ours["not_after"] as? String ?? "").replacingOccurrences(of: "T", with: " ")
                #expect(!end.isEmpty && own == end, "\(own) and \(end)")
            }
        }
        let chain = (ours["chain"] as? [[String: Any]] ?? []).compactMap { $0["fingerprint_sha256"] as? String }
        #expect(!chain.isEmpty && chain == theirs, "\(what)")
    }

    @Test(
        "What real servers accept is what sslscan finds",
        .enabled(if: Tool.missing(of: ["sslscan"]).isEmpty, "needs sslscan; Tests/run installs it"))
    func sslscan() async throws {
        guard let sslscan = Tool("sslscan"), let openssl = Tool("openssl") else { return }
        let names = try await TLSProbeTests.names(openssl), short = try await Self.shortNames(openssl)
        try await withServers { places, certificates, _ in
            for place in places where [0, 4, 5, 6].contains(places.firstIndex { $0.port == place.port } ?? 9) {
                let ours = try await probe(place, certificates, accepts: "all")
                let theirs = try await sslscan.run(
                    ["--no-colour", "--no-heartbleed", "--no-groups", "--xml=-", "--sni-name=\(Self.host)"]
                        + (place.starttls.map { ["--starttls-\($0)"] } ?? []) + ["127.0.0.1:\(place.port)"])
                let accepts = ours["accepts"] as? [String: Any]
                let suites = Set(
                    (accepts?["suites"] as? [[String: Any]] ?? []).map { "\($0["version"] ?? "") \($0["name"] ?? "")" })
                let pattern = /<cipher [^>]*sslversion="([^"]+)"[^>]*id="0x([0-9A-F]{4})"/
                let expected = Set(
                    theirs.output.matches(of: pattern).map { match in
                        "\(match.1 == "TLSv1.0" ? "TLSv1" : match.1) \(names[String(match.2)] ?? "?")"
                    })
                #expect(!expected.isEmpty, "\(theirs.output)\(theirs.errors)")
                let onlyTheirs = expected.subtracting(suites)
                // Postfix takes a hundred suites and more: we stop asking before the last, and say so.
                if accepts?["complete"] as? Bool == true {
                    #expect(onlyTheirs.isEmpty, "\(place.protocolName): only theirs \(onlyTheirs.sorted())")
                } else {
                    #expect(suites.count > 60, "\(place.protocolName): \(ours)")
                }
                // sslscan sees no TLS 1.2 at Dovecot: where we see more, openssl has the last word.
                for suite in suites.subtracting(expected) {
                    let name = suite.split(separator: " ").last.map(String.init) ?? ""
                    let told = try await openssl.run(
                        [
                            "s_client", "-connect", "127.0.0.1:\(place.port)", "-tls1_2", "-cipher",
                            "\(short[name] ?? name):@SECLEVEL=0",
                        ] + (place.starttls.map { ["-starttls", $0] } ?? []))
                    #expect(
                        suite.hasPrefix("TLSv1.2")
                            && told.output.contains("Cipher is \(short[name] ?? "?")\n"),
                        "\(place.protocolName): only ours \(suite)\n\(told.output)\(told.errors)")
                }
            }
        }
    }

    /// openssl's own names by IANA's.
    private static func shortNames(_ openssl: Tool) async throws -> [String: String] {
        let list = try await openssl.run(["ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"])
        return list.output.matches(of: /(TLS_\S+)\s+-\s+(\S+)/).reduce(into: [:]) { $0[String($1.1)] = String($1.2) }
    }

    @Test(
        "Courier: LOGIN in clear as it comes, TLS on four ports, and no false finding",
        .enabled(if: Courier.isThere, "needs Courier, unpacked; Tests/run does it"))
    func courier() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let certificates = try await Certificates(in: folder)
        let courier = try Courier(in: folder, both: certificates.good.both)
        try await Tool("chmod")?.run(["-R", "a+rX", folder.path])
        try await courier.start()
        do {
            try await look(at: courier, certificates)
        } catch {
            await courier.stop()
            throw error
        }
        await courier.stop()
    }

    private func look(at courier: Courier, _ certificates: Certificates) async throws {
        let ports = [(143, courier.imap), (993, courier.imaps), (110, courier.pop3), (995, courier.pop3s)]
        let zone = try Zone("good.test. MX 10 \(Self.host).\n\(Self.host). A 127.0.0.1")
        let text = try await withLab { lab in
            let names = try await lab.start(DNSAuthority(zone))
            let outcome = try await Program.run(
                [
                    "audit", "good.test", "--ports", "imap,imaps,pop3,pop3s", "--ca-file", certificates.authority,
                    "--timeout", "40", "--json", "--resolver", "\(names)",
                ] + ports.flatMap { ["--connect-to", "\(Self.host):\($0.0):127.0.0.1:\($0.1)"] })
            return outcome.output
        }
        let report = ReportObject(object: try object(text))
        for service in ["imap", "imaps", "pop3", "pop3s"] {
            let port = report.port(Self.host, service)
            #expect(port?["state"] as? String == "open", "\(service): \(report.ports)")
            let tls = port?["tls"] as? [String: Any]
            #expect(tls?["trusted"] as? Bool == true && tls?["name_ok"] as? Bool == true, "\(service): \(port ?? [:])")
        }
        // It takes LOGIN and USER in clear as Debian sets it up, and shows no AUTH= of its own.
        #expect(report.found.isSuperset(of: ["imap.plaintext-login"]), "\(report.found.sorted())")
        let quiet: Set = [
            "imap.reachable", "pop3.reachable", "imap.starttls", "pop3.starttls", "imap.injection", "imap.preauth",
            "tls.trusted", "tls.name", "tls.expired",
        ]
        #expect(quiet.isDisjoint(with: report.found), "\(report.found.intersection(quiet))")
        #expect(quiet.isDisjoint(with: report.unknown.keys), "\(report.unknown)")
        // Its POP3 takes what stands behind STLS for said inside TLS, up to version 1.1.4 (CVE-2021-38084).
        #expect(report.found.union(report.passed).contains("pop3.injection"), "\(report.unknown)")
    }
}
