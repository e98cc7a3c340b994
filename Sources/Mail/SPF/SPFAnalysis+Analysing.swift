package import DNS

extension SPFAnalysis {
    /// No more records than these are looked at, and no deeper: nobody's evaluation gets that far.
    package static let maximumNodes = 100
    /// Includes and redirects within each other are followed so far.
    package static let maximumDepth = 20

    /// Looks at the SPF record of `domain` and all that it draws in. What is not known yet becomes wanted.
    /// - Parameter shared: what was drawn in before, by other domains.
    package static func analyse(
        _ domain: DomainName, sharing shared: SPFDrawnIn? = nil, asking dns: inout Knowledge
    ) -> SPFAnalysis {
        var walker = SPFWalker(analysis: SPFAnalysis(domain: domain, status: .none), shared: shared)
        let root = walker.visit(domain, path: [], asking: &dns)
        var analysis = walker.finish()
        analysis.root = root
        analysis.status = root.status
        analysis.lookups = root.lookups
        analysis.all = root.all
        analysis.drawnInPassAll = Self.passAll(drawnInBy: root)
        if let record = root.status.value {
            analysis.lookAtRoot(record)
            analysis.explanation = explanation(of: record, asking: &dns)
        }
        analysis.typeSPF = typeSPF(at: domain, asking: &dns)
        analysis.lookForOwners(asking: &dns)
        return analysis
    }

    /// The include, drawn in by `node` or a record it redirects to, through which everyone passes. A record that ends in
    /// `+all` itself, or redirects to one, is not meant.
    private static func passAll(drawnInBy node: Node) -> PlacedTerm? {
        guard node.drawsInPassAll else { return nil }
        for cost in node.costs {
            guard let place = cost.child else { continue }
            let child = node.children[place]
            if cost.term.isRedirect { return passAll(drawnInBy: child) }
            if child.passesAll { return PlacedTerm(node.domain, cost.term, target: child.domain) }
        }
        return nil
    }

    private mutating func lookAtRoot(_ record: SPFRecord) {
        var all = false
        // An answer may hold thousands of terms; most hold a few, which are looked through faster than put into a set.
        let isLong = record.terms.count > 12
        var seen: Set<String> = []
        for (index, term) in record.terms.enumerated() {
            if case .modifier(.redirect) = term.kind, record.all != nil { ignoredRedirect = term }
            guard case .directive(let directive) = term.kind else { continue }
            if all { termsAfterAll.append(term) }
            if directive.mechanism == .all { all = true }
            let isSeen =
                isLong
                ? !seen.insert(term.text.lowercasedASCII).inserted
                : record.terms[..<index].contains { $0.isDirective && $0.isWrittenLike(term) }
            if isSeen,
                !duplicates.contains(where: { $0.domain == domain && $0.term == term })
            {
                duplicates.append(PlacedTerm(domain, term))
            }
        }
    }
}

/// Walks the tree of includes and gathers what is to be said of it.
private struct SPFWalker: ~Copyable {
    var analysis: SPFAnalysis
    private var nodes = 0
    private var drawnIn: Set<DomainName> = []
    private let shared: SPFDrawnIn?

    init(analysis: SPFAnalysis, shared: SPFDrawnIn?) {
        self.analysis = analysis
        self.shared = shared
    }

    /// What was gathered, handed over.
    consuming func finish() -> SPFAnalysis { analysis }

    mutating func visit(
        _ domain: DomainName, path: [DomainName], asking dns: inout Knowledge
    ) -> SPFAnalysis.Node {
        nodes += 1
        guard nodes <= SPFAnalysis.maximumNodes, path.count < SPFAnalysis.maximumDepth else {
            analysis.isCut = true
            analysis.isComplete = false
            let why = Unanswered(.aliasLoop, detail: "the tree of includes is too large to follow")
            return SPFAnalysis.Node(domain, without: .couldNotTell(why))
        }
        let search = TXTSearch(at: domain, asking: &dns, SPFRecord.isSPF)
        if case .success(let answer) = dns.outcome(domain, .txt) {
            analysis.answerSizes.append(SPFAnalysis.AnswerSize(domain, answer))
        }
        if let txt = search.lookup.value { analysis.seams += SPFAnalysis.seams(of: txt, at: domain) }
        if path.isEmpty {
            analysis.otherTexts = search.others
            analysis.strings = search.lookup.value?.strings.count ?? 0
        }
        if let why = search.lookup.unanswered {
            analysis.isComplete = false
            noteUnknown(Question(domain, .txt), why)
        }
        let status = search.lookup.map { SPFRecord.readBefore($0.joined) }
        guard let record = status.value else { return SPFAnalysis.Node(domain, without: status) }
        let broken = analysis.brokenRecords.count
        var drawing = Drawing(domain: domain, path: path)
        for term in record.terms {
            guard case .directive(let directive) = term.kind else { continue }
            if directive.mechanism == .all { break }  // what follows is never looked at (RFC 7208 §5.1)
            let cost = directive.mechanism.lookups
            drawing.ownLookups += cost
            look(at: directive, term, in: domain, asking: &dns)
            if case .include(let target) = directive.mechanism {
                follow(target, term, from: &drawing, asking: &dns)
            } else {
                drawing.costs.append(.init(term: term, lookups: cost))
            }
        }
        if record.all == nil, let term = record.terms.first(where: \.isRedirect), let target = record.redirect {
            drawing.ownLookups += target.lookups
            follow(target, term, from: &drawing, asking: &dns)
        }
        let node = SPFAnalysis.Node(
            domain, record, ownLookups: drawing.ownLookups, children: drawing.children, costs: drawing.costs)
        if !path.isEmpty, !record.isValid { analysis.brokenRecords.insert(node, at: broken) }
        return node
    }

