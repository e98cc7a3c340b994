import DNS
import Glibc
import NIOCore
import Testing

@testable import Networking

/// How soon something ends is not measured here: a busy machine may be late. What never ends fails by the time limit.
@Suite(.timeLimit(.minutes(3))) struct ConnectionTests {
    let network = Network()

    @Test func `a conversation goes back and forth`() async throws {
        let peer = Peer(
            onConnect: { $0.say("220 mx.example ESMTP\r\n") },
            onRead: { channel, octets in channel.say("250 you said " + String(decoding: octets, as: UTF8.self)) })
        try await peer.serving { port in
            try await network.dialling(port) { wire in
                #expect(try await wire.line() == "220 mx.example ESMTP")
                try await wire.say("EHLO a\r\n")
                #expect(try await wire.line() == "250 you said EHLO a")
                try await wire.say("EHLO b\r\n")
                #expect(try await wire.read(count: 3) == Array("250".utf8))
                #expect(try await wire.line() == " you said EHLO b")
                #expect(wire.connectSeconds > 0 && wire.connectSeconds < 60)
                #expect(wire.address == loopback && wire.port == port)
                #expect(!wire.isSecured)
            }
        }
    }

    @Test func `the connection is closed whatever the body does`() async throws {
        struct Broken: Error {}
        let closed = Counter()
        let peer = Peer(onConnect: { $0.closeFuture.whenComplete { _ in closed.add() } })
        try await peer.serving { port in
            try await network.dialling(port) { _ in }
            await #expect(throws: Broken.self) { try await network.dialling(port) { _ in throw Broken() } }
            for _ in 0..<3_000 where closed.count < 2 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(closed.count == 2)
        }
    }

    // MARK: Peers that misbehave

    @Test func `a silent peer is left at the deadline`() async throws {
        try await Peer.silent.serving { port in
            let (error, seconds) = await failure {
                try await network.dialling(port, seconds: 0.3) { try await $0.line() }
            }
            #expect(error == .timedOut)
            #expect(seconds >= 0.25)
        }
    }

    @Test func `a peer that drips is left at the deadline`() async throws {
        try await Peer(onConnect: { $0.drip(every: 20) }).serving { port in
            let (error, seconds) = await failure {
                try await network.dialling(port, seconds: 0.4) { try await $0.line() }
            }
            #expect(error == .timedOut)
            #expect(seconds >= 0.35)
        }
    }

    @Test func `an endless line ends at its limit`() async throws {
        let sent = Counter()
        let letters = [UInt8](repeating: 65, count: 65_536)
        try await Peer(onConnect: { $0.repeatForEver(letters, counting: sent) }).serving { port in
            let (error, _) = await failure { try await network.dialling(port) { try await $0.line(limit: 2_000) } }
            #expect(error == .lineTooLong(limit: 2_000))
        }
    }

    @Test func `an endless reply ends at the limit of the connection`() async throws {
        let lines = Array(String(repeating: "250-more and more\r\n", count: 3_000).utf8)
        var network = network
        network.octetLimit = 200_000
        try await Peer(onConnect: { $0.repeatForEver(lines) }).serving { [network] port in
            let read = Counter()
            let (error, _) = await failure {
                try await network.dialling(port) { wire in while true { read.add(try await wire.line().utf8.count + 2) }
                }
            }
            #expect(error == .tooMuch(limit: 200_000))
            #expect(read.count <= 200_000 && read.count > 199_000)
        }
    }

    @Test func `what is not asked for is not read: the peer has to wait`() async throws {
        let sent = Counter()
        let lines = Array(String(repeating: "250-more and more\r\n", count: 3_000).utf8)
        try await Peer(onConnect: { $0.repeatForEver(lines, counting: sent) }).serving { port in
            try await network.dialling(port) { wire in
                _ = try await wire.line()
                try await Task.sleep(for: .milliseconds(300))
                // The system's buffers on loopback hold a few megabytes; a connection left to itself takes gigabytes.
                #expect(sent.count < 20_000_000)
                #expect(try await wire.line() == "250-more and more")
            }
        }
    }

    @Test func `garbage is octets like others`() async throws {
        let garbage = (0..<4_000).map { UInt8(truncatingIfNeeded: $0 &* 7 | 1) }.filter { $0 != 10 }
        try await Peer(onConnect: { $0.say(garbage + [0, 255, 13, 10]) }).serving { port in
            let line = try await network.dialling(port) { try await $0.readLine(limit: 10_000) }
            #expect(line == garbage + [0, 255])
        }
    }

    @Test func `a peer that closes is said to have closed, after its last line`() async throws {
        let peer = Peer(onConnect: { channel in
            channel.say("421 too busy\r\nhalf")
            channel.close(promise: nil)
        })
        try await peer.serving { port in
            let (error, _) = await failure {
                try await network.dialling(port) { wire in
                    #expect(try await wire.line() == "421 too busy")
                    _ = try await wire.line()
                }
            }
            #expect(error == .closedByPeer)
        }
    }

    @Test func `the reason for closing can be read though writing came too late`() async throws {
        let peer = Peer(onConnect: { channel in
            channel.say("554 no service for you\r\n")
            channel.close(promise: nil)
        })
        try await peer.serving { port in
            try await network.dialling(port) { wire in
                try await Task.sleep(for: .milliseconds(100))
                for _ in 0..<3 { try await wire.say("EHLO a\r\n") }
                #expect(try await wire.line() == "554 no service for you")
                await #expect(throws: WireError.closedByPeer) { try await wire.line() }
                await #expect(throws: WireError.closedByPeer) { try await wire.say("QUIT\r\n") }
            }
        }
    }

    @Test func `a peer that takes nothing is left at the deadline`() async throws {
        let peer = Peer(onConnect: { channel in _ = channel.setOption(.autoRead, value: false) })
        try await peer.serving { port in
            let (error, seconds) = await failure {
                try await network.dialling(port, seconds: 0.4) { wire in
                    while true { try await wire.write([UInt8](repeating: 65, count: 4_000_000)) }
                }
            }
            #expect(error == .timedOut)
            #expect(seconds >= 0.35)
        }
    }

    // MARK: Dialling

    @Test func `a port where nobody listens refuses`() async throws {
        let port = try await Peer.silent.serving { $0 }
        let (error, _) = await failure { try await network.dialling(port) { _ in } }
        #expect(error == .refused)
    }

    @Test func `offline nothing is dialled`() async throws {
        let connections = Counter()
        try await Peer(onConnect: { _ in connections.add() }).serving { port in
            let (error, _) = await failure { try await Network(offline: true).dialling(port) { _ in } }
            #expect(error == .offline)
            #expect(connections.count == 0)
        }
    }

    @Test func `a deadline that has passed dials nobody`() async throws {
        let (error, _) = await failure { try await network.dialling(9, seconds: 0) { _ in } }
        #expect(error == .timedOut)
    }

    @Test func `a host that does not answer is left at the deadline`() async throws {
        let host = try DeafHost()
        let (error, seconds) = await failure { try await network.dialling(host.port, seconds: 0.3) { _ in } }
        withExtendedLifetime(host) {}
        #expect(error == .timedOut)
        #expect(seconds >= 0.25)
    }

    @Test func `cancelling ends dialling at once`() async throws {
        let host = try DeafHost()
        try await expectPromptCancellation { try await network.dialling(host.port, seconds: 120) { _ in } }
        withExtendedLifetime(host) {}
    }

    @Test func `overrides are dialled`() async throws {
        try await Peer.saying("220 here\r\n").serving { port in
            let network = Network(connectTo: [try ConnectOverride("mx.example:25:127.0.0.1:\(port)")])
            let line = try await network.withConnection(
                to: IPAddress.v4(IPv4Address(192, 0, 2, 1)), port: 25, host: try DomainName("mx.example"),
                by: .after(seconds: 60)
            ) { try await $0.line() }
            #expect(line == "220 here")
        }
    }

    @Test(arguments: [
        (ECONNREFUSED, WireError.refused), (EHOSTUNREACH, .unreachable("no route to the host")),
        (ENETUNREACH, .unreachable("no route to the network")), (EACCES, .unreachable("not permitted (a firewall?)")),
        (EPERM, .unreachable("not permitted (a firewall?)")), (ETIMEDOUT, .timedOut), (ECONNRESET, .closedByPeer),
    ])
    func `the reasons of the system keep apart`(code: Int32, expected: WireError) {
        #expect(WireError(dialling: IOError(errnoCode: code, reason: "connect")) == expected)
    }

    // MARK: Cancellation

    @Test func `cancelling ends a read at once`() async throws {
        try await Peer.silent.serving { port in
            try await expectPromptCancellation {
                try await network.dialling(port, seconds: 120) { try await $0.line() }
            }
        }
    }

    @Test func `cancelling ends a handshake at once`() async throws {
        try await Peer.silent.serving { port in
            try await expectPromptCancellation {
                try await network.dialling(port, seconds: 120) { try await $0.startTLS(serverName: nil) }
            }
        }
    }

    @Test func `cancelling ends a write at once`() async throws {
        let peer = Peer(onConnect: { channel in _ = channel.setOption(.autoRead, value: false) })
        try await peer.serving { port in
            try await expectPromptCancellation {
                try await network.dialling(port, seconds: 120) { wire in
                    while true { try await wire.write([UInt8](repeating: 65, count: 4_000_000)) }
                }
            }
        }
    }

    private func expectPromptCancellation<R: Sendable>(
        _ operation: @escaping @Sendable () async throws -> R
    ) async throws {
        let task = Task { await failure(of: operation) }
        try await Task.sleep(for: .milliseconds(150))
        task.cancel()
        // Long before the deadline: by then it would have timed out.
        #expect(await task.value.error == .cancelled)
    }
}

/// A port whose queue of connections is full: the system drops what else comes, as a firewall would.
private final class DeafHost: Sendable {
    let port: UInt16
    private let sockets: [Int32]

    init() throws {
        func open() -> Int32 { socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0) }
        let listener = open()
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        func with(_ body: (UnsafeMutablePointer<sockaddr>) -> Int32) -> Int32 {
            withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
            }
        }
        try #require(with { bind(listener, $0, length) } == 0 && listen(listener, 0) == 0)
        try #require(with { getsockname(listener, $0, &length) } == 0)
        var clients: [Int32] = []
        for _ in 0..<4 {
            let client = open()
            _ = with { connect(client, $0, length) }
            clients.append(client)
        }
        port = UInt16(bigEndian: address.sin_port)
        sockets = [listener] + clients
    }

    deinit { for socket in sockets { close(socket) } }
}
