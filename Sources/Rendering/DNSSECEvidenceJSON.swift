import DNS
import Judgement
import Mail

/// Our own validation of what mail depends on, as `evidence.dnssec`; there where it was looked at.
enum DNSSECEvidenceJSON {
    static func json(_ dnssec: DNSSECEvidence) -> JSON {
        [
            "obstacle": PortJSON.optional(dnssec.obstacle),
            "mx": validated(dnssec.mail),
            "zone": PortJSON.optional(dnssec.zone?.description),
            "soonest_expiry": dnssec.mail.soonestExpiry.map { .string("\(Timestamp($0.expiration))") } ?? nil,
            "hosts": .array(
                dnssec.hosts.map { host in
                    ["host": .string(host.name.description), "a": validated(host.a), "aaaa": validated(host.aaaa)]
                }),
        ]
    }

    /// `ad` is the word of the resolver, beside ours.
    private static func validated(_ validated: Validated) -> JSON {
        [
            "status": .string(validated.security.word),
            "reason": PortJSON.optional(validated.security.reason ?? validated.note),
            "ad": validated.authenticData.map { .bool($0) } ?? nil,
        ]
    }

    static let schema: Schema = {
        let validated = Schema.object([
            .always("status", .word(["secure", "insecure", "bogus", "indeterminate"])),
            .always("reason", Schema.stringOrNull), .always("ad", .orNull(.bool)),
        ])
        return .object([
            .always("obstacle", Schema.stringOrNull), .always("mx", validated), .always("zone", Schema.stringOrNull),
            .always("soonest_expiry", .orNull(.time)),
            .always(
                "hosts",
                .array(.object([.always("host", .string), .always("a", validated), .always("aaaa", validated)]))),
        ])
    }()
}
