#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

// Text in text, octet by octet. The standard library's search compares characters and is many times as slow, and to it
// a line feed does not stand in CR LF.

extension Collection<UInt8> {
    /// How many octets stand before the first `needle`; nil where it is not there. An empty one is at the beginning.
    package func offset(of needle: some Collection<UInt8>) -> Int? {
        let found = withContiguousStorageIfAvailable { own in
            needle.withContiguousStorageIfAvailable { own.offset(of: $0) } ?? own.offset(of: Array(needle))
        }
        return found ?? Array(self).offset(of: needle)
    }
}

extension String {
    /// Whether the octets of `part` stand in it: upper and lower case differ, and nothing is composed or decomposed.
    package func holds(_ part: String) -> Bool { utf8.offset(of: part.utf8) != nil }
}

extension UnsafeBufferPointer<UInt8> {
    fileprivate func offset(of needle: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let first = needle.first else { return 0 }
        guard let base = baseAddress, let wanted = needle.baseAddress else { return nil }
        var start = 0
        while start + needle.count <= count {
            // The last place where all of it would fit.
            guard let place = memchr(base + start, Int32(first), count - needle.count - start + 1) else { return nil }
            if memcmp(place, wanted, needle.count) == 0 { return UnsafeRawPointer(base).distance(to: place) }
            start = UnsafeRawPointer(base).distance(to: place) + 1
        }
        return nil
    }

    fileprivate func offset(of needle: [UInt8]) -> Int? { needle.withUnsafeBufferPointer { offset(of: $0) } }
}
