/// A value behind one reference: who hands it about copies that, and not each string and list in it.
///
/// Its parts are read as if they were its own. In other modules that asks the runtime for each part: who reads many there
/// goes by ``value``.
@dynamicMemberLookup
package final class Held<Value: Sendable>: Sendable {
    package let value: Value

    package init(_ value: Value) { self.value = value }

    package subscript<Part>(dynamicMember part: KeyPath<Value, Part>) -> Part {
        @inline(__always) get { value[keyPath: part] }
    }
}
