package import DNS

/// One SPF record, read (RFC 7208 §4.6, §12). A record with problems still has all the terms that could be read.
package struct SPFRecord: Hashable, Sendable {
    /// RFC 7208 §4.6.2.
    package enum Qualifier: String, Hashable, Sendable, Codable, CaseIterable {
        case pass = "+"
        case fail = "-"
        case softfail = "~"
        case neutral = "?"

        /// The sign before a mechanism; nil for anything else.
        init?(_ octet: UInt8) {
            switch octet {
            case UInt8(ascii: "+"): self = .pass
            case UInt8(ascii: "-"): self = .fail
            case UInt8(ascii: "~"): self = .softfail
            case UInt8(ascii: "?"): self = .neutral
            default: return nil
            }
        }
    }

    /// RFC 7208 §5. A nil domain means the domain that is being checked.
    package enum Mechanism: Hashable, Sendable {
        case all
        case include(MacroString)
        case a(MacroString?, DualCIDR)
        case mx(MacroString?, DualCIDR)
        case ptr(MacroString?)
        case ip4(IPv4Address, prefix: Int)
        case ip6(IPv6Address, prefix: Int)
        case exists(MacroString)

        /// Whether it costs one of the ten lookups (RFC 7208 §4.6.4).
        package var costsLookup: Bool {
            switch self {
            case .include, .a, .mx, .ptr, .exists: true
            case .all, .ip4, .ip6: false
            }
        }

        /// What it costs of the ten: one, and one more where `%{p}` has to ask for the client's names (RFC 7208 §4.6.4).
        package var lookups: Int {
            switch self {
            case .include(let target), .exists(let target): target.lookups
            case .a(let target, _), .mx(let target, _), .ptr(let target): target?.lookups ?? 1
            case .all, .ip4, .ip6: 0
            }
        }
    }

    /// `/24//64`: which leading bits must agree (RFC 7208 §5.3).
    package struct DualCIDR: Hashable, Sendable {
        package var ipv4: Int  // 0 to 32
        package var ipv6: Int  // 0 to 128
        package init(ipv4: Int = 32, ipv6: Int = 128) {
            self.ipv4 = ipv4
            self.ipv6 = ipv6
        }
    }

    /// A mechanism with its qualifier (RFC 7208 §4.6.1).
    package struct Directive: Hashable, Sendable {
        package var qualifier: Qualifier
        package var mechanism: Mechanism
        package init(_ qualifier: Qualifier, _ mechanism: Mechanism) {
            self.qualifier = qualifier
            self.mechanism = mechanism
        }
    }

    /// RFC 7208 §6.
    package enum Modifier: Hashable, Sendable {
        case redirect(MacroString)
        case exp(MacroString)
        case unknown(name: String, value: String)
    }

    /// One word of the record behind the version.
    ///
    /// A class, as all that is said of a record names its terms and none changes them.
    package final class Term: Sendable {
        package enum Kind: Hashable, Sendable {
            case directive(Directive)
            case modifier(Modifier)
            /// Not readable: a problem says why.
            case malformed
        }
        package let kind: Kind
        /// In characters of the record, from 1.
        package let column: Int
        /// As written.
        package let text: String

        package init(_ kind: Kind, column: Int, text: String) {
            self.kind = kind
            self.column = column
            self.text = text
        }
    }

    /// The record as published, its strings joined.
    package var text: String
    package var terms: [Term]
    package var problems: [RecordProblem]

    /// Whether a verifier reads it; otherwise the result is permerror (RFC 7208 §4.6).
    package var isValid: Bool { !problems.contains(where: \.isError) }

    package var directives: [Directive] {
        terms.compactMap { if case .directive(let directive) = $0.kind { directive } else { nil } }
    }
    /// The qualifier of the first `all`; nil without one.
    package var all: Qualifier? {
        for term in terms {
            if case .directive(let directive) = term.kind, case .all = directive.mechanism {
                return directive.qualifier
            }
        }
        return nil
    }
    /// The target of `redirect`, where there is one.
    package var redirect: MacroString? {
        terms.lazy.compactMap { term -> MacroString? in
            if case .modifier(.redirect(let target)) = term.kind { target } else { nil }
        }.first
    }
    /// The target of `exp`, where there is one.
    package var explanation: MacroString? {
        terms.lazy.compactMap { term -> MacroString? in
            if case .modifier(.exp(let target)) = term.kind { target } else { nil }
        }.first
    }
}

extension SPFRecord.Term: Hashable {
    package static func == (a: SPFRecord.Term, b: SPFRecord.Term) -> Bool {
        a === b || a.column == b.column && a.text == b.text && a.kind == b.kind
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
