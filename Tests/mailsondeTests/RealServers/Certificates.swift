import Foundation

/// A certificate authority by `openssl ca`, and what it signed for the real servers.
struct Certificates {
    struct Pair {
        /// PEM: the server's certificate.
        var certificate: String
        var key: String
        /// Both in one file, the key first, as Postfix wants them.
        var both: String
    }

    /// PEM of the root, for `--ca-file`.
    let authority: String
    /// Valid, for mx.good.test and mail.good.test.
    let good: Pair
    /// For another name, and expired in 2021.
    let expired: Pair

    init(in folder: Folder) async throws {
        let directory = try folder.make("certificates")
        try folder.write("certificates/index.txt", "")
        try folder.write("certificates/serial", "01\n")
        try folder.write(
            "certificates/ca.conf",
            """
            [ca]
            default_ca = test
            [test]
            database = \(directory)/index.txt
            serial = \(directory)/serial
            new_certs_dir = \(directory)
            default_md = sha256
            policy = any
            copy_extensions = copy
            unique_subject = no
            [any]
            commonName = supplied
            [req]
            distinguished_name = name
            [name]
            [root]
            basicConstraints = critical, CA:true
            keyUsage = critical, keyCertSign, cRLSign
            subjectKeyIdentifier = hash

            """)
        let root = "\(directory)/root.pem", rootKey = "\(directory)/root.key", configuration = "\(directory)/ca.conf"
        try await Self.run([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", rootKey, "-out", root, "-days", "3650", "-subj",
            "/CN=mailsonde test root", "-config", configuration, "-extensions", "root",
        ])
        authority = root
        good = try await Self.issue(in: directory, "good", names: ["mx.good.test", "mail.good.test"])
        expired = try await Self.issue(in: directory, "expired", names: ["old.bad.test"], isExpired: true)
    }

    /// One more, for `names`; `file` is its own name in the folder.
    func issue(in folder: Folder, _ file: String, names: [String], isExpired: Bool = false) async throws -> Pair {
        try await Self.issue(in: folder.path("certificates"), file, names: names, isExpired: isExpired)
    }

    private static func run(_ arguments: [String]) async throws {
        guard let openssl = Tool("openssl") else { throw TestFailure("openssl is not installed") }
        let outcome = try await openssl.run(arguments)
        guard outcome.status == 0 else { throw TestFailure("openssl \(arguments): \(outcome.errors)") }
    }

    private static func issue(
        in directory: String, _ file: String, names: [String], isExpired: Bool = false
    ) async throws -> Pair {
        let path = "\(directory)/\(file)", configuration = "\(directory)/ca.conf"
        let year = Calendar(identifier: .gregorian).component(.year, from: Date())
        let (from, until) = isExpired ? (2020, 2021) : (year - 1, year + 2)
        try await run([
            "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "\(path).key", "-out", "\(path).csr", "-subj",
            "/CN=\(names[0])", "-config", configuration, "-addext",
            "subjectAltName=" + names.map { "DNS:\($0)" }.joined(separator: ","),
        ])
        try await run([
            "ca", "-batch", "-notext", "-config", configuration, "-cert", "\(directory)/root.pem", "-keyfile",
            "\(directory)/root.key", "-startdate", "\(from)0101000000Z", "-enddate", "\(until)0101000000Z", "-in",
            "\(path).csr", "-out", "\(path).pem",
        ])
        let both =
            try String(contentsOfFile: "\(path).key", encoding: .utf8)
            + String(contentsOfFile: "\(path).pem", encoding: .utf8)
        try both.write(toFile: "\(path).both", atomically: true, encoding: .utf8)
        return Pair(certificate: "\(path).pem", key: "\(path).key", both: "\(path).both")
    }
}
