import Foundation

/// Cyrus's IMAP and POP3 with all they need in the test's folder, without users and with passwords in clear refused
/// before TLS.
final class Cyrus {
    let imap, imaps, pop3, pop3s: UInt16
    private let folder: Folder
    private var process: Process?

    private static let programs = Unpacked.root("cyrus") + "/usr/lib/cyrus/bin"

    static var isThere: Bool { Unpacked.isThere("cyrus", "usr/lib/cyrus/bin/master") }

    private init(in folder: Folder, hostname: String, certificate: String, key: String) throws {
        self.folder = folder
        (imap, imaps, pop3, pop3s) = (try Ports.free(), try Ports.free(), try Ports.free(), try Ports.free())
        let home = folder.path("cyrus")
        for name in ["config", "spool", "sieve", "run", "proc", "lock"] { try folder.make("cyrus/\(name)") }
        let settings = try folder.write(
            "cyrus/imapd.conf",
            """
            configdirectory: \(home)/config
            proc_path: \(home)/proc
            mboxname_lockpath: \(home)/lock
            defaultpartition: default
            partition-default: \(home)/spool
            sievedir: \(home)/sieve
            allowplaintext: no
            sasl_pwcheck_method: auxprop
            sasl_auxprop_plugin: sasldb
            sasl_sasldb_path: \(home)/sasldb2
            sasl_mech_list: PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256
            tls_server_cert: \(certificate)
            tls_server_key: \(key)
            lmtpsocket: \(home)/run/lmtp
            idlesocket: \(home)/run/idle
            notifysocket: \(home)/run/notify
            servername: \(hostname)

            """)
        func service(_ name: String, _ program: String, _ port: UInt16) -> String {
            "  \(name) cmd=\"\(Self.programs)/\(program) -C \(settings)\(name.hasSuffix("s") ? " -s" : "")\" "
                + "listen=\"127.0.0.1:\(port)\" prefork=0"
        }
        try folder.write(
            "cyrus/cyrus.conf",
            """
            START {
            }
            SERVICES {
            \(service("imap", "imapd", imap))
            \(service("imaps", "imapd", imaps))
            \(service("pop3", "pop3d", pop3))
            \(service("pop3s", "pop3d", pop3s))
            }
            EVENTS {
            }

            """)
    }

    /// A running one. It is only unpacked, and says what keeps it from starting to nobody but syslog: so it is tried three
    /// times, each on ports of its own.
    static func started(in folder: Folder, hostname: String, certificate: String, key: String) async throws -> Cyrus {
        var failure: any Error = TestFailure("not tried")
        for _ in 1...3 {
            let cyrus = try Cyrus(in: folder, hostname: hostname, certificate: certificate, key: key)
            do {
                try await cyrus.start()
                return cyrus
            } catch {
                await cyrus.stop()
                failure = error
            }
        }
        throw failure
    }

    private func start() async throws {
        // It becomes a user that is not root; its package would make one of its own.
        try await Tool("chown")?.run(["-R", "mail:mail", folder.path("cyrus")])
        try await Tool("chmod")?.run(["-R", "a+rX", folder.path])
        process = try Tool(path: "\(Self.programs)/master").start(
            [
                "-C", folder.path("cyrus/imapd.conf"), "-M", folder.path("cyrus/cyrus.conf"), "-p",
                folder.path("cyrus/pid"), "-D",
            ], environment: Unpacked.libraries("cyrus").merging(["CYRUS_USER": "mail"]) { $1 },
            output: folder.path("cyrus.out"), errors: folder.path("cyrus.errors"))
        for port in [imap, imaps, pop3, pop3s] {
            try await Unpacked.awaitListening(on: port, process, folder.read("cyrus.errors"))
        }
    }

    func stop() async {
        await process?.end()
        process = nil
    }
}
