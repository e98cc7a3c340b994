internal import Rainbow

/// How text for a terminal is to look. Who calls finds out what the terminal can; nothing here asks it.
package struct Look: Hashable, Sendable {
    /// Columns, 40 to 200: lines are wrapped to this.
    package var width: Int
    /// Whether colours may be used: a terminal, and `NO_COLOR` not set (no-color.org). Colour never carries meaning
    /// by itself: every symbol has a word beside it.
    package var colour: Bool
    /// `-v`: passed checks, certificates, phases and transcripts too.
    package var verbose: Bool

    package init(width: Int = 80, colour: Bool = false, verbose: Bool = false) {
        self.width = min(max(width, 40), 200)
        self.colour = colour
        self.verbose = verbose
    }
}

/// What a piece of text is, from which its colour follows.
package enum Tone: Hashable, Sendable {
    case plain, strong, faint, heading, good, notice, warning, bad, critical, unknown

    /// The parameters of SGR (ECMA-48 §8.3.117).
    var codes: [UInt8] {
        switch self {
        case .plain: []
        case .strong: Style.bold.value
        case .faint: Style.dim.value
        case .heading: Style.bold.value + Style.underline.value
        case .good: NamedColor.green.value
        case .notice: NamedColor.cyan.value
        case .warning: NamedColor.yellow.value
        case .bad: NamedColor.red.value
        case .critical: NamedColor.lightRed.value + Style.bold.value
        case .unknown: NamedColor.magenta.value
        }
    }
}

/// A piece of a line in one tone. Its text is made safe when it is written, so outside text may stand in it.
package struct Span: Hashable, Sendable {
    package var text: String
    package var tone: Tone

    package init(_ text: String, _ tone: Tone = .plain) {
        self.text = text
        self.tone = tone
    }

    var columns: Int { Columns.of(text) }

    /// The text, safe, and in colour if there is to be colour.
    func painted(_ colour: Bool) -> String {
        let codes = tone.codes
        guard colour, !codes.isEmpty, !text.isEmpty else { return text }
        return "\u{1B}[\(codes.map { String($0) }.joined(separator: ";"))m\(text)\u{1B}[0m"
    }
}

extension Span: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }
}

/// How many columns of a terminal a text takes.
enum Columns {
    static func of(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 128 }) { return text.utf8.count }
        return text.reduce(0) { $0 + of($1) }
    }

    /// Two for the wide characters of East Asia and for pictures, none for lone marks, otherwise one (Unicode, UAX #11).
    static func of(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF,
            0x20000...0x3FFFD:
            return 2
        default:
            return scalar.properties.generalCategory == .nonspacingMark ? 0 : 1
        }
    }
}
