import DNS
import Foundation
import Lab
import Testing

/// What an audit says of the IMAP and POP3 of Dovecot and Cyrus, and of OpenSMTPD, beside what the same servers say to
/// a plain connection and to `openssl s_client`.
@Suite("Servers beside a scripted session", .serialized)
struct MailboxSoftwareTests {
    private static let host = "mx.good.test"
    /// Dovecot takes a client with its own address for secured, and ours is 127.0.0.1.
    private static let otherAddress = "127.0.0.9"

    /// Services with their usual ports and those that they have here, all on one address.
    private struct Ports {
        var address = "127.0.0.1"
        var all: [(service: String, usual: Int, port: UInt16)]
    }

    private func audit(
        _ ports: Ports, _ authority: String, _ more: [String] = []
    ) async throws -> ReportObject {
        let zone = try Zone("good.test. MX 10 \(Self.host).\n\(Self.host). A 127.0.0.1")
        let text = try await withLab { lab in
            let names = try await lab.start(DNSAuthority(zone))
            return try await Program.run(
                [
                    "audit", "good.test", "--ports", ports.all.map(\.service).joined(separator: ","), "--ca-file",
                    authority,
                    "--timeout", "40", "--json", "--resolver", "\(names)",
                ] + more
                    + ports.all.flatMap {
                        ["--connect-to", "\(Self.host):\($0.usual):\(ports.address):\($0.port)"]
                    }
            ).output
        }
        return ReportObject(object: try object(text))
    }

    /// Hears the greeting, says `words` in clear, line by line, and reads to the end.
    private func plainly(_ address: String, _ port: UInt16, _ words: String) async throws -> String {
        let lines = words.split(separator: "\\r\\n").map { "sleep 0.2; printf '\($0)\\r\\n' >&3; " }.joined()
        let command = "exec 3<>/dev/tcp/\(address)/\(port); IFS= read -r g <&3; printf '%s\\n' \"$g\"; \(lines)"
        return try await Tool("bash")?.run(["-c", command + "timeout 10 cat <&3"]).output ?? ""
    }

    /// The same inside TLS.
    private func inTLS(_ address: String, _ port: UInt16, _ words: String, starttls: String?) async throws -> String {
        let command =
            "(sleep 0.3; printf '\(words)') | timeout 10 openssl s_client -quiet -connect \(address):\(port)"
            + (starttls.map { " -starttls \($0)" } ?? "")
        return try await Tool("bash")?.run(["-c", command]).output ?? ""
    }

    /// The words of the last CAPABILITY line of IMAP, or the lines of the last list of POP3.
    private func capabilities(_ text: String, isIMAP: Bool) -> Set<String> {
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        if isIMAP {
            let line = lines.last { $0.hasPrefix("* CAPABILITY ") } ?? ""
            return Set(line.split(separator: " ").dropFirst(2).map(String.init))
        }
        guard let end = lines.lastIndex(of: "."), let start = lines[..<end].lastIndex(where: { $0.hasPrefix("+OK") })
        else { return [] }
        return Set(lines[(start + 1)..<end])
    }

