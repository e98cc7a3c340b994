package import DNS
internal import NIOCore

#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// A TCP port that is bound but not listening: nobody else gets it, and who dials it is refused.
struct ReservedPort: Sendable {
    struct NoPort: Error {}

    let endpoint: TransportAddress
    private let descriptor: Int32

    /// - Parameter port: 0 takes any free one.
    init(at address: IPAddress, port: UInt16 = 0) throws {
        let wanted = try SocketAddress(ipAddress: address.description, port: Int(port))
        let family = address.family == .ipv6 ? AF_INET6 : AF_INET
        #if canImport(Glibc)
            descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        #else
            descriptor = socket(family, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw NoPort() }
        let descriptor = descriptor
        // The port stands in octets 2 and 3 of a socket address of either family, in network order.
        var octets = [UInt8](repeating: 0, count: 128)
        var length = socklen_t(octets.count)
        let isBound = wanted.withSockAddr { pointer, size in bind(descriptor, pointer, socklen_t(size)) == 0 }
        let isKnown = octets.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map {
                getsockname(descriptor, $0.assumingMemoryBound(to: sockaddr.self), &length) == 0
            } ?? false
        }
        guard isBound, isKnown else {
            close(descriptor)
            throw NoPort()
        }
        endpoint = TransportAddress(address: address, port: UInt16(octets[2]) << 8 | UInt16(octets[3]))
    }

    func release() { close(descriptor) }
}

/// Whether a TCP port of an address of this machine can be had at the moment.
package func isPortFree(_ port: UInt16, at address: IPAddress) -> Bool {
    guard let reservation = try? ReservedPort(at: address, port: port) else { return false }
    reservation.release()
    return true
}
