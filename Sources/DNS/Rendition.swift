internal import Synchronization

/// What somebody wrote of an object that many share, kept with it: hosts and records of providers are written down for
/// each of their customers, in the same octets each time.
///
/// Kept from the second time on, as most objects are written once. It stays as long as the object does; the object must
/// not change, and there must be one way to write it.
package struct Rendition: ~Copyable, Sendable {
    private final class Octets: Sendable {
        let octets: [UInt8]
        init(_ octets: [UInt8]) { self.octets = octets }
    }

    /// 0: never asked for. 1: asked for once. Otherwise where the octets are, held.
    private let place = Atomic<UInt>(0)

    package init() {}

    /// Gives the octets to `body`, where they are kept already; otherwise says whether they should be, by ``keep(_:)``.
    package func withOctets(_ body: (UnsafeBufferPointer<UInt8>) -> Void) -> Found {
        let place = place.load(ordering: .acquiring)
        if let octets = Self.octets(at: place) {
            octets._withUnsafeGuaranteedRef { $0.octets.withUnsafeBufferPointer(body) }
            return .kept
        }
        if place == 1 { return .worthKeeping }
        self.place.store(1, ordering: .relaxed)
        return .firstTime
    }

    package enum Found { case kept, worthKeeping, firstTime }

    /// Keeps the octets, unless somebody was faster.
    package func keep(_ octets: UnsafeBufferPointer<UInt8>) {
        let held = Unmanaged.passRetained(Octets(Array(octets)))
        let mine = UInt(bitPattern: held.toOpaque())
        if !place.compareExchange(expected: 1, desired: mine, ordering: .acquiringAndReleasing).exchanged {
            held.release()
        }
    }

    private static func octets(at place: UInt) -> Unmanaged<Octets>? {
        place < 2 ? nil : UnsafeRawPointer(bitPattern: place).map { Unmanaged.fromOpaque($0) }
    }

    deinit { Self.octets(at: place.load(ordering: .acquiring))?.release() }
}
