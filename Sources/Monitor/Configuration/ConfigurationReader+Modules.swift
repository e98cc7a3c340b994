internal import DNS
internal import Judgement
internal import Mail
internal import Networking
internal import Probes
internal import Yams

// `modules`: what `/probe?module=` knows how to do.
extension ConfigurationReader {
    fileprivate enum ModuleKind: String, CaseIterable { case port, audit }

    func readModules(_ field: Field) {
        guard spend(field.place) else { return }
        guard case .mapping(let mapping) = field.value else {
            report(field.place, "“modules” are written as names and what they mean, not as \(kind(field.value))")
            return
        }
        for (key, value) in mapping {
            guard let name = text(key, of: "a module's name") else { continue }
            guard
                name.utf8.allSatisfy({
                    (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95 || $0 == 45
                })
            else {
                report(place(key), "the module \(quoted(name)): a name is letters, digits, _ and -")
                continue
            }
            if configuration_.modules.contains(where: { $0.name == name }) {
                report(place(key), "the module \(quoted(name)) is given twice")
                continue
            }
            readModule(name, value)
        }
    }

    func readModule(_ name: String, _ node: Node) {
        let keys = ["probe", "service", "require_tls", "dkim_selectors", "timeout"]
        guard let fields = fields(node, of: "a module", keys: keys) else { return }
        guard let field = fields["probe"] else {
            report(place(node), "“probe” is missing: port or audit")
            return
        }
        guard let kind = choice(field, as: ModuleKind.self) else { return }
        let timeout = fields["timeout"].flatMap { seconds($0, atLeast: 0.1) } ?? 30
        switch kind {
        case .audit:
            for key in ["service", "require_tls"] {
                if let field = fields[key] { report(field.keyPlace, "“\(key)” belongs to “probe: port”") }
            }
            let selectors = fields["dkim_selectors"].map { readSelectors($0) } ?? []
            configuration_.modules.append(
                .init(name: name, kind: .audit(dkimSelectors: selectors), timeoutSeconds: timeout))
        case .port:
            if let field = fields["dkim_selectors"] {
                report(field.keyPlace, "“dkim_selectors” belongs to “probe: audit”")
            }
            guard let field = fields["service"] else {
                report(
                    place(node),
                    "“service” is missing: one of \(Service.allCases.map(\.rawValue).joined(separator: ", "))")
                return
            }
            guard let service = choice(field, as: Service.self) else { return }
            let requireTLS = fields["require_tls"].flatMap { truth($0) } ?? (service != .smtp)
            configuration_.modules.append(
                .init(name: name, kind: .port(service, requireTLS: requireTLS), timeoutSeconds: timeout))
        }
    }
}
