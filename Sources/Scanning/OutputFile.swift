#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The file that lines go to: ours alone while we write, and whole lines only.
package struct OutputFile: Sendable {
    /// Why it cannot be written to.
    package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        package var description: String
    }

    package let descriptor: Int32
    /// Octets of whole lines that stand in it.
    package let length: Int

    /// Opens or makes it. With `continuing`, lines are added behind the whole ones that are there, and a last line
    /// without its end is cut off; otherwise it has to be empty.
    package init(path: String, continuing: Bool) throws(Problem) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Problem(description: "\(path): \(Self.reason(errno))") }
        do throws(Problem) {
            self.length = try Self.prepare(descriptor, path, continuing: continuing)
        } catch {
            Self.end(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    package func end() { Self.end(descriptor) }

    private static func end(_ descriptor: Int32) { close(descriptor) }

    private static func prepare(
        _ descriptor: Int32, _ path: String, continuing: Bool
    ) throws(Problem) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Problem(description: "\(path) is no file; leave --output out to write to a pipe")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw Problem(description: "\(path) is being written by another scan")
        }
        let size = Int(status.st_size)
        if size > 0, !continuing {
            throw Problem(description: "\(path) is not empty: give --resume to go on with it, or remove it")
        }
        let whole = wholeLines(descriptor, size)
        if whole < size, ftruncate(descriptor, off_t(whole)) != 0 {
            throw Problem(description: "\(path): \(reason(errno))")
        }
        guard lseek(descriptor, off_t(whole), SEEK_SET) >= 0 else {
            throw Problem(description: "\(path): \(reason(errno))")
        }
        return whole
    }

    /// Up to and with the last line feed, looked for from the end.
    private static func wholeLines(_ descriptor: Int32, _ size: Int) -> Int {
        var end = size
        while end > 0 {
            let start = max(0, end - (64 << 10))
            let block = [UInt8](unsafeUninitializedCapacity: end - start) { buffer, count in
                count = max(0, pread(descriptor, buffer.baseAddress, end - start, off_t(start)))
            }
            if let last = block.lastIndex(of: UInt8(ascii: "\n")) { return start + last + 1 }
            end = start
        }
        return 0
    }

    /// The system's words for an error.
    package static func reason(_ number: Int32) -> String {
        strerror(number).map { String(cString: $0) } ?? "\(number)"
    }
}
