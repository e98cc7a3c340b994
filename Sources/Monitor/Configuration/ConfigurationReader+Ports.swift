internal import DNS
internal import Judgement
internal import Mail
internal import Networking
internal import Probes
internal import Yams

// `ports`: hosts whose ports are tried on each of their addresses.
extension ConfigurationReader {
    func readPorts(_ node: Node) {
        let here = place(node)
        guard
            let fields = fields(
                node, of: "an entry of “ports”", keys: ["host", "name", "services", "interval", "timeout"])
        else { return }
        let interval = fields["interval"].flatMap { seconds($0, atLeast: 1) }
        let timeout = fields["timeout"].flatMap { seconds($0, atLeast: 0.1) }
        var services: [Service] = []
        if let field = fields["services"] {
            for node in list(field) {
                guard let text = text(node, of: "a service"),
                    let service = choice(text, place: place(node), of: "a service", as: Service.self)
                else { continue }
                if services.contains(service) {
                    report(place(node), "the service “\(service.rawValue)” is given twice")
                } else {
                    services.append(service)
                }
            }
        } else {
            report(here, "“services” is missing: some of \(Service.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard let field = fields["host"] else {
            report(here, "“host” is missing: whose ports?")
            return
        }
        guard let host = hostName(field, addressAllowed: true) else { return }
        let name = fields["name"].flatMap { text($0) }
        let placeOfName = fields["name"]?.place ?? field.place
        guard claim(name ?? host.lowercased.description, placeOfName, given: name != nil) else { return }
        pending.append { [self] in
            let interval = interval ?? max(defaultInterval, timeout ?? 0)
            let timeout = timeout ?? min(defaultTimeout, interval)
            guard checkFits("the timeout", timeout, interval: interval, here) else { return }
            configuration_.ports.append(
                .init(
                    name: name ?? host.lowercased.description, host: host, services: services,
                    intervalSeconds: interval, timeoutSeconds: timeout))
        }
    }
}
