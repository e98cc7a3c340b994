/// What a server accepts, asked with few hellos: ``next()`` is the next question, or nil when all is known that was to
/// be known; ``note(_:to:)`` takes the answer. A value and plain functions: nothing here waits, dials or draws lots.
///
/// Versions before TLS 1.3 are asked from the newest down: a hello that offers TLS 1.2 also offers all before it
/// (RFC 5246 §E.1), so each answer says which one is the newest left, and a refusal ends the row. Suites and groups are
/// asked by striking out: all are offered, the one that was chosen is left out of the next offer, until none is
/// accepted. `brief` asks whole kinds instead: is any weak suite accepted, any without forward secrecy, and so on.
package struct Survey: Hashable, Sendable {
    package enum Depth: String, Hashable, Sendable, CaseIterable {
        /// Eight to twelve questions: what checks need.
        case brief
        /// Each suite of each version, and each group.
        case full
    }

    package let serverName: String?
    package let depth: Depth
    /// All that was asked, in order.
    package private(set) var log: [Entry] = []
    /// Why no more is asked, for a person; nil as long as it goes well.
    package private(set) var problem: String?

    package struct Entry: Hashable, Sendable {
        package var question: SurveyQuestion
        package var answer: SurveyAnswer
    }

    /// Questions in all at most.
    package var limit: Int { depth == .brief ? 24 : 160 }

    package init(serverName: String?, depth: Depth) {
        self.serverName = serverName
        self.depth = depth
    }

    package mutating func note(_ answer: SurveyAnswer, to question: SurveyQuestion) {
        log.append(Entry(question: question, answer: answer))
        // A server that has said nothing twice running is left alone.
        let last = log.suffix(2)
        if last.count == 2, last.allSatisfy({ if case .couldNotTell = $0.answer { true } else { false } }),
            case .couldNotTell(let why) = answer
        {
            problem = why
        }
    }

    /// Ends the survey: the rest stays unasked.
    package mutating func stop(_ why: String) { if problem == nil { problem = why } }

    package func next() -> SurveyQuestion? {
        if problem != nil || log.count >= limit { return nil }
        return versionQuestion ?? kindQuestion ?? preferenceQuestion ?? (depth == .full ? fullQuestion : nil)
    }

    /// Whether all was asked that was to be asked.
    package var isComplete: Bool { problem == nil && log.count < limit && next() == nil }

    // MARK: Versions

    private var versionQuestion: SurveyQuestion? {
        if entry(.version(.tls13)) == nil { return modern(.version(.tls13), CipherSuite.tls13, Self.modernGroups) }
        if case .chosen(let flight) = entry(.version(.tls13))?.answer, flight.hello?.group?.isPostQuantum != true,
            entry(.postQuantum) == nil
        {
            return modern(.postQuantum, CipherSuite.tls13, NamedGroup.postQuantum)
        }
        for version in [ProtocolVersion.tls12, .tls11, .tls10] where entry(.version(version)) == nil {
            if let newest = newestLeft(below: version) {
                guard let newest, newest >= version else { continue }
            }
            return SurveyQuestion(.version(version), older(version))
        }
        for version in depth == .full ? [ProtocolVersion.ssl3, .ssl2] : [.ssl3] where entry(.version(version)) == nil {
            if version == .ssl3, accepts(.ssl3) == true { continue }
            var hello = older(version)
            // No extension can be sent: the signal says the same as renegotiation_info (RFC 5746 §3.3).
            hello.suites.append(.renegotiationSignal)
            return SurveyQuestion(.version(version), hello)
        }
        return nil
    }

    private static let modernGroups = NamedGroup.postQuantum + NamedGroup.curves + NamedGroup.finiteFields

    /// The version that can be accepted at most, from the answers to newer ones: nil where none was asked, `.some(nil)`
    /// where none is left.
    private func newestLeft(below version: ProtocolVersion) -> ProtocolVersion?? {
        var known: ProtocolVersion?? = .none
        for asked in [ProtocolVersion.tls12, .tls11, .tls10] where asked > version {
            switch entry(.version(asked))?.answer {
            case .chosen(let flight)?:
                let chosen = flight.hello?.version ?? asked
                known = .some(chosen == asked ? Self.before(chosen) : chosen)
            // The whole row was on offer.
            case .refused(let alert)? where alert.number == Alert.protocolVersion: known = .some(nil)
            // It may be that only the suites did not do, and servers that do not bear a version may hang up: the one
            // before may do.
            case .refused?, .closed?, .couldNotTell?, nil: break
            }
        }
        return known
    }

    private static func before(_ version: ProtocolVersion) -> ProtocolVersion? {
        version > .ssl3 ? ProtocolVersion(rawValue: version.rawValue - 1) : nil
    }

    private func modern(
        _ topic: SurveyQuestion.Topic, _ suites: [CipherSuite], _ groups: [NamedGroup]
    ) -> SurveyQuestion {
        SurveyQuestion(topic, ClientHello(version: .tls13, suites: suites, groups: groups, serverName: serverName))
    }

    private func older(_ version: ProtocolVersion, _ suites: [CipherSuite]? = nil) -> ClientHello {
        ClientHello(
            version: version, suites: suites ?? Self.suites(for: version, among: CipherSuite.usual),
            serverName: serverName,
            offersCompression: true)
    }

    /// Without those that need a newer version.
    private static func suites(for version: ProtocolVersion, among all: [CipherSuite]) -> [CipherSuite] {
        version >= .tls12 ? all : all.filter { !$0.needsTLS12 }
    }

    // MARK: Kinds of suites

    private var kindQuestion: SurveyQuestion? {
        guard let version = versionForKinds else { return nil }
        let weak = entries(.weakSuites)
        // Each weakness once: the suites that share it with the one that was chosen are struck out.
        let struck = weak.compactMap { $0.answer.flight?.hello?.suite }.reduce(into: Set<CipherSuite.Weakness>()) {
            $0.formUnion($1.weaknesses)
        }
        if weak.count < 8, weak.last.map({ $0.answer.flight != nil }) ?? true {
            let left = Self.suites(for: version, among: CipherSuite.weak).filter {
                $0.weaknesses.isDisjoint(with: struck)
            }
            if !left.isEmpty { return SurveyQuestion(.weakSuites, older(version, left)) }
        }
        if entry(.withoutForwardSecrecy) == nil {
            return SurveyQuestion(
                .withoutForwardSecrecy,
                older(version, Self.suites(for: version, among: CipherSuite.withoutForwardSecrecy)))
        }
        if entry(.finiteField) == nil {
            // Without groups of RFC 7919 the server shows its own.
            return SurveyQuestion(
                .finiteField, older(version, Self.suites(for: version, among: CipherSuite.finiteField)))
        }
        return nil
    }

    /// The newest version before TLS 1.3 that is accepted, or TLS 1.2 where it may be that only the suites were not
    /// accepted.
    private var versionForKinds: ProtocolVersion? {
        if let newest = newestOlder { return newest }
        // protocol_version(70): there is nothing before TLS 1.3.
        if isNotSpoken(.tls12) { return nil }
        if case .closed = entry(.version(.tls12))?.answer { return nil }
        return .tls12
    }

    package var newestOlder: ProtocolVersion? {
        [ProtocolVersion.tls12, .tls11, .tls10, .ssl3].first { accepts($0) == true }
    }

    // MARK: Whose order counts

    private var preferenceQuestion: SurveyQuestion? {
        guard let version = newestOlder, let first = entry(.version(version)), let flight = first.answer.flight,
            flight.hello?.version == version
        else { return nil }
        var turned = first.question.hello
        turned.suites = Array(turned.suites.reversed())
        guard let second = entry(.turnedRound) else {
            turned.serverName = nil
            return SurveyQuestion(.turnedRound, turned)
        }
        if entry(.preference) != nil { return nil }
        // Without SNI it may be another certificate, with which other suites go, or none at all.
        guard let other = second.answer.flight, other.certificates == flight.certificates || serverName == nil else {
            return SurveyQuestion(.preference, turned)
        }
        if other.hello?.suite == flight.hello?.suite, !acceptsOther(than: flight.hello?.suite, in: version) {
            turned.suites.removeAll { $0 == flight.hello?.suite }
            return SurveyQuestion(.preference, turned)
        }
        return nil
    }

    private func acceptsOther(than suite: CipherSuite?, in version: ProtocolVersion) -> Bool {
        log.contains { entry in
            guard let hello = entry.answer.flight?.hello, hello.version == version else { return false }
            return hello.suite != suite && CipherSuite.usual.contains(hello.suite)
        }
    }

    // MARK: Everything

    private var fullQuestion: SurveyQuestion? {
        if let question = fallbackQuestion { return question }
        // A version that was turned down, but not for itself, may do with suites that were not offered.
        for version in [ProtocolVersion.tls13, .tls12, .tls11, .tls10, .ssl3]
        where accepts(version) == true || (version < .tls13 && !isNotSpoken(version)) {
            let all = version == .tls13 ? CipherSuite.tls13 : Self.suites(for: version, among: Self.older)
            if let question = strikingOut(version, all) { return question }
        }
        for version in [ProtocolVersion.tls13, .tls12] where accepts(version) == true {
            if let question = strikingOutGroups(version) { return question }
        }
        return nil
    }

    private static let older =
        CipherSuite.usual + CipherSuite.weak.filter { !CipherSuite.usual.contains($0) }
        + CipherSuite.rare

    private func strikingOut(_ version: ProtocolVersion, _ all: [CipherSuite]) -> SurveyQuestion? {
        let known = Set(suites(of: version))
        let asked = entries(.suites(version))
        // An older version chosen says that this one is not spoken with any of them.
        let isOver = asked.contains { entry in
            switch entry.answer {
            case .chosen(let flight): flight.hello?.version != version
            case .refused(let alert): alert.number == Alert.protocolVersion
            case .closed, .couldNotTell: true
            }
        }
        if isOver { return nil }
        // In parts: some servers stop reading at 128 suites.
        for start in stride(from: 0, to: all.count, by: 100) {
            let left = all[start..<min(start + 100, all.count)].filter { !known.contains($0) }
            let isRefused = asked.contains {
                $0.answer.flight == nil && Set(left).isSubset(of: $0.question.hello.suites)
            }
            if left.isEmpty || isRefused { continue }
            return version == .tls13
                ? modern(.suites(version), left, Self.modernGroups)
                : SurveyQuestion(.suites(version), older(version, left))
        }
        return nil
    }

    private func strikingOutGroups(_ version: ProtocolVersion) -> SurveyQuestion? {
        let known = Set(groups(of: version))
        let all = version == .tls13 ? Self.modernGroups : NamedGroup.curves
        let left = all.filter { !known.contains($0) }
        let asked = entries(.groups(version))
        if left.isEmpty || asked.last.map({ $0.answer.flight == nil }) ?? false { return nil }
        // An answer that names no group that was offered brings nothing new.
        if let last = asked.last, last.question.hello.groups == left { return nil }
        if version == .tls13 { return modern(.groups(version), CipherSuite.tls13, left) }
        let suites = CipherSuite.usual.filter(\.isEllipticCurve)
        var hello = older(version, suites)
        hello.groups = left
        return SurveyQuestion(.groups(version), hello)
    }

    // RFC 7507: the newest but one of the versions, with the signal that newer ones failed.
    private var fallbackQuestion: SurveyQuestion? {
        let accepted = ProtocolVersion.all.filter { accepts($0) == true && $0 >= .tls10 }
        guard accepted.count > 1, entry(.fallback) == nil, accepted[accepted.count - 2] < .tls13 else { return nil }
        let version = accepted[accepted.count - 2]
        var hello = older(version)
        hello.suites.append(.fallbackSignal)
        return SurveyQuestion(.fallback, hello)
    }

    // MARK: Looking up

    /// Whether the server has said that it speaks neither this version nor one before it.
    private func isNotSpoken(_ version: ProtocolVersion) -> Bool {
        log.contains { entry in
            guard case .version(let asked) = entry.question.topic, asked < .tls13, asked >= version else {
                return false
            }
            switch entry.answer {
            case .refused(let alert): return alert.number == Alert.protocolVersion
            case .chosen(let flight): return (flight.hello?.version ?? version) < version
            case .closed: return asked == version
            case .couldNotTell: return false
            }
        }
    }

    func entry(_ topic: SurveyQuestion.Topic) -> Entry? { log.first { $0.question.topic == topic } }
    func entries(_ topic: SurveyQuestion.Topic) -> [Entry] { log.filter { $0.question.topic == topic } }
}