    /// Every fact of the audit against the two sessions.
    private func compare(_ report: ReportObject, _ ports: Ports) async throws {
        for (service, _, port) in ports.all {
            let isIMAP = service.hasPrefix("imap"), isImplicit = service.hasSuffix("s")
            let seen = try #require(report.port(Self.host, service))
            let words = isIMAP ? "a CAPABILITY\\r\\nb LOGOUT\\r\\n" : "CAPA\\r\\nQUIT\\r\\n"
            let inside = try await inTLS(
                ports.address, port, words, starttls: isImplicit ? nil : isIMAP ? "imap" : "pop3")
            let theirs = capabilities(inside, isIMAP: isIMAP)
            #expect(!theirs.isEmpty && Set(seen["capabilities"] as? [String] ?? []) == theirs, "\(service): \(inside)")
            #expect(Set(seen["auth"] as? [String] ?? []) == mechanisms(theirs), "\(service)")
            let tls = seen["tls"] as? [String: Any]
            #expect(tls?["trusted"] as? Bool == true && tls?["name_ok"] as? Bool == true, "\(service): \(seen)")
            if isImplicit { continue }
            let before = try await plainly(ports.address, port, words)
            let open = capabilities(before, isIMAP: isIMAP)
            #expect(seen["starttls_offered"] as? Bool == open.contains(isIMAP ? "STARTTLS" : "STLS"), "\(before)")
            #expect(Set(seen["auth_before_tls"] as? [String] ?? []) == mechanisms(open), "\(service): \(before)")
            // What sends a password as it is, and neither CRAM nor SCRAM.
            let takesPasswords =
                isIMAP
                ? !open.contains("LOGINDISABLED")
                : open.contains("USER") || !mechanisms(open).isDisjoint(with: ["PLAIN", "LOGIN"])
            let check = isIMAP ? "imap.plaintext-login" : "pop3.plaintext-login"
            #expect(report.found.contains(check) == takesPasswords, "\(check): \(before)")
            // That of POP3 may hold a time stamp for APOP.
            let greeting = before.split(whereSeparator: \.isNewline).first.map(String.init)
            #expect(!isIMAP || seen["greeting"] as? String == greeting, "\(seen["greeting"] ?? "") \(greeting ?? "")")
        }
        let quiet: Set = [
            "imap.starttls", "imap.starttls-works", "imap.injection", "imap.preauth", "imap.starttls-again",
            "pop3.starttls", "pop3.starttls-works", "pop3.injection", "pop3.starttls-again", "tls.trusted", "tls.name",
            "tls.expired",
        ]
        #expect(quiet.isDisjoint(with: report.found), "\(report.found.intersection(quiet))")
        #expect(quiet.isDisjoint(with: report.unknown.keys), "\(report.unknown)")
    }

    private func mechanisms(_ capabilities: Set<String>) -> Set<String> {
        let imap = capabilities.filter { $0.hasPrefix("AUTH=") }.map { String($0.dropFirst(5)) }
        let pop3 = capabilities.filter { $0.hasPrefix("SASL ") }.flatMap { $0.split(separator: " ").dropFirst() }
        return Set(imap).union(pop3.map(String.init))
    }

