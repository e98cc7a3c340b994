import DNS
import Judgement
import Mail

/// `evidence.autoconfig`, and what was fetched of BIMI: in `evidence.bimi_files`.
enum WebJSON {
    static func members(_ evidence: Evidence) -> [JSON.Member] {
        var members: [JSON.Member] = []
        if let settings = evidence.settings { members.append(.init("autoconfig", json(settings))) }
        let files = evidence.web.filter { $0.purpose == .logo || $0.purpose == .mark }
        if !files.isEmpty { members.append(.init("bimi_files", .array(files.map(file)))) }
        return members
    }

    private static func json(_ settings: SettingsEvidence) -> JSON {
        [
            "places": .array(
                settings.places.map { place in
                    var members = place.seen.map(fetch) ?? [.init("url", .string(place.place.url))]
                    members.insert(.init("kind", .string(place.purpose.rawValue)), at: 0)
                    members.append(.init("servers", .array((place.settings?.servers ?? []).map(server))))
                    return .object(members)
                })
        ]
    }

    private static func server(_ server: ClientSettings.Server) -> JSON {
        [
            "type": .string(server.type), "host": .string(server.host), "port": .integer(server.port),
            "security": .string(server.security.rawValue), "authentication": PortJSON.strings(server.authentication),
        ]
    }

    private static func file(_ seen: WebObservation) -> JSON {
        var members = fetch(seen)
        members.insert(.init("kind", .string(seen.purpose.rawValue)), at: 0)
        if seen.purpose == .logo, seen.result == .fetched {
            let logo = BIMILogo(seen.body, isCut: seen.isCut)
            members += [
                .init("title", PortJSON.optional(logo.title)),
                .init("problems", PortJSON.strings(logo.errors + logo.notices)),
            ]
        }
        if let mark = seen.mark {
            members.append(
                .init(
                    "certificate",
                    [
                        "names": PortJSON.strings(mark.chain.first?.names ?? []),
                        "issuer": PortJSON.optional(mark.chain.first?.issuer),
                        "not_after": PortJSON.optional(mark.chain.first.map { "\($0.notAfter)" }),
                        "for_marks": .bool(mark.isForMarks), "signed": mark.isSigned.map { .bool($0) } ?? nil,
                        "picture_octets": mark.picture.map { .integer($0.count) } ?? nil,
                        "problem": PortJSON.optional(mark.problem),
                    ]))
        }
        return .object(members)
    }

    private static func fetch(_ seen: WebObservation) -> [JSON.Member] {
        let (result, problem): (String, String?) =
            switch seen.result {
            case .fetched: ("fetched", nil)
            case .nothing: ("nothing", nil)
            case .broken(let why): ("broken", why)
            case .notSeen(let why): ("not_seen", why)
            }
        return [
            .init("url", .string(seen.url)), .init("followed", PortJSON.strings(seen.followed)),
            .init("result", .string(result)),
            .init("problem", PortJSON.optional(problem)),
            .init("http_status", seen.status.map { .integer($0) } ?? nil),
            .init("content_type", PortJSON.optional(seen.contentType)), .init("octets", .integer(seen.body.count)),
            .init("seconds", .number(seen.seconds)),
        ]
    }

    private static let fetchKeys: [Schema.Key] = [
        .always("kind", .word(of: WebObservation.Purpose.self)), .always("url", .string),
        .maybe("followed", .strings), .maybe("result", .word(["fetched", "nothing", "broken", "not_seen"])),
        .maybe("problem", .stringOrNull),
        .maybe("http_status", .integerOrNull), .maybe("content_type", .stringOrNull), .maybe("octets", .integer),
        .maybe("seconds", .number),
    ]

    static let settingsSchema = Schema.object([
        .always(
            "places",
            .array(
                .object(
                    fetchKeys + [
                        .always(
                            "servers",
                            .array(
                                .object([
                                    .always("type", .word(["imap", "pop3", "smtp"])), .always("host", .string),
                                    .always("port", .integer),
                                    .always("security", .word(["clear", "starttls", "implicit", "unknown"])),
                                    .always("authentication", .strings),
                                ])))
                    ])))
    ])

    static let filesSchema = Schema.array(
        .object(
            fetchKeys + [
                .maybe("title", .stringOrNull), .maybe("problems", .strings),
                .maybe(
                    "certificate",
                    .object([
                        .always("names", .strings), .always("issuer", .stringOrNull),
                        .always("not_after", .stringOrNull), .always("for_marks", .bool),
                        .always("signed", .boolOrNull), .always("picture_octets", .integerOrNull),
                        .always("problem", .stringOrNull),
                    ])),
            ]))
}
