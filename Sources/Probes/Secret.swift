/// A password. It prints as `***` whatever prints it, and cannot be encoded.
package struct Secret: Sendable, Hashable {
    private let octets: [UInt8]

    package init(_ text: String) { octets = Array(text.utf8) }

    /// What to send. Whoever asks for it must not let it reach a transcript, an error or a log.
    package func reveal() -> [UInt8] { octets }

    package var isEmpty: Bool { octets.isEmpty }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "***" }
    package var debugDescription: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
