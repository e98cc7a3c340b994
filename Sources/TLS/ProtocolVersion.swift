/// A version of the protocol by its number on the wire (RFC 8446 §4.2.1); SSLv2 as 0x0002.
package struct ProtocolVersion: RawRepresentable, Hashable, Sendable, Comparable {
    package var rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let ssl2 = ProtocolVersion(rawValue: 0x0002)
    package static let ssl3 = ProtocolVersion(rawValue: 0x0300)
    package static let tls10 = ProtocolVersion(rawValue: 0x0301)
    package static let tls11 = ProtocolVersion(rawValue: 0x0302)
    package static let tls12 = ProtocolVersion(rawValue: 0x0303)
    package static let tls13 = ProtocolVersion(rawValue: 0x0304)

    /// The oldest first.
    package static let all: [ProtocolVersion] = [ssl2, ssl3, tls10, tls11, tls12, tls13]

    package static func < (a: ProtocolVersion, b: ProtocolVersion) -> Bool { a.rawValue < b.rawValue }
}

extension ProtocolVersion: CustomStringConvertible {
    /// As people write it: `TLSv1.2`; others as their number.
    package var description: String {
        switch self {
        case .ssl2: "SSLv2"
        case .ssl3: "SSLv3"
        case .tls10: "TLSv1"
        case .tls11: "TLSv1.1"
        case .tls12: "TLSv1.2"
        case .tls13: "TLSv1.3"
        default: hexadecimal(rawValue)
        }
    }
}

/// `0x1A2B`.
func hexadecimal(_ number: UInt16) -> String {
    let digits = String(number, radix: 16, uppercase: true)
    return "0x" + String(repeating: "0", count: 4 - digits.count) + digits
}
