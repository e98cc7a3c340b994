import Foundation

/// An Exim of its own: configuration, spool and port in the test's folder.
///
/// Debian lets only one mail server be installed, and Postfix is there, so Exim may be one that `Tests/run` has only
/// unpacked. It insists on a user that its package would make: where there is none, it sees one in a mount of its own.
final class Exim {
    let port: UInt16
    private let folder: Folder
    private var process: Process?

    /// Where `Tests/run` unpacks programs that cannot be installed beside others.
    private static let unpacked = HouseTests.root.appending(path: ".build/peers").path

    /// The program; nil where it is neither installed nor unpacked.
    static var program: String? {
        ["/usr/sbin/exim4", "\(unpacked)/usr/sbin/exim4"].first(where: FileManager.default.isExecutableFile)
    }

    /// - Parameter rcpt: conditions of the ACL for RCPT, in Exim's language.
    init(in folder: Folder, hostname: String, certificate: String, key: String, rcpt: String) throws {
        self.folder = folder
        port = try Ports.free()
        let directory = try folder.make("exim")
        let spool = try folder.make("exim/spool")
        for file in ["passwd", "group"] {
            let entry =
                file == "passwd" ? "Debian-exim:x:987:987::\(spool):/usr/sbin/nologin\n" : "Debian-exim:x:987:\n"
            let text = try String(contentsOfFile: "/etc/\(file)", encoding: .utf8)
            try folder.write("exim/\(file)", text.contains("Debian-exim:") ? text : text + entry)
        }
        try folder.write(
            "exim/exim.conf",
            """
            primary_hostname = \(hostname)
            spool_directory = \(spool)
            log_file_path = \(spool)/%slog
            pid_file_path = \(spool)/pid
            daemon_smtp_ports = \(port)
            local_interfaces = 127.0.0.1
            tls_advertise_hosts = *
            tls_certificate = \(certificate)
            tls_privatekey = \(key)
            domainlist local_domains = behaviour.test
            acl_smtp_rcpt = check_rcpt
            host_lookup =
            rfc1413_hosts =
            never_users = root
            keep_environment =
            begin acl
            check_rcpt:
            \(rcpt)
            begin routers
            users:
              driver = accept
              domains = +local_domains
              local_parts = postmaster : abuse : ann
              transport = nowhere
            begin transports
            nowhere:
              driver = appendfile
              file = /dev/null
              user = Debian-exim
            begin retry
            begin rewrite
            begin authenticators

            """)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
    }

    func start() async throws {
        guard let program = Self.program, let shell = Tool("unshare") else { throw TestFailure("no Exim") }
        try await Tool("chown")?.run(["987:987", folder.path("exim/spool")])
        let script = """
            mount --bind \(folder.path("exim/passwd")) /etc/passwd && mount --bind \(folder.path("exim/group")) /etc/group \
            && exec \(program) -bdf -C \(folder.path("exim/exim.conf"))
            """
        process = try shell.start(
            ["-m", "sh", "-c", script], environment: ["LD_LIBRARY_PATH": "\(Self.unpacked)/usr/lib/x86_64-linux-gnu"],
            output: folder.path("exim/out"), errors: folder.path("exim/errors"))
        try await eventually("Exim is up\n\(folder.read("exim/errors"))") {
            folder.read("exim/spool/mainlog").contains("listening for SMTP")
        }
    }

    func stop() async {
        await process?.end()
        process = nil
    }
}
