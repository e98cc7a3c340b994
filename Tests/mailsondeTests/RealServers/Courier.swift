import Foundation

/// Courier's IMAP and POP3 with their ports in the test's folder, as Debian sets them up, without users.
///
/// Debian has it take Dovecot's place, so `Tests/run` only unpacks it. Its TLS insists on a user that its package would
/// make: where there is none, it sees one in a mount of its own.
final class Courier {
    let imap, imaps, pop3, pop3s: UInt16
    private let folder: Folder
    private var processes: [Process] = []

    private static let root = HouseTests.root.appending(path: ".build/peers/courier").path

    /// Whether it is there, and may be run.
    static var isThere: Bool {
        FileManager.default.isExecutableFile(atPath: "\(root)/usr/sbin/couriertcpd") && Tool("unshare") != nil
            && getuid() == 0
    }

    /// - Parameter both: PEM of the key and the certificate.
    init(in folder: Folder, both: String) throws {
        self.folder = folder
        (imap, imaps, pop3, pop3s) = (try Ports.free(), try Ports.free(), try Ports.free(), try Ports.free())
        for file in ["passwd", "group"] {
            let entry = file == "passwd" ? "courier:x:986:986::/:/usr/sbin/nologin\n" : "courier:x:986:\n"
            let text = try String(contentsOfFile: "/etc/\(file)", encoding: .utf8)
            try folder.write("courier/\(file)", text.contains("\ncourier:") ? text : text + entry)
        }
        let server = "\(Self.root)/usr/lib/courier/courier"
        let tls = "\(Self.root)/usr/bin/couriertls -server -tcpd -user=courier"
        for (protocolName, port, isImplicit) in [
            ("imap", imap, false), ("imap", imaps, true), ("pop3", pop3, false), ("pop3", pop3s, true),
        ] {
            let program =
                protocolName == "imap"
                ? "\(server)/imaplogin \(Self.root)/usr/bin/imapd Maildir"
                : "\(server)/courierpop3login \(server)/courierpop3d Maildir"
            try folder.write(
                "courier/\(port).sh",
                """
                mount --bind \(folder.path("courier/passwd")) /etc/passwd
                mount --bind \(folder.path("courier/group")) /etc/group
                cd \(Self.root)/etc/courier
                set -a
                . ./\(protocolName)d
                . ./\(protocolName)d-ssl
                LD_LIBRARY_PATH=\(Self.root)/usr/lib/x86_64-linux-gnu:\(Self.root)/usr/lib
                COURIERTLS=\(Self.root)/usr/bin/couriertls
                TLS_CERTFILE=\(both)
                TLS_DHPARAMS= TLS_TRUSTCERTS= TLS_CACHEFILE=
                IMAP_STARTTLS=YES POP3_STARTTLS=YES
                \(isImplicit ? "IMAP_TLS=1 POP3_TLS=1" : "")
                exec \(Self.root)/usr/sbin/couriertcpd -address=127.0.0.1 -maxprocs=40 -maxperip=40 -nodnslookup \
                -noidentlookup \(port) \(isImplicit ? tls : "") \(program)

                """)
        }
    }

    func start() async throws {
        guard let unshare = Tool("unshare") else { throw TestFailure("no unshare") }
        for port in [imap, imaps, pop3, pop3s] {
            processes.append(
                try unshare.start(
                    ["-m", "sh", folder.path("courier/\(port).sh")], output: folder.path("courier/\(port).out"),
                    errors: folder.path("courier/\(port).errors")))
            try await eventually("Courier listens on \(port)\n\(folder.read("courier/\(port).errors"))") {
                Ports.isListenedOn(port)
            }
        }
    }

    func stop() async {
        for process in processes { await process.end() }
        processes = []
    }
}
