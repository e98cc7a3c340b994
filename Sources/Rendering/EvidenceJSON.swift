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
        if let dnssec = evidence.dnssec { members.append(.init("dnssec", DNSSECEvidenceJSON.json(dnssec))) }
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
        if let surroundings = evidence.surroundings {
            members.append(.init("reputation", SurroundingsJSON.reputation(surroundings.reputation)))
            if let role = evidence.domain?.role { members.append(.init("role", .string(role.rawValue))) }
            members.append(.init("discovery", SurroundingsJSON.discovery(surroundings.discovery)))
        }
        if let authority = evidence.authority { members.append(.init("authority", AuthorityJSON.json(authority))) }
        members += WebJSON.members(evidence)
        members.append(.init("ports", .array(evidence.ports.map { PortJSON.json($0, at: evidence.at) })))
        let recipients = evidence.recipients
        if !recipients.isEmpty {
            members.append(.init("recipients", .array(recipients.map(BehaviourJSON.recipient))))
        }
        return .object(members)
    }

    private static func records(of domain: DomainEvidence) -> [JSON.Member] {
        var tree = JSONTree()
        tree.object { write(domain, into: &$0) }
        if case .object(let members) = tree.value { return members }
        return []
    }

    /// The members of what the DNS says of the domain.
    static func write<Sink: JSONSink>(_ domain: DomainEvidence, into sink: inout Sink) {
        sink.key("mx")
        writeMX(domain, into: &sink)
        sink.key("addresses")
        writeAddresses(domain, into: &sink)
        sink.key("ptr")
        writePTR(domain, into: &sink)
        sink.key("spf")
        sink.object { write(domain.spf, into: &$0) }
        sink.key("dkim")
        sink.array { sink in
            for key in domain.dkim { sink.object { write(key, into: &$0) } }
            for selector in domain.dkimNotTold { sink.object { writeNotTold(selector, into: &$0) } }
        }
        sink.key("dmarc")
        sink.object { writeDMARC(domain, into: &$0) }
        sink.key("mta_sts")
        sink.object { write(domain.mtaSTS, into: &$0) }
        sink.key("tls_rpt")
        sink.object { write(domain.tlsRPT, into: &$0) }
        sink.key("bimi")
        sink.object { write(domain.bimi, into: &$0) }
    }

    static let nothing: [JSON.Member] = [
        .init("mx", []), .init("addresses", []), .init("ptr", []), .init("spf", [:]), .init("dkim", []),
        .init("dmarc", [:]), .init("mta_sts", [:]), .init("tls_rpt", [:]), .init("bimi", [:]),
    ]

    // MARK: Hosts

    /// null where nobody could tell: an empty list says that there are none.
    private static func writeMX<Sink: JSONSink>(_ domain: DomainEvidence, into sink: inout Sink) {
        if domain.mx.unanswered != nil { return sink.null() }
        sink.array { sink in
            for mx in domain.mx.value ?? [] {
                sink.object { sink in
                    sink.key("preference")
                    sink.integer(Int(mx.preference))
                    sink.key("host")
                    sink.name(mx.exchange)
                }
            }
        }
    }

    private static func writeAddresses<Sink: JSONSink>(_ domain: DomainEvidence, into sink: inout Sink) {
        sink.array { sink in
            for host in domain.hosts where !host.addresses.isEmpty {
                sink.shared(host.rendition) { sink in
                    for address in host.addresses {
                        sink.object { sink in
                            sink.key("host")
                            sink.name(host.name)
                            sink.member("address", word: address.address.description)
                            sink.member("family", word: address.address.family.rawValue)
                        }
                    }
                }
            }
        }
    }

    private static func writePTR<Sink: JSONSink>(_ domain: DomainEvidence, into sink: inout Sink) {
        // Few: they are looked through faster than put into a set.
        var seen: [IPAddress] = []
        sink.array { sink in
            for host in domain.hosts {
                for address in host.addresses where !seen.contains(address.address) {
                    seen.append(address.address)
                    sink.shared(address.rendition) { sink in sink.object { write(address, into: &$0) } }
                }
            }
        }
    }

    private static func write<Sink: JSONSink>(_ address: MailAddress, into sink: inout Sink) {
        sink.member("address", word: address.address.description)
        sink.member("status", word: status(of: address.ptr))
        if address.ptr.unanswered == nil {
            sink.key("names")
            sink.array { sink in for name in address.names { sink.name(name.name) } }
        }
        sink.key("forward_confirmed")
        switch address.forwardConfirmed {
        case .yes: sink.bool(true)
        case .no: sink.bool(false)
        case .couldNotTell: sink.null()
        }
    }

    // MARK: Records

    private static func write<Sink: JSONSink>(_ spf: Held<SPFAnalysis>, into sink: inout Sink) {
        writeFound(spf.value.status, \.text, into: &sink)
        guard let record = spf.value.status.value else { return }
        sink.key("valid")
        sink.bool(record.isValid)
        sink.key("lookups")
        sink.integer(spf.value.lookups)
        sink.key("void_lookups")
        sink.integer(spf.value.voidLookups)
        sink.key("complete")
        sink.bool(spf.value.isComplete)
        sink.key("all")
        sink.optional(spf.value.all.map { "\($0.rawValue)all" })
        writeProblems(record.problems, into: &sink)
        sink.key("tree")
        SPFTree.write(spf.value.root, into: &sink)
    }

    private static func write<Sink: JSONSink>(_ key: DKIMEvidence, into sink: inout Sink) {
        sink.member("selector", key.lookup.selector)
        sink.key("guessed")
        sink.bool(!key.isGiven)
        if let name = key.lookup.name {
            sink.key("name")
            sink.name(name)
        }
        writeFound(key.lookup.status, \.text, into: &sink)
        guard let record = key.record?.value else { return }
        sink.key("valid")
        sink.bool(record.isValid)
        sink.member("key_type", record.keyType.name)
        sink.key("key_bits")
        if let bits = record.keyBits { sink.integer(bits) } else { sink.null() }
        sink.key("revoked")
        sink.bool(record.isRevoked)
        sink.key("testing")
        sink.bool(record.isTesting)
        writeProblems(record.problems, into: &sink)
    }

    /// A guess that nobody answered.
    private static func writeNotTold<Sink: JSONSink>(_ selector: String, into sink: inout Sink) {
        sink.member("selector", selector)
        sink.key("guessed")
        sink.bool(true)
        sink.member("status", word: "unknown")
    }

    private static func writeDMARC<Sink: JSONSink>(_ domain: DomainEvidence, into sink: inout Sink) {
        let dmarc = domain.dmarc
        sink.key("status")
        switch dmarc.value.status {
        case .found: sink.string("found")
        case .none: sink.string("none")
        case .multipleAtOwnName(let texts):
            sink.string("multiple")
            sink.key("records")
            sink.strings(texts)
        case .couldNotTell: sink.string("unknown")
        }
        if let record = dmarc.value.record { write(record, of: dmarc.value, into: &sink) }
        sink.key("organizational_domain")
        sink.optional(dmarc.value.organizationalDomain)
        sink.key("walk")
        sink.array { sink in for step in dmarc.value.walk { sink.name(step.domain) } }
        if let legacy = domain.legacyDMARC {
            sink.key("rfc7489")
            sink.object { DMARCEvaluationRendering.write(legacy, besides: dmarc.value, into: &$0) }
        }
        if !domain.reportDestinations.isEmpty {
            sink.key("report_destinations")
            sink.array { sink in
                for destination in domain.reportDestinations { sink.object { write(destination, into: &$0) } }
            }
        }
    }

    private static func write<Sink: JSONSink>(
        _ record: DMARCRecord, of dmarc: DMARCDiscovery, into sink: inout Sink
    ) {
        sink.member("record", record.text)
        sink.key("domain")
        sink.optional(dmarc.recordDomain)
        sink.key("valid")
        sink.bool(record.isValid)
        sink.key("policy")
        sink.optional(dmarc.policy?.rawValue)
        sink.key("policy_tag")
        sink.optional(dmarc.policyTag)
        sink.key("applied_policy")
        sink.optional(dmarc.appliedPolicy?.rawValue)
        sink.key("testing")
        sink.bool(record.isTesting)
        sink.member("adkim", word: record.dkimAlignment.rawValue)
        sink.member("aspf", word: record.spfAlignment.rawValue)
        sink.key("rua")
        sink.array { sink in for report in record.aggregateReports { sink.string(report.text) } }
        sink.key("ruf")
        sink.array { sink in for report in record.failureReports { sink.string(report.text) } }
        writeProblems(record.problems, into: &sink)
    }

    private static func write<Sink: JSONSink>(_ destination: ReportDestination, into sink: inout Sink) {
        let permission: String =
            switch destination.permission {
            case .notNeeded: "not_needed"
            case .granted: "granted"
            case .leadsElsewhere: "leads_elsewhere"
            case .missing: "missing"
            case .nameTooLong: "name_too_long"
            case .couldNotTell: "unknown"
            }
        sink.key("domain")
        sink.name(destination.domain)
        sink.key("tags")
        sink.strings(destination.tags)
        sink.member("permission", permission)
        sink.key("asked")
        sink.optional(destination.name)
    }

    private static func write<Sink: JSONSink>(_ search: RecordSearch<BIMIRecord>, into sink: inout Sink) {
        writeFound(search.lookup, \.text, into: &sink)
        guard let record = search.lookup.value else { return }
        sink.key("name")
        sink.name(search.name)
        sink.key("valid")
        sink.bool(record.isValid)
        sink.key("location")
        sink.optional(record.location)
        sink.key("evidence")
        sink.optional(record.evidence)
        writeProblems(record.problems, into: &sink)
    }

    private static func write<Sink: JSONSink>(_ lookup: RecordLookup<MTASTSRecord>, into sink: inout Sink) {
        writeFound(lookup, \.text, into: &sink)
        guard let record = lookup.value else { return }
        sink.key("valid")
        sink.bool(record.isValid)
        sink.key("id")
        sink.optional(record.id)
        writeProblems(record.problems, into: &sink)
    }

    private static func write<Sink: JSONSink>(_ lookup: RecordLookup<TLSRPTRecord>, into sink: inout Sink) {
        writeFound(lookup, \.text, into: &sink)
        guard let record = lookup.value else { return }
        sink.key("valid")
        sink.bool(record.isValid)
        sink.key("rua")
        sink.strings(record.destinations)
        writeProblems(record.problems, into: &sink)
    }

    /// `status`, and the text as published where there is one.
    private static func writeFound<Value, Sink: JSONSink>(
        _ lookup: RecordLookup<Value>, _ text: (Value) -> String, into sink: inout Sink
    ) {
        sink.key("status")
        switch lookup {
        case .found(let value):
            sink.string("found")
            sink.member("record", text(value))
        case .none: sink.string("none")
        case .noSuchName: sink.string("no_such_name")
        case .multiple(let texts):
            sink.string("multiple")
            sink.key("records")
            sink.strings(texts)
        case .couldNotTell: sink.string("unknown")
        }
    }

    private static func status<Value>(of told: Told<Value>) -> String {
        switch told {
        case .records: "found"
        case .noData: "none"
        case .noSuchName: "no_such_name"
        case .couldNotTell: "unknown"
        }
    }

    private static func writeProblems<Sink: JSONSink>(_ problems: [RecordProblem], into sink: inout Sink) {
        sink.key("problems")
        sink.array { sink in
            for problem in problems {
                sink.object { sink in
                    sink.key("column")
                    sink.integer(problem.column)
                    sink.member("message", problem.message)
                    sink.member("severity", problem.severity.rawValue)
                }
            }
        }
    }
}
