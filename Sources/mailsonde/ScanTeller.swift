import Rendering
import Scanning

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Tells on standard error how far a scan is and what came of it.
struct ScanTeller: Sendable {
    private let line: StatusLine?
    private let isShown: Bool
    private let isWanted: Bool
    private let earlier: Int

    /// - Parameters:
    ///   - isShown: whether anything is said at all.
    ///   - isWanted: whether progress is said where standard error is no terminal.
    ///   - isBesideOutput: whether lines go to standard output, which may be the same terminal.
    ///   - earlier: lines that an earlier run has left.
    init(isShown: Bool, isWanted: Bool, isBesideOutput: Bool, earlier: Int) {
        self.isShown = isShown
        self.isWanted = isWanted
        self.earlier = earlier
        let wouldMix = isBesideOutput && isatty(STDOUT_FILENO) == 1
        line = isShown && Standard.errorIsTerminal && !wouldMix ? StatusLine() : nil
    }

    /// Seconds between two words.
    var interval: Double { line != nil ? 1 : 10 }

    func show(_ progress: Scan.Progress) {
        let text = Self.text(progress)
        if let line {
            line.show(text)
        } else if isShown, isWanted {
            Standard.log("mailsonde: \(text)\n")
        }
    }

    /// `12000 domains, 3100 a second, 14 not told, 2 min 5 s left`
    static func text(_ progress: Scan.Progress) -> String {
        let summary = progress.summary
        let rate = Double(summary.lines) / max(progress.seconds, 0.001)
        var parts = ["\(summary.lines) domains", "\(Int(rate.rounded())) a second"]
        if summary.withUnknown > 0 { parts.append("\(summary.withUnknown) not all told") }
        if summary.unusable > 0 { parts.append("\(summary.unusable) no domains") }
        if let part = progress.part, part > 0.001, part < 1 {
            parts.append("\(Wording.duration((progress.seconds * (1 - part) / part).rounded())) left")
        }
        return parts.joined(separator: ", ")
    }

    func end(_ end: Scan.End, _ summary: ScanSummary, seconds: Double) {
        line?.clear()
        if let reason = Self.reason(end) { Standard.complain(reason) }
        // Who has seen enough does not want a summary either.
        if case .readerGone = end { return }
        if isShown { Standard.log(summary.text(seconds: seconds, earlier: earlier)) }
    }

    private static func reason(_ end: Scan.End) -> String? {
        switch end {
        case .complete, .readerGone: nil
        case .cancelled: "interrupted: domains that were on their way have no line; --output and --resume go on"
        case .outOfTime: "the time was up: the rest of the list was not looked at"
        case .cannotWrite(let reason): "cannot write: \(reason)"
        case .cannotRead(let reason): "cannot read the list: \(reason)"
        case .badList(let problem): "--column: \(problem)"
        case .otherList(let mismatch):
            "--output does not belong to this list: its line \(mismatch.line) is about “\(mismatch.found)”, the list "
                + "has “\(mismatch.expected)” there (was it written with --unordered?)"
        }
    }
}
