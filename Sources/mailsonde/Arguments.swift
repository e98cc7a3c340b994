import ArgumentParser
import DNS
import Judgement
import Mail
import Rendering

extension ReportFormat: ExpressibleByArgument {}

/// Reads what users write on the command line; every complaint says what is wrong and what would be right.
enum Arguments {
    /// A mail domain: what stands behind the @ of an address. Letters of any script, digits, hyphens and underscores.
    static func mailDomain(_ text: String) throws(UsageError) -> DomainName {
        do throws(MailDomain.Problem) {
            return try MailDomain.read(text)
        } catch {
            throw UsageError("“\(text)” is no mail domain: \(error.reason)")
        }
    }

    /// An address to ask for by RCPT, which carries no letters beyond ASCII without SMTPUTF8.
    static func recipient(_ text: String) throws(UsageError) -> EmailAddress {
        guard let address = try? EmailAddress(text), (try? mailDomain(address.domain.description)) != nil else {
            throw UsageError("--recipient: “\(text)” is no address: write ann@example.org")
        }
        if address.needsSMTPUTF8 {
            throw UsageError("--recipient: “\(text)” cannot be asked for: its local part is not ASCII")
        }
        return address
    }

    /// A DKIM selector (RFC 6376 §3.1): one or more labels.
    static func selector(_ text: String) throws(UsageError) -> String {
        guard let name = try? DomainName(text), !name.isRoot, !text.hasSuffix("."),
            name.labels.allSatisfy({ $0.allSatisfy(MailDomain.isHostOctet) })
        else {
            throw UsageError("“\(text)” is no DKIM selector: write what stands in s= of a signature, such as mail2026")
        }
        return text
    }

    /// `smtp,imaps`, `all` or `none`.
    static func services(_ text: String) throws(UsageError) -> [Service] {
        if text == "none" { return [] }
        if text == "all" { return Service.allCases }
        var services: [Service] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            let byNumber = UInt16(word).flatMap { number in Service.allCases.first { $0.port == number } }
            guard let service = Service(rawValue: String(word)) ?? byNumber else {
                let known = Service.allCases.map(\.rawValue).joined(separator: ",")
                throw UsageError("--ports: “\(word)” is no service: write some of \(known), or none")
            }
            if !services.contains(service) { services.append(service) }
        }
        return services
    }
}
