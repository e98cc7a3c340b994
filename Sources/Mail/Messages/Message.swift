/// A message as bytes: its header read, its body kept as it came.
package struct Message: Hashable, Sendable {
    package var header: MessageHeader
    /// Line ends as they came.
    package var body: [UInt8]

    /// Any bytes are a message: what cannot be read is missing, not an error.
    package init(parsing octets: [UInt8]) {
        let (header, start) = MessageHeader.parse(octets)
        self.header = header
        body = Array(octets[start...])
    }
}
