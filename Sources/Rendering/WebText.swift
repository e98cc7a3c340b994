import DNS
import Judgement
import Mail

/// What was fetched over HTTPS, a row a file: settings for mail programs, logo and mark certificate.
enum WebText {
    static func rows(of evidence: Evidence) -> [[Span]] {
        let settings = (evidence.settings?.places ?? []).compactMap { place -> Span? in
            guard let seen = place.seen else { return nil }
            // Hardly a web site has such a file: that it has none is not worth a line.
            if place.purpose == .wellKnown, place.settings?.servers.isEmpty != false { return nil }
            return span(seen, place.settings.map { $0.servers.map(\.description).joined(separator: ", ") })
        }
        let files = evidence.web.compactMap { seen -> Span? in
            switch seen.purpose {
            case .logo: span(seen, "\(seen.body.count) octets")
            case .mark: span(seen, seen.mark?.chain.first.map { "until \($0.notAfter)" })
            default: nil
            }
        }
        return titled("Settings", settings) + titled("BIMI", files)
    }

    private static func titled(_ title: String, _ spans: [Span]) -> [[Span]] {
        spans.enumerated().map { [Span($0.offset == 0 ? title : "", .strong), $0.element] }
    }

    private static func span(_ seen: WebObservation, _ what: String?) -> Span {
        let (words, tone): (String, Tone) =
            switch seen.result {
            case .fetched: (what.flatMap { $0.isEmpty ? nil : $0 } ?? "fetched", .plain)
            case .nothing: ("there is no such file", .notice)
            case .broken(let why): (why, .warning)
            case .notSeen(let why): (why, .faint)
            }
        // The path says where, its query only who asks.
        let place = seen.url.prefix { $0 != "?" }
        return Span("\(Escaping.visible(String(place), limit: 120)): \(Escaping.visible(words, limit: 300))", tone)
    }
}
