package import DNS

// What a TLSA record says, and whether a sender can use it at all (RFC 6698 §2.1, RFC 7671 §4, RFC 7672 §3.1).

extension TLSA {
    /// The values of the first field, by their names in RFC 7218 §2.1.
    package enum Usage: UInt8, Hashable, Sendable, CaseIterable {
        case pkixTA = 0, pkixEE, daneTA, daneEE

        package var name: String {
            switch self {
            case .pkixTA: "PKIX-TA"
            case .pkixEE: "PKIX-EE"
            case .daneTA: "DANE-TA"
            case .daneEE: "DANE-EE"
            }
        }
    }

    /// A record that ends within its first three fields: what is missing counts as a value that nobody knows, and
    /// there are no data.
    init(cut octets: [UInt8]) {
        func field(_ index: Int) -> UInt8 { octets.indices.contains(index) ? octets[index] : .max }
        self.init(usage: field(0), selector: field(1), matchingType: field(2), association: [])
    }

    /// Why a sender leaves a record aside.
    package enum Fault: Hashable, Sendable {
        /// Usage 0 or 1: undefined for SMTP (RFC 7672 §3.1.3).
        case publicAuthority
        case unknownUsage, unknownSelector, unknownMatchingType
        /// The octets that are there, and those that the matching type has.
        case wrongLength(Int, of: Int)
        case empty
        /// Matching type 0, but the data are no certificate or no public key.
        case noCertificate, noPublicKey
    }

    /// Why a sender of mail cannot use it; nil where it can.
    package var fault: Fault? {
        switch usage {
        case 0, 1: return association.isEmpty ? .empty : .publicAuthority
        case 2, 3: break
        default: return .unknownUsage
        }
        return formFault
    }

    /// What is wrong with its form, whatever the usage; nil where nothing is.
    package var formFault: Fault? {
        if association.isEmpty { return .empty }
        if usage > 3 { return .unknownUsage }
        if selector > 1 { return .unknownSelector }
        if matchingType > 2 { return .unknownMatchingType }
        switch matchingType {
        case 1 where association.count != 32: return .wrongLength(association.count, of: 32)
        case 2 where association.count != 64: return .wrongLength(association.count, of: 64)
        case 0 where selector == 0:
            return PresentedCertificate(association).publicKeyInfo == nil ? .noCertificate : nil
        case 0:
            let parts = DERElement(association, DERElement.sequence)?.elements(limit: 3)
            return parts?.count == 2 ? nil : .noPublicKey
        default: return nil
        }
    }

    /// `3 1 1 8ce1f10b…`, at most so many digits of the data.
    package func brief(digits: Int = 16) -> String {
        let hex = association.prefix((digits + 1) / 2).map { octet in
            String(octet >> 4, radix: 16) + String(octet & 15, radix: 16)
        }.joined()
        return "\(usage) \(selector) \(matchingType) \(hex)\(association.count * 2 > digits ? "…" : "")"
    }
}

extension TLSA.Fault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .publicAuthority: "usages 0 and 1 are not for mail: senders leave them aside"
        case .unknownUsage: "the usage is unknown: 2 or 3 belongs there"
        case .unknownSelector: "the selector is unknown: 0 or 1 belongs there"
        case .unknownMatchingType: "the matching type is unknown: 1 or 2 belongs there"
        case .wrongLength(let found, let needed):
            "the digest has \(found) octet\(found == 1 ? "" : "s") instead of \(needed)"
        case .empty: "the data are empty"
        case .noCertificate: "the data are no certificate"
        case .noPublicKey: "the data are no public key"
        }
    }
}

extension TLSA {
    /// `3 1 1` for the key of a certificate; nil where that can't be found.
    package static func matching(_ certificate: PresentedCertificate) -> TLSA? {
        certificate.publicKeyInfo.map {
            TLSA(usage: 3, selector: 1, matchingType: 1, association: digest(of: $0, 1))
        }
    }
}
