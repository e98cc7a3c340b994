internal import Crypto
internal import DNS
package import Judgement
internal import Mail
internal import SwiftASN1
internal import X509

/// What stands in one certificate, read field by field, so that a certificate that a strict parser turns down (a kind
/// of key it does not know, a short RSA key) still tells what it can.
package struct CertificateReading: Sendable {
    package var facts: CertificateFacts
    package var names: [PresentedName] = []
    /// False where this is no certificate at all, or an essential field could not be read.
    package var isComplete = false

    /// - Parameter der: any octets. Where a date can't be read, it is the one that means "none" (RFC 5280 §4.1.2.5),
    ///   so that nothing counts as expired that was not seen to be.
    package init(_ der: [UInt8]) {
        facts = CertificateFacts(
            subject: "", issuer: "", serial: "", names: [], notBefore: Timestamp(0), notAfter: Self.noDate,
            keyAlgorithm: "", keyBits: nil, signatureAlgorithm: "",
            fingerprint: hexadecimal(SHA256.hash(data: der)), der: der)
        // RFC 5280 §4.1: Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue }
        guard let certificate = try? DER.parse(der), certificate.children.count == 3 else { return }
        facts.signatureAlgorithm =
            certificate.children[1].children.first?.objectIdentifier.map { signatureAlgorithms[$0] ?? $0 } ?? ""
        facts.signatureHash = Self.hash(of: certificate.children[1])
        read(certificate.children[0].children[...])
        facts.names = names.map(\.description)
    }

    private static let noDate = Timestamp(year: 9999, month: 12, day: 31, hour: 23, minute: 59, second: 59)

    // TBSCertificate ::= SEQUENCE { version [0] DEFAULT v1, serialNumber, signature, issuer, validity, subject,
    //                               subjectPublicKeyInfo, issuerUniqueID [1], subjectUniqueID [2], extensions [3] }
    private mutating func read(_ fields: ArraySlice<ASN1Node>) {
        var fields = fields
        if fields.first?.isTagged(0) == true { fields = fields.dropFirst() }
        let required = Array(fields.prefix(6))
        guard required.count == 6 else { return }
        facts.serial = hexadecimal(required[0].octets)
        let issuer = try? DistinguishedName(derEncoded: required[2])
        facts.issuer = issuer.map { "\($0)" } ?? ""
        let validity = required[3].children
        let notBefore = validity.first?.time, notAfter = validity.dropFirst().first?.time
        facts.notBefore = notBefore ?? facts.notBefore
        facts.notAfter = notAfter ?? facts.notAfter
        let subject = try? DistinguishedName(derEncoded: required[4])
        facts.subject = subject.map { "\($0)" } ?? ""
        readKey(required[5])
        for field in fields.dropFirst(6) where field.isTagged(3) { readExtensions(field) }
        isComplete = issuer != nil && subject != nil && notBefore != nil && notAfter != nil
    }

    private mutating func readKey(_ info: ASN1Node) {
        guard info.children.count == 2, let algorithm = info.children[0].children.first?.objectIdentifier else {
            return
        }
        switch algorithm {
        case "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10":
            // The latter for RSA-PSS alone (RFC 4055 §1.2).
            facts.keyAlgorithm = algorithm.hasSuffix(".10") ? "RSA-PSS" : "RSA"
            facts.keyBits = Self.modulusBits(Array(info.children[1].octets.dropFirst()))
        case "1.2.840.10045.2.1":
            facts.keyAlgorithm = "ECDSA"
            let curve = info.children[0].children.dropFirst().first?.objectIdentifier
            facts.keyBits = curve.flatMap { curves[$0]?.bits }
            facts.keyCurve = curve.map { curves[$0]?.name ?? $0 }
        case "1.3.101.112":
            facts.keyAlgorithm = "Ed25519"
            facts.keyBits = 256
        case "1.3.101.113":
            facts.keyAlgorithm = "Ed448"
            facts.keyBits = 456
        default: facts.keyAlgorithm = algorithm
        }
    }

    /// The hash that an AlgorithmIdentifier of a signature names.
    private static func hash(of algorithm: ASN1Node) -> String? {
        guard let identifier = algorithm.children.first?.objectIdentifier else { return nil }
        if identifier == "1.2.840.113549.1.1.10" {
            // RSASSA-PSS-params ::= SEQUENCE { hashAlgorithm [0] HashAlgorithm DEFAULT sha1Identifier, … }
            // (RFC 4055 §3.1).
            guard let parameters = algorithm.children.dropFirst().first else { return "SHA-1" }
            guard let hash = parameters.children.first(where: { $0.isTagged(0) }) else { return "SHA-1" }
            return hash.children.first?.children.first?.objectIdentifier.flatMap { hashes[$0] }
        }
        let letters = (signatureAlgorithms[identifier] ?? "").lowercased()
        for (mark, name) in [
            ("md5", "MD5"), ("md2", "MD2"), ("sha1", "SHA-1"), ("sha224", "SHA-224"), ("sha256", "SHA-256"),
            ("sha384", "SHA-384"), ("sha512", "SHA-512"),
        ] where letters.contains(mark) { return name }
        return nil
    }

    /// RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER } (RFC 8017 §A.1.1).
    private static func modulusBits(_ der: [UInt8]) -> Int? {
        guard let modulus = (try? DER.parse(der))?.children.first?.octets.drop(while: { $0 == 0 }),
            let first = modulus.first
        else { return nil }
        return modulus.count * 8 - first.leadingZeroBitCount
    }

    private mutating func readExtensions(_ field: ASN1Node) {
        for entry in field.children.first?.children ?? [] {
            guard entry.children.first?.objectIdentifier == "2.5.29.17", let value = entry.children.last,
                let alternatives = try? DER.parse(value.octets)
            else { continue }
            names += alternatives.children.compactMap { name in
                // GeneralName ::= CHOICE { …, dNSName [2] IA5String, …, iPAddress [7] OCTET STRING, … }
                if name.isTagged(2) { return .dns(Array(name.octets)) }
                return name.isTagged(7) ? Self.address(name.octets).map(PresentedName.address) : nil
            }
        }
    }

    private static func address(_ octets: ArraySlice<UInt8>) -> IPAddress? {
        if octets.count == 4 { return .v4(IPv4Address(octets.reduce(0) { $0 << 8 | UInt32($1) })) }
        return IPv6Address(octets: octets).map(IPAddress.v6)
    }
}

