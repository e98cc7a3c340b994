package import DNS

/// Authorities that most mail hosts have their certificates from: what CAA calls them, found by the organization in the
/// issuer's name. One that is not here is not judged.
package enum KnownAuthorities {
    /// The CAA domains of the authority that an issuer's distinguished name speaks of; empty where it is not known.
    package static func domains(ofIssuer name: String) -> [DomainName] {
        let name = name.lowercased()
        guard let entry = table.first(where: { entry in entry.words.contains { name.contains($0) } }) else { return [] }
        return entry.domains.compactMap { try? DomainName($0) }
    }

    private static let table: [(words: [String], domains: [String])] = [
        (["let's encrypt", "internet security research group"], ["letsencrypt.org"]),
        (
            ["digicert", "geotrust", "thawte", "rapidssl", "quovadis"],
            [
                "digicert.com", "www.digicert.com", "geotrust.com", "thawte.com", "rapidssl.com", "symantec.com",
                "digicert.ne.jp", "cybertrust.ne.jp", "quovadisglobal.com", "amazon.com", "pki.apple.com",
            ]
        ),
        (
            ["sectigo", "comodo ca", "usertrust", "zerossl", "gandi sas", "trust provider"],
            [
                "sectigo.com", "comodo.com", "comodoca.com", "usertrust.com", "trust-provider.com", "zerossl.com",
                "entrust.net",
            ]
        ),
        (["globalsign"], ["globalsign.com"]),
        (["google trust services"], ["pki.goog", "google.com"]),
        (["o=amazon"], ["amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com", "aws.amazon.com"]),
        (["godaddy", "starfield"], ["godaddy.com", "starfieldtech.com"]),
        (["buypass"], ["buypass.com", "buypass.no"]),
        (["harica", "hellenic academic"], ["harica.gr"]),
        (["actalis"], ["actalis.it"]),
        (["ssl corporation"], ["ssl.com"]),
        (["swisssign"], ["swisssign.com", "swisssign.net"]),
        (["certum", "asseco"], ["certum.pl", "certum.eu", "yandex.ru"]),
        (["d-trust"], ["d-trust.net", "dtrust.de", "d-trust.de", "dtrust.net"]),
        (["t-systems", "deutsche telekom security"], ["telesec.de"]),
        (["identrust"], ["identrust.com"]),
    ]
}
