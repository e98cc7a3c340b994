/// What was said on a connection, `C: ` and `S: ` before each line, in the order it was said; bounded, and without
/// the secrets it knows of. Lines are as sent: whoever shows them escapes them.
struct Transcript: Sendable {
    static let maximumLines = 200
    /// Octets of a line's text; longer ones are cut.
    static let maximumOctets = 300

    private(set) var lines: [String] = []
    private var omitted = 0
    private var secrets: [[UInt8]] = []

    /// From now on these octets are written as `***`, whoever says them: servers echo what they did not understand.
    /// Those of fewer than three octets are left alone, as they would blot out innocent text.
    mutating func hide(_ secret: [UInt8]) {
        if secret.count >= 3, !secrets.contains(secret) {
            secrets.append(secret)
            secrets.sort { $0.count > $1.count }
        }
    }

    mutating func client(_ line: some Collection<UInt8>) { append("C: ", line) }
    mutating func server(_ line: some Collection<UInt8>) { append("S: ", line) }
    /// What neither said: `* TLS is up`.
    mutating func note(_ text: String) { append("* ", Array(text.utf8)) }

    /// `text` without the secrets.
    func redacted(_ text: some Collection<UInt8>) -> [UInt8] {
        secrets.reduce(Array(text)) { replace($1, in: $0) }
    }

    private mutating func append(_ mark: String, _ line: some Collection<UInt8>) {
        guard lines.count < Self.maximumLines else {
            omitted += 1
            return
        }
        // Cut before redacting would leave the beginning of a secret where the cut goes through it, and redacting
        // moves text to the left. Lines are bounded by whoever reads them.
        let text = redacted(line).prefix(Self.maximumOctets)
        lines.append(mark + String(decoding: text, as: UTF8.self) + (line.count > Self.maximumOctets ? "…" : ""))
    }

    /// The lines, and how many did not fit.
    var complete: [String] { omitted == 0 ? lines : lines + ["* \(omitted) more lines left out"] }
}

/// `haystack` with each `needle` written as `***`.
private func replace(_ needle: [UInt8], in haystack: [UInt8]) -> [UInt8] {
    guard !needle.isEmpty, haystack.count >= needle.count else { return haystack }
    var result: [UInt8] = []
    var index = 0
    while index < haystack.count {
        if haystack[index] == needle[0], haystack[index...].starts(with: needle) {
            result += Array("***".utf8)
            index += needle.count
        } else {
            result.append(haystack[index])
            index += 1
        }
    }
    return result
}
