package import DNS

/// A domain or text in an SPF record in which macros may stand (RFC 7208 §7.1). Expanding them needs a message;
/// here they are only read.
package struct MacroString: Hashable, Sendable {
    /// A piece of the string.
    package enum Part: Hashable, Sendable {
        case literal([UInt8])
        case macro(Macro)
    }

    /// `%{d2r}`
    package struct Macro: Hashable, Sendable {
        /// Lower case: one of s l o d i p h c r t v.
        package var letter: UInt8
        /// An upper-case letter asks for URL escapes (RFC 7208 §7.3).
        package var escapes: Bool
        /// How many labels from the right are kept; nil for all.
        package var digits: Int?
        package var reverses: Bool
        /// Where to split; `.` where none is given.
        package var delimiters: [UInt8]

        package init(letter: UInt8, escapes: Bool, digits: Int?, reverses: Bool, delimiters: [UInt8]) {
            self.letter = letter
            self.escapes = escapes
            self.digits = digits
            self.reverses = reverses
            self.delimiters = delimiters
        }
    }

    package var parts: [Part]
    /// As written.
    package var text: String
    /// Whether a macro-expand stands at the end, be it `%%` (RFC 7208 §7.1).
    package var endsInMacro = false

    package init(parts: [Part], text: String) {
        self.parts = parts
        self.text = text
        settle()
    }

    /// What a term that it is the target of costs of the ten lookups (RFC 7208 §4.6.4): `%{p}` counts besides the term.
    package var lookups: Int {
        let asksForNames = parts.contains {
            if case .macro(let macro) = $0 { macro.letter == UInt8(ascii: "p") } else { false }
        }
        return asksForNames ? 2 : 1
    }

    package var hasMacros: Bool { parts.contains { if case .macro = $0 { true } else { false } } }

    /// The name it is whatever the message; nil where macros stand in it or it is no name.
    package var domainName: DomainName?

    /// Finds out ``domainName``, once the parts are all there.
    mutating func settle() {
        if hasMacros { return }
        var octets: [UInt8] = []
        for case .literal(let literal) in parts { octets += literal }
        domainName = SPFName.name(SPFName.truncated(octets))
    }
}