extension ASN1Node {
    fileprivate var children: [ASN1Node] {
        if case .constructed(let nodes) = content { Array(nodes) } else { [] }
    }

    /// The octets of a primitive.
    fileprivate var octets: ArraySlice<UInt8> {
        if case .primitive(let octets) = content { octets } else { [] }
    }

    fileprivate func isTagged(_ number: UInt) -> Bool {
        identifier.tagClass == .contextSpecific && identifier.tagNumber == number
    }

    /// In dotted form.
    fileprivate var objectIdentifier: String? {
        (try? ASN1ObjectIdentifier(derEncoded: self)).map {
            $0.oidComponents.map { String($0) }.joined(separator: ".")
        }
    }

    /// Time ::= CHOICE { utcTime UTCTime, generalTime GeneralizedTime }
    fileprivate var time: Timestamp? {
        if let time = try? UTCTime(derEncoded: self) {
            return Timestamp(
                year: time.year, month: time.month, day: time.day, hour: time.hours, minute: time.minutes,
                second: time.seconds)
        }
        return (try? GeneralizedTime(derEncoded: self)).map { time in
            Timestamp(
                year: time.year, month: time.month, day: time.day, hour: time.hours, minute: time.minutes,
                second: time.seconds)
        }
    }
}

private func hexadecimal(_ octets: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: octets.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

private let curves: [String: (name: String, bits: Int)] = [
    "1.2.840.10045.3.1.1": ("secp192r1", 192), "1.3.132.0.33": ("secp224r1", 224),
    "1.2.840.10045.3.1.7": ("secp256r1", 256), "1.3.132.0.34": ("secp384r1", 384), "1.3.132.0.35": ("secp521r1", 521),
    "1.3.132.0.10": ("secp256k1", 256), "1.3.36.3.3.2.8.1.1.7": ("brainpoolP256r1", 256),
    "1.3.36.3.3.2.8.1.1.11": ("brainpoolP384r1", 384), "1.3.36.3.3.2.8.1.1.13": ("brainpoolP512r1", 512),
]

private let hashes = [
    "1.2.840.113549.2.5": "MD5", "1.3.14.3.2.26": "SHA-1", "2.16.840.1.101.3.4.2.4": "SHA-224",
    "2.16.840.1.101.3.4.2.1": "SHA-256", "2.16.840.1.101.3.4.2.2": "SHA-384", "2.16.840.1.101.3.4.2.3": "SHA-512",
]

private let signatureAlgorithms = [
    "1.2.840.113549.1.1.2": "md2WithRSAEncryption", "1.2.840.113549.1.1.14": "sha224WithRSAEncryption",
    "1.2.840.113549.1.1.4": "md5WithRSAEncryption", "1.2.840.113549.1.1.5": "sha1WithRSAEncryption",
    "1.2.840.113549.1.1.11": "sha256WithRSAEncryption", "1.2.840.113549.1.1.12": "sha384WithRSAEncryption",
    "1.2.840.113549.1.1.13": "sha512WithRSAEncryption", "1.2.840.113549.1.1.10": "RSASSA-PSS",
    "1.2.840.10045.4.1": "ecdsa-with-SHA1", "1.2.840.10045.4.3.2": "ecdsa-with-SHA256",
    "1.2.840.10045.4.3.3": "ecdsa-with-SHA384", "1.2.840.10045.4.3.4": "ecdsa-with-SHA512",
    "1.3.101.112": "Ed25519", "1.3.101.113": "Ed448",
]
