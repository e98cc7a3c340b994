/// A fact of the evidence that is another than it was: a record, an address, a certificate.
package struct FactChange: Hashable, Sendable {
    /// `SPF`, `mx1.example.org [192.0.2.1]:25 certificate`
    package var what: String
    /// nil where there was none.
    package var before: String?
    /// nil where there is none any more.
    package var after: String?

    /// In the order of the second report, then what only the first has. What could not be told on one side is said so.
    package static func between(_ before: JSON?, _ after: JSON?) -> [FactChange] {
        let old = Facts(before), now = Facts(after)
        var changes: [FactChange] = []
        for what in now.order + old.order.filter({ now.values[$0] == nil }) {
            let was = old.values[what], became = now.values[what]
            if was != became { changes.append(FactChange(what: what, before: was, after: became)) }
        }
        return changes
    }
}

/// The evidence of a report as a list of facts in words. Times taken, remaining days and the like are left out: they
/// differ from run to run.
private struct Facts {
    var order: [String] = []
    var values: [String: String] = [:]

    static let untold = "could not be told"

    init(_ evidence: JSON?) {
        guard case .object(let members)? = evidence else { return }
        for member in members {
            switch member.key {
            case "mx": mx(member.value)
            case "addresses": addresses(member.value)
            case "ptr": ptr(member.value)
            case "spf": record("SPF", member.value)
            case "dmarc": dmarc(member.value)
            case "dkim": for key in member.value.elements { record("DKIM \(key["selector"]?.text ?? "")", key) }
            case "mta_sts": mtaSTS(member.value)
            case "tls_rpt": record("TLS-RPT", member.value)
            case "bimi": record("BIMI", member.value)
            case "dane": for host in member.value.elements { dane(host) }
            case "caa": for host in member.value.elements { caa(host) }
            case "ports": for port in member.value.elements { self.port(port) }
            // Conclusions, which the findings tell.
            case "senders", "changes", "self_test", "recipients": break
            default: other(member.key, member.value, depth: 0)
            }
        }
    }

    private mutating func add(_ what: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        if let known = values[what] {
            values[what] = known + ", " + value
        } else {
            order.append(what)
            values[what] = value
        }
    }

    private mutating func mx(_ value: JSON) {
        if value.isNull { return add("MX", Self.untold) }
        add(
            "MX",
            value.elements.map { "\($0["preference"]?.plain ?? "") \($0["host"]?.text ?? "")" }.sorted()
                .joined(separator: ", "))
    }

    private mutating func addresses(_ value: JSON) {
        for address in value.elements { add("addresses of \(address["host"]?.text ?? "")", address["address"]?.text) }
    }

    private mutating func ptr(_ value: JSON) {
        for entry in value.elements {
            let names = (entry["names"]?.elements ?? []).compactMap(\.text).sorted().joined(separator: ", ")
            add("PTR of \(entry["address"]?.text ?? "")", entry["status"] == "unknown" ? Self.untold : names)
        }
    }

    /// The text as published; several where there are several.
    private mutating func record(_ what: String, _ value: JSON) {
        if value["status"] == "unknown" { return add(what, Self.untold) }
        add(what, value["record"]?.text)
        for text in value["records"]?.elements ?? [] { add(what, text.text.map { "“\($0)”" }) }
    }

    private mutating func dmarc(_ value: JSON) {
        record("DMARC", value)
        add("DMARC record at", value["domain"]?.text)
    }

    private mutating func mtaSTS(_ value: JSON) {
        record("MTA-STS", value)
        guard let policy = value["policy"] else { return }
        if policy["status"] == "unknown" { return add("MTA-STS policy", Self.untold) }
        guard policy["status"] != "none" else { return }
        let hosts = (policy["mx"]?.elements ?? []).compactMap(\.text).joined(separator: " ")
        let parts = [policy["mode"]?.text ?? "", "max_age \(policy["max_age"]?.plain ?? "?")", hosts]
        add("MTA-STS policy", policy["mode"] == nil ? policy["problem"]?.text : parts.joined(separator: ", "))
    }

    private mutating func dane(_ host: JSON) {
        let name = "TLSA of \(host["host"]?.text ?? "")"
        if host["status"] == "unknown" { return add(name, Self.untold) }
        let records = (host["records"]?.elements ?? []).map { record in
            let data = record["data"]?.text ?? ""
            let numbers = ["usage", "selector", "matching_type"].map { record[$0]?.plain ?? "" }.joined(separator: " ")
            return "\(numbers) \(data.prefix(16))\(data.utf8.count > 16 ? "…" : "")"
        }
        add(name, records.sorted().joined(separator: ", "))
    }

    private mutating func caa(_ host: JSON) {
        let name = "CAA of \(host["host"]?.text ?? "")"
        if host["status"] == "unknown" { return add(name, Self.untold) }
        for key in ["issue", "issuewild", "issuemail"] {
            guard let list = host[key], !list.isNull else { continue }
            add(name, "\(key) \(list.elements.compactMap(\.text).sorted().joined(separator: " "))")
        }
    }

    private mutating func port(_ port: JSON) {
        let place = "\(port["host"]?.text ?? "") [\(port["address"]?.text ?? "")]:\(port["port"]?.plain ?? "")"
        add(place, port["state"]?.text)
        if let offered = port["starttls_offered"], !offered.isNull {
            add("\(place) STARTTLS", offered == true ? "offered" : "not offered")
        }
        // Login methods and extensions; the order is the server's whim.
        if port["state"] == "open" {
            add(
                "\(place) extensions",
                (port["capabilities"]?.elements ?? []).compactMap(\.text).sorted().joined(separator: ", "))
        }
        guard let tls = port["tls"], !tls.isNull else { return }
        add("\(place) TLS", tls["version"]?.text)
        guard let own = tls["chain"]?.elements.first else { return }
        let print = own["fingerprint_sha256"]?.text?.prefix(16) ?? ""
        add(
            "\(place) certificate",
            "\(own["subject"]?.text ?? "") of \(own["issuer"]?.text ?? ""), until \(own["not_after"]?.text ?? ""), \(print)…"
        )
    }

    /// Keys that tell one element of a list from another, the first that is there.
    private static let names = ["name", "host", "address", "zone", "list", "domain", "selector", "server", "service"]
    private static func isFleeting(_ key: String) -> Bool {
        key == "seconds" || key.hasSuffix("_seconds") || key.hasSuffix("_left") || key == "phases" || key == "at"
    }

    /// What has no words of its own, by its keys.
    private mutating func other(_ what: String, _ value: JSON, depth: Int) {
        guard depth < 8 else { return }
        switch value {
        case .object(let members):
            for member in members where !Self.isFleeting(member.key) {
                other("\(what).\(member.key)", member.value, depth: depth + 1)
            }
        case .array(let elements):
            for element in elements {
                if case .object = element {
                    let parts = Self.names.compactMap { element[$0]?.text }
                    other("\(what)[\(parts.prefix(2).joined(separator: " "))]", element, depth: depth + 1)
                } else {
                    add(what, element.plain)
                }
            }
        default: add(what, value.plain)
        }
    }
}

extension JSON {
    /// A plain value in words; nil for null and what holds others.
    fileprivate var plain: String? {
        switch self {
        case .bool(let bool): bool ? "true" : "false"
        case .integer(let integer): String(integer)
        case .number(let number): number.description
        case .string(let text): text
        case .null, .array, .object: nil
        }
    }
}
