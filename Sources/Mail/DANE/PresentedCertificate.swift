package import DNS

/// A certificate as a server presents it, taken apart as far as DANE needs (RFC 5280 §4.1).
///
/// Octets that are no certificate give one without parts: its whole can still be compared. Left out: revocation, name
/// constraints and policies.
package struct PresentedCertificate: Sendable {
    /// The whole, in DER.
    package let der: [UInt8]
    /// SubjectPublicKeyInfo with its tag and length: what selector 1 means (RFC 6698 §2.1.2). nil where it was not found.
    package private(set) var publicKeyInfo: [UInt8]?
    /// As encoded.
    private(set) var subject: [UInt8] = []
    private(set) var issuer: [UInt8] = []
    package private(set) var notBefore: Timestamp?
    package private(set) var notAfter: Timestamp?
    /// dNSName entries of the subjectAltName, any octets.
    package private(set) var dnsNames: [[UInt8]] = []
    /// Common names of the subject: they count only where there is no dNSName (RFC 7672 §3.2.3).
    package private(set) var commonNames: [[UInt8]] = []
    /// 1 to 3.
    private(set) var version = 1
    /// cA of basicConstraints; nil without that extension.
    private(set) var isAuthority: Bool?
    /// pathLenConstraint.
    private(set) var pathLength: Int?
    /// Whether keyUsage allows signing certificates; nil without that extension.
    private(set) var maySign: Bool?
    /// Whether extendedKeyUsage allows servers; nil without that extension.
    private(set) var isForServers: Bool?
    /// What was signed, how, and the signature.
    private(set) var signed: [UInt8] = []
    private(set) var algorithm: [UInt8] = []
    private(set) var signature: [UInt8] = []

    /// More names of one certificate are not looked at.
    private static let mostNames = 2_000

    package init(_ der: [UInt8]) {
        self.der = der
        // Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }
        guard let certificate = DERElement(der, DERElement.sequence) else { return }
        let parts = certificate.elements(limit: 4)
        guard parts.count == 3, parts[0].tag == DERElement.sequence else { return }
        signed = Array(parts[0].whole)
        algorithm = Array(parts[1].whole)
        if parts[2].tag == DERElement.bitString, parts[2].content.first == 0 {
            signature = Array(parts[2].content.dropFirst())
        }
        read(parts[0].elements(limit: 20)[...])
    }

    // TBSCertificate ::= SEQUENCE { version [0] DEFAULT v1, serialNumber, signature, issuer, validity, subject,
    //                               subjectPublicKeyInfo, issuerUniqueID [1], subjectUniqueID [2], extensions [3] }
    private mutating func read(_ fields: ArraySlice<DERElement>) {
        var fields = fields
        if let first = fields.first, first.tag == 0xA0 {
            version = Int(first.elements(limit: 1).first?.content.last ?? 0) + 1
            fields = fields.dropFirst()
        }
        let required = Array(fields.prefix(6))
        guard required.count == 6, required[0].tag == DERElement.integer, required[5].tag == DERElement.sequence else {
            return
        }
        issuer = Array(required[2].whole)
        let validity = required[3].elements(limit: 2)
        notBefore = validity.first?.time
        notAfter = validity.dropFirst().first?.time
        subject = Array(required[4].whole)
        commonNames = Self.commonNames(in: required[4])
        publicKeyInfo = Array(required[5].whole)
        for field in fields.dropFirst(6) where field.tag == 0xA3 {
            for entry in field.elements(limit: 1).first?.elements(limit: 100) ?? [] { readExtension(entry) }
        }
    }

    private static func commonNames(in name: DERElement) -> [[UInt8]] {
        name.elements(limit: 50).flatMap { $0.elements(limit: 10) }.compactMap { attribute in
            let parts = attribute.elements(limit: 2)
            guard parts.count == 2, parts[0].dotted == "2.5.4.3" else { return nil }
            return Array(parts[1].content.prefix(300))
        }
    }

    private mutating func readExtension(_ entry: DERElement) {
        let parts = entry.elements(limit: 3)
        guard let name = parts.first?.dotted, let value = parts.last, value.tag == DERElement.octetString else {
            return
        }
        switch name {
        case "2.5.29.17":  // subjectAltName; dNSName is [2]
            dnsNames =
                DERElement(value.content, DERElement.sequence)?.elements(limit: Self.mostNames)
                .filter { $0.tag == 0x82 }.map { Array($0.content) } ?? []
        case "2.5.29.19":
            // basicConstraints ::= SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }
            let fields = DERElement(value.content, DERElement.sequence)?.elements(limit: 2) ?? []
            isAuthority = fields.first.map { $0.tag == DERElement.boolean && $0.content.first != 0 } ?? false
            if let length = fields.last, length.tag == DERElement.integer {
                pathLength = length.content.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            }
        case "2.5.29.15":  // keyUsage; keyCertSign is bit 5
            let bits = DERElement(value.content, DERElement.bitString)?.content.dropFirst()
            maySign = (bits?.first ?? 0) & 0x04 != 0
        case "2.5.29.37":  // extKeyUsage: id-kp-serverAuth, anyExtendedKeyUsage
            let usages = DERElement(value.content, DERElement.sequence)?.elements(limit: 50).compactMap(\.dotted) ?? []
            isForServers = usages.contains("1.3.6.1.5.5.7.3.1") || usages.contains("2.5.29.37.0")
        default: break
        }
    }

    /// Why it may not have issued a certificate below it with so many authorities between (RFC 5280 §6.1.4); nil where
    /// it may. Old self-signed certificates of version 1 may, as libraries take them.
    func problemAsIssuer(authoritiesBelow: Int) -> String? {
        if let isAuthority, !isAuthority { return "a certificate of the chain is no authority's" }
        if let maySign, !maySign { return "a certificate of the chain may not sign others (keyUsage)" }
        if isAuthority == nil, maySign == nil, version > 1 || issuer != subject {
            return "a certificate of the chain is no authority's"
        }
        if let pathLength, authoritiesBelow > pathLength { return "the chain is longer than an authority allows" }
        return nil
    }

    /// Whether it is in date; nil where its dates can't be read.
    package func isInDate(at now: Timestamp) -> Bool? {
        guard let notBefore, let notAfter else { return nil }
        return notBefore <= now && now <= notAfter
    }

    /// Whether it names one of `hosts` (RFC 7672 §3.2.3): by dNSName, or, where there is none, by common name. A
    /// wildcard stands for the whole first label.
    package func names(oneOf hosts: [DomainName]) -> Bool {
        let presented = dnsNames.isEmpty ? commonNames : dnsNames
        return presented.contains { name in hosts.contains { Self.matches(name, $0) } }
    }

    private static func matches(_ pattern: [UInt8], _ host: DomainName) -> Bool {
        var labels = pattern.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(Array.init)
        guard !labels.contains([]), let first = labels.first else { return false }
        let isWildcard = first == [UInt8(ascii: "*")]
        if isWildcard { labels.removeFirst() }
        if labels.isEmpty || labels.contains(where: { $0.contains(UInt8(ascii: "*")) }) { return false }
        guard let name = try? DomainName(labels: labels) else { return false }
        return isWildcard ? host.parent == name : host == name
    }
}
