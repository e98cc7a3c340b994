import DNS

/// What is legal in a record, or nearly, and yet not meant.
extension SPFReader {
    /// What is legal and yet not meant: terms without effect, `+all`, no end.
    mutating func lookBack() {
        func offset(_ term: SPFRecord.Term) -> Int { term.column - 1 }
        var all: SPFRecord.Qualifier?
        var redirect: SPFRecord.Term?
        for term in terms {
            switch term.kind {
            case .directive(let directive):
                if all != nil {
                    problems.add(
                        at: offset(term), .noEffect, "\(quoted(term.text)) stands behind “all” and is never looked at",
                        .warning)
                } else if directive.mechanism == .all {
                    all = directive.qualifier
                    if directive.qualifier == .pass {
                        problems.add(
                            at: offset(term), .badValue, "\(quoted(term.text)) lets everyone send as this domain",
                            .warning)
                    }
                } else if case .ptr = directive.mechanism {
                    problems.add(at: offset(term), .badValue, "“ptr” should not be used (RFC 7208 §5.5)", .warning)
                }
            case .modifier(.redirect): redirect = term
            case .modifier, .malformed: break
            }
        }
        if let redirect, all != nil {
            problems.add(
                at: offset(redirect), .noEffect, "“redirect” is ignored because there is an “all”", .warning)
        }
        if all == nil, redirect == nil, !problems.list.contains(where: \.isError) {
            problems.add(
                at: octets.count, .missing, "neither “all” nor “redirect” ends the record: others get neutral", .notice)
        }
    }

    /// A macro in capitals escapes what it becomes, which no name wants (RFC 7208 §7.3).
    mutating func warnOfEscapes(_ string: MacroString, at offset: Int) {
        let letters = string.parts.compactMap { part in
            if case .macro(let macro) = part, macro.escapes { macro.letter } else { nil }
        }
        guard let letter = letters.first else { return }
        let small = [letter].text
        problems.add(
            at: offset, .badMacro,
            "the macro “\(small.uppercased())” in capitals is escaped as for a URL: in a name “\(small)” is meant",
            .warning)
    }

    /// What a character beyond ASCII will have been meant for, where it is one that editors put in.
    func hint(_ octets: ArraySlice<UInt8>) -> String {
        switch Array(octets.prefix(3)) {
        case [0xE2, 0x80, 0x90], [0xE2, 0x80, 0x91], [0xE2, 0x80, 0x93], [0xE2, 0x80, 0x94], [0xE2, 0x88, 0x92]:
            ": this is a typographic dash, write “-”"
        case [0xE2, 0x80, 0x9C], [0xE2, 0x80, 0x9D], [0xE2, 0x80, 0x98], [0xE2, 0x80, 0x99]:
            ": this is a typographic quotation mark, leave it out"
        case [0xE2, 0x80, 0x8B], [0xEF, 0xBB, 0xBF]: ": an invisible character stands here"
        case let start where start.prefix(2) == [0xC2, 0xA0]: ": this is a no-break space, write a plain one"
        case let start where start.first == 9: ": this is a tab, write a space"
        case let start where start.first == 10 || start.first == 13: ": the line ends here"
        default: ""
        }
    }
}

extension SPFRecord {
    /// What else is to be said of the text alone: ranges, repetitions, limits. None of it makes the record invalid.
    package var advice: [RecordProblem] {
        var advice: [RecordProblem] = []
        func add(_ term: Term, _ code: RecordProblem.Code, _ message: String, _ severity: RecordProblem.Severity) {
            if advice.count < 50 {
                advice.append(RecordProblem(column: term.column, code, message, severity: severity))
            }
        }
        var seen: Set<String> = []
        var costs = 0
        for term in terms {
            if term.isRedirect, all == nil { costs += redirect?.lookups ?? 1 }
            guard case .directive(let directive) = term.kind else { continue }
            let mechanism = directive.mechanism
            if mechanism == .all { break }
            if !seen.insert(term.text.utf8.lowercasedText).inserted {
                add(term, .duplicate, "\(quoted(term.text)) stands here a second time", .notice)
            }
            if mechanism.isPrivate {
                add(term, .badValue, "\(quoted(term.text)) names addresses that no mail comes from", .warning)
            } else if mechanism.isBroad, directive.qualifier == .pass {
                add(term, .badValue, "\(quoted(term.text)) lets a very large range of addresses send", .warning)
            }
            let before = costs
            costs += mechanism.lookups
            if before <= SPFCheck.maximumLookups, costs > SPFCheck.maximumLookups {
                add(term, .tooMany, "the eleventh lookup that a term needs: receivers give up here", .warning)
            }
        }
        return advice + lengthAdvice
    }

    /// Everything that is to be said of the text, by column.
    package var allProblems: [RecordProblem] {
        (problems + advice).sorted { ($0.column, $0.message) < ($1.column, $1.message) }
    }

    /// RFC 7208 §3.3, §3.4.
    private var lengthAdvice: [RecordProblem] {
        let length = text.utf8.count
        // Beyond ASCII it is an error that is told already.
        if length <= 255 || length != text.unicodeScalars.count { return [] }
        let how = "the record has \(length) octets and must be published as several strings of at most 255"
        return length <= 450
            ? [RecordProblem(column: 256, .tooMany, how, severity: .notice)]
            : [
                RecordProblem(
                    column: 256, .tooMany, how + "; above 450 the answer may not fit a small packet",
                    severity: .warning)
            ]
    }
}

extension SPFRecord.Mechanism {
    /// Addresses from which no mail can come over the Internet (RFC 6890).
    package var isPrivate: Bool {
        switch self {
        case .ip4(let address, let prefix): PrivateRanges.contain(address, prefix: prefix)
        case .ip6(let address, let prefix): PrivateRanges.contain(address, prefix: prefix)
        case .all, .include, .a, .mx, .ptr, .exists: false
        }
    }

    /// More than 65,536 addresses of IPv4, or more than one provider has of IPv6.
    package var isBroad: Bool {
        switch self {
        case .ip4(_, let prefix): prefix < 16
        case .ip6(_, let prefix): prefix < 32
        case .a(_, let cidr), .mx(_, let cidr): cidr.ipv4 < 16 || cidr.ipv6 < 32
        case .all, .include, .ptr, .exists: false
        }
    }
}
