package import DNS

/// A mail address that protocol commands may be built from: no control character is in it, and it has the form of
/// RFC 5321 §4.1.2 (`Local-part "@" Domain`), extended by RFC 6531 §3.3. Address literals are left out.
package struct EmailAddress: Hashable, Sendable {
    /// Without quotes: what stands in a Quoted-string stands here bare. Case matters.
    package let localPart: String
    package let domain: DomainName
    /// The domain as written, so that an internationalized one is shown as its owner writes it.
    package let domainText: String

    /// Reads `local@domain`, `"quoted local"@domain`, with UTF-8 on either side.
    package init(_ text: String) throws(EmailAddressError) {
        if text.isEmpty { throw .empty }
        let octets = Array(text.utf8)
        if octets.count > 1_000 { throw .tooLong(octets.count) }
        if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            throw .controlCharacter
        }
        guard let at = octets.lastIndex(of: UInt8(ascii: "@")) else { throw .noAt }
        localPart = try Self.readLocalPart(octets[..<at])
        (domain, domainText) = try Self.readDomain(octets[(at + 1)...])
        let length = localPart.utf8.count + 1 + domain.wireLength - 2
        if length > 254 { throw .tooLong(length) }
    }

    /// Whether commands with it need SMTPUTF8 (RFC 6531 §3.4): the domain can be written in ASCII, the rest cannot.
    package var needsSMTPUTF8: Bool { localPart.utf8.contains { $0 >= 128 } }

    ///     Local-part = Dot-string / Quoted-string        (RFC 5321 §4.1.2)
    private static func readLocalPart(_ octets: ArraySlice<UInt8>) throws(EmailAddressError) -> String {
        if octets.isEmpty { throw .emptyLocalPart }
        if octets.count > 130 { throw .localPartTooLong(octets.count) }
        var local: [UInt8] = []
        if octets.first == UInt8(ascii: "\"") {
            guard octets.count > 1, octets.last == UInt8(ascii: "\"") else { throw .badLocalPart(octets.text) }
            var inner = octets.dropFirst().dropLast()
            while let octet = inner.popFirst() {
                if octet == UInt8(ascii: "\\") {
                    guard let escaped = inner.popFirst() else { throw .badLocalPart(octets.text) }
                    local.append(escaped)
                } else if octet == UInt8(ascii: "\"") {
                    throw .badLocalPart(octets.text)
                } else {
                    local.append(octet)
                }
            }
            if local.isEmpty { throw .emptyLocalPart }
        } else {
            local = Array(octets)
            if !isDotString(local) { throw .badLocalPart(octets.text) }
        }
        if local.count > 64 { throw .localPartTooLong(local.count) }
        return local.text
    }

    /// `Atom *("." Atom)`, where atext has what RFC 5322 §3.2.3 lists, and UTF-8 (RFC 6531 §3.3).
    private static func isDotString(_ octets: [UInt8]) -> Bool {
        octets.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty
                && atom.allSatisfy { $0.isAlphanumeric || $0 >= 128 || "!#$%&'*+-/=?^_`{|}~".utf8.contains($0) }
        }
    }

    private static func readDomain(
        _ octets: ArraySlice<UInt8>
    ) throws(EmailAddressError) -> (DomainName, String) {
        if octets.isEmpty { throw .emptyDomain }
        let text = octets.text
        if octets.first == UInt8(ascii: "[") { throw .addressLiteral }
        guard octets.allSatisfy({ $0.isAlphanumeric || $0 >= 128 || "-._".utf8.contains($0) }) else {
            throw .badDomainCharacter(text)
        }
        let name: DomainName
        do { name = try DomainName(text) } catch { throw .badDomain(text, error) }
        if name.isRoot { throw .emptyDomain }
        guard
            name.labels.joined().allSatisfy({ $0.isAlphanumeric || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") })
        else { throw .badDomainCharacter(text) }
        return (name, text.last == "." ? String(text.dropLast()) : text)
    }

    /// The local part as it stands in a command: in quotes where it needs them.
    private var writtenLocalPart: String {
        if Self.isDotString(Array(localPart.utf8)) { return localPart }
        var written = "\""
        for scalar in localPart.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { written += "\\" }
            written.unicodeScalars.append(scalar)
        }
        return written + "\""
    }
}

extension EmailAddress: CustomStringConvertible {
    /// As commands and header fields have it, the domain in ASCII (A-labels).
    package var description: String { "\(writtenLocalPart)@\(domain)" }
}
