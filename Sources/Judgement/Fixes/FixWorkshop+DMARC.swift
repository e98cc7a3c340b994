internal import DNS
import DNS
import Mail

/// The DMARC record: mended first, then made stricter in steps, with reports read in between.
extension FixWorkshop {
    private static let repairs = [
        "dmarc.exists", "dmarc.multiple", "dmarc.version", "dmarc.no-policy", "dmarc.no-rua", "dmarc.tag-order",
        "dmarc.removed-tags", "dmarc.unknown-tags", "dmarc.nonexistent-subdomains", "dmarc.subdomain-policy",
        "dmarc.no-mail",
    ]
    /// What only a stricter policy mends.
    private static let tightenings = ["dmarc.policy-none", "dmarc.testing", "spf.softfail-all", "bimi.enforcement"]

    /// The tags of a record, the first of each name.
    private struct Tags {
        private(set) var order: [String] = []
        private var values: [String: String] = [:]

        init(_ text: String = "") {
            for part in text.split(separator: ";") {
                guard let equals = part.firstIndex(of: "=") else { continue }
                self[Self.trimmed(part[..<equals]).lowercased(), ifNew: true] =
                    Self.trimmed(part[part.index(after: equals)...])
            }
        }

        private static func trimmed(_ text: Substring) -> String {
            var octets = Array(text.utf8)[...]
            while let first = octets.first, first == 32 || first == 9 { octets.removeFirst() }
            while let last = octets.last, last == 32 || last == 9 { octets.removeLast() }
            return String(decoding: octets, as: UTF8.self)
        }

        subscript(_ name: String, ifNew isFirst: Bool = false) -> String? {
            get { values[name] }
            set {
                if isFirst, values[name] != nil { return }
                if values[name] == nil, newValue != nil { order.append(name) }
                if newValue == nil { order.removeAll { $0 == name } }
                values[name] = newValue
            }
        }

        /// The version and the policy first (RFC 9989 §4.7).
        var text: String {
            let others = order.filter { $0 != "v" && $0 != "p" }
            return (["v", "p"] + others).compactMap { name in values[name].map { "\(name)=\($0)" } }.joined(
                separator: "; ")
        }
    }

    var dmarcSteps: [FixPlan.Step] {
        let repairs = found(of: Self.repairs), tightenings = found(of: Self.tightenings)
        guard !(repairs + tightenings).isEmpty, let name = name("_dmarc"), isFree(name) else { return [] }
        // The record of a domain above is its own matter.
        if let place = domain.dmarc.recordDomain, place != domain.domain, !found.contains("dmarc.multiple") {
            return []
        }
        let old = texts(name) { $0.lowercased().holds("v=dmarc1") }
        var tags = merged(old)
        for tag in ["pct", "rf", "ri"] { tags[tag] = nil }
        if found.contains("dmarc.unknown-tags") {
            for tag in tags.order where !Self.known.contains(tag) { tags[tag] = nil }
        }
        if found.contains("dmarc.subdomain-policy") { (tags["sp"], tags["np"]) = (nil, nil) }
        let policy = tags["p"].flatMap { DMARCRecord.Policy(rawValue: $0.lowercased()) }
        var notes: [String] = []
        if domain.takesNoMail {
            tags["p"] = DMARCRecord.Policy.reject.rawValue
            notes.append("The domain takes no mail, and is taken to send none: nothing can be lost.")
        } else {
            tags["p"] = (policy ?? DMARCRecord.Policy.none).rawValue
            if tags["rua"] == nil, let address = reports("dmarc-reports") {
                tags["rua"] = address
                notes.append("Make the mailbox of “rua” first, or write the address of one that you have.")
            }
        }
        // A stricter policy comes to names that do not exist too.
        if found.contains("dmarc.nonexistent-subdomains") { tags["np"] = DMARCRecord.Policy.reject.rawValue }
        guard let first = record(name, tags.text, .dmarc, like: old) else { return [] }
        let mended = repairs.filter { $0 != "dmarc.no-rua" || tags["rua"] != nil }
        var steps: [FixPlan.Step] = []
        if let change = change(old, [first]) {
            steps.append(
                FixPlan.Step(
                    stage: .repair,
                    title: old.isEmpty ? "Publish a DMARC record that watches" : "Correct the DMARC record",
                    checks: mended, notes: notes, changes: [change]))
        }
        if !domain.takesNoMail {
            steps += tightened(tags, after: first, policy, tightenings + (old.isEmpty ? mended : []))
        }
        return steps
    }

    private static let known: Set<String> = [
        "v", "p", "sp", "np", "rua", "ruf", "fo", "adkim", "aspf", "psd", "t",
    ]

    /// Of several records: the mildest policy, and the reports of all, until the owner has looked.
    private func merged(_ old: [Record]) -> Tags {
        let all = old.compactMap { record -> Tags? in
            if case .txt(let text) = record.data { Tags(text.text) } else { nil }
        }
        var tags = all.first ?? Tags()
        tags["v"] = "DMARC1"
        let policies = all.compactMap { $0["p"].flatMap { DMARCRecord.Policy(rawValue: $0.lowercased()) } }
        if let mildest = policies.min() { tags["p"] = mildest.rawValue }
        for other in all.dropFirst() { if tags["rua"] == nil { tags["rua"] = other["rua"] } }
        return tags
    }

    /// To quarantine and then to reject, each after weeks of reports.
    private func tightened(
        _ tags: Tags, after first: Record, _ policy: DMARCRecord.Policy?, _ checks: [String]
    ) -> [FixPlan.Step] {
        var steps: [FixPlan.Step] = []
        var tags = tags, last = first
        func add(_ stage: FixPlan.Stage, _ title: String, _ wait: String, _ checks: [String]) {
            guard let next = record(last.name, tags.text, .dmarc, like: [last]), let change = change([last], [next])
            else {
                return
            }
            steps.append(
                FixPlan.Step(
                    stage: stage, title: title, checks: checks, wait: wait,
                    notes: [
                        "Look for your own mail in the reports: lists, forms, invoices, whatever a service sends for you."
                    ],
                    changes: [change]))
            last = next
        }
        let weeks = "two weeks of reports in which all your own mail passes DMARC"
        if tags["t"]?.lowercased() == "y" {
            tags["t"] = nil
            add(.tighten, "Take the DMARC policy out of its test", weeks, checks.filter { $0 == "dmarc.testing" })
        }
        let isMild = (policy ?? DMARCRecord.Policy.none) == DMARCRecord.Policy.none
        guard isMild, !checks.isEmpty else { return steps }
        // Otherwise sub-domains would stay open to everyone.
        if tags["sp"]?.lowercased() == DMARCRecord.Policy.none.rawValue { tags["sp"] = nil }
        tags["p"] = DMARCRecord.Policy.quarantine.rawValue
        add(.tighten, "Have mail that fails DMARC put aside", weeks, checks)
        tags["p"] = DMARCRecord.Policy.reject.rawValue
        add(.enforce, "Have mail that fails DMARC refused", "two more weeks of such reports", [])
        return steps
    }

    /// An address in the domain, where it takes mail.
    func reports(_ local: String) -> String? {
        domain.hosts.isEmpty ? nil : "mailto:\(local)@\(domain.domain)"
    }
}
