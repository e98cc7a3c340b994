/// A message as bytes, kept once: its header read, its body where it came.
package struct Message: Hashable, Sendable {
    /// All of it, line ends as they came.
    package let octets: [UInt8]
    package let header: MessageHeader
    /// Where the body begins: behind the empty line, or at the end where there is none.
    package let bodyStart: Int

    /// Line ends as they came.
    package var body: ArraySlice<UInt8> { octets[bodyStart...] }

    /// Any bytes are a message: what cannot be read is missing, not an error.
    package init(parsing octets: [UInt8]) {
        self.octets = octets
        (header, bodyStart) = MessageHeader.parse(octets, in: octets.indices)
    }
}
