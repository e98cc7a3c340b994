#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension Standard {
    /// All of a file, or of standard input for `-`; refused where it cannot be read or is too long.
    static func contents(of path: String, atMost limit: Int) throws(UsageError) -> [UInt8] {
        let name = path == "-" ? "standard input" : path
        let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY)
        guard descriptor >= 0 else { throw UsageError("\(name): \(String(cString: strerror(errno)))") }
        defer { if path != "-" { close(descriptor) } }
        var octets: [UInt8] = []
        while true {
            var got = 0, problem: Int32 = 0
            let piece = [UInt8](unsafeUninitializedCapacity: 1 << 18) { buffer, count in
                got = read(descriptor, buffer.baseAddress, buffer.count)
                problem = errno
                count = max(0, got)
            }
            octets += piece
            if got == 0 { return octets }
            if got < 0, problem != EINTR { throw UsageError("\(name): \(String(cString: strerror(problem)))") }
            if octets.count > limit { throw UsageError("\(name) is longer than any message: \(limit) octets are read") }
        }
    }
}
