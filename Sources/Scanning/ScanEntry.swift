package import DNS
internal import Mail

/// One entry of the list: a domain, or what cannot be one. Each makes exactly one line of output.
package struct ScanEntry: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case domain(DomainName)
        /// What stands there, cut, and why it is no domain.
        case unusable(text: String, reason: String)
    }

    package var content: Content

    package init(_ content: Content) { self.content = content }

    /// No entry is longer, in octets; a domain name has 253 at most, some more in other scripts.
    package static let maximumLength = 4_096
    /// Octets shown of an entry that is no domain.
    static let shownLength = 256

    /// Reads an entry without white space around it.
    package init(_ octets: ArraySlice<UInt8>) {
        if octets.count > Self.maximumLength {
            self = .unusable(octets, "it is longer than \(Self.maximumLength) octets")
            return
        }
        guard let text = String(validating: octets, as: UTF8.self) else {
            self = .unusable(octets, "it is not UTF-8")
            return
        }
        do throws(MailDomain.Problem) {
            self.init(.domain(try MailDomain.read(text)))
        } catch {
            self = .unusable(octets, String(error.reason.prefix(Self.shownLength)))
        }
    }

    /// An entry that is no domain, for that reason.
    static func unusable(_ octets: ArraySlice<UInt8>, _ reason: String) -> ScanEntry {
        ScanEntry(
            .unusable(text: String(decoding: octets.prefix(shownLength), as: UTF8.self), reason: reason))
    }

    /// What its line has under `domain`.
    package var name: String {
        switch content {
        case .domain(let name): name.description
        case .unusable(let text, _): text
        }
    }
}
