internal import FoundationEssentials
internal import SwiftASN1
internal import X509

/// The certificates that a chain has to lead to. Loaded once and handed in.
package struct TrustRoots: Sendable {
    let certificates: [Certificate]
    let store: CertificateStore
    let bySubject: [DistinguishedName: [Certificate]]
    /// When the validity of any of them begins or ends, ascending, in seconds since 1970.
    let moments: [Double]
    /// What chains came to when they were compared with these.
    let judged = JudgedChains()
    /// Why there are none, for a person; nil where there are some.
    package let problem: String?

    private init(_ certificates: [Certificate], problem: String? = nil) {
        self.certificates = certificates
        self.problem = problem
        store = CertificateStore(certificates)
        bySubject = Dictionary(grouping: certificates, by: \.subject)
        moments = certificates.flatMap {
            [$0.notValidBefore.timeIntervalSince1970, $0.notValidAfter.timeIntervalSince1970]
        }.sorted()
    }

    package var isEmpty: Bool { certificates.isEmpty }
    package var count: Int { certificates.count }

    /// No roots: whether a chain is trusted can't be told.
    package static func none(because problem: String) -> TrustRoots { TrustRoots([], problem: problem) }

    /// The system's: `SSL_CERT_FILE` where it is set, otherwise the first file there is among the usual ones. Read at
    /// the first use. A certificate in it that can't be read is passed over.
    package static let system: TrustRoots = {
        let named = ProcessInfo.processInfo.environment["SSL_CERT_FILE"].map { [$0] }
        for path in named ?? usualPlaces {
            guard let text = text(of: path) else { continue }
            let documents = (try? PEMDocument.parseMultiple(pemString: text)) ?? []
            let certificates = documents.compactMap { try? Certificate(pemDocument: $0) }
            if !certificates.isEmpty { return TrustRoots(certificates) }
        }
        return .none(because: "this system has no file of trusted roots: install ca-certificates or use --ca-file")
    }()

    private static let usualPlaces = [
        "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Arch, Alpine
        "/etc/pki/tls/certs/ca-bundle.crt",  // Fedora, RHEL
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL
        "/etc/ssl/ca-bundle.pem",  // SUSE
        "/etc/ssl/cert.pem",  // Alpine, BSD, macOS
    ]

    /// Exactly the certificates of a PEM file.
    package init(caFile path: String) throws(TrustRootsError) {
        guard let text = Self.text(of: path) else { throw .unreadable(path) }
        try self.init(pem: text, from: path)
    }

    /// Exactly the certificates in PEM text.
    /// - Parameter path: where the text is from, for errors.
    package init(pem text: String, from path: String = "the PEM text") throws(TrustRootsError) {
        let documents: [PEMDocument]
        do { documents = try PEMDocument.parseMultiple(pemString: text) } catch { throw .noPEM(path) }
        var certificates: [Certificate] = []
        for document in documents where document.discriminator == "CERTIFICATE" {
            guard let certificate = try? Certificate(pemDocument: document) else {
                throw .badCertificate(number: certificates.count + 1, path)
            }
            certificates.append(certificate)
        }
        if certificates.isEmpty { throw .empty(path) }
        self.init(certificates)
    }

    /// Exactly these certificates, in DER.
    package init(der: [[UInt8]]) throws(TrustRootsError) {
        var certificates: [Certificate] = []
        for octets in der {
            guard let certificate = try? Certificate(derEncoded: octets) else {
                throw .badCertificate(number: certificates.count + 1, "the list")
            }
            certificates.append(certificate)
        }
        self.init(certificates, problem: certificates.isEmpty ? "no trusted roots were given" : nil)
    }

    private static func text(of path: String) -> String? {
        (try? Data(contentsOf: URL(fileURLWithPath: path))).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// Why a file gives no trusted roots.
package enum TrustRootsError: Error, Hashable, Sendable, CustomStringConvertible {
    case unreadable(String)
    case noPEM(String)
    case empty(String)
    /// Counted from 1.
    case badCertificate(number: Int, String)

    package var description: String {
        switch self {
        case .unreadable(let path): "\(path): there is no such file, or it may not be read"
        case .noPEM(let path): "\(path): this is no PEM (-----BEGIN CERTIFICATE-----)"
        case .empty(let path): "\(path): there is no certificate in it"
        case .badCertificate(let number, let path): "\(path): certificate \(number) can't be read"
        }
    }
}
