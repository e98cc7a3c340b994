import Foundation

/// A server on loopback that sends given octets to each who comes, and then hangs up or keeps the line open. Plain
/// sockets on a thread of its own: nothing of what is tested.
final class HostilePeer: Sendable {
    let port: UInt16
    private let handle: Int32

    /// - Parameters:
    ///   - greeting: sent at once.
    ///   - answer: sent once anything has come in; nil sends nothing.
    ///   - holds: whether the line is kept open behind it.
    init(greeting: [UInt8] = [], answer: [UInt8]?, holds: Bool = false) throws {
        let handle = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                bind(handle, name, length) == 0 && listen(handle, 64) == 0 && getsockname(handle, name, &length) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRINUSE) }
        self.handle = handle
        port = UInt16(bigEndian: name.sin_port)
        Thread.detachNewThread {
            var held: [Int32] = []
            while true {
                let client = accept(handle, nil, nil)
                if client < 0 { break }
                Self.send(greeting, to: client)
                var buffer = [UInt8](repeating: 0, count: 4_096)
                if let answer, recv(client, &buffer, buffer.count, 0) > 0 { Self.send(answer, to: client) }
                if holds { held.append(client) } else { Foundation.close(client) }
            }
            for client in held { Foundation.close(client) }
        }
    }

    private static func send(_ octets: [UInt8], to client: Int32) {
        var rest = octets[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes {
                Foundation.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if sent <= 0 { return }
            rest = rest.dropFirst(sent)
        }
    }

    func stop() {
        shutdown(handle, Int32(SHUT_RDWR))
        Foundation.close(handle)
    }
}
