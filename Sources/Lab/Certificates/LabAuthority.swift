internal import Crypto
internal import DNS
internal import FoundationEssentials
package import Mail
internal import NIOSSL
internal import SwiftASN1
internal import X509

/// A certificate authority of the lab: a root, an intermediate below it, and server certificates as wished.
/// Keys are P-256 and live in memory only.
package struct LabAuthority: Sendable {
    private let root: Certificate
    private let intermediate: Certificate
    private let intermediateKey: Certificate.PrivateKey
    private let now: Timestamp

    /// From when to when a certificate is valid, seen from the moment the authority was made.
    package enum Validity: Hashable, Sendable {
        /// From an hour ago, for 90 days.
        case usual
        /// Until so many days ago.
        case expired(daysAgo: Double)
        /// From an hour ago, for so many days.
        case ends(inDays: Double)
        /// From so many days on.
        case begins(inDays: Double)
    }

    /// What the server sends along.
    package enum Chain: Hashable, Sendable {
        /// Its certificate and the intermediate.
        case complete
        /// Its certificate alone: the way to the root cannot be found.
        case withoutIntermediate
        /// One certificate that it signed itself.
        case selfSigned
    }

    /// Makes new keys and a root and an intermediate certificate that are valid `now`.
    package init(now: Timestamp) throws {
        self.now = now
        let rootKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        intermediateKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let rootName = try Self.name("mailsonde lab root")
        root = try Self.sign(
            rootKey.publicKey, as: rootName, from: now + -86_400, to: now + 3_650 * 86_400, by: rootName,
            with: rootKey, isAuthority: true, names: [])
        intermediate = try Self.sign(
            intermediateKey.publicKey, as: Self.name("mailsonde lab intermediate"), from: now + -86_400,
            to: now + 1_825 * 86_400, by: rootName, with: rootKey, isAuthority: true, names: [])
    }

    /// The root certificate as PEM, for `--ca-file`.
    package var rootPEM: String { get throws { try root.serializeAsPEM().pemString } }

    /// A key and a certificate for a server.
    /// - Parameter names: host names and addresses for the subjectAltName (RFC 9525 §6.3), the first also as common name.
    package func identity(
        for names: [String], validity: Validity = .usual, chain: Chain = .complete
    ) throws -> ServerIdentity {
        let key = P256.Signing.PrivateKey()
        let wrapped = Certificate.PrivateKey(key)
        let span: (from: Timestamp, to: Timestamp) =
            switch validity {
            case .usual: (now + -3_600, now + 90 * 86_400)
            case .expired(let days): (now + (-90 - days) * 86_400, now + -days * 86_400)
            case .ends(let days): (now + -3_600, now + days * 86_400)
            case .begins(let days): (now + days * 86_400, now + (days + 90) * 86_400)
            }
        let subject = try Self.name(names.first ?? "nobody")
        let selfSigned = chain == .selfSigned
        let leaf = try Self.sign(
            wrapped.publicKey, as: subject, from: span.from, to: span.to,
            by: selfSigned ? subject : intermediate.subject, with: selfSigned ? wrapped : intermediateKey,
            isAuthority: false, names: names)
        let sent = chain == .complete ? [leaf, intermediate] : [leaf]
        return try ServerIdentity(
            chain: sent.map { certificate in
                var serializer = DER.Serializer()
                try certificate.serialize(into: &serializer)
                return serializer.serializedBytes
            }, keyPEM: key.pemRepresentation)
    }

    private static func name(_ common: String) throws -> DistinguishedName {
        try DistinguishedName {
            OrganizationName("mailsonde lab")
            CommonName(common)
        }
    }

    private static func sign(
        _ key: Certificate.PublicKey, as subject: DistinguishedName, from: Timestamp, to: Timestamp,
        by issuer: DistinguishedName, with issuerKey: Certificate.PrivateKey, isAuthority: Bool, names: [String]
    ) throws -> Certificate {
        let alternatives = names.map { name -> GeneralName in
            if let address = IPAddress(name) {
                .ipAddress(ASN1OctetString(contentBytes: address.octets[...]))
            } else {
                .dnsName(name)
            }
        }
        return try Certificate(
            version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key,
            notValidBefore: Date(timeIntervalSince1970: from.secondsSince1970),
            notValidAfter: Date(timeIntervalSince1970: to.secondsSince1970), issuer: issuer, subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: Certificate.Extensions {
                Critical(
                    isAuthority
                        ? BasicConstraints.isCertificateAuthority(maxPathLength: nil)
                        : BasicConstraints.notCertificateAuthority)
                Critical(
                    isAuthority ? KeyUsage(keyCertSign: true, cRLSign: true) : KeyUsage(digitalSignature: true))
                SubjectKeyIdentifier(hash: key)
                AuthorityKeyIdentifier(
                    keyIdentifier: SubjectKeyIdentifier(hash: issuerKey.publicKey).keyIdentifier)
                if !isAuthority { try ExtendedKeyUsage([.serverAuth]) }
                if !alternatives.isEmpty { SubjectAlternativeNames(alternatives) }
            }, issuerPrivateKey: issuerKey)
    }
}

/// The certificate chain and key that a server shows.
package struct ServerIdentity: Sendable {
    /// As sent, the server's own certificate first, in DER.
    package let chain: [[UInt8]]
    let context: NIOSSLContext

    init(chain: [[UInt8]], keyPEM: String) throws {
        self.chain = chain
        let certificates = try chain.map { try NIOSSLCertificate(bytes: $0, format: .der) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(keyPEM.utf8), format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        context = try NIOSSLContext(configuration: configuration)
    }
}
