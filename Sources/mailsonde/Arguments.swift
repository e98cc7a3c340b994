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
        func complain(_ why: String) -> UsageError { UsageError("“\(text)” is no mail domain: \(why)") }
        if IPAddress(text) != nil || text.hasPrefix("[") {
            throw complain("it is an address; write a name such as example.org")
        }
        if text.contains("://") { throw complain("it is a URL; write the name alone, such as example.org") }
        if let at = text.lastIndex(of: "@") {
            throw complain("write what stands behind the @: \(text[text.index(after: at)...])")
        }
        let name: DomainName
        do { name = try DomainName(text) } catch { throw complain("\(error)") }
        if name.isRoot { throw complain("write a name such as example.org") }
        for label in name.labels {
            if let octet = label.first(where: { !isHostOctet($0) }) {
                let shown = Escaping.visible(bytes: [octet])
                throw complain("“\(shown)” cannot stand in one; write a name such as example.org")
            }
            if label.first == UInt8(ascii: "-") || label.last == UInt8(ascii: "-") {
                throw complain("a label neither begins nor ends with a hyphen")
            }
        }
        return name
    }

    /// A DKIM selector (RFC 6376 §3.1): one or more labels.
    static func selector(_ text: String) throws(UsageError) -> String {
        guard let name = try? DomainName(text), !name.isRoot, !text.hasSuffix("."),
            name.labels.allSatisfy({ $0.allSatisfy(isHostOctet) })
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

    private static func isHostOctet(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
