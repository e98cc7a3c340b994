import Logging
import Mail
import Monitor
import Rendering

/// A log for people and journald: one line an event on standard error, whatever it quotes.
/// `2026-11-22T12:00:00Z info probed probe=example.org result=pass seconds=412ms`
struct LineLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    static func logger() -> Logger { Logger(label: "mailsonde") { _ in LineLog() } }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        Standard.log(Self.line(event.level, "\(event.message)", all, at: .wallClock()) + "\n")
    }

    static func line(
        _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata, at moment: Timestamp
    ) -> String {
        let facts = metadata.sorted { $0.key < $1.key }.map { key, value in
            let text = Escaping.visible("\(value)")
            return text.contains(" ") ? "\(key)=\"\(text)\"" : "\(key)=\(text)"
        }
        return (["\(moment) \(level) \(Escaping.visible(message))"] + facts).joined(separator: " ")
    }
}
