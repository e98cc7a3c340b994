import DNS
import Judgement

/// `evidence.authority`: the name servers of the domain's zones, asked themselves.
enum AuthorityJSON {
    static func json(_ authority: AuthorityEvidence) -> JSON { .array(authority.zones.map(zone)) }

    private static func zone(_ zone: AuthorityEvidence.Zone) -> JSON {
        [
            "zone": .string(zone.name.description),
            "compared": .bool(zone.notSeen == nil), "because": PortJSON.optional(zone.notSeen),
            "name_servers": PortJSON.strings(zone.servers.map(\.name.description)),
            "servers": .array(zone.seen.map(server)),
        ]
    }

    private static func server(_ seen: AuthorityObservation) -> JSON {
        let toSOA = seen.replies.filter { $0.question == Question(seen.zone, .soa) }
        let standing: String
        var problem: String?
        switch seen.standing {
        case .authoritative: standing = "authoritative"
        case .lame(let how): (standing, problem) = ("lame", how)
        case .silent(let how): (standing, problem) = ("silent", how)
        case .notReachable: standing = "unreachable"
        }
        let overTCP = toSOA.first { $0.transport == .tcp }
        let seconds = toSOA.first { $0.code != nil }?.seconds
        return [
            "server": .string(seen.server.description), "address": .string(seen.address.description),
            "standing": .string(standing), "problem": PortJSON.optional(problem),
            "serial": seen.soa.map { .integer(Int($0.serial)) } ?? nil,
            "tcp": overTCP.map { .bool($0.code != nil) } ?? nil,
            "edns": seen.standing == .authoritative ? .bool(toSOA.contains(where: \.hasEDNS)) : nil,
            "seconds": seconds.map { .number($0) } ?? nil,
            "answers": .array(seen.replies.filter(\.isUsable).prefix(40).map(answer)),
        ]
    }

    private static func answer(_ reply: AuthorityReply) -> JSON {
        [
            "name": .string(reply.question.name.description), "type": .string("\(reply.question.type)"),
            "transport": .string(reply.transport.rawValue), "size": .integer(reply.size),
            "records": PortJSON.strings(reply.records.map(\.description)),
        ]
    }

    static let schema = Schema.object([
        .always("zone", .string), .always("compared", .bool, "Whether at least one server was reached directly."),
        .always("because", .stringOrNull, "Why not."), .always("name_servers", .strings),
        .always(
            "servers",
            .array(
                .object([
                    .always("server", .string), .always("address", .string),
                    .always("standing", .word(["authoritative", "lame", "silent", "unreachable"])),
                    .always("problem", .stringOrNull), .always("serial", .integerOrNull),
                    .always("tcp", .boolOrNull, "Whether it answers over TCP; null where it was not asked."),
                    .always("edns", .boolOrNull), .always("seconds", .orNull(.number)),
                    .always(
                        "answers",
                        .array(
                            .object([
                                .always("name", .string), .always("type", .string),
                                .always("transport", .word(of: AuthorityReply.Transport.self)),
                                .always("size", .integer), .always("records", .strings),
                            ]))),
                ]))),
    ])
}