    /// What a record draws in, as far as it was followed.
    private struct Drawing {
        let domain: DomainName
        /// The records above it.
        let path: [DomainName]
        var ownLookups = 0
        var children: [SPFAnalysis.Node] = []
        var costs: [SPFAnalysis.TermCost] = []
    }

    private mutating func follow(
        _ target: MacroString, _ term: SPFRecord.Term, from node: inout Drawing, asking dns: inout Knowledge
    ) {
        // With macros it depends on the message: it counts, but leads nowhere that can be told.
        guard let name = target.domainName else {
            node.costs.append(.init(term: term, lookups: target.lookups))
            return
        }
        let placed = SPFAnalysis.PlacedTerm(node.domain, term, target: name)
        defer {
            let child = node.children.count - 1
            node.costs.append(.init(term: term, lookups: 1 + node.children[child].lookups, child: child))
        }
        if name == node.domain || node.path.contains(name) {
            analysis.loops.append(placed)
            node.children.append(SPFAnalysis.Node(name, without: .none, isLoop: true))
            return
        }
        if !drawnIn.insert(name).inserted { analysis.duplicates.append(placed) }
        let child = draw(in: name, path: node.path + [node.domain], asking: &dns)
        switch child.status {
        case .none, .noSuchName:
            analysis.targetsWithoutRecord.append(placed)
            if isVoid(dns.outcome(name, .txt)) { noteVoid(placed) }
            noteMissing(placed, dns.outcome(name, .txt))
        case .multiple: analysis.targetsWithSeveralRecords.append(placed)
        case .found, .couldNotTell: break
        }
        node.children.append(child)
    }

    /// Visits a record that is drawn in, or takes it as it was found before, with all below it.
    private mutating func draw(
        in name: DomainName, path: [DomainName], asking dns: inout Knowledge
    ) -> SPFAnalysis.Node {
        guard let shared else { return visit(name, path: path, asking: &dns) }
        if let (known, seconds) = shared.parts.part(of: name, at: shared.now), mayTake(known, path) {
            dns.leastTTL = min(dns.leastTTL, seconds)
            nodes += known.names.count
            drawnIn.formUnion(known.names.dropFirst())
            analysis.answerSizes += known.answerSizes
            return known.node
        }
        let (misses, leastTTL) = (dns.misses, dns.leastTTL)
        let (before, sizes, visited, names) = (analysis.remarks, analysis.answerSizes.count, nodes, drawnIn.count)
        dns.leastTTL = .max
        let node = visit(name, path: path, asking: &dns)
        // Nothing lacking, nothing to say of it, no name twice: then it looks the same wherever it is drawn in.
        if dns.misses == misses, node.status.value != nil, analysis.remarks == before,
            let drawn = SPFDrawnIn.Drawn(node, Array(analysis.answerSizes[sizes...])),
            drawn.names.count == nodes - visited, drawn.names.count == drawnIn.count - names + 1
        {
            shared.parts.keep(drawn, for: name, seconds: dns.leastTTL, at: shared.now)
        }
        dns.leastTTL = min(leastTTL, dns.leastTTL)
        return node
    }

    /// Whether the record would look the same if it were visited here.
    private func mayTake(_ drawn: SPFDrawnIn.Drawn, _ path: [DomainName]) -> Bool {
        nodes + drawn.names.count <= SPFAnalysis.maximumNodes
            && path.count + drawn.height <= SPFAnalysis.maximumDepth
            && drawn.names.dropFirst().allSatisfy { !drawnIn.contains($0) && !path.contains($0) }
    }

