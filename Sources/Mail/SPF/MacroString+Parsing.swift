extension MacroString {
    /// Reads a macro-string (RFC 7208 §7.1):
    ///
    ///     macro-string  = *( macro-expand / macro-literal )
    ///     macro-expand  = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-"
    ///     macro-literal = %x21-24 / %x26-7E
    ///     macro-letter  = "s" / "l" / "o" / "d" / "i" / "p" / "h" / "c" / "r" / "t" / "v"
    ///     transformers  = *DIGIT [ "r" ]
    ///     delimiter     = "." / "-" / "+" / "," / "/" / "_" / "="
    ///
    /// - Parameter inExplanation: `c`, `r`, `t` and spaces are only allowed in the text that `exp` leads to.
    init(reading octets: ArraySlice<UInt8>, inExplanation: Bool = false, problems: inout Problems) {
        parts = []
        text = octets.text
        var literal: [UInt8] = []
        var index = octets.startIndex
        while index < octets.endIndex {
            let octet = octets[index]
            guard octet == UInt8(ascii: "%") else {
                literal.append(octet)
                index += 1
                continue
            }
            let next = index + 1 < octets.endIndex ? octets[index + 1] : 0
            switch next {
            case UInt8(ascii: "%"): literal.append(UInt8(ascii: "%"))
            case UInt8(ascii: "_"): literal.append(UInt8(ascii: " "))
            case UInt8(ascii: "-"): literal += Array("%20".utf8)
            case UInt8(ascii: "{"):
                guard let end = octets[index...].firstIndex(of: UInt8(ascii: "}")) else {
                    problems.add(at: index, .badMacro, "the macro that begins here lacks its “}”")
                    literal += octets[index...]
                    index = octets.endIndex
                    continue
                }
                if let macro = Macro(octets[(index + 2)..<end], inExplanation: inExplanation, problems: &problems) {
                    if !literal.isEmpty { parts.append(.literal(literal)) }
                    literal = []
                    parts.append(.macro(macro))
                }
                index = end + 1
                endsInMacro = index == octets.endIndex
                continue
            default:
                problems.add(at: index, .badMacro, "a “%” must be followed by “{”, “%”, “_” or “-”")
                literal.append(octet)
                index += 1
                continue
            }
            index += 2
            endsInMacro = index == octets.endIndex
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        if !inExplanation { settle() }
    }
}

extension MacroString.Macro {
    /// What stands between the braces; nil, with a problem, where it is no macro.
    init?(_ octets: ArraySlice<UInt8>, inExplanation: Bool, problems: inout Problems) {
        let at = octets.startIndex
        guard let first = octets.first, "slodiphcrtv".utf8.contains(first.lower) else {
            problems.add(at: at, .badMacro, "\(quoted(octets.prefix(1))) is no macro: s l o d i p h v are")
            return nil
        }
        if !inExplanation, "crt".utf8.contains(first.lower) {
            problems.add(at: at, .badMacro, "the macro \(quoted([first])) is allowed in explanations only")
            return nil
        }
        var rest = octets.dropFirst()
        let digits = rest.prefix(while: \.isDigit)
        rest = rest.dropFirst(digits.count)
        var number: Int?
        if !digits.isEmpty {
            // RFC 7208 §7.3: the number must not be zero; 128 labels is more than a name has.
            let value = digits.decimal(atMost: Int.max) ?? 128
            guard value > 0 else {
                problems.add(at: digits.startIndex, .badMacro, "a macro cannot keep 0 labels")
                return nil
            }
            number = min(value, 128)
        }
        let reverses = rest.first?.lower == UInt8(ascii: "r")
        if reverses { rest = rest.dropFirst() }
        if let bad = rest.firstIndex(where: { !".-+,/_=".utf8.contains($0) }) {
            problems.add(at: bad, .badMacro, "\(quoted([rest[bad]])) does not belong in a macro")
            return nil
        }
        self.init(
            letter: first.lower, escapes: first.isUpper, digits: number, reverses: reverses,
            delimiters: rest.isEmpty ? [UInt8(ascii: ".")] : Array(rest))
    }
}
