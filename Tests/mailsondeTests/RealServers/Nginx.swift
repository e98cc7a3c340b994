import Foundation

/// An nginx of its own that serves MTA-STS policies over TLS, a host each on one port of loopback.
final class Nginx {
    /// One virtual server.
    struct Host {
        var name: String
        var certificate: Certificates.Pair
        /// Lines of its `server` block, behind certificate and name.
        var lines: [String]
    }

    static let needs = ["nginx", "openssl"]

    let port: UInt16
    private let folder: Folder
    private var process: Process?

    init(in folder: Folder, hosts: [Host]) throws {
        self.folder = folder
        port = try Ports.free()
        for part in ["body", "proxy", "fastcgi", "uwsgi", "scgi"] { try folder.make("nginx/\(part)") }
        let directory = folder.path("nginx")
        let servers = hosts.map { host in
            """
            server {
                listen 127.0.0.1:\(port) ssl;
                server_name \(host.name);
                ssl_certificate \(host.certificate.certificate);
                ssl_certificate_key \(host.certificate.key);
                \(host.lines.joined(separator: "\n    "))
            }
            """
        }
        try folder.write(
            "nginx/nginx.conf",
            """
            daemon off;
            worker_processes 1;
            pid \(directory)/pid;
            error_log \(directory)/error.log;
            events { worker_connections 64; }
            http {
            access_log \(directory)/access.log;
            client_body_temp_path \(directory)/body;
            proxy_temp_path \(directory)/proxy;
            fastcgi_temp_path \(directory)/fastcgi;
            uwsgi_temp_path \(directory)/uwsgi;
            scgi_temp_path \(directory)/scgi;
            default_type text/plain;
            \(servers.joined(separator: "\n"))
            }

            """)
    }

    func start() async throws {
        process = try Tool("nginx")?.start(
            ["-c", folder.path("nginx/nginx.conf"), "-p", folder.path("nginx")], output: folder.path("nginx/out"),
            errors: folder.path("nginx/errors"))
        try await eventually("nginx is up\n\(folder.read("nginx/errors"))\(folder.read("nginx/error.log"))") {
            !folder.read("nginx/pid").isEmpty
        }
    }

    func stop() async {
        await process?.end()
        process = nil
    }

    /// What was asked of it.
    var log: String { folder.read("nginx/access.log") }
}
