internal import Rendering

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writing all octets to a file descriptor, however many turns that takes.
package enum WholeWriting {
    /// Writes all of `octets`; otherwise gives the number of the error that ended it. Keeps the thread meanwhile, also
    /// where the descriptor does not block.
    package static func write(_ octets: [UInt8], to descriptor: Int32) -> Int32? {
        octets.withUnsafeBytes { buffer in
            var pieces = [iovec(iov_base: UnsafeMutableRawPointer(mutating: buffer.baseAddress), iov_len: buffer.count)]
            return write(&pieces, to: descriptor)
        }
    }

    /// The same of several pieces, one behind the other.
    static func write(_ pieces: [GrowingOctets], to descriptor: Int32) -> Int32? {
        var vector = pieces.map { piece in
            piece.withUnsafeBufferPointer { octets in
                iovec(iov_base: UnsafeMutableRawPointer(mutating: octets.baseAddress), iov_len: octets.count)
            }
        }
        return withExtendedLifetime(pieces) { write(&vector, to: descriptor) }
    }

    /// So many pieces are taken at once: systems have a limit of 1,024 (IOV_MAX).
    private static let most = 256

    private static func write(_ pieces: inout [iovec], to descriptor: Int32) -> Int32? {
        var next = 0
        while next < pieces.count {
            let written = pieces.withUnsafeBufferPointer { pieces in
                writev(descriptor, pieces.baseAddress.map { $0 + next }, Int32(min(most, pieces.count - next)))
            }
            if written >= 0 {
                var rest = written
                while next < pieces.count, rest >= pieces[next].iov_len {
                    rest -= pieces[next].iov_len
                    next += 1
                }
                guard rest > 0 else { continue }
                pieces[next].iov_base += rest
                pieces[next].iov_len -= rest
            } else if errno == EAGAIN {
                var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, 1_000)
            } else if errno != EINTR {
                return errno
            }
        }
        return nil
    }
}
