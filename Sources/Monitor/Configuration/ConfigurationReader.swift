internal import DNS
internal import Judgement
internal import Mail
internal import Networking
internal import Probes
internal import Yams

extension Configuration {
    /// Reads files and folders of `*.yaml` (in the order of their names) as one configuration.
    ///
    /// Throws every problem there is, not the first alone. Secrets are fetched now: from their files, and from
    /// `environment`.
    package static func load(
        _ paths: [String], environment: [String: String]
    ) throws(ConfigurationProblems) -> Configuration {
        let reader = ConfigurationReader(environment: environment)
        for path in paths { reader.read(path) }
        return try reader.configuration()
    }

    /// Reads one text. `file` names it in problems, and relative paths start where it stands.
    package static func parse(
        _ text: String, file: String, environment: [String: String] = [:]
    ) throws(ConfigurationProblems) -> Configuration {
        let reader = ConfigurationReader(environment: environment)
        reader.read(text: text, file: file)
        return try reader.configuration()
    }
}

/// Walks YAML and collects a configuration and its problems. One use, then it is thrown away.
final class ConfigurationReader {
    static let fileLimit = 4 << 20
    static let secretLimit = 4_096
    static let keyLimit = 32_768
    /// Values looked at, over all files: what a few anchors that name each other can blow a text up to.
    static let valueLimit = 2_000_000
    static let problemLimit = 200
    static let probeLimit = 100_000
    static let selectorLimit = 64
    static let senderLimit = DomainEvidence.maximumSenders

    let environment: [String: String]
    var configuration_ = Configuration()
    private var problems: [ConfigurationProblem] = []
    private var values = 0
    private var file = ""
    /// Where each probe's name was given first.
    private var namedAt: [String: Place] = [:]
    /// Where each of the settings that there is one of was given first.
    private var settingAt: [String: Place] = [:]
    private var defaultInterval = 300.0
    private var defaultTimeout = 30.0
    /// Probes are made last: `defaults` may stand in a later file.
    private var pending: [() -> Void] = []

    /// The keys that may stand at the top.
    private let rootKeys: [String]

    init(environment: [String: String], rootKeys: [String] = ConfigurationReader.allKeys) {
        self.environment = environment
        self.rootKeys = rootKeys
    }

    static let allKeys =
        [
            "resolver", "listen", "reload_from", "history", "defaults", "domains", "ports", "roundtrips", "modules",
            "ehlo_name", "ca_file", "connect_to", "max_running",
        ] + baselineKeys + blockListKeys

    struct Place {
        var file: String
        var line: Int
        var column: Int

        var text: String { "\(printable(file, limit: 400)):\(line):\(column)" }
    }

    /// A key of a mapping with its value.
    struct Field {
        var key: String
        var keyPlace: Place
        var value: Node
        var place: Place

        /// `key:` with nothing behind it counts as not there.
        var isNull: Bool { if case .scalar(let scalar) = value { scalar.isNull } else { false } }
    }

    typealias Fields = [String: Field]

    func configuration() throws(ConfigurationProblems) -> Configuration {
        for make in pending { make() }
        pending = []
        let count = configuration_.domains.count + configuration_.ports.count + configuration_.roundTrips.count
        if count > Self.probeLimit {
            problems.append(ConfigurationProblem(file: file, "\(count) probes: \(Self.probeLimit) are the most"))
        }
        guard problems.isEmpty else { throw ConfigurationProblems(problems) }
        return configuration_
    }

    // MARK: Files

    func read(_ path: String) {
        do {
            guard let files = try ConfigurationFile.yamlFiles(in: path) else { return readFile(path) }
            if files.isEmpty {
                problems.append(ConfigurationProblem(file: path, "no *.yaml file stands in this folder"))
            }
            for file in files { readFile(file) }
        } catch {
            problems.append(ConfigurationProblem(file: path, "cannot be read: \(error.reason)"))
        }
    }

