package import DNS

/// Why text is no mail address.
package enum EmailAddressError: Error, Hashable, Sendable {
    case empty
    case noAt
    case emptyLocalPart
    case controlCharacter
    case localPartTooLong(Int)
    case tooLong(Int)
    case notUTF8
    case badLocalPart(String)
    case badDomain(String, DomainNameError)
    case emptyDomain
}
