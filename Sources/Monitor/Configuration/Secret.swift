/// A password: there to be used, never to be shown. Whatever prints, logs or dumps it gets `***`.
package struct Secret: Hashable, Sendable {
    /// The octets themselves. For the one line that sends them.
    package let exposed: String

    package init(_ exposed: String) { self.exposed = exposed }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "***" }
    package var debugDescription: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