    private func readFile(_ path: String) {
        do {
            let octets = try ConfigurationFile.read(path, limit: Self.fileLimit)
            guard let text = String(validating: octets, as: UTF8.self) else {
                problems.append(ConfigurationProblem(file: path, "this is no UTF-8 text"))
                return
            }
            read(text: text, file: path)
        } catch {
            problems.append(ConfigurationProblem(file: path, "cannot be read: \(error.reason)"))
        }
    }

    func read(text: String, file: String) {
        self.file = file
        do {
            // Nothing, or nothing but comments, is a configuration without probes.
            guard let root = try Yams.compose(yaml: text) else { return }
            if case .scalar(let scalar) = root, scalar.isNull { return }
            readRoot(root)
        } catch let error as YamlError {
            problems.append(problem(of: error))
        } catch {
            problems.append(ConfigurationProblem(file: file, "this is no YAML"))
        }
    }

    private func problem(of error: YamlError) -> ConfigurationProblem {
        func at(_ mark: Mark, _ message: String) -> ConfigurationProblem {
            ConfigurationProblem(file: file, line: mark.line, column: mark.column, message)
        }
        return switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            at(mark, "this is no YAML: \(printable(problem))")
        case .duplicatedKeysInMapping(let duplicates, let context):
            at(context.mark, "\(duplicates.map(quoted).joined(separator: ", ")) is given twice in one place")
        case .reader(let problem, _, _, _):
            ConfigurationProblem(file: file, "this is no YAML: \(printable(problem))")
        default: ConfigurationProblem(file: file, "this is no YAML")
        }
    }

    // MARK: Problems

    func place(_ node: Node) -> Place {
        Place(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
    }

    func report(_ place: Place, _ message: String) {
        guard problems.count < Self.problemLimit else { return }
        problems.append(
            ConfigurationProblem(file: place.file, line: place.line, column: place.column, message))
    }

    /// False once far more was looked at than a person writes.
    private func spend(_ place: Place) -> Bool {
        values += 1
        if values == Self.valueLimit {
            report(place, "more than \(Self.valueLimit) values: do anchors repeat each other?")
        }
        return values < Self.valueLimit
    }

    // MARK: Shapes

    /// The fields of a mapping; unknown keys are problems, and left out.
    func fields(_ node: Node, of what: String, keys: [String]) -> Fields? {
        let here = place(node)
        guard spend(here) else { return nil }
        guard case .mapping(let mapping) = node else {
            report(
                here,
                "\(what) is written as keys and values (\(keys.prefix(3).joined(separator: ", ")) …), not as \(kind(node))"
            )
            return nil
        }
        var fields: Fields = [:]
        for (key, value) in mapping {
            let keyPlace = place(key)
            guard spend(keyPlace) else { return nil }
            guard case .scalar(let scalar) = key else {
                report(keyPlace, "a key is a word, not \(kind(key))")
                continue
            }
            let name = scalar.string
            guard keys.contains(name) else {
                if name == "password" || name == "pass" {
                    report(
                        keyPlace, "passwords do not stand in the configuration: use “password_file” or “password_env”")
                } else if let meant = suggestion(for: name, among: keys) {
                    report(keyPlace, "unknown key \(quoted(name)), did you mean “\(meant)”?")
                } else {
                    report(keyPlace, "unknown key \(quoted(name)); \(what) has \(keys.joined(separator: ", "))")
                }
                continue
            }
            let field = Field(key: name, keyPlace: keyPlace, value: value, place: place(value))
            if !field.isNull { fields[name] = field }
        }
        return fields
    }

    private func kind(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): scalar.isNull ? "nothing" : "the value \(quoted(scalar.string))"
        case .mapping: "keys and values"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }

    func list(_ field: Field) -> [Node] {
        guard spend(field.place) else { return [] }
        guard case .sequence(let sequence) = field.value else {
            report(field.place, "“\(field.key)” is a list: write “- …” lines or […], not \(kind(field.value))")
            return []
        }
        return Array(sequence)
    }

    func text(_ field: Field) -> String? { text(field.value, of: "“\(field.key)”") }

    func text(_ node: Node, of what: String) -> String? {
        let here = place(node)
        guard spend(here) else { return nil }
        guard case .scalar(let scalar) = node else {
            report(here, "\(what) is one value, not \(kind(node))")
            return nil
        }
        if scalar.string.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            report(here, "\(what) contains a control character")
            return nil
        }
        if scalar.string.isEmpty {
            report(here, "\(what) is empty")
            return nil
        }
        return scalar.string
    }

    private func seconds(_ field: Field, atLeast least: Double = 0.001) -> Double? {
        guard let text = text(field) else { return nil }
        do {
            let seconds = try Seconds.read(text)
            if seconds < least {
                report(field.place, "“\(field.key)” is \(quoted(text)): \(Seconds.text(least)) is the least")
                return nil
            }
            return seconds
        } catch {
            switch error {
            case .unitMissing:
                report(field.place, "“\(field.key)” is \(quoted(text)): a unit is missing, as in 30s, 5m, 1h, 400d")
            case .notADuration:
                report(field.place, "“\(field.key)” is \(quoted(text)): a length of time is written 30s, 5m, 1h, 400d")
            case .tooLong:
                report(field.place, "“\(field.key)” is \(quoted(text)): 100 years are the most")
            }
            return nil
        }
    }

    private func integer(_ field: Field, in range: ClosedRange<Int>) -> Int? {
        guard let text = text(field) else { return nil }
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(text), range.contains(value) else {
            report(
                field.place,
                "“\(field.key)” is \(quoted(text)): a whole number from \(range.lowerBound) to \(range.upperBound) is right"
            )
            return nil
        }
        return value
    }

    private func truth(_ field: Field) -> Bool? {
        guard let text = text(field) else { return nil }
        switch text.lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default:
            report(field.place, "“\(field.key)” is \(quoted(text)): write true or false")
            return nil
        }
    }

    func choice<Value: RawRepresentable & CaseIterable>(
        _ field: Field, as type: Value.Type
    ) -> Value? where Value.RawValue == String {
        guard let text = text(field) else { return nil }
        return choice(text, place: field.place, of: "“\(field.key)”", as: type)
    }

    func choice<Value: RawRepresentable & CaseIterable>(
        _ text: String, place: Place, of what: String, as type: Value.Type
    ) -> Value? where Value.RawValue == String {
        if let value = Value(rawValue: text) { return value }
        let words = Value.allCases.map(\.rawValue)
        if let meant = suggestion(for: text, among: words) {
            report(place, "\(what) is \(quoted(text)), did you mean “\(meant)”?")
        } else {
            report(place, "\(what) is \(quoted(text)): one of \(words.joined(separator: ", ")) is right")
        }
        return nil
    }

    // MARK: Names and addresses

    /// - Parameter addressAllowed: `192.0.2.1` is a name of four labels then.
    private func hostName(
        _ text: String, place: Place, of what: String, addressAllowed: Bool = false
    ) -> DomainName? {
        // An IPv6 address is one label with colons in it.
        if addressAllowed, IPAddress(text) != nil, let name = try? DomainName(text) { return name }
        let name: DomainName
        do { name = try DomainName(text) } catch {
            report(place, "\(what) is \(quoted(text)): \(printable(error.description, limit: 200))")
            return nil
        }
        // Letters, digits and hyphens (RFC 952, RFC 1123 §2.1); an underscore is met in practice.
        let isPlain = name.labels.allSatisfy { label in
            label.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 95
            }
        }
        if name.isRoot || !isPlain {
            report(
                place,
                "\(what) is \(quoted(text)): a name is letters, digits and hyphens between dots, as in mail.example.org"
            )
            return nil
        }
        if IPAddress(text) != nil {
            report(
                place, "\(what) is \(quoted(text)): a name is needed here; “connect_to” dials an address in its place")
            return nil
        }
        return name
    }

    private func hostName(_ field: Field, addressAllowed: Bool = false) -> DomainName? {
        guard let text = text(field) else { return nil }
        return hostName(text, place: field.place, of: "“\(field.key)”", addressAllowed: addressAllowed)
    }

    /// `127.0.0.1:53`, `[::1]:53`, `localhost:53`; where there is a `defaultPort` also `127.0.0.1`, `::1`.
    private func transportAddress(
        _ text: String, place: Place, of what: String, defaultPort: UInt16?, zeroAllowed: Bool = false
    ) -> TransportAddress? {
        func wrong(_ why: String) -> TransportAddress? {
            report(place, "\(what) is \(quoted(text)): \(why)")
            return nil
        }
        let isLocalhost = text == "localhost" || text.hasPrefix("localhost:")
        do throws(TransportAddressError) {
            let found = try TransportAddress(
                isLocalhost ? "127.0.0.1" + text.dropFirst("localhost".count) : text, defaultPort: defaultPort)
            return found.port > 0 || zeroAllowed ? found : wrong("a port is a number from 1 to 65535")
        } catch .notAnAddress {
            return wrong("an address is right, as in 127.0.0.1:\(defaultPort ?? 9725) or [::1]:\(defaultPort ?? 9725)")
        } catch .portMissing {
            return wrong("a port is missing, as in \(IPv6Address(text) == nil ? text : "[\(text)]"):9725")
        } catch {
            return wrong("a port is a number from 1 to 65535")
        }
    }

    // MARK: The whole

    private func readRoot(_ root: Node) {
        guard let fields = fields(root, of: "a configuration", keys: rootKeys) else { return }
        for key in rootKeys {
            guard let field = fields[key] else { continue }
            switch key {
            case "domains": for node in list(field) { readDomain(node) }
            case "ports": for node in list(field) { readPorts(node) }
            case "roundtrips": for node in list(field) { readRoundTrip(node) }
            case "modules": readModules(field)
            case "severities": readSeverities(field)
            case "accept": for node in list(field) { readAcceptance(node) }
            default: if isFirst(field) { readSetting(field) }
            }
        }
    }

    /// What there is one of must not come again in another file.
    private func isFirst(_ field: Field) -> Bool {
        if let earlier = settingAt[field.key] {
            report(field.keyPlace, "“\(field.key)” was given at \(earlier.text) already")
            return false
        }
        settingAt[field.key] = field.keyPlace
        return true
    }

    private func readSetting(_ field: Field) {
        switch field.key {
        case "resolver": readResolver(field)
        case "listen":
            if let text = text(field),
                let listen = transportAddress(
                    text, place: field.place, of: "“listen”", defaultPort: nil, zeroAllowed: true)
            {
                configuration_.listen = listen
            }
        case "reload_from":
            if let from = choice(field, as: Configuration.ReloadFrom.self) { configuration_.reloadFrom = from }
        case "history": readHistory(field)
        case "defaults":
            guard let fields = fields(field.value, of: "“defaults”", keys: ["interval", "timeout"]) else { return }
            if let interval = fields["interval"].flatMap({ seconds($0, atLeast: 1) }) { defaultInterval = interval }
            if let timeout = fields["timeout"].flatMap({ seconds($0, atLeast: 0.1) }) { defaultTimeout = timeout }
        case "ehlo_name": configuration_.ehloName = hostName(field)
        case "ca_file":
            guard let text = text(field) else { return }
            let path = ConfigurationFile.resolve(text, besides: file)
            if ConfigurationFile.canRead(path) {
                configuration_.caFile = path
            } else {
                report(field.place, "“ca_file” is \(quoted(text)): this file cannot be read")
            }
        case "connect_to":
            for node in list(field) {
                guard let text = text(node, of: "“connect_to”") else { continue }
                do throws(ConnectOverrideError) {
                    configuration_.connectTo.append(try ConnectOverride(text))
                } catch {
                    report(place(node), "“connect_to”: \(printable(error.description, limit: 300))")
                }
            }
        case "blocklists": readBlockLists(field)
        case "max_running":
            if let most = integer(field, in: 1...1_024) { configuration_.maximumRunning = most }
        default: break
        }
    }

    private func readResolver(_ field: Field) {
        guard let fields = fields(field.value, of: "“resolver”", keys: ["servers", "timeout"]) else { return }
        for node in fields["servers"].map(list) ?? [] {
            guard let text = text(node, of: "a server") else { continue }
            if let server = transportAddress(text, place: place(node), of: "a server", defaultPort: 53) {
                configuration_.nameServers.append(ResolverServer(server.address, port: server.port))
            }
        }
        if let timeout = fields["timeout"].flatMap({ seconds($0, atLeast: 0.05) }) {
            configuration_.resolverTimeoutSeconds = timeout
        }
    }

    private func readHistory(_ field: Field) {
        if case .scalar(let scalar) = field.value, ["off", "false", "no"].contains(scalar.string.lowercased()) {
            configuration_.history = nil
            return
        }
        guard let fields = fields(field.value, of: "“history”", keys: ["path", "keep"]) else { return }
        if let path = fields["path"].flatMap({ text($0) }) {
            configuration_.history?.path = ConfigurationFile.resolve(path, besides: file)
        }
        if let keep = fields["keep"].flatMap({ seconds($0, atLeast: 60) }) {
            configuration_.history?.keepSeconds = keep
        }
    }

    // MARK: Probes

    /// One name, one probe: it is a metric's label and a page's address.
    private func claim(_ name: String, _ place: Place, given: Bool) -> Bool {
        if name.utf8.count > 200 {
            report(place, "a probe's name has at most 200 octets")
            return false
        }
        if let earlier = namedAt[name] {
            let cure = given ? "choose another" : "give one of them a “name”"
            report(place, "a probe called \(quoted(name)) stands at \(earlier.text) already: \(cure)")
            return false
        }
        namedAt[name] = place
        return true
    }

    /// A probe that takes longer than its interval would be skipped again and again.
    private func checkFits(_ what: String, _ length: Double, interval: Double, _ place: Place) -> Bool {
        if length <= interval { return true }
        report(
            place,
            "\(what) (\(Seconds.text(length))) is longer than the interval (\(Seconds.text(interval))): a probe never overlaps itself"
        )
        return false
    }

    private func readDomain(_ node: Node) {
        let here = place(node)
        if case .scalar = node {
            // `- example.org` is short for `- {domain: example.org}`.
            guard let text = text(node, of: "a domain"), let domain = hostName(text, place: here, of: "a domain")
            else { return }
            addDomain(domain, name: nil, selectors: [], senders: [], interval: nil, timeout: nil, here)
            return
        }
        let keys = ["domain", "file", "name", "dkim_selectors", "sender_ips", "interval", "timeout"]
        guard let fields = fields(node, of: "a domain", keys: keys) else { return }
        let selectors = fields["dkim_selectors"].map { readSelectors($0) } ?? []
        let senders = fields["sender_ips"].map { readSenders($0) } ?? []
        let interval = fields["interval"].flatMap { seconds($0, atLeast: 1) }
        let timeout = fields["timeout"].flatMap { seconds($0, atLeast: 0.1) }
        let name = fields["name"].flatMap { text($0) }
        switch (fields["domain"], fields["file"]) {
        case (let field?, nil):
            guard let domain = hostName(field) else { return }
            addDomain(
                domain, name: name, selectors: selectors, senders: senders, interval: interval, timeout: timeout,
                fields["name"]?.place ?? field.place)
        case (nil, let field?):
            if let field = fields["name"] {
                report(field.keyPlace, "a file of domains has no name: each goes by its own")
            }
            readDomainFile(field, selectors: selectors, senders: senders, interval: interval, timeout: timeout)
        case (.some, let field?): report(field.keyPlace, "either “domain” or “file”, not both")
        case (nil, nil): report(here, "“domain” is missing: which domain?")
        }
    }

    private func readSelectors(_ field: Field) -> [String] {
        var selectors: [String] = []
        for node in list(field) {
            guard let text = text(node, of: "a selector"), hostName(text, place: place(node), of: "a selector") != nil
            else { continue }
            if selectors.count == Self.selectorLimit {
                report(place(node), "\(Self.selectorLimit) selectors are the most for a domain")
                return selectors
            }
            if selectors.contains(text) {
                report(place(node), "the selector \(quoted(text)) is given twice")
            } else {
                selectors.append(text)
            }
        }
        return selectors
    }

    private func readSenders(_ field: Field) -> [IPAddress] {
        var senders: [IPAddress] = []
        for node in list(field) {
            guard let text = text(node, of: "an address") else { continue }
            guard let address = IPAddress(text) else {
                report(place(node), "\(quoted(text)) is no address: write 192.0.2.1 or 2001:db8::1")
                continue
            }
            if senders.count == Self.senderLimit {
                report(place(node), "\(Self.senderLimit) addresses are the most for a domain")
                return senders
            }
            if senders.contains(address) {
                report(place(node), "the address \(address) is given twice")
            } else {
                senders.append(address)
            }
        }
        return senders
    }

    private func addDomain(
        _ domain: DomainName, name: String?, selectors: [String], senders: [IPAddress], interval: Double?,
        timeout: Double?, _ place: Place
    ) {
        guard claim(name ?? domain.lowercased.description, place, given: name != nil) else { return }
        pending.append { [self] in
            let interval = interval ?? max(defaultInterval, timeout ?? 0)
            let timeout = timeout ?? min(defaultTimeout, interval)
            guard checkFits("the timeout", timeout, interval: interval, place) else { return }
            configuration_.domains.append(
                .init(
                    name: name ?? domain.lowercased.description, domain: domain, dkimSelectors: selectors,
                    senderAddresses: senders, intervalSeconds: interval, timeoutSeconds: timeout))
        }
    }

    /// A domain a line; what follows `#` is a comment.
    private func readDomainFile(
        _ field: Field, selectors: [String], senders: [IPAddress], interval: Double?, timeout: Double?
    ) {
        guard let text = text(field) else { return }
        let path = ConfigurationFile.resolve(text, besides: file)
        let octets: [UInt8]
        do { octets = try ConfigurationFile.read(path, limit: Self.fileLimit) } catch {
            report(field.place, "“file” is \(quoted(text)): \(error.reason)")
            return
        }
        for (index, line) in octets.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            let content = line.prefix { $0 != UInt8(ascii: "#") }
            let isSpace: (UInt8) -> Bool = { $0 == 32 || $0 == 9 || $0 == 13 }
            guard let first = content.firstIndex(where: { !isSpace($0) }),
                let last = content.lastIndex(where: { !isSpace($0) })
            else { continue }
            let here = Place(file: path, line: index + 1, column: first - line.startIndex + 1)
            guard spend(here) else { return }
            guard let word = String(validating: content[first...last], as: UTF8.self) else {
                report(here, "this is no UTF-8 text")
                continue
            }
            guard let domain = hostName(word, place: here, of: "a domain") else { continue }
            addDomain(
                domain, name: nil, selectors: selectors, senders: senders, interval: interval, timeout: timeout, here)
        }
    }

    private func readPorts(_ node: Node) {
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

    private func readRoundTrip(_ node: Node) {
        let here = place(node)
        guard
            let fields = fields(
                node, of: "a round trip", keys: ["name", "interval", "deadline", "late_after", "from", "to"])
        else { return }
        let interval = fields["interval"].flatMap { seconds($0, atLeast: 1) }
        let deadline = fields["deadline"].flatMap { seconds($0, atLeast: 1) }
        let lateAfter = fields["late_after"].flatMap { seconds($0, atLeast: 0.1) }
        let name = fields["name"].flatMap { text($0) }
        if fields["name"] == nil { report(here, "“name” is missing: what this round trip goes by in metrics") }
        if fields["from"] == nil { report(here, "“from” is missing: who sends, by which server?") }
        if fields["to"] == nil { report(here, "“to” is missing: whose mailbox, by which server?") }
        let from = fields["from"].flatMap { readSender($0) }
        let to = fields["to"].flatMap { readRecipient($0) }
        guard let name, claim(name, fields["name"]?.place ?? here, given: true), let from, let to else { return }
        pending.append { [self] in
            let interval = interval ?? max(defaultInterval, deadline ?? 0)
            let deadline = deadline ?? min(300, interval)
            guard checkFits("the deadline", deadline, interval: interval, here) else { return }
            if let field = fields["late_after"], let lateAfter, lateAfter > deadline {
                report(field.place, "“late_after” is longer than the deadline (\(Seconds.text(deadline)))")
                return
            }
            configuration_.roundTrips.append(
                .init(
                    name: name, from: from, to: to, intervalSeconds: interval, deadlineSeconds: deadline,
                    lateAfterSeconds: lateAfter))
        }
    }

    private enum SubmissionService: String, CaseIterable { case submission, submissions, smtp }

    private func readSender(_ field: Field) -> Configuration.Account? {
        let keys = ["address", "server", "port", "protocol", "user", "password_file", "password_env", "dkim"]
        guard let fields = fields(field.value, of: "“from”", keys: keys) else { return nil }
        let port = fields["port"].flatMap { integer($0, in: 1...65_535) }
        var service = port == 465 ? Service.submissions : port == 25 ? .smtp : .submission
        if let field = fields["protocol"], let named = choice(field, as: SubmissionService.self) {
            service = Service(rawValue: named.rawValue) ?? service
        }
        var account = account(fields, at: field, service: service, port: port)
        if let field = fields["dkim"] {
            let signing = readSigning(field, of: account?.address)
            account?.signing = signing
        }
        return account
    }

    /// `{domain, selector, key_file}`: the domain is that of the address where it is left out.
    private func readSigning(_ field: Field, of address: EmailAddress?) -> Configuration.Signing? {
        guard let fields = fields(field.value, of: "“dkim”", keys: ["domain", "selector", "key_file"]) else {
            return nil
        }
        let given = fields["domain"].flatMap { hostName($0, addressAllowed: false) }
        let domain = fields["domain"] == nil ? (address.flatMap { try? DomainName("\($0.domain)") }) : given
        let selector = fields["selector"].flatMap { text($0) }
        if fields["selector"] == nil { report(field.place, "“selector” is missing: the name the key is published by") }
        if let selector, let place = fields["selector"]?.place, !DKIMSignature.isSelector(selector) {
            report(place, "“selector” is \(quoted(selector)): letters, digits, “-”, “_” and “.” are right")
            return nil
        }
        guard let keyField = fields["key_file"] else {
            report(field.place, "“key_file” is missing: the file with the private key")
            return nil
        }
        guard let key = signingKey(keyField), let domain, let selector else { return nil }
        return .init(domain: domain, selector: selector, key: key)
    }

    /// The text of a file that holds a key to sign with. What it says never stands in a problem.
    private func signingKey(_ field: Field) -> Secret? {
        guard let text = text(field) else { return nil }
        do {
            let octets = try ConfigurationFile.read(
                ConfigurationFile.resolve(text, besides: file), limit: Self.keyLimit)
            let key = String(decoding: octets, as: UTF8.self)
            do throws(DKIMSigningKeyError) {
                _ = try DKIMSigningKey(key)
                return Secret(key)
            } catch {
                report(field.place, "“key_file”: the file \(quoted(text)) holds \(error)")
            }
        } catch {
            report(field.place, "“key_file” is \(quoted(text)): \(error.reason)")
        }
        return nil
    }

    private enum MailboxService: String, CaseIterable { case imap, imaps, pop3, pop3s }

    private func readRecipient(_ field: Field) -> Configuration.Account? {
        let keys = ["address", "server", "port", "protocol", "user", "password_file", "password_env"]
        guard let fields = fields(field.value, of: "“to”", keys: keys) else { return nil }
        let port = fields["port"].flatMap { integer($0, in: 1...65_535) }
        var service = Service.imaps
        if let field = fields["protocol"] {
            guard let named = choice(field, as: MailboxService.self) else { return nil }
            service = Service(rawValue: named.rawValue) ?? service
            // `{protocol: imap, port: 993}` is what people write.
            if port == 993, service == .imap { service = .imaps }
            if port == 995, service == .pop3 { service = .pop3s }
        } else if let known = [Service.imap, .imaps, .pop3, .pop3s].first(where: { Int($0.port) == port }) {
            service = known
        }
        return account(fields, at: field, service: service, port: port)
    }

    private func account(
        _ fields: Fields, at field: Field, service: Service, port: Int?
    ) -> Configuration.Account? {
        var address: EmailAddress?
        if let field = fields["address"], let text = text(field) {
            do throws(EmailAddressError) {
                address = try EmailAddress(text)
            } catch {
                report(field.place, "“address” is \(quoted(text)): an address is right, as in probe@example.org")
            }
        } else if fields["address"] == nil {
            report(field.place, "“address” is missing, as in probe@example.org")
        }
        if fields["server"] == nil { report(field.place, "“server” is missing, as in mail.example.org") }
        let server = fields["server"].flatMap { hostName($0, addressAllowed: true) }
        let user = fields["user"].flatMap { text($0) }
        let password = secret(fields)
        switch (fields["user"], fields["password_file"] ?? fields["password_env"]) {
        case (let user?, nil): report(user.keyPlace, "“user” without a password: add “password_file” or “password_env”")
        case (nil, let password?): report(password.keyPlace, "a password without “user”")
        case (nil, nil): report(field.place, "“user” is missing, and “password_file” or “password_env”")
        default: break
        }
        guard let address, let server, let user, let password else { return nil }
        return .init(
            address: address, server: server, port: port.map { UInt16(truncatingIfNeeded: $0) } ?? service.port,
            service: service, user: user, password: password)
    }

    // MARK: Secrets

    private func secret(_ fields: Fields) -> Secret? {
        switch (fields["password_file"], fields["password_env"]) {
        case (let field?, nil): return secretFile(field)
        case (nil, let field?): return secretVariable(field)
        case (.some, let field?):
            report(field.keyPlace, "either “password_file” or “password_env”, not both")
            return nil
        case (nil, nil): return nil
        }
    }

    private func secretFile(_ field: Field) -> Secret? {
        guard let text = text(field) else { return nil }
        do {
            let octets = try ConfigurationFile.read(
                ConfigurationFile.resolve(text, besides: file), limit: Self.secretLimit)
            return secret(octets, field, "the file \(quoted(text))")
        } catch {
            report(field.place, "“password_file” is \(quoted(text)): \(error.reason)")
            return nil
        }
    }

    private func secretVariable(_ field: Field) -> Secret? {
        guard let text = text(field) else { return nil }
        // Somebody who writes the password here would read it in the message otherwise.
        guard
            text.utf8.allSatisfy({
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
            })
        else {
            report(field.place, "“password_env” is the name of an environment variable: letters, digits and _")
            return nil
        }
        guard let value = environment[text] else {
            report(field.place, "“password_env” names an environment variable that is not set")
            return nil
        }
        return secret(Array(value.utf8), field, "the environment variable")
    }

    /// One line, its end left out. What it says never stands in a problem.
    private func secret(_ octets: [UInt8], _ field: Field, _ source: String) -> Secret? {
        var octets = octets
        if octets.last == 10 { octets.removeLast() }
        if octets.last == 13 { octets.removeLast() }
        guard !octets.isEmpty else {
            report(field.place, "“\(field.key)”: \(source) is empty")
            return nil
        }
        guard let text = String(validating: octets, as: UTF8.self),
            !octets.contains(where: { $0 < 32 || $0 == 127 })
        else {
            report(field.place, "“\(field.key)”: \(source) holds more than one line of text, or control characters")
            return nil
        }
        return Secret(text)
    }

    // MARK: Modules

    private enum ModuleKind: String, CaseIterable { case port, audit }

    private func readModules(_ field: Field) {
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

    private func readModule(_ name: String, _ node: Node) {
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

extension Node.Scalar {
    /// Plain `~`, `null` or nothing.
    fileprivate var isNull: Bool {
        (style == .plain || style == .any) && ["", "~", "null", "Null", "NULL"].contains(string)
    }
}
