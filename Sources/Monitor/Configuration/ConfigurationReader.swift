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
    static let recipientLimit = 20
    /// Seconds for an audit that asks servers much, where no timeout is given.
    static let patientTimeout = 180.0

    let environment: [String: String]
    var configuration_ = Configuration()
    var problems: [ConfigurationProblem] = []
    var values = 0
    var file = ""
    /// Where each probe's name was given first.
    var namedAt: [String: Place] = [:]
    /// Where each of the settings that there is one of was given first.
    var settingAt: [String: Place] = [:]
    var defaultInterval = 300.0
    var defaultTimeout = 30.0
    /// Probes are made last: `defaults` may stand in a later file.
    var pending: [() -> Void] = []

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

    func readFile(_ path: String) {
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

    func problem(of error: YamlError) -> ConfigurationProblem {
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
    func spend(_ place: Place) -> Bool {
        values += 1
        if values == Self.valueLimit {
            report(place, "more than \(Self.valueLimit) values: do anchors repeat each other?")
        }
        return values < Self.valueLimit
    }

    // MARK: The whole

    func readRoot(_ root: Node) {
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
    func isFirst(_ field: Field) -> Bool {
        if let earlier = settingAt[field.key] {
            report(field.keyPlace, "“\(field.key)” was given at \(earlier.text) already")
            return false
        }
        settingAt[field.key] = field.keyPlace
        return true
    }

    func readSetting(_ field: Field) {
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

    func readResolver(_ field: Field) {
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

    func readHistory(_ field: Field) {
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
}
