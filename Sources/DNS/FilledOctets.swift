extension [UInt8] {
    /// So many octets, all of which `fill` sets: what `init(unsafeUninitializedCapacity:)` does, at a fraction of the cost
    /// where this is compiled with it (that one asks the runtime for the type of its storage each time).
    @inline(__always)
    init(count: Int, filledBy fill: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
        self = []
        append(addingCapacity: count) { octets in
            octets.withUnsafeMutableBufferPointer { buffer, initialized in
                fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                initialized = count
            }
        }
    }
}
