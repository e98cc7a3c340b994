import Judgement
import Mail
import DNS

/// What was seen of the ports: a row an address, a column a service.
enum PortsTable {
    private static let narrow = 9
    private static let wide = 17

    static func draw(_ ports: [PortObservation], at: Timestamp, on canvas: inout Canvas) {
        let services = Service.allCasesByUse.filter { service in ports.contains { $0.service == service } }
        if services.isEmpty { return }
        let groups = rows(of: ports)
        let longest = groups.flatMap { $0.addresses.map { Columns.of($0.address) } }.max() ?? 0
        let isWide = canvas.look.width >= max(longest + 5, 17) + services.count * wide
        let columnWidth = isWide ? wide : narrow
        let space = canvas.look.width - services.count * columnWidth
        let label = min(max(longest + 5, 17), max(space, 17))
        canvas.line(
            [pad(Span("  Ports", .strong), label)]
                + services.map { pad(Span(heading(of: $0, ports, isWide), .strong), columnWidth) })
        for group in groups {
            canvas.line(Span("  \(group.host)"))
            for row in group.addresses {
                let cells = services.map { service in
                    pad(cell(row.ports.last { $0.service == service }, at: at), columnWidth)
                }
                let name = Span("    " + row.address, .faint)
                if name.columns + 1 > label {
                    canvas.line(name)
                    canvas.line([pad("", label)] + cells)
                } else {
                    canvas.line([pad(name, label)] + cells)
                }
            }
        }
    }

    /// What a cell says: at most eight columns.
    static func cell(_ port: PortObservation?, at: Timestamp) -> Span {
        guard let port else { return Span("–", .faint) }
        switch port.state {
        case .refused: return Span("refused", .faint)
        case .timeout, .unreachable: return Span(noConnection(port.failure?.cause), .unknown)
        case .open: break
        }
        if let tls = port.tls {
            let version = tls.version.hasPrefix("TLSv") ? String(tls.version.dropFirst(4)) : tls.version
            guard let certificate = tls.chain.first else { return Span(version, .warning) }
            let days = Int(((certificate.notAfter - at) / 86_400).rounded(.down))
            if days < 0 { return Span("\(version) expd", .bad) }
            let isGood = tls.trusted != false && tls.nameMatches != false
            return Span("\(version) \(days)d\(isGood ? "" : "!")", isGood ? (days < 15 ? .warning : .good) : .bad)
        }
        switch port.failure?.cause {
        case nil: return Span("clear", .warning)
        case .greetingTimeout, .timeout: return Span("mute", .unknown)
        case .greeting4xx: return Span(port.greetingCode.map { "\($0)" } ?? "busy", .unknown)
        case .greeting5xx: return Span(port.greetingCode.map { "\($0)" } ?? "denied", .bad)
        case .tlsHandshake, .starttlsRejected: return Span("no TLS", .bad)
        case .tlsUnsupported: return Span("TLS ?", .unknown)
        case .starttlsMissing: return Span("clear", .warning)
        case .earlyClose: return Span("closed", .bad)
        default: return Span("failed", .bad)
        }
    }

    /// Why there is no connection although none was refused. A port that was never dialled is not a silent one.
    private static func noConnection(_ cause: Failure.Cause?) -> String {
        switch cause {
        case .offline: "offline"
        case .overload, .cancelled, .timeout: "untried"
        case .connectTimeout, nil: "silent"
        default: "no way"
        }
    }

    /// What the words in the cells mean, those that occur.
    static func legend(_ ports: [PortObservation], at: Timestamp) -> String {
        let cells = ports.map { cell($0, at: at).text }
        let words: [(String, (String) -> Bool)] = [
            ("1.3 89d: TLS 1.3, certificate valid for 89 more days", { $0.hasSuffix("d") && $0.contains(".") }),
            ("!: not trusted or another name", { $0.hasSuffix("!") }),
            ("expd: certificate expired", { $0.hasSuffix("expd") }),
            ("clear: no TLS", { $0 == "clear" }),
            ("silent: no answer", { $0 == "silent" }),
            ("untried: too many, or too late, to be dialled", { $0 == "untried" }),
            ("mute: connected, then nothing", { $0 == "mute" }),
            ("closed: hung up on us", { $0 == "closed" }),
            ("no way: unreachable from here", { $0 == "no way" }),
            ("no TLS: handshake failed", { $0 == "no TLS" }),
        ]
        return words.filter { word in cells.contains(where: word.1) }.map(\.0).joined(separator: " · ")
    }

    static func pad(_ span: Span, _ width: Int) -> Span {
        Span(span.text + String(repeating: " ", count: max(0, width - span.columns)), span.tone)
    }

    /// The port's number and what speaks there, in at most eight columns or by its full name.
    private static func heading(of service: Service, _ ports: [PortObservation], _ isWide: Bool) -> String {
        let name = isWide ? service.rawValue : service.shortName
        let numbers = Set(ports.lazy.filter { $0.service == service }.map(\.endpoint.port))
        guard numbers.count == 1, let number = numbers.first else { return name }
        return String("\(number) \(name)".prefix(isWide ? wide - 1 : narrow - 1))
    }

    private struct Row {
        var address: String
        var ports: [PortObservation]
    }

    /// Hosts and addresses in the order they were observed.
    private static func rows(of ports: [PortObservation]) -> [(host: String, addresses: [Row])] {
        var groups: [(host: String, addresses: [Row])] = []
        for port in ports {
            let host = port.endpoint.host.description, address = port.endpoint.address.description
            let group =
                groups.firstIndex { $0.host == host }
                ?? {
                    groups.append((host, []))
                    return groups.count - 1
                }()
            if let row = groups[group].addresses.firstIndex(where: { $0.address == address }) {
                groups[group].addresses[row].ports.append(port)
            } else {
                groups[group].addresses.append(Row(address: address, ports: [port]))
            }
        }
        return groups
    }
}

extension Service {
    /// As people think of them: sending between servers, handing in, fetching.
    static var allCasesByUse: [Service] { [.smtp, .submissions, .submission, .pop3, .pop3s, .imap, .imaps] }

    /// At most four letters.
    var shortName: String {
        switch self {
        case .smtp: "smtp"
        case .submission: "subm"
        case .submissions: "subs"
        case .imap: "imap"
        case .imaps: "imps"
        case .pop3: "pop3"
        case .pop3s: "pops"
        }
    }
}
