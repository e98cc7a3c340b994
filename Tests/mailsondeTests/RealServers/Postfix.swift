import Foundation

/// A Postfix of its own: configuration, queue and ports in the test's folder.
final class Postfix: Sendable {
    /// A line of `master.cf`: a listening port and what differs there.
    struct Listener {
        var port: UInt16
        var address = "127.0.0.1"
        var options: [String] = []
    }

    let name: String
    private let folder: Folder
    // Set by start() before any other task knows of it.
    nonisolated(unsafe) private var process: Process?
    private var directory: String { folder.path(name) }

    /// `settings` are lines of `main.cf` that take the place of ours.
    init(
        _ name: String, in folder: Folder, hostname: String, certificate: String?, listeners: [Listener],
        settings: [String]
    ) throws {
        self.name = name
        self.folder = folder
        try folder.make("\(name)/spool")
        let tls = certificate.map { ["smtpd_tls_chain_files = \($0)", "smtpd_tls_security_level = may"] } ?? []
        try folder.write(
            "\(name)/main.cf",
            Self.lastOfEach(
                [
                    "compatibility_level = 3.6",
                    "queue_directory = \(folder.path(name))/spool",
                    "data_directory = \(folder.path(name))/data",
                    "daemon_directory = /usr/lib/postfix/sbin",
                    "command_directory = /usr/sbin",
                    "mail_owner = postfix",
                    "setgid_group = postdrop",
                    "myhostname = \(hostname)",
                    "mydestination =",
                    "mynetworks = 127.0.0.0/8",
                    "inet_interfaces = 127.0.0.1",
                    "inet_protocols = ipv4",
                    "smtpd_peername_lookup = no",
                    "smtp_dns_support_level = disabled",
                    "smtp_tls_security_level = may",
                    "smtpd_tls_received_header = yes",
                    "maillog_file = \(folder.path(name))/log",
                    "maillog_file_prefixes = \(folder.path)",
                    "alias_maps =",
                    "alias_database =",
                    "local_recipient_maps =",
                    "smtputf8_enable = no",
                    "milter_default_action = accept",
                    "non_smtpd_milters =",
                ] + tls + settings
            ).joined(separator: "\n") + "\n")
        let services = listeners.map { listener in
            "\(listener.address):\(listener.port) inet n - n - - smtpd\n"
                + listener.options.map { "  -o \($0)\n" }.joined()
        }
        try folder.write("\(name)/master.cf", services.joined() + Self.internalServices)
    }

    /// One line for each parameter. Every process warns of one that is given twice, through postlogd: before that one
    /// reads, its socket holds ten datagrams, and all of them wait for each other for ever.
    private static func lastOfEach(_ lines: [String]) -> [String] {
        func parameter(_ line: String) -> Substring { line.prefix { $0 != "=" && $0 != " " } }
        var seen: Set<Substring> = []
        return lines.reversed().filter { seen.insert(parameter($0)).inserted }.reversed()
    }

    private static let internalServices = """
        pickup unix n - n 60 1 pickup
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        tlsmgr unix - - n 1000? 1 tlsmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        verify unix - - n - 1 verify
        flush unix n - n 1000? 0 flush
        proxymap unix - - n - - proxymap
        smtp unix - - n - - smtp
        lmtp unix - - n - - lmtp
        relay unix - - n - - smtp
        error unix - - n - - error
        retry unix - - n - - error
        discard unix - - n - - discard
        anvil unix - - n - 1 anvil
        scache unix - - n - 1 scache
        postlog unix-dgram n - n - 1 postlogd

        """

    func start() async throws {
        let data = try folder.make("\(name)/data")
        try await Tool("chown")?.run(["postfix", data])
        // In the foreground: Foundation waits for a daemon's offspring as if it were the child.
        process = try Tool("postfix")?.start(
            ["-c", directory, "start-fg"], output: folder.path("\(name)/out"), errors: folder.path("\(name)/errors"))
        try await eventually("Postfix \(name) is up\n\(said)", within: 60) {
            if folder.read("\(name)/log").contains("daemon started") { return true }
            guard process?.isRunning == true else { throw TestFailure("Postfix \(name) has ended\n\(said)") }
            return false
        }
    }

    func stop() async {
        guard let process else { return }
        _ = try? await Tool("postfix")?.run(["-c", directory, "stop"], within: 30)
        await process.end()
    }

    /// All that it wrote.
    private var said: String {
        ["log", "out", "errors"].map { folder.read("\(name)/\($0)") }.joined(separator: "\n")
    }

    var log: String { folder.read("\(name)/log") }

    /// How many messages stand in the hold queue.
    var held: Int {
        let files = FileManager.default.enumerator(atPath: "\(directory)/spool/hold")
        return (files?.allObjects ?? []).compactMap { $0 as? String }
            .filter {
                var isFolder: ObjCBool = false
                _ = FileManager.default.fileExists(atPath: "\(directory)/spool/hold/\($0)", isDirectory: &isFolder)
                return !isFolder.boolValue
            }.count
    }

    /// Lets go of what is held and delivers it now.
    func release() async throws {
        try await Tool("postsuper")?.run(["-c", directory, "-H", "ALL"])
        try await Tool("postqueue")?.run(["-c", directory, "-f"])
    }
}
