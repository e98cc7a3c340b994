/// What NSEC and NSEC3 records prove (RFC 4035 §5.4, RFC 5155 §8, RFC 6840 §4, RFC 9824).
///
/// Records are looked for by what they say and only then verified: of a thousand that came, those that matter cost
/// work. Everything here is about one zone, whose keys verify.
struct Denial {
    /// What is proven of a name.
    enum Finding: Equatable {
        /// The name is there and has no such record; the types it has, where a record tells.
        case noData(TypeBitmap?)
        /// The name is not there, nor is a wildcard that stands for it.
        case noSuchName
        /// What stands between two hashes may be delegations without DS (opt-out, RFC 5155 §6): nothing is proven, and
        /// nothing has to be.
        case optedOut
        /// More NSEC3 iterations than anyone must compute (RFC 9276 §3.2).
        case tooManyIterations(Int)
        /// Nothing is proven, because ….
        case nothing(String)
    }

    typealias Verify = (Record) -> Bool

    let zone: DomainName
    let nsecs: [(owner: DomainName, nsec: NSEC, record: Record)]
    let nsec3s: [(owner: DomainName, hash: [UInt8], nsec3: NSEC3, record: Record)]
    /// Hashes that may still be computed.
    var work: Int
    /// RFC 9276 §3.2: more iterations than this are treated as insecure. It leaves the number to whoever validates; this
    /// is what BIND 9.18 and Unbound allow.
    static let mostIterations = 150
    /// A response has no use for more records than these.
    static let mostRecords = 64
    /// Those used, and the parameters that were found.
    private(set) var parameters: NSEC3PARAM?
    private var hashes: [DomainName: [UInt8]] = [:]

    init(zone: DomainName, _ authority: [Record], work: Int, most: Int = Denial.mostRecords) {
        self.zone = zone
        self.work = work
        var nsecs: [(DomainName, NSEC, Record)] = []
        var nsec3s: [(DomainName, [UInt8], NSEC3, Record)] = []
        for record in authority where record.name.isWithin(zone) {
            switch record.data {
            case .nsec(let nsec) where nsecs.count < most: nsecs.append((record.name, nsec, record))
            case .nsec3(let nsec3) where nsec3s.count < most:
                // RFC 5155 §8.1, 8.2: unknown algorithms and flags make a record useless; its owner is a hash right below
                // the zone.
                guard nsec3.algorithm == 1, nsec3.flags & 0xFE == 0, record.name.parent == zone,
                    nsec3.nextHash.count == 20, let label = record.name.labels.first,
                    let hash = SecurityText.base32(decoding: label), hash.count == 20
                else { continue }
                // All of one chain (§8.2).
                if let parameters,
                    parameters.iterations != nsec3.iterations || parameters.salt != nsec3.salt
                {
                    continue
                }
                parameters = NSEC3PARAM(
                    algorithm: 1, flags: 0, iterations: nsec3.iterations, salt: nsec3.salt)
                nsec3s.append((record.name, hash, nsec3, record))
            default: break
            }
        }
        self.nsecs = nsecs.map { (owner: $0.0, nsec: $0.1, record: $0.2) }
        self.nsec3s = nsec3s.map { (owner: $0.0, hash: $0.1, nsec3: $0.2, record: $0.3) }
    }

    var isEmpty: Bool { nsecs.isEmpty && nsec3s.isEmpty }

    /// What is proven of `name` and `type`.
    mutating func finding(_ name: DomainName, _ type: RecordType, _ verify: Verify) -> Finding {
        if !nsecs.isEmpty {
            let found = nsecFinding(name, type, verify)
            if case .nothing = found, !nsec3s.isEmpty { return nsec3Finding(name, type, verify) }
            return found
        }
        return nsec3s.isEmpty ? .nothing("no NSEC or NSEC3 records came") : nsec3Finding(name, type, verify)
    }