    @Test(
        "Cyrus: CRAM and SCRAM before TLS are no passwords in clear",
        .enabled(if: Cyrus.isThere && Tool("openssl") != nil, "needs root, and Cyrus, unpacked; Tests/run does it"))
    func cyrus() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let certificates = try await Certificates(in: folder)
        let cyrus: Cyrus
        do {
            cyrus = try await Cyrus.started(
                in: folder, hostname: Self.host, certificate: certificates.good.certificate, key: certificates.good.key)
        } catch let failure as TestFailure {
            // A peer that cannot be had says nothing about us, as where it is not there at all.
            try Test.cancel("Cyrus, unpacked, does not start here: \(failure)")
        }
        do {
            let ports = Ports(all: [
                ("imap", 143, cyrus.imap), ("imaps", 993, cyrus.imaps), ("pop3", 110, cyrus.pop3),
                ("pop3s", 995, cyrus.pop3s),
            ])
            let report = try await audit(ports, certificates.authority)
            let before = report.port(Self.host, "imap")?["auth_before_tls"] as? [String] ?? []
            #expect(before.contains("CRAM-MD5") && before.contains("SCRAM-SHA-256") && !before.contains("PLAIN"))
            #expect(report.passed.isSuperset(of: ["imap.plaintext-login", "pop3.plaintext-login"]))
            try await compare(report, ports)
        } catch {
            await cyrus.stop()
            throw error
        }
        await cyrus.stop()
    }

    @Test(
        "Dovecot: LOGINDISABLED and no AUTH= before TLS, or passwords in clear where it is told to take them",
        .enabled(
            if: getuid() == 0 && Tool.missing(of: ["dovecot", "openssl"]).isEmpty,
            "needs root, dovecot and openssl; Tests/run installs them"), arguments: [false, true])
    func dovecot(inClear: Bool) async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let certificates = try await Certificates(in: folder)
        let dovecot = try await Dovecot(
            "dovecot", in: folder, on: Self.otherAddress, certificate: certificates.good.certificate,
            key: certificates.good.key, plaintextLogin: inClear, users: [:])
        do {
            try await dovecot.start()
            let ports = Ports(
                address: Self.otherAddress,
                all: [
                    ("imap", 143, dovecot.imap), ("imaps", 993, dovecot.imaps), ("pop3", 110, dovecot.pop3),
                    ("pop3s", 995, dovecot.pop3s),
                ])
            let report = try await audit(ports, certificates.authority)
            #expect(report.found.contains("imap.plaintext-login") == inClear)
            try await compare(report, ports)
        } catch {
            await dovecot.stop()
            throw error
        }
        await dovecot.stop()
    }

    /// With OpenSSL 3 the OpenSMTPD of Debian 12 offers TLS and cannot sign: the client's handshake is done before the
    /// alert comes. That TLS does not work there is as true as that a client must not count it as made.
    @Test(
        "OpenSMTPD: greeting, extensions and whether TLS comes about are as openssl finds them",
        .enabled(
            if: OpenSMTPD.isThere && Tool("openssl") != nil, "needs root, and OpenSMTPD, unpacked; Tests/run does it"))
    func openSMTPD() async throws {
        let folder = try Folder()
        defer { folder.remove() }
        let certificates = try await Certificates(in: folder)
        let server = try OpenSMTPD(
            in: folder, hostname: Self.host, domain: "good.test", certificate: certificates.good.certificate,
            key: certificates.good.key)
        do {
            try await server.start()
            let ports = Ports(all: [
                ("smtp", 25, server.smtp), ("submission", 587, server.submission),
                ("submissions", 465, server.submissions),
            ])
            try await compare(try await audit(ports, certificates.authority, ["--behaviour"]), smtp: ports)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private func compare(_ report: ReportObject, smtp ports: Ports) async throws {
        for (service, _, port) in ports.all {
            let seen = try #require(report.port(Self.host, service))
            let starttls = service == "submissions" ? "" : "-starttls smtp"
            let told = try await Tool("bash")?.run(
                ["-c", "(sleep 1; echo QUIT) | timeout 10 openssl s_client -connect 127.0.0.1:\(port) \(starttls)"])
            let text = (told?.output ?? "") + (told?.errors ?? "")
            let isBroken = text.contains(" alert ")
            #expect(isBroken || text.contains("Cipher is TLS_"), "\(text)")
            #expect((seen["tls"] is [String: Any]) != isBroken, "\(service): \(seen)")
            if service == "submissions" { continue }
            let plain = try await plainly(ports.address, port, "EHLO probe.example\\r\\nQUIT\\r\\n")
            let lines = plain.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("250") }.dropFirst()
            #expect(lines.contains { $0.dropFirst(4) == "STARTTLS" } == seen["starttls_offered"] as? Bool, "\(plain)")
            let greeting = plain.split(whereSeparator: \.isNewline).first.map { String($0.dropFirst(4)) }
            #expect(seen["greeting"] as? String == greeting)
            if isBroken {
                #expect(Set(seen["capabilities"] as? [String] ?? []) == Set(lines.map { String($0.dropFirst(4)) }))
                #expect(report.found.contains("\(service).starttls-works"))
            }
        }
        #expect(report.passed.isSuperset(of: ["smtp.greeting", "smtp.starttls", "smtp.ehlo", "smtp.plaintext-auth"]))
        let quiet: Set = [
            "smtp.open-relay", "smtp.null-sender", "smtp.greylisting", "smtp.greeting-delay",
            "submission.plaintext-auth",
            "submission.without-login",
        ]
        #expect(quiet.isDisjoint(with: report.found), "\(report.found.intersection(quiet))")
    }
}
