import DNS
import Judgement

/// Of `evidence`, what lists say of those who take and send the domain's mail.
enum SurroundingsJSON {
    static func reputation(_ reputation: ReputationEvidence) -> JSON {
        [
            "lists": .array(reputation.lists.map(list)), "asked": .array(reputation.asked.map(asked)),
            "left_out": .integer(reputation.leftOut),
        ]
    }

    static func discovery(_ discovery: DiscoveryEvidence) -> JSON {
        .array(
            discovery.entries.map { entry in
                var members: [JSON.Member] = [
                    .init("name", .string(entry.name.description)),
                    .init("status", status(of: entry.records)),
                ]
                if let records = entry.records.value {
                    members.append(.init("records", .array(records.map(record))))
                }
                return .object(members)
            })
    }

    private static func status(of records: Told<[SRV]>) -> JSON {
        switch records {
        case .records: "found"
        case .noData: "none"
        case .noSuchName: "no_such_name"
        case .couldNotTell: "unknown"
        }
    }

    private static func record(_ record: SRV) -> JSON {
        [
            "priority": .integer(Int(record.priority)), "weight": .integer(Int(record.weight)),
            "port": .integer(Int(record.port)), "target": .string(record.target.description),
        ]
    }

    static let discoverySchema = Schema.array(
        .object([
            .always("name", .string), .always("status", EvidenceJSON.status),
            .maybe(
                "records",
                .array(
                    .object([
                        .always("priority", .integer), .always("weight", .integer), .always("port", .integer),
                        .always("target", .string),
                    ])), "The most preferred first."),
        ]))

    private static func list(_ list: ReputationEvidence.List) -> JSON {
        var members: [JSON.Member] = [
            .init("zone", .string(list.list.zone.description)), .init("allows", .bool(list.list.allows)),
            .init("status", .string(list.health.problem?.word ?? "usable")),
            .init("covers", .array(list.health.covers.map(\.rawValue).sorted().map { .string($0) })),
        ]
        if let problem = list.health.problem { members.append(.init("because", .string(problem.sentence))) }
        return .object(members)
    }

    private static func asked(_ asked: ReputationEvidence.Asked) -> JSON {
        let party: (JSON, String) =
            switch asked.party {
            case .host(let address, let host): (.string(address.description), "address of \(host)")
            case .sender(let address, let ground): (.string(address.description), "sender, \(ground.rawValue)")
            case .domain(let name): (.string(name.description), "domain")
            }
        return [
            "subject": party.0, "role": .string(party.1), "answers": .integer(asked.answers),
            "listings": .array(asked.listings.map(listing)),
            "recommendations": .array(asked.recommendations.map(listing)),
            "silent": PortJSON.strings(asked.silent.map(\.list.zone.description)),
        ]
    }

    private static func listing(_ listing: ReputationEvidence.Listing) -> JSON {
        [
            "list": .string(listing.list.zone.description), "codes": PortJSON.strings(listing.codes.map(\.description)),
            "reason": PortJSON.optional(listing.reason),
        ]
    }

    static let reputationSchema = Schema.object([
        .always(
            "lists",
            .array(
                .object([
                    .always("zone", .string), .always("allows", .bool, "To be on it is a recommendation."),
                    .always("status", .word(["usable", "refuses", "dead", "lists_everything", "could_not_ask"])),
                    .always("covers", .strings), .maybe("because", .string, "What is the matter with it."),
                ])), "Each with the outcome of its self-test (RFC 5782 §5)."),
        .always(
            "asked",
            .array(
                .object([
                    .always("subject", .string), .always("role", .string),
                    .always("answers", .integer, "Block lists that answered."),
                    .always("listings", .array(listingSchema)), .always("recommendations", .array(listingSchema)),
                    .always("silent", .strings, "Lists that did not answer."),
                ])), "Addresses and domains that were asked for."),
        .always("left_out", .integer, "Addresses beyond those that are asked for."),
    ])

    private static let listingSchema = Schema.object([
        .always("list", .string), .always("codes", .strings),
        .always("reason", .orNull(.string), "The list's own words."),
    ])
}
