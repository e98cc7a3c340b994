import Foundation

/// Knot DNS, a real authoritative server, on a free port of loopback.
final class Knot {
    let port: UInt16
    private let folder: Folder
    private var process: Process?

    /// `zones`: master-file text by origin, without the last dot.
    init(in folder: Folder, zones: [String: String]) throws {
        self.folder = folder
        port = try Ports.free()
        try folder.make("knot/run")
        try folder.make("knot/db")
        for (origin, text) in zones { try folder.write("knot/\(origin == "." ? "root" : origin).zone", text) }
        try folder.write(
            "knot/knot.conf",
            """
            server:
                rundir: "\(folder.path("knot/run"))"
                listen: [ 127.0.0.1@\(port) ]
                user: root:root
            log:
              - target: stderr
                any: info
            database:
                storage: "\(folder.path("knot/db"))"
            template:
              - id: default
                storage: "\(folder.path("knot"))"
                file: "%s.zone"
                zonefile-sync: -1
                journal-content: none
            zone:
            \(zones.keys.sorted().map(Self.zone).joined(separator: "\n"))

            """)
    }

    private static func zone(_ origin: String) -> String {
        origin == "root" || origin == "." ? "  - domain: .\n    file: root.zone" : "  - domain: \(origin)"
    }

    func start() async throws {
        process = try Tool("knotd")?.start(
            ["-c", folder.path("knot/knot.conf")], output: folder.path("knot/log"), errors: folder.path("knot/errors"))
        try await eventually("Knot DNS answers\n\(folder.read("knot/errors"))") {
            folder.read("knot/errors").contains("server started")
                && folder.read("knot/errors").contains("control, binding")
        }
    }

    func stop() async {
        await process?.end()
        process = nil
    }
}
