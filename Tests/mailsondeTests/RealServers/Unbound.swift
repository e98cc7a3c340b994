import Foundation

/// Unbound, a real recursive resolver, that finds some zones at a given authority on loopback.
final class Unbound {
    static let needs = ["unbound"]
    let port: UInt16
    private let folder: Folder
    private var process: Process?

    /// - Parameter authority: the port of 127.0.0.1 that serves `zones`.
    init(in folder: Folder, zones: [String], authority: UInt16) throws {
        self.folder = folder
        port = try Ports.free()
        // Names that Unbound would answer by itself (RFC 6761) or refuse to ask loopback for.
        let stubs = zones.map { "stub-zone:\n    name: \"\($0)\"\n    stub-addr: 127.0.0.1@\(authority)\n" }.joined()
        let opened = zones.map { "    local-zone: \"\($0).\" nodefault\n" }.joined()
        try folder.write(
            "unbound/unbound.conf",
            """
            server:
                interface: 127.0.0.1
                port: \(port)
                directory: "\(folder.path("unbound"))"
                chroot: ""
                username: ""
                pidfile: ""
                use-syslog: no
                do-daemonize: no
                do-not-query-localhost: no
                do-ip6: no
                module-config: "iterator"
                local-zone: "test." nodefault
            \(opened)remote-control:
                control-enable: no
            \(stubs)
            """)
    }

    func start() async throws {
        process = try Tool("unbound")?.start(
            ["-d", "-c", folder.path("unbound/unbound.conf")], output: folder.path("unbound/log"),
            errors: folder.path("unbound/errors"))
        try await eventually("Unbound answers\n\(folder.read("unbound/errors"))") {
            folder.read("unbound/errors").contains("start of service")
        }
    }

    func stop() async {
        await process?.end()
        process = nil
    }
}