    /// Whether no name stands between `name` and the wildcard right below `encloser` (RFC 4035 §5.3.4,
    /// RFC 5155 §8.8): then the wildcard was rightly expanded.
    mutating func provesExpansion(_ name: DomainName, from encloser: DomainName, _ verify: Verify) -> Finding {
        if let covering = nsecs.first(where: { covers($0.owner, $0.nsec, name) && verify($0.record) }) {
            // The wildcard's parent must be the closest name there is.
            let closest = closestEncloser(name, covering.owner, covering.nsec.next)
            return closest.labelCount <= encloser.labelCount
                ? .noSuchName : .nothing("a closer name than \(encloser) exists")
        }
        guard let parameters else { return .nothing("nothing proves that no closer name exists") }
        if let refused = refused(parameters, verify) { return refused }
        let next = name.suffix(encloser.labelCount + 1)
        guard let hash = hash(next) else { return .nothing("too many hashes to compute") }
        guard let covering = nsec3s.first(where: { covers($0.hash, $0.nsec3, hash) && verify($0.record) }) else {
            return .nothing("no NSEC3 record proves that \(next) does not exist")
        }
        return covering.nsec3.isOptOut ? .optedOut : .noSuchName
    }

    // MARK: NSEC

    private func nsecFinding(_ name: DomainName, _ type: RecordType, _ verify: Verify) -> Finding {
        if let match = nsecs.first(where: { $0.owner == name && verify($0.record) }) {
            if let why = objection(match.nsec.types, type) { return .nothing("the NSEC record \(why)") }
            return .noData(match.nsec.types)
        }
        guard let covering = nsecs.first(where: { covers($0.owner, $0.nsec, name) && verify($0.record) }) else {
            return .nothing("no NSEC record matches or covers \(name)")
        }
        // Between the two only names below this one: an empty non-terminal (RFC 4592 §2.2.2).
        if covering.nsec.next.isWithin(name) { return .noData(nil) }
        let encloser = closestEncloser(name, covering.owner, covering.nsec.next)
        guard let wildcard = encloser.wildcard else { return .noSuchName }
        if let match = nsecs.first(where: { $0.owner == wildcard && verify($0.record) }) {
            if let why = objection(match.nsec.types, type) {
                return .nothing("the NSEC record of \(wildcard) \(why)")
            }
            return .noData(match.nsec.types)
        }
        guard nsecs.contains(where: { covers($0.owner, $0.nsec, wildcard) && verify($0.record) }) else {
            return .nothing("no NSEC record covers \(wildcard)")
        }
        return .noSuchName
    }

    /// Whether `name` would stand right behind `owner` (RFC 4035 §5.4). A name below a delegation or a DNAME is nothing
    /// that this record could deny (RFC 6840 §4.1).
    private func covers(_ owner: DomainName, _ nsec: NSEC, _ name: DomainName) -> Bool {
        guard nsec.next.isWithin(zone), owner != name else { return false }
        if name.isWithin(owner), isCut(nsec.types) || nsec.types.contains(.dname) { return false }
        if owner < nsec.next { return owner < name && name < nsec.next }
        return owner < name && nsec.next == zone  // the last of the zone
    }

    private func closestEncloser(_ name: DomainName, _ owner: DomainName, _ next: DomainName) -> DomainName {
        func common(_ other: DomainName) -> Int {
            var count = 0
            for (a, b) in zip(name.lowercased.labels.reversed(), other.lowercased.labels.reversed()) {
                guard a == b else { break }
                count += 1
            }
            return count
        }
        return name.suffix(max(common(owner), common(next)))
    }

    /// What is wrong with taking the record at a name for a proof that it has no `type`; nil where nothing is.
    private func objection(_ types: TypeBitmap, _ type: RecordType) -> String? {
        if types.contains(type) { return "says that there are \(type) records" }
        if types.contains(.cname) { return "says that there is a CNAME record" }
        if type == .ds {
            // The child has nothing to say of its DS (RFC 4035 §5.2).
            if types.contains(.soa), !zone.isRoot { return "is the child's, not the parent's" }
        } else if isCut(types) {
            return "is the parent's, not the child's"  // RFC 6840 §4.1
        }
        return nil
    }

    private func isCut(_ types: TypeBitmap) -> Bool { types.contains(.ns) && !types.contains(.soa) }

    // MARK: NSEC3

