internal import DNS

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

    let endpoint: LabEndpoint
    private let descriptor: Int32

    init(at address: IPAddress) throws(NoPort) {
        guard case .v4(let v4) = address else { throw NoPort() }
        #if os(Linux)
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var bound = sockaddr_in()
        bound.sin_family = sa_family_t(AF_INET)
        bound.sin_addr.s_addr = v4.value.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &bound) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
            }
        }
        guard descriptor >= 0, result == 0 else {
            close(descriptor)
            throw NoPort()
        }
        endpoint = LabEndpoint(address: address, port: UInt16(bigEndian: bound.sin_port))
    }

    func release() { close(descriptor) }
}
