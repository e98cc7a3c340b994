import Crypto
import FoundationEssentials
import Mail
import SwiftASN1
import X509

/// An authority that issues what tests ask for, good or bad.
struct TestAuthority {
    let name: DistinguishedName
    let key: Certificate.PrivateKey
    let certificate: Certificate

    static let noon = Timestamp(year: 2026, month: 11, day: 22, hour: 12)
    static let day = 86_400.0

    /// An authority that signed itself.
    init(
        _ commonName: String, from: Timestamp = noon + -1_000 * day, to: Timestamp = noon + 1_000 * day
    ) throws {
        name = try DistinguishedName { CommonName(commonName) }
        key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        certificate = try Self.sign(
            subject: name, publicKey: key.publicKey, issuer: name, by: key, from: from, to: to,
            extensions: Certificate.Extensions { Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil)) }
        )
    }

    private init(name: DistinguishedName, key: Certificate.PrivateKey, certificate: Certificate) {
        self.name = name
        self.key = key
        self.certificate = certificate
    }

    /// An authority that this one signed.
    func intermediate(
        _ commonName: String, isAuthority: Bool = true, from: Timestamp = noon + -500 * day,
        to: Timestamp = noon + 500 * day, usage: KeyUsage? = nil, purposes: [ExtendedKeyUsage.Usage] = [],
        keyOf other: TestAuthority? = nil
    ) throws -> TestAuthority {
        let name = try DistinguishedName { CommonName(commonName) }
        let key = other?.key ?? Certificate.PrivateKey(P256.Signing.PrivateKey())
        var extensions = try Certificate.Extensions {
            if let usage { Critical(usage) }
            if !purposes.isEmpty { try ExtendedKeyUsage(purposes) }
        }
        let constraints =
            isAuthority
            ? BasicConstraints.isCertificateAuthority(maxPathLength: nil) : .notCertificateAuthority
        try extensions.append(Certificate.Extension(constraints, critical: true))
        let certificate = try Self.sign(
            subject: name, publicKey: key.publicKey, issuer: self.name, by: self.key, from: from, to: to,
            extensions: extensions)
        return TestAuthority(name: name, key: key, certificate: certificate)
    }

    /// A server's certificate.
    func issue(
        _ names: [GeneralName] = [.dnsName("mx.example.org")], from: Timestamp = noon + -10 * day,
        to: Timestamp = noon + 80 * day, usage: [ExtendedKeyUsage.Usage] = [.serverAuth],
        namesAreCritical: Bool = false, saysWhereIssuerIs: Bool = false
    ) throws -> Certificate {
        var extensions = try Certificate.Extensions {
            Critical(BasicConstraints.notCertificateAuthority)
            try ExtendedKeyUsage(usage)
        }
        try extensions.append(Certificate.Extension(SubjectAlternativeNames(names), critical: namesAreCritical))
        if saysWhereIssuerIs {
            let location = GeneralName.uniformResourceIdentifier("http://ca.test/issuer.cer")
            try extensions.append(
                Certificate.Extension(
                    AuthorityInformationAccess([.init(method: .issuingCA, location: location)]), critical: false))
        }
        return try Self.sign(
            subject: namesAreCritical ? DistinguishedName() : DistinguishedName { CommonName("a server") },
            publicKey: Certificate.PrivateKey(P256.Signing.PrivateKey()).publicKey, issuer: name, by: key, from: from,
            to: to, extensions: extensions)
    }

    /// A server's certificate that signed itself, and says so little that it can be no authority's.
    static func alone() throws -> Certificate {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let name = try DistinguishedName { CommonName("alone") }
        return try sign(
            subject: name, publicKey: key.publicKey, issuer: name, by: key, from: noon + -10 * day,
            to: noon + 80 * day, extensions: Certificate.Extensions())
    }

    private static func sign(
        subject: DistinguishedName, publicKey: Certificate.PublicKey, issuer: DistinguishedName,
        by key: Certificate.PrivateKey, from: Timestamp, to: Timestamp, extensions: Certificate.Extensions
    ) throws -> Certificate {
        try Certificate(
            version: .v3, serialNumber: .init(), publicKey: publicKey,
            notValidBefore: Date(timeIntervalSince1970: from.secondsSince1970),
            notValidAfter: Date(timeIntervalSince1970: to.secondsSince1970), issuer: issuer, subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions, issuerPrivateKey: key)
    }
}

extension Certificate {
    var der: [UInt8] {
        get throws {
            var serializer = DER.Serializer()
            try serialize(into: &serializer)
            return serializer.serializedBytes
        }
    }
}