    /// Whoever may say that the iterations are too many is the zone: one record has to be its own (RFC 9276 §3.2).
    private func refused(_ parameters: NSEC3PARAM, _ verify: Verify) -> Finding? {
        guard Int(parameters.iterations) > Self.mostIterations else { return nil }
        return nsec3s.contains { verify($0.record) }
            ? .tooManyIterations(Int(parameters.iterations)) : .nothing("no NSEC3 record is rightly signed")
    }

    private mutating func hash(_ name: DomainName) -> [UInt8]? {
        if let known = hashes[name] { return known }
        guard let parameters else { return nil }
        work -= 1 + Int(parameters.iterations)
        guard work >= 0 else { return nil }
        let hash = DNSSEC.nsec3Hash(name, salt: parameters.salt, iterations: Int(parameters.iterations))
        hashes[name] = hash
        return hash
    }

    /// RFC 5155 §1.3: between the owner's hash and the next, the last one leading round to the first.
    private func covers(_ owner: [UInt8], _ nsec3: NSEC3, _ hash: [UInt8]) -> Bool {
        let next = nsec3.nextHash
        let isBehind = owner.lexicographicallyPrecedes(hash), isBefore = hash.lexicographicallyPrecedes(next)
        return owner.lexicographicallyPrecedes(next) ? isBehind && isBefore : (isBehind || isBefore) && hash != owner
    }

    private mutating func nsec3Finding(_ name: DomainName, _ type: RecordType, _ verify: Verify) -> Finding {
        guard let parameters else { return .nothing("no NSEC3 records came") }
        if let refused = refused(parameters, verify) { return refused }
        guard let own = hash(name) else { return .nothing("too many hashes to compute") }
        if let match = nsec3s.first(where: { $0.hash == own && verify($0.record) }) {
            if let why = objection(match.nsec3.types, type) { return .nothing("the NSEC3 record \(why)") }
            return .noData(match.nsec3.types)  // an empty bitmap for an empty non-terminal (RFC 5155 §7.1)
        }
        // RFC 5155 §8.3: the closest encloser, and that the name right below it does not exist.
        var here = name.parent
        while let encloser = here, encloser.isWithin(zone) {
            guard let hash = hash(encloser) else { return .nothing("too many hashes to compute") }
            if let match = nsec3s.first(where: { $0.hash == hash && verify($0.record) }) {
                if isCut(match.nsec3.types) || match.nsec3.types.contains(.dname) {
                    return .nothing("the closest name, \(encloser), is a delegation or has a DNAME record")
                }
                return belowEncloser(encloser, name, type, verify)
            }
            here = encloser.parent
        }
        return .nothing("no NSEC3 record matches \(name) or a name above it")
    }

    private mutating func belowEncloser(
        _ encloser: DomainName, _ name: DomainName, _ type: RecordType, _ verify: Verify
    ) -> Finding {
        let next = name.suffix(encloser.labelCount + 1)
        guard let nextHash = hash(next) else { return .nothing("too many hashes to compute") }
        guard let covering = nsec3s.first(where: { covers($0.hash, $0.nsec3, nextHash) && verify($0.record) }) else {
            return .nothing("no NSEC3 record covers \(next)")
        }
        if let wildcard = encloser.wildcard, let hash = hash(wildcard) {
            if let match = nsec3s.first(where: { $0.hash == hash && verify($0.record) }) {
                // RFC 5155 §8.7.
                if let why = objection(match.nsec3.types, type) {
                    return covering.nsec3.isOptOut ? .optedOut : .nothing("the NSEC3 record of \(wildcard) \(why)")
                }
                return covering.nsec3.isOptOut ? .optedOut : .noData(match.nsec3.types)
            }
            if covering.nsec3.isOptOut { return .optedOut }  // RFC 5155 §8.6, §9.2
            guard nsec3s.contains(where: { covers($0.hash, $0.nsec3, hash) && verify($0.record) }) else {
                return .nothing("no NSEC3 record covers \(wildcard)")
            }
        }
        return covering.nsec3.isOptOut ? .optedOut : .noSuchName
    }
}
