import Foundation
import Synchronization

/// Ports of loopback that nobody listens on, each given out once in a process.
enum Ports {
    /// Not from the range that the kernel gives to clients and to whoever binds port 0: between this and the start of
    /// the server such a one could take it. No port is given twice.
    static func free(on address: String = "127.0.0.1") throws -> UInt16 {
        try next.withLock { next in
            for _ in 0..<reserved.count {
                let port = next
                next = next == reserved.upperBound ? reserved.lowerBound : next + 1
                guard let stream = try? bound(address, port: port) else { continue }
                close(stream)
                guard let datagrams = try? bound(address, port: port, kind: SOCK_DGRAM) else { continue }
                close(datagrams)
                return port
            }
            throw TestFailure("no port between \(reserved.lowerBound) and \(reserved.upperBound) is free")
        }
    }

    /// Whether somebody listens on the port, as the kernel's table says: connecting to see would take a server's first
    /// client away. Those who listen stand first in it; the thousands that may stand behind them are not read.
    static func isListenedOn(_ port: UInt16) -> Bool {
        let mark = ":" + ("0000" + String(port, radix: 16, uppercase: true)).suffix(4)
        return ["/proc/net/tcp", "/proc/net/tcp6"].contains { path in
            guard let table = fopen(path, "r") else { return false }
            defer { fclose(table) }
            return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { line in
                var isHead = true
                while let start = line.baseAddress, fgets(start, Int32(line.count), table) != nil {
                    defer { isHead = false }
                    let words = String(cString: start).split(separator: " ", maxSplits: 4)
                    if isHead || words.count < 4 { continue }
                    guard words[3] == "0A" else { return false }
                    if words[1].hasSuffix(mark) { return true }
                }
                return false
            }
        }
    }

    private static let reserved: ClosedRange<UInt16> = 20_000...29_999
    // Runs side by side begin at different places.
    private static let next = Mutex(reserved.lowerBound + UInt16(getpid() % 10_000))

    /// A listening port whose queue is full: the kernel drops every further SYN, as a firewall would.
    /// Holds it open until closed.
    final class Dropping: Sendable {
        let port: UInt16
        private let handles: [Int32]

        init(on address: String = "127.0.0.1") throws {
            let listening = try bound(address, port: 0)
            guard listen(listening, 0) == 0 else { throw TestFailure("listen: \(errno)") }
            port = Ports.port(of: listening)
            var handles = [listening]
            for _ in 0..<4 {
                let kind = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
                let client = socket(AF_INET, Int32(kind), 0)
                withAddress(address, port) { _ = connect(client, $0, $1) }
                handles.append(client)
            }
            self.handles = handles
        }

        deinit { handles.forEach { close($0) } }
    }

    private static func bound(
        _ address: String, port: UInt16, kind: __socket_type = SOCK_STREAM
    ) throws -> Int32 {
        // A server started at this moment by another test would inherit it otherwise, and keep the port.
        let handle = socket(AF_INET, Int32(kind.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard withAddress(address, port, { bind(handle, $0, $1) }) == 0 else {
            close(handle)
            throw TestFailure("bind to \(address): \(errno)")
        }
        return handle
    }

    private static func port(of handle: Int32) -> UInt16 {
        var name = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(handle, $0, &length) }
        }
        return UInt16(bigEndian: name.sin_port)
    }

    @discardableResult
    private static func withAddress<R>(
        _ address: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R
    ) -> R {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        inet_pton(AF_INET, address, &name.sin_addr)
        return withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