    private mutating func look(
        at directive: SPFRecord.Directive, _ term: SPFRecord.Term, in domain: DomainName, asking dns: inout Knowledge
    ) {
        if directive.mechanism.isBroad, directive.qualifier == .pass {
            analysis.broadRanges.append(.init(domain, term))
        }
        if directive.mechanism.isPrivate { analysis.privateRanges.append(.init(domain, term)) }
        switch directive.mechanism {
        case .ptr: analysis.ptrTerms.append(.init(domain, term))
        case .ip4, .ip6: break
        case .a(let target, _):
            guard let name = Self.name(target, in: domain) else { return }
            lookUp([Question(name, .a), Question(name, .aaaa)], .init(domain, term, target: name), &dns)
        case .mx(let target, _):
            guard let name = Self.name(target, in: domain) else { return }
            let placed = SPFAnalysis.PlacedTerm(domain, term, target: name)
            lookUp([Question(name, .mx)], placed, &dns)
            if case .success(let answer) = dns.outcome(name, .mx) {
                let hosts = answer.records.filter { if case .mx(let mx) = $0.data { !mx.isNull } else { false } }
                if hosts.count > 10 { analysis.crowdedMX.append(placed) }
                if hosts.isEmpty, !answer.records.isEmpty { analysis.missingTargets.append(placed) }
            }
        case .exists(let target):
            guard let name = target.domainName else { return }
            let placed = SPFAnalysis.PlacedTerm(domain, term, target: name)
            let outcome = dns.outcome(name, .a)
            if case .failure(let why) = outcome { noteUnknown(Question(name, .a), why) }
            if isVoid(outcome) { noteVoid(placed) }
            noteMissing(placed, outcome)
        case .all, .include: break
        }
    }

    private static func name(_ target: MacroString?, in domain: DomainName) -> DomainName? {
        guard let target else { return domain }
        return target.domainName
    }

    /// Notes a term whose questions all find nothing.
    private mutating func lookUp(
        _ questions: [Question], _ placed: SPFAnalysis.PlacedTerm, _ dns: inout Knowledge
    ) {
        var voids = 0
        for question in questions {
            let outcome = dns.outcome(question)
            if case .failure(let why) = outcome { noteUnknown(question, why) }
            if isVoid(outcome) { voids += 1 }
            noteMissing(placed, outcome)
        }
        if voids == questions.count {
            analysis.missingTargets.append(placed)
            noteVoid(placed)
        }
    }

    /// The name does not exist: perhaps nobody owns the domain it stands in.
    private mutating func noteMissing(_ placed: SPFAnalysis.PlacedTerm, _ outcome: Outcome) {
        guard case .success(let answer) = outcome, answer.kind == .noSuchName, answer.aliases.isEmpty,
            !analysis.unregistered.contains(where: { $0.target == placed.target })
        else { return }
        analysis.unregistered.append(placed)
    }

    private mutating func noteVoid(_ placed: SPFAnalysis.PlacedTerm) {
        analysis.voidLookups += 1
        analysis.voids.append(placed)
    }

    private mutating func noteUnknown(_ question: Question, _ why: Unanswered) {
        if analysis.unknown.contains(where: { $0.question == question }) { return }
        analysis.unknown.append(.init(question, why))
    }
}

/// A void lookup: an answer, and nothing in it (RFC 7208 §4.6.4).
private func isVoid(_ outcome: Outcome) -> Bool {
    if case .success(let answer) = outcome { answer.kind != .records } else { false }
}

extension SPFRecord.Term {
    /// Whether the text is the same but for the case of ASCII letters.
    fileprivate func isWrittenLike(_ other: SPFRecord.Term) -> Bool {
        text.utf8.count == other.text.utf8.count && zip(text.utf8, other.text.utf8).allSatisfy { $0.lower == $1.lower }
    }
    fileprivate var isDirective: Bool { if case .directive = kind { true } else { false } }
    package var isRedirect: Bool { if case .modifier(.redirect) = kind { true } else { false } }
    /// The sign before a mechanism; nil for anything else.
    var qualifier: SPFRecord.Qualifier? {
        if case .directive(let directive) = kind { directive.qualifier } else { nil }
    }
}

/// Ranges that no mail comes from over the Internet: private, shared, loopback, link-local, multicast, reserved
/// (RFC 6890). Those for documentation are not among them: they do no harm and stand in examples.
enum PrivateRanges {
    private static let v4: [(UInt32, Int)] = [
        (0x0000_0000, 8), (0x0A00_0000, 8), (0x6440_0000, 10), (0x7F00_0000, 8), (0xA9FE_0000, 16),
        (0xAC10_0000, 12), (0xC0A8_0000, 16), (0xC612_0000, 15), (0xE000_0000, 4), (0xF000_0000, 4),
    ]
    /// ::/127 (unspecified and loopback), fc00::/7, fe80::/10, ff00::/8
    private static let v6: [(UInt64, Int)] = [
        (0xFC00_0000_0000_0000, 7), (0xFE80_0000_0000_0000, 10), (0xFF00_0000_0000_0000, 8),
    ]

    /// Whether the whole network lies in such a range.
    static func contain(_ address: IPv4Address, prefix: Int) -> Bool {
        v4.contains { base, length in prefix >= length && address.value >> (32 - length) == base >> (32 - length) }
    }

    static func contain(_ address: IPv6Address, prefix: Int) -> Bool {
        if address.high == 0, address.low <= 1, prefix >= 127 { return true }
        return v6.contains { base, length in prefix >= length && address.high >> (64 - length) == base >> (64 - length)
        }
    }
}
