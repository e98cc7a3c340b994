import DNS
import Mail

/// The SPF record: one change for all that was found in it.
extension FixWorkshop {
    private static let checks = [
        "spf.exists", "spf.multiple", "spf.no-mail", "spf.pass-all", "spf.neutral-all", "spf.after-all",
        "spf.duplicate-term", "spf.redirect-with-all", "spf.sender-address",
    ]

    var spfSteps: [FixPlan.Step] {
        let checks = found(of: Self.checks)
        guard !checks.isEmpty, isFree(domain.domain) else { return [] }
        let old = texts(domain.domain) { text in
            let start = text.lowercased().prefix(7)
            return start == "v=spf1" || start == "v=spf1 "
        }
        guard let text = spfText(old), let new = record(domain.domain, text, .spf, like: old),
            let change = change(old, [new])
        else { return [] }
        var notes: [String] = []
        if domain.takesNoMail {
            notes.append("This is for a domain that sends no mail. If it sends some, name its servers before “-all”.")
        } else if old.isEmpty {
            notes.append(
                "Name here everything that sends mail for the domain: its servers as ip4: or ip6:, each service by the include: that it tells you. What stands here is what could be seen."
            )
        }
        if text.hasSuffix("~all") {
            notes.append("“~all” is for as long as you look for senders that were forgotten; then write “-all”.")
        }
        if checks.contains("spf.multiple") {
            notes.append("The records are merged: each server that one of them names stays.")
        }
        return [
            FixPlan.Step(
                stage: .repair, title: old.isEmpty ? "Publish an SPF record" : "Correct the SPF record", checks: checks,
                notes: notes, changes: [change])
        ]
    }

    private func spfText(_ old: [Record]) -> String? {
        if domain.takesNoMail { return "v=spf1 -all" }
        var terms: [String] = []
        for case .txt(let text) in old.map(\.data) {
            terms += text.text.split(separator: " ").dropFirst().map(String.init)
        }
        if old.isEmpty {
            // Of a domain without mail hosts it is not known whether it sends.
            guard found.contains("spf.exists"), !domain.hosts.isEmpty else { return nil }
            terms = ["mx"]
        }
        // Which of two records a redirect stands for cannot be told.
        if old.count > 1, terms.contains(where: { $0.lowercased().hasPrefix("redirect=") }) { return nil }
        var alls: [Character] = []
        var kept: [String] = []
        var seen: Set<String> = []
        var isOpen = true
        for (index, term) in terms.enumerated() {
            let plain = term.lowercased()
            let isModifier = plain.prefix { $0 != ":" && $0 != "/" }.contains("=")
            if let sign = Self.signOfAll(plain) {
                alls.append(sign)
                // Of one record, what stands behind “all” was never looked at; of several, the next begins.
                isOpen = old.count > 1 || !found.contains("spf.after-all")
            } else if isModifier {
                if plain.hasPrefix("redirect="), terms.contains(where: { Self.signOfAll($0.lowercased()) != nil }) {
                    continue
                }
                kept.append(terms[index])
            } else if isOpen, seen.insert(plain).inserted {
                kept.append(term)
            }
        }
        for address in domain.senders where address.result != .pass && address.result != .temperror {
            let term = address.ip.family == .ipv4 ? "ip4:\(address.ip)" : "ip6:\(address.ip)"
            if found.contains("spf.sender-address"), seen.insert(term.lowercased()).inserted {
                kept.insert(term, at: 0)
            }
        }
        let mechanisms = kept.filter { !$0.prefix { $0 != ":" && $0 != "/" }.contains("=") }
        let modifiers = kept.filter { $0.prefix { $0 != ":" && $0 != "/" }.contains("=") }
        var end: [String] = []
        if modifiers.contains(where: { $0.lowercased().hasPrefix("redirect=") }) {
            guard alls.isEmpty else { return nil }
        } else {
            // The mildest that still says something: nothing that passes today is refused tomorrow.
            end = [alls.isEmpty || alls.contains(where: { $0 != "-" }) ? "~all" : "-all"]
        }
        return (["v=spf1"] + mechanisms + end + modifiers).joined(separator: " ")
    }

    /// The qualifier of an `all`; nil for other terms.
    private static func signOfAll(_ term: String) -> Character? {
        if term == "all" { return "+" }
        guard term.dropFirst() == "all", let sign = term.first, "+-~?".contains(sign) else { return nil }
        return sign
    }
}
