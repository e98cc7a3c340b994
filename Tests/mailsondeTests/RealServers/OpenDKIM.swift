import Foundation

/// OpenDKIM as a milter: signs for one domain, or verifies and writes Authentication-Results.
final class OpenDKIM {
    enum Job { case signs(domain: String, selector: String), verifies(keys: String) }

    let port: UInt16
    private let name: String
    private let folder: Folder
    private var process: Process?
    /// The public key as TXT record strings, of a signer.
    private(set) var publicKey = ""
    private(set) var keyLine = ""

    init(_ name: String, in folder: Folder, authserv: String, job: Job) async throws {
        self.name = name
        self.folder = folder
        port = try Ports.free()
        let directory = try folder.make(name)
        var lines = [
            "Syslog no", "UserID root", "RequireSafeKeys no", "Socket inet:\(port)@127.0.0.1", "AuthservID \(authserv)",
            "PidFile \(directory)/pid",
        ]
        switch job {
        case .signs(let domain, let selector):
            try await Tool("opendkim-genkey")?.run(["-b", "2048", "-D", directory, "-d", domain, "-s", selector])
            let text = folder.read("\(name)/\(selector).txt")
            let parts = text.split(separator: "\"").enumerated().filter { $0.offset % 2 == 1 }.map {
                String($0.element)
            }
            publicKey = parts.map { "\"\($0)\"" }.joined(separator: " ")
            keyLine = "\(selector)._domainkey.\(domain) \(parts.joined())\n"
            lines += [
                "Mode s", "Domain \(domain)", "Selector \(selector)", "KeyFile \(directory)/\(selector).private",
                "InternalHosts 127.0.0.1", "OversignHeaders From", "Canonicalization relaxed/relaxed",
            ]
        case .verifies(let keys):
            try folder.write("\(name)/keys", keys)
            lines += ["Mode v", "TestPublicKeys \(directory)/keys", "AlwaysAddARHeader yes"]
        }
        try folder.write("\(name)/conf", lines.joined(separator: "\n") + "\n")
    }

    func start() async throws {
        process = try Tool("opendkim")?.start(
            ["-f", "-x", folder.path("\(name)/conf")], output: folder.path("\(name)/log"),
            errors: folder.path("\(name)/errors"))
        try await Task.sleep(for: .milliseconds(300))
        guard process?.isRunning == true else { throw TestFailure("opendkim: \(folder.read("\(name)/errors"))") }
    }

    func stop() async {
        await process?.end()
        process = nil
    }
}
