import ArgumentParser
import DNS
import Rendering

/// The world as it may be: `--overlay`, `--in`.
struct WhatIfOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Judge as if the records of this zone-file text were published, and show what changes; NAME TYPE !delete takes away.",
            valueName: "file"))
    var overlay: String?

    @Option(
        name: .customLong("in"),
        help: ArgumentHelp(
            "Tell what changes until then if nothing is renewed: 12h, 30d, 8w.", valueName: "duration"))
    var ahead: String?

    /// What `--overlay` names; nil without it.
    func read() throws(UsageError) -> Overlay? {
        guard let path = overlay else { return nil }
        let octets = try Standard.contents(of: path, atMost: 16 << 20)
        do throws(OverlayError) {
            return try Overlay(String(decoding: octets, as: UTF8.self))
        } catch {
            throw UsageError("--overlay: \(Escaping.visible(path)): \(Escaping.visible(error.description))")
        }
    }

    /// Seconds to look ahead; nil without `--in`.
    func seconds(_ format: ReportFormat) throws(UsageError) -> Double? {
        guard let ahead else { return nil }
        guard let seconds = secondsOfDuration(ahead) else {
            throw UsageError(
                "--in “\(Escaping.visible(ahead, limit: 40))”: write a duration up to ten years, such as 12h, 30d or 8w"
            )
        }
        guard [.text, .json].contains(format) else {
            throw UsageError("--in: what is to come is written as text or json")
        }
        return seconds
    }
}

/// Reads `30s`, `5m`, `1h`, `30d`, `2w`; nil for anything else, for 0, and beyond ten years.
func secondsOfDuration(_ text: String) -> Double? {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
    let digits = text.dropLast()
    guard let unit = text.last.flatMap({ units[$0] }), digits.count <= 9,
        digits.allSatisfy({ $0.isASCII && $0.isNumber }), let count = Int(digits), count > 0
    else { return nil }
    let seconds = Double(count) * unit
    return seconds <= 3_653 * 86_400 ? seconds : nil
}
