internal import Crypto
internal import Judgement
internal import Mail
internal import SwiftASN1
internal import X509

/// What stands in the file of a mark certificate: PEM blocks, the mark certificate first.
///
/// Whether the chain leads to one of the few authorities for marks is not told: no system has their roots.
struct MarkReading {
    private static let mostCertificates = 6
    private static let mostOctets = 200_000
    private static let mostNodes = 5_000
    /// Of a picture, decompressed.
    private static let largestPicture = 500_000

    static func read(_ file: [UInt8]) -> MarkFacts {
        var mark = MarkFacts()
        guard file.count <= mostOctets,
            let blocks = try? PEMDocument.parseMultiple(pemString: String(decoding: file, as: UTF8.self))
        else {
            mark.problem = "it is no PEM file"
            return mark
        }
        let chain = blocks.filter { $0.discriminator == "CERTIFICATE" }.prefix(mostCertificates).map(\.derBytes)
        guard let first = chain.first else {
            mark.problem = "it has no PEM block of a certificate"
            return mark
        }
        let readings = chain.map { CertificateReading($0) }
        guard readings[0].isComplete else {
            mark.problem = "the certificate in it cannot be read"
            return mark
        }
        mark.chain = readings.map(\.facts)
        mark.isSigned = isSigned(chain)
        readExtensions(first, &mark)
        return mark
    }

    static func hashes(of picture: [UInt8]) -> [String] {
        [hexadecimal(SHA256.hash(data: picture)), hexadecimal(Insecure.SHA1.hash(data: picture))]
    }

    /// nil where a certificate or its signature is of a kind that is not known here.
    private static func isSigned(_ chain: [[UInt8]]) -> Bool? {
        let certificates = chain.map { try? Certificate(derEncoded: $0) }
        for (below, above) in zip(certificates, certificates.dropFirst()) {
            guard let below, let above else { return nil }
            if above.subject != below.issuer || !above.publicKey.isValidSignature(below.signature, for: below) {
                return false
            }
        }
        return true
    }

    private static func readExtensions(_ der: [UInt8], _ mark: inout MarkFacts) {
        guard let certificate = try? Certificate(derEncoded: der) else { return }
        for part in certificate.extensions {
            let identifier = part.oid.oidComponents.map { String($0) }.joined(separator: ".")
            guard identifier == "2.5.29.37" || identifier == "1.3.6.1.5.5.7.1.12",
                let root = try? DER.parse(Array(part.value))
            else { continue }
            var budget = mostNodes
            if identifier == "2.5.29.37" {
                visit(root, &budget) { node in
                    if identify(node) == "1.3.6.1.5.5.7.3.31" { mark.isForMarks = true }
                }
            } else {
                // RFC 9399 §4.1: details with hashes and data: addresses, wherever in the extension they stand.
                visit(root, &budget) { node in
                    if mark.picture == nil, let picture = picture(node) { mark.picture = picture }
                    if let hash = hash(node) { mark.hashes.append(hash) }
                }
            }
        }
    }

    private static func visit(_ node: ASN1Node, _ budget: inout Int, _ look: (ASN1Node) -> Void) {
        budget -= 1
        guard budget > 0 else { return }
        look(node)
        if case .constructed(let children) = node.content {
            for child in children { visit(child, &budget, look) }
        }
    }

    private static func identify(_ node: ASN1Node) -> String? {
        guard node.identifier == .objectIdentifier else { return nil }
        return (try? ASN1ObjectIdentifier(derEncoded: node)).map {
            $0.oidComponents.map { String($0) }.joined(separator: ".")
        }
    }

    /// An IA5String that is a data: address with an SVG, compressed or not (RFC 2397, RFC 9399 §4.2).
    private static func picture(_ node: ASN1Node) -> [UInt8]? {
        guard node.identifier == .ia5String, case .primitive(let octets) = node.content,
            octets.starts(with: "data:image/svg+xml".utf8), let comma = octets.firstIndex(of: UInt8(ascii: ",")),
            String(decoding: octets[..<comma], as: UTF8.self).hasSuffix(";base64"),
            case .success(let picture) = Base64.decode(octets[(comma + 1)...])
        else { return nil }
        return picture.starts(with: [0x1F, 0x8B]) ? Inflating.gzip(picture, limit: largestPicture) : picture
    }

    /// HashAlgAndValue ::= SEQUENCE { hashAlg AlgorithmIdentifier, hashValue OCTET STRING }
    private static func hash(_ node: ASN1Node) -> String? {
        guard case .constructed(let parts) = node.content else { return nil }
        let children = Array(parts.prefix(3))
        guard children.count == 2, children[1].identifier == .octetString,
            case .primitive(let value) = children[1].content,
            value.count >= 20, value.count <= 64, case .constructed = children[0].content
        else { return nil }
        return hexadecimal(value)
    }

    private static func hexadecimal(_ octets: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: octets.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
