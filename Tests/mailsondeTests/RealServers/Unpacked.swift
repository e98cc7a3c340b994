import Foundation

/// Programs that Debian would install in place of others, and that `Tests/run` only unpacks.
enum Unpacked {
    /// Where those of one package are.
    static func root(_ name: String) -> String { HouseTests.root.appending(path: ".build/peers/\(name)").path }

    /// Where its libraries are, beside the system's.
    static func libraries(_ name: String) -> [String: String] {
        let folders = ["usr/lib/x86_64-linux-gnu", "usr/lib", "lib/x86_64-linux-gnu"].map { "\(root(name))/\($0)" }
        return ["LD_LIBRARY_PATH": folders.joined(separator: ":")]
    }

    /// Whether `program`, a path below its root, may be run.
    static func isThere(_ name: String, _ program: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "\(root(name))/\(program)") && getuid() == 0
    }

    /// Lines for a shell in a mount namespace of its own: from then on it sees `users`, which a package would have made.
    static func users(_ users: [String], in folder: Folder) throws -> String {
        for file in ["passwd", "group"] {
            var text = try String(contentsOfFile: "/etc/\(file)", encoding: .utf8)
            for (index, user) in users.enumerated() where !text.contains("\n\(user):") {
                let number = 970 + index
                text +=
                    file == "passwd" ? "\(user):x:\(number):\(number)::/:/usr/sbin/nologin\n" : "\(user):x:\(number):\n"
            }
            try folder.write("users/\(file)", text)
        }
        return """
            mount --bind \(folder.path("users/passwd")) /etc/passwd
            mount --bind \(folder.path("users/group")) /etc/group
            """
    }

    /// Waits until somebody listens on the port. What `process` has said by then is `errors`.
    static func awaitListening(on port: UInt16, _ process: Process?, _ errors: @autoclosure () -> String) async throws {
        func state() -> String {
            guard let process else { return "was not started" }
            return process.isRunning ? "is running" : "ended with status \(process.terminationStatus)"
        }
        let program = process?.executableURL?.lastPathComponent ?? "the program"
        try await eventually("\(program), which \(state()), listens on \(port)\n\(errors())") {
            Ports.isListenedOn(port)
        }
    }
}
