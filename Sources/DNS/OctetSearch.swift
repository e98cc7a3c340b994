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
        guard needle.count <= count else { return nil }
        // The last place where all of it would fit is among them.
        for start in 0...(count - needle.count) where self[start] == first {
            var same = 1
            while same < needle.count, self[start + same] == needle[same] { same += 1 }
            if same == needle.count { return start }
        }
        return nil
    }

    fileprivate func offset(of needle: [UInt8]) -> Int? { needle.withUnsafeBufferPointer { offset(of: $0) } }
}
