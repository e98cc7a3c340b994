package import Mail

/// What stands in a certificate (RFC 5280 §4.1), and the certificate itself. Facts only: whether a key is long enough
/// is for the rules.
package struct CertificateFacts: Hashable, Sendable {
    package var subject: String
    package var issuer: String
    /// Hexadecimal, lower case.
    package var serial: String
    /// dNSName and iPAddress entries of the subjectAltName.
    package var names: [String]
    package var notBefore: Timestamp
    package var notAfter: Timestamp
    /// `RSA`, `ECDSA`, `Ed25519`, or the object identifier.
    package var keyAlgorithm: String
    /// nil where the kind of key is not known.
    package var keyBits: Int?
    /// The curve of an ECDSA key: `secp256r1`, or its object identifier; nil for other keys.
    package var keyCurve: String?
    package var signatureAlgorithm: String
    /// The hash that was signed: `SHA-256`, `SHA-1`, `MD5`; nil where the algorithm is not known or has none of its own.
    package var signatureHash: String?
    /// SHA-256 of the DER, hexadecimal.
    package var fingerprint: String
    /// The certificate as it was sent, in DER; empty where it was not recorded. Not printed in reports.
    package var der: [UInt8]

    package init(
        subject: String, issuer: String, serial: String, names: [String], notBefore: Timestamp, notAfter: Timestamp,
        keyAlgorithm: String, keyBits: Int?, keyCurve: String? = nil, signatureAlgorithm: String,
        signatureHash: String? = nil, fingerprint: String, der: [UInt8] = []
    ) {
        self.subject = subject
        self.issuer = issuer
        self.serial = serial
        self.names = names
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.keyAlgorithm = keyAlgorithm
        self.keyBits = keyBits
        self.keyCurve = keyCurve
        self.signatureAlgorithm = signatureAlgorithm
        self.signatureHash = signatureHash
        self.fingerprint = fingerprint
        self.der = der
    }

    /// How long it is valid, in seconds; 0 where its dates contradict each other.
    package var lifetime: Double { max(0, notAfter - notBefore) }

    /// What is left of its life at `moment`, from 1 (not begun) to 0 (over); nil where it has no life.
    package func fractionLeft(at moment: Timestamp) -> Double? {
        lifetime > 0 ? max(0, min(1, (notAfter - moment) / lifetime)) : nil
    }
}

extension CertificateFacts: Codable {
    private enum Key: String, CodingKey {
        case subject, issuer, serial, names, notBefore, notAfter, keyAlgorithm, keyBits, keyCurve, signatureAlgorithm,
            signatureHash, fingerprint, der
    }

    /// Recordings from before a field was there decode without it.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        let text = try values.decodeIfPresent(String.self, forKey: .der) ?? ""
        guard case .success(let der) = Base64.decode(Array(text.utf8)) else {
            throw DecodingError.dataCorruptedError(
                forKey: .der, in: values, debugDescription: "the certificate is no base64")
        }
        self.init(
            subject: try values.decode(String.self, forKey: .subject),
            issuer: try values.decode(String.self, forKey: .issuer),
            serial: try values.decode(String.self, forKey: .serial),
            names: try values.decode([String].self, forKey: .names),
            notBefore: try values.decode(Timestamp.self, forKey: .notBefore),
            notAfter: try values.decode(Timestamp.self, forKey: .notAfter),
            keyAlgorithm: try values.decode(String.self, forKey: .keyAlgorithm),
            keyBits: try values.decodeIfPresent(Int.self, forKey: .keyBits),
            keyCurve: try values.decodeIfPresent(String.self, forKey: .keyCurve),
            signatureAlgorithm: try values.decode(String.self, forKey: .signatureAlgorithm),
            signatureHash: try values.decodeIfPresent(String.self, forKey: .signatureHash),
            fingerprint: try values.decode(String.self, forKey: .fingerprint), der: der)
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        try values.encode(subject, forKey: .subject)
        try values.encode(issuer, forKey: .issuer)
        try values.encode(serial, forKey: .serial)
        try values.encode(names, forKey: .names)
        try values.encode(notBefore, forKey: .notBefore)
        try values.encode(notAfter, forKey: .notAfter)
        try values.encode(keyAlgorithm, forKey: .keyAlgorithm)
        try values.encodeIfPresent(keyBits, forKey: .keyBits)
        try values.encodeIfPresent(keyCurve, forKey: .keyCurve)
        try values.encode(signatureAlgorithm, forKey: .signatureAlgorithm)
        try values.encodeIfPresent(signatureHash, forKey: .signatureHash)
        try values.encode(fingerprint, forKey: .fingerprint)
        if !der.isEmpty { try values.encode(Base64.encode(der), forKey: .der) }
    }
}
