#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Octets that someone else keeps: what is read often and long is looked at in place.
extension UnsafeBufferPointer<UInt8> {
    /// The first place from `start` on, and before `end`, of an octet; nil where there is none.
    @inline(__always)
    func index(of octet: UInt8, from start: Int = 0, to end: Int? = nil) -> Int? {
        let end = end ?? count
        guard start < end, let base = baseAddress, let found = memchr(base + start, Int32(octet), end - start) else {
            return nil
        }
        return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
    }

    /// One past the line feed that ends the line at `start`; `end` where none does before it.
    @inline(__always)
    func lineEnd(from start: Int, to end: Int) -> Int { index(of: 10, from: start, to: end).map { $0 + 1 } ?? end }

    /// Where the content of lines `start..<end` ends: before the last line end, LF or CRLF.
    @inline(__always)
    func contentEnd(from start: Int, to end: Int) -> Int {
        var end = end
        if end > start, self[end - 1] == 10 {
            end -= 1
            if end > start, self[end - 1] == 13 { end -= 1 }
        } else if end > start, self[end - 1] == 13 {
            end -= 1
        }
        return end
    }
}
