import DNS
@testable import Lab
import NIOSSL
import Networking

/// A client of lines over the program's own connections: what a person with `openssl s_client` does.
struct Client {
    let connection: Connection

    /// Dials a server of the lab.
    static func talk<R: Sendable>(
        to endpoint: TransportAddress, seconds: Double = 60, _ body: (Client) async throws -> R
    ) async throws -> R {
        try await Network().withConnection(
            to: endpoint.address, port: endpoint.port, host: nil, by: .after(seconds: seconds)
        ) { try await body(Client(connection: $0)) }
    }

    func line() async throws -> String { String(decoding: try await connection.readLine(limit: 8_192), as: UTF8.self) }

    func send(_ line: String) async throws { try await connection.write(Array((line + "\r\n").utf8)) }

    /// Sends a line and returns the next one.
    func ask(_ line: String) async throws -> String {
        try await send(line)
        return try await self.line()
    }

    /// Sends a line and returns the lines of SMTP's reply.
    func smtp(_ line: String) async throws -> [String] {
        try await send(line)
        return try await reply()
    }

    func reply() async throws -> [String] {
        var lines: [String] = []
        repeat { lines.append(try await line()) } while lines.last?.dropFirst(3).first == "-"
        return lines
    }

    /// Sends a command of IMAP and returns what came up to its tagged line; literals as lines.
    func imap(_ tag: String, _ command: String) async throws -> [String] {
        try await send("\(tag) \(command)")
        var lines: [String] = []
        repeat { lines.append(try await line()) } while !(lines.last ?? "").hasPrefix("\(tag) ")
        return lines
    }

    /// Sends a command of POP3 and returns the lines of its multi-line reply, without the dot.
    func pop3(_ command: String) async throws -> [String] {
        var lines = [try await ask(command)]
        guard lines[0].hasPrefix("+OK") else { return lines }
        while true {
            let line = try await line()
            if line == "." { return lines }
            lines.append(line)
        }
    }

    func startTLS(_ name: String) async throws -> TLSHandshake {
        try await connection.startTLS(serverName: try DomainName(name))
    }
}

/// What every server of a test needs.
struct Bench {
    let lab: Lab
    let store = MailStore()
    let user = "ann@lab.example"
    let password = "correct horse"

    init(_ lab: Lab) async {
        self.lab = lab
        await store.open(user: user, password: password, now: lab.facilities.now())
    }

    func smtp(
        _ role: SMTPServer.Role = .exchange, _ faults: Faults = Faults(), secured: Bool = true,
        zone: Zone = Zone(), taker: (any MessageTaker)? = nil
    ) async throws -> TransportAddress {
        let identity = secured ? try lab.authority.identity(for: ["mx.lab.example"]) : nil
        let delivery = LocalDelivery(
            store: store, resolver: zone, facilities: lab.facilities, fault: faults.delivery)
        return try await lab.start(
            SMTPServer(
                host: "mx.lab.example", role: role, identity: identity, faults: faults, taker: taker ?? delivery,
                store: store, facilities: lab.facilities))
    }

    func imap(_ faults: Faults = Faults(), implicit: Bool = false, secured: Bool = true) async throws
        -> TransportAddress
    {
        let identity = secured ? try lab.authority.identity(for: ["mx.lab.example"]) : nil
        return try await lab.start(
            MailboxServer(
                .imap, host: "mx.lab.example", identity: identity, isImplicit: implicit, faults: faults, store: store))
    }

    func pop3(_ faults: Faults = Faults(), implicit: Bool = false, secured: Bool = true) async throws
        -> TransportAddress
    {
        let identity = secured ? try lab.authority.identity(for: ["mx.lab.example"]) : nil
        return try await lab.start(
            MailboxServer(
                .pop3, host: "mx.lab.example", identity: identity, isImplicit: implicit, faults: faults, store: store))
    }

    /// The messages of the user, as text.
    func messages(_ mailbox: String = "INBOX") async -> [String] {
        (await store.mailbox(mailbox, of: user)?.messages ?? []).map { String(decoding: $0.octets, as: UTF8.self) }
    }

    /// Waits until the user has so many messages, a minute at most.
    func waitForMessages(_ count: Int, in mailbox: String = "INBOX") async throws -> [String] {
        for _ in 0..<6_000 {
            let messages = await messages(mailbox)
            if messages.count >= count { return messages }
            try await Task.sleep(for: .milliseconds(10))
        }
        return await messages(mailbox)
    }

    /// Hands a message over as another mail server would.
    func hand(
        _ text: String, to endpoint: TransportAddress, from: String = "bob@other.example", for recipient: String? = nil
    )
        async throws
    {
        try await SMTPClient(host: "client.other.example", address: .loopback).hand(
            Array(text.utf8), from: from, to: [recipient ?? user], over: endpoint, named: "mx.lab.example")
    }
}
