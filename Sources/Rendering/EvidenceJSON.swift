import DNS
package import Judgement
import Mail

/// `evidence` of a report: the facts, as typed as JSON allows.
///
/// A record's text is there as published, and absent where there is none; `status` tells none from could not tell.
package enum EvidenceJSON {
    /// All that was seen, by subject.
    package static func json(_ evidence: Evidence) -> JSON {
        var members = evidence.domain.map(records) ?? nothing
        members.append(.init("dane", .array((evidence.transport?.hosts ?? []).map(TransportJSON.dane))))
        if let transport = evidence.transport {
            if let index = members.firstIndex(where: { $0.key == "mta_sts" }),
                case .object(let own) = members[index].value
            {
                let policy = JSON.Member("policy", TransportJSON.policy(transport.mtaSTS))
                members[index] = JSON.Member("mta_sts", .object(own + [policy]))
            }
            members.append(.init("caa", .array(transport.hosts.map { TransportJSON.caa($0.caa) })))
            members.append(.init("senders", TransportJSON.senders(evidence)))
        }
        members.append(.init("ports", .array(evidence.ports.map { PortJSON.json($0, at: evidence.at) })))
        let recipients = evidence.recipients
        if !recipients.isEmpty {
            members.append(.init("recipients", .array(recipients.map(BehaviourJSON.recipient))))
        }
        return .object(members)
    }

    private static func records(of domain: DomainEvidence) -> [JSON.Member] {
        [
            .init("mx", mx(domain)),
            .init("addresses", addresses(domain)),
            .init("ptr", ptr(domain)),
            .init("spf", spf(domain.spf)),
            .init("dkim", .array(domain.dkim.map(dkim) + domain.dkimNotTold.map(notTold))),
            .init("dmarc", dmarc(domain)),
            .init("mta_sts", mtaSTS(domain.mtaSTS)),
            .init("tls_rpt", tlsRPT(domain.tlsRPT)),
            .init("bimi", bimi(domain.bimi)),
        ]
    }

    private static let nothing: [JSON.Member] = [
        .init("mx", []), .init("addresses", []), .init("ptr", []), .init("spf", [:]), .init("dkim", []),
        .init("dmarc", [:]), .init("mta_sts", [:]), .init("tls_rpt", [:]), .init("bimi", [:]),
    ]

    // MARK: Hosts

    /// null where nobody could tell: an empty list says that there are none.
    private static func mx(_ domain: DomainEvidence) -> JSON {
        if domain.mx.unanswered != nil { return nil }
        return .array(
            (domain.mx.value ?? []).map {
                ["preference": .integer(Int($0.preference)), "host": .string($0.exchange.description)]
            })
    }

    private static func addresses(_ domain: DomainEvidence) -> JSON {
        .array(
            domain.hosts.flatMap { host in
                host.addresses.map { address in
                    [
                        "host": .string(host.name.description), "address": .string(address.address.description),
                        "family": .string(address.address.family.rawValue),
                    ]
                }
            })
    }

    private static func ptr(_ domain: DomainEvidence) -> JSON {
        var seen: Set<IPAddress> = []
        return .array(
            domain.hosts.flatMap(\.addresses).filter { seen.insert($0.address).inserted }.map { address in
                var members: [JSON.Member] = [
                    .init("address", .string(address.address.description)), .init("status", status(of: address.ptr)),
                ]
                if address.ptr.unanswered == nil {
                    members.append(.init("names", .array(address.names.map { .string($0.name.description) })))
                }
                switch address.forwardConfirmed {
                case .yes: members.append(.init("forward_confirmed", true))
                case .no: members.append(.init("forward_confirmed", false))
                case .couldNotTell: members.append(.init("forward_confirmed", nil))
                }
                return .object(members)
            })
    }

    // MARK: Records

    private static func spf(_ spf: SPFAnalysis) -> JSON {
        var members = found(spf.status, \.text)
        if let record = spf.status.value {
            members += [
                .init("valid", .bool(record.isValid)),
                .init("lookups", .integer(spf.lookups)),
                .init("void_lookups", .integer(spf.voidLookups)),
                .init("complete", .bool(spf.isComplete)),
                .init("all", PortJSON.optional(spf.all.map { "\($0.rawValue)all" })),
                .init("problems", problems(record.problems)), .init("tree", SPFTree.json(spf.root)),
            ]
        }
        return .object(members)
    }

    private static func dkim(_ key: DKIMEvidence) -> JSON {
        var members: [JSON.Member] = [
            .init("selector", .string(key.lookup.selector)),
            .init("guessed", .bool(!key.isGiven)),
        ]
        if let name = key.lookup.name { members.append(.init("name", .string(name.description))) }
        members += found(key.lookup.status, \.text)
        if let record = key.lookup.status.value {
            members += [
                .init("valid", .bool(record.isValid)),
                .init("key_type", .string(record.keyType.name)),
                .init("key_bits", record.keyBits.map { .integer($0) } ?? nil),
                .init("revoked", .bool(record.isRevoked)),
                .init("testing", .bool(record.isTesting)),
                .init("problems", problems(record.problems)),
            ]
        }
        return .object(members)
    }

    /// A guess that nobody answered.
    private static func notTold(_ selector: String) -> JSON {
        ["selector": .string(selector), "guessed": true, "status": "unknown"]
    }

    private static func dmarc(_ domain: DomainEvidence) -> JSON {
        let dmarc = domain.dmarc
        var members: [JSON.Member] = []
        switch dmarc.status {
        case .found: members.append(.init("status", "found"))
        case .none: members.append(.init("status", "none"))
        case .multipleAtOwnName(let texts):
            members += [.init("status", "multiple"), .init("records", PortJSON.strings(texts))]
        case .couldNotTell: members.append(.init("status", "unknown"))
        }
        if let record = dmarc.record {
            members += [
                .init("record", .string(record.text)),
                .init("domain", PortJSON.optional(dmarc.recordDomain?.description)),
                .init("valid", .bool(record.isValid)),
                .init("policy", PortJSON.optional(dmarc.policy?.rawValue)),
                .init("policy_tag", PortJSON.optional(dmarc.policyTag)),
                .init("applied_policy", PortJSON.optional(dmarc.appliedPolicy?.rawValue)),
                .init("testing", .bool(record.isTesting)),
                .init("adkim", .string(record.dkimAlignment.rawValue)),
                .init("aspf", .string(record.spfAlignment.rawValue)),
                .init("rua", PortJSON.strings(record.aggregateReports.map(\.text))),
                .init("ruf", PortJSON.strings(record.failureReports.map(\.text))),
                .init("problems", problems(record.problems)),
            ]
        }
        members.append(.init("organizational_domain", PortJSON.optional(dmarc.organizationalDomain?.description)))
        members.append(.init("walk", PortJSON.strings(dmarc.walk.map(\.domain.description))))
        if let legacy = domain.legacyDMARC {
            members.append(.init("rfc7489", DMARCEvaluationRendering.json(legacy, besides: dmarc)))
        }
        if !domain.reportDestinations.isEmpty {
            members.append(.init("report_destinations", .array(domain.reportDestinations.map(destination))))
        }
        return .object(members)
    }

    private static func destination(_ destination: ReportDestination) -> JSON {
        let permission: String =
            switch destination.permission {
            case .notNeeded: "not_needed"
            case .granted: "granted"
            case .leadsElsewhere: "leads_elsewhere"
            case .missing: "missing"
            case .nameTooLong: "name_too_long"
            case .couldNotTell: "unknown"
            }
        return [
            "domain": .string(destination.domain.description), "tags": PortJSON.strings(destination.tags),
            "permission": .string(permission), "asked": PortJSON.optional(destination.name?.description),
        ]
    }

    private static func bimi(_ search: RecordSearch<BIMIRecord>) -> JSON {
        var members = found(search.lookup, \.text)
        if let record = search.lookup.value {
            members += [
                .init("name", .string(search.name.description)), .init("valid", .bool(record.isValid)),
                .init("location", PortJSON.optional(record.location)),
                .init("evidence", PortJSON.optional(record.evidence)), .init("problems", problems(record.problems)),
            ]
        }
        return .object(members)
    }

    private static func mtaSTS(_ lookup: RecordLookup<MTASTSRecord>) -> JSON {
        var members = found(lookup, \.text)
        if let record = lookup.value {
            members += [
                .init("valid", .bool(record.isValid)), .init("id", PortJSON.optional(record.id)),
                .init("problems", problems(record.problems)),
            ]
        }
        return .object(members)
    }

    private static func tlsRPT(_ lookup: RecordLookup<TLSRPTRecord>) -> JSON {
        var members = found(lookup, \.text)
        if let record = lookup.value {
            members += [
                .init("valid", .bool(record.isValid)), .init("rua", PortJSON.strings(record.destinations)),
                .init("problems", problems(record.problems)),
            ]
        }
        return .object(members)
    }

    /// `status`, and the text as published where there is one.
    private static func found<Value>(_ lookup: RecordLookup<Value>, _ text: (Value) -> String) -> [JSON.Member] {
        switch lookup {
        case .found(let value): [.init("status", "found"), .init("record", .string(text(value)))]
        case .none: [.init("status", "none")]
        case .noSuchName: [.init("status", "no_such_name")]
        case .multiple(let texts): [.init("status", "multiple"), .init("records", PortJSON.strings(texts))]
        case .couldNotTell: [.init("status", "unknown")]
        }
    }

    private static func status<Value>(of told: Told<Value>) -> JSON {
        switch told {
        case .records: "found"
        case .noData: "none"
        case .noSuchName: "no_such_name"
        case .couldNotTell: "unknown"
        }
    }

    private static func problems(_ problems: [RecordProblem]) -> JSON {
        .array(
            problems.map {
                [
                    "column": .integer($0.column), "message": .string($0.message),
                    "severity": .string($0.severity.rawValue),
                ]
            })
    }
}
