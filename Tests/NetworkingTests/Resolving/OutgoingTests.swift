import DNS
import Glibc
import Testing

@testable import Networking

/// Queries in one buffer, and how they go out.
@Suite struct OutgoingTests {
    @Test(arguments: [1232, nil] as [UInt16?])
    func `a query is laid out as a message is encoded`(payload: UInt16?) throws {
        var outgoing = Outgoing()
        for text in [".", "example.org", "_25._tcp.mail.Example.ORG"] {
            for type in [RecordType.a, .tlsa, .caa, .other(65_280)] {
                let question = Question(try DomainName(text), type)
                outgoing.append(question, id: 0xABCD, payload: payload, socket: 1, descriptor: 2)
                let edns = payload.map { EDNS(payloadSize: $0) }
                #expect(outgoing.lastOctets == Message(asking: question, id: 0xABCD, edns: edns).encoded())
            }
        }
    }

    @Test(arguments: [AF_INET, AF_INET6])
    func `queries of one length go down together and come one by one`(family: Int32) throws {
        let (receiver, senders) = try Self.sockets(family, senders: 2)
        defer { for descriptor in [receiver] + senders { close(descriptor) } }
        var outgoing = Outgoing()
        var sent: Set<[UInt8]> = []
        for id in 0..<200 {
            // Of four lengths, each some 50 times, in turn and from two sockets; more than one batch.
            let name = String(repeating: "x", count: 1 + id % 4) + ".test"
            let socket = id % 3 == 0 ? 1 : 0
            outgoing.append(
                Question(try DomainName(name), .a), id: UInt16(id), payload: 1232, socket: Int32(socket),
                descriptor: senders[socket])
            sent.insert(outgoing.lastOctets)
        }
        #expect(outgoing.send().isEmpty)
        #expect(Self.received(200, at: receiver) == sent)
    }

    @Test func `what cannot be sent is told, and what goes elsewhere is sent`() throws {
        let (receiver, senders) = try Self.sockets(AF_INET, senders: 1)
        defer { for descriptor in [receiver] + senders { close(descriptor) } }
        var outgoing = Outgoing()
        let question = Question(try DomainName("example.test"), .mx)
        for id in 0..<6 {
            outgoing.append(
                question, id: UInt16(id), payload: nil, socket: id < 3 ? 0 : 1, descriptor: id < 3 ? -1 : senders[0])
        }
        let failed = outgoing.send()
        #expect(failed.map(\.entry.id).sorted() == [0, 1, 2])
        #expect(failed.allSatisfy { $0.error == EBADF })
        #expect(Self.received(3, at: receiver).count == 3)
    }

    /// A socket that takes, and some that are connected to it.
    private static func sockets(_ family: Int32, senders count: Int) throws -> (Int32, [Int32]) {
        func open() throws -> Int32 {
            let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue), 0)
            try #require(descriptor >= 0)
            return descriptor
        }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let receiver = try open()
        let senders = try (0..<count).map { _ in try open() }
        try withUnsafeMutableBytes(of: &storage) { bytes in
            let raw = try #require(bytes.baseAddress)
            if family == AF_INET {
                bytes.storeBytes(
                    of: sockaddr_in(
                        sin_family: sa_family_t(AF_INET), sin_port: 0,
                        sin_addr: in_addr(s_addr: UInt32(0x7F00_0001).bigEndian), sin_zero: (0, 0, 0, 0, 0, 0, 0, 0)),
                    as: sockaddr_in.self)
                length = socklen_t(MemoryLayout<sockaddr_in>.size)
            } else {
                bytes.storeBytes(
                    of: sockaddr_in6(
                        sin6_family: sa_family_t(AF_INET6), sin6_port: 0, sin6_flowinfo: 0, sin6_addr: in6addr_loopback,
                        sin6_scope_id: 0),
                    as: sockaddr_in6.self)
                length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            }
            let name = raw.assumingMemoryBound(to: sockaddr.self)
            if bind(receiver, name, length) != 0 { try Test.cancel("this machine has no such loopback address") }
            try #require(getsockname(receiver, name, &length) == 0)
            for sender in senders { try #require(connect(sender, name, length) == 0) }
        }
        return (receiver, senders)
    }

    /// So many datagrams at most; fewer where no more came within a second.
    private static func received(_ count: Int, at descriptor: Int32) -> Set<[UInt8]> {
        var datagrams: Set<[UInt8]> = []
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while datagrams.count < count, poll(&waiting, 1, 1000) > 0 {
            var octets = [UInt8](repeating: 0, count: 4096)
            let length = recv(descriptor, &octets, octets.count, 0)
            if length < 0 { break }
            datagrams.insert(Array(octets[..<length]))
        }
        return datagrams
    }
}
