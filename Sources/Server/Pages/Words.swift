internal import Judgement
internal import Mail
internal import Monitor
internal import Rendering

/// What the pages say of a state, in a class of the style sheet, a symbol and a word.
struct StateWords {
    var css: String
    var symbol: String
    var word: String

    static func of(_ verdict: ProbeResult.Verdict?) -> StateWords {
        switch verdict {
        case .pass: StateWords(css: "pass", symbol: "✓", word: "pass")
        case .fail: StateWords(css: "fail", symbol: "✗", word: "fail")
        case .unknown: StateWords(css: "unknown", symbol: "?", word: "could not tell")
        case nil: StateWords(css: "waiting", symbol: "…", word: "waiting")
        }
    }

    static func of(_ kind: ProbePlan.Kind) -> String {
        switch kind {
        case .audit: "audit"
        case .port: "ports"
        case .roundTrip: "round trip"
        }
    }
}

enum Words {
    /// `3 minutes ago`, `in 20 seconds`.
    static func relative(_ moment: Timestamp, to now: Timestamp) -> String {
        let seconds = now - moment
        if abs(seconds) < 1 { return "now" }
        let length = length(abs(seconds))
        return seconds > 0 ? "\(length) ago" : "in \(length)"
    }

    /// `45 seconds`, `12 minutes`, `3 hours`, `2 days`.
    static func length(_ seconds: Double) -> String {
        switch seconds {
        case ..<90: Wording.count(Int(seconds.rounded()), "second")
        case ..<5_400: Wording.count(Int((seconds / 60).rounded()), "minute")
        case ..<129_600: Wording.count(Int((seconds / 3_600).rounded()), "hour")
        default: Wording.count(Int((min(seconds, 1e12) / 86_400).rounded()), "day")
        }
    }

    /// The last runs as bars, the newest at the right; their heights tell how long they took.
    static func bars(_ runs: [PastRun], at now: Timestamp) -> String {
        let width = 5, gap = 2, height = 22.0
        let most = Monitor.runsRemembered
        let runs = runs.suffix(most)
        let longest = runs.map(\.durationSeconds).max() ?? 0
        var svg = "<svg class=\"bars\" width=\"\(most * (width + gap) - gap)\" height=\"\(Int(height))\" role=\"img\" "
        svg += "aria-label=\"\(runs.isEmpty ? "no runs yet" : "the last \(Wording.count(runs.count, "run"))")\">"
        for index in 0..<most {
            let x = index * (width + gap)
            let place = index - (most - runs.count)
            guard place >= 0 else {
                svg +=
                    "<rect class=\"none\" x=\"\(x)\" y=\"\(Int(height) - 3)\" width=\"\(width)\" height=\"3\" rx=\"1\"/>"
                continue
            }
            let run = runs[runs.startIndex + place]
            let share = longest > 0 ? max(0, run.durationSeconds) / longest : 0
            let tall = Int((7 + share * (height - 7)).rounded())
            let state = StateWords.of(run.verdict)
            var title = "\(state.word)\(run.reason.map { ": \($0)" } ?? ""), "
            title += "\(Wording.duration(run.durationSeconds)), \(run.startedAt)"
            svg += "<rect class=\"\(state.css)\" x=\"\(x)\" y=\"\(Int(height) - tall)\" width=\"\(width)\" "
            svg += "height=\"\(tall)\" rx=\"1\"><title>\(html(title))</title></rect>"
        }
        return svg + "</svg>"
    }
}
