import Foundation

/// A Dovecot of its own: IMAP, POP3, LMTP and the password check for Postfix's SASL.
final class Dovecot {
    let imap, imaps, pop3, pop3s, lmtp, sasl: UInt16
    let name: String
    private let folder: Folder
    private var process: Process?

    /// - Parameters:
    ///   - address: of IMAP and POP3; LMTP and SASL are on 127.0.0.1.
    ///   - users: passwords by address.
    init(
        _ name: String, in folder: Folder, on address: String, certificate: String, key: String,
        plaintextLogin: Bool = false, users: [String: String]
    ) async throws {
        self.name = name
        self.folder = folder
        (imap, imaps, pop3) = (try Ports.free(), try Ports.free(), try Ports.free())
        (pop3s, lmtp, sasl) = (try Ports.free(), try Ports.free(), try Ports.free())
        try folder.write("\(name)/users", users.map { "\($0.key):{PLAIN}\($0.value)\n" }.joined())
        let mail = try folder.make("\(name)/mail")
        try await Tool("chown")?.run(["mail:mail", mail])
        try folder.write(
            "\(name)/dovecot.conf",
            """
            base_dir = \(folder.path(name))/run
            state_dir = \(folder.path(name))/state
            log_path = \(folder.path(name))/log
            protocols = imap pop3 lmtp
            # Not 127.0.0.1: a client with the server's own address counts as secured and may log in in clear.
            listen = \(address)
            ssl = yes
            ssl_cert = <\(certificate)
            ssl_key = <\(key)
            disable_plaintext_auth = \(plaintextLogin ? "no" : "yes")
            auth_mechanisms = plain login
            mail_location = maildir:\(folder.path(name))/mail/%u
            mail_uid = mail
            mail_gid = mail
            first_valid_uid = 1
            passdb {
              driver = passwd-file
              args = scheme=PLAIN username_format=%u \(folder.path(name))/users
            }
            userdb {
              driver = static
              args = uid=mail gid=mail home=\(folder.path(name))/mail/%u
            }
            namespace inbox {
              inbox = yes
              mailbox Junk {
                special_use = \\Junk
                auto = create
              }
            }
            service imap-login {
              inet_listener imap {
                port = \(imap)
              }
              inet_listener imaps {
                port = \(imaps)
                ssl = yes
              }
            }
            service pop3-login {
              inet_listener pop3 {
                port = \(pop3)
              }
              inet_listener pop3s {
                port = \(pop3s)
                ssl = yes
              }
            }
            service lmtp {
              inet_listener lmtp {
                address = 127.0.0.1
                port = \(lmtp)
              }
            }
            service auth {
              inet_listener {
                address = 127.0.0.1
                port = \(sasl)
              }
            }

            """)
    }

    func start() async throws {
        process = try Tool("dovecot")?.start(
            ["-F", "-c", folder.path("\(name)/dovecot.conf")], output: folder.path("\(name)/out"),
            errors: folder.path("\(name)/errors"))
        try await eventually("Dovecot \(name) is up\n\(folder.read("\(name)/errors"))") {
            folder.read("\(name)/log").contains("starting up")
        }
    }

    func stop() async {
        await process?.end()
        process = nil
    }
}
