import Foundation

/// OpenSMTPD on three ports of loopback. It insists on two users and on folders below /var, which it sees in a mount
/// namespace of its own.
final class OpenSMTPD {
    let smtp, submission, submissions: UInt16
    private let folder: Folder
    private var process: Process?

    private static let program = Unpacked.root("opensmtpd") + "/usr/sbin/smtpd"

    static var isThere: Bool { Unpacked.isThere("opensmtpd", "usr/sbin/smtpd") && Tool("unshare") != nil }

    init(in folder: Folder, hostname: String, domain: String, certificate: String, key: String) throws {
        self.folder = folder
        (smtp, submission, submissions) = (try Ports.free(), try Ports.free(), try Ports.free())
        let options = "pki \(hostname) hostname \(hostname)"
        let settings = try folder.write(
            "opensmtpd/smtpd.conf",
            """
            pki \(hostname) cert "\(certificate)"
            pki \(hostname) key "\(key)"
            table users { ann = "x" }
            listen on 127.0.0.1 port \(smtp) tls \(options)
            listen on 127.0.0.1 port \(submission) tls-require \(options) auth <users>
            listen on 127.0.0.1 port \(submissions) smtps \(options) auth <users>
            action "local" maildir "\(folder.path("opensmtpd/mail"))"
            match from any for domain "\(domain)" action "local"

            """)
        try folder.write(
            "opensmtpd/run.sh",
            """
            \(try Unpacked.users(["opensmtpd", "opensmtpq"], in: folder))
            for place in /var/spool /var/lib /run; do mount -t tmpfs tmpfs $place; done
            mkdir -p -m 711 /var/spool/smtpd
            mkdir -p -m 755 /var/lib/opensmtpd/empty
            exec \(Self.program) -d -f \(settings)

            """)
        // It reads no key that others could.
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
    }

    func start() async throws {
        process = try Tool("unshare")?.start(
            ["-m", "sh", folder.path("opensmtpd/run.sh")], output: folder.path("opensmtpd/out"),
            errors: folder.path("opensmtpd/errors"))
        for port in [smtp, submission, submissions] {
            try await Unpacked.awaitListening(on: port, process, folder.read("opensmtpd/errors"))
        }
    }

    func stop() async {
        await process?.end()
        process = nil
    }
}
