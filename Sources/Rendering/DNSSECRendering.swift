package import DNS
package import Judgement
import Mail

/// A validated answer, for `dns query --dnssec`.
package enum DNSSECRendering {
    // MARK: For a program

    /// The members of ``DNSRendering`` and `dnssec`.
    package static func json(_ question: Question, _ validated: Validated) -> JSON {
        var members: [JSON.Member]
        if let answer = validated.answer, case .object(let plain) = DNSRendering.json(question, .success(answer)) {
            members = plain
        } else {
            members = [
                .init("name", .string(question.name.description)), .init("type", .string(question.type.description)),
                .init("status", .string("unknown")), .init("authenticated", .null), .init("answers", .array([])),
            ]
        }
        members.append(.init("dnssec", json(validated)))
        return .object(members)
    }

    /// `status`, `reason`, `ad` (the resolver's bit), `expires`, `weaknesses`, `signatures`, `trace`.
    package static func json(_ validated: Validated) -> JSON {
        [
            "status": .string(validated.security.word),
            "reason": (validated.security.reason ?? validated.note).map { .string($0) } ?? .null,
            "ad": validated.authenticData.map { .bool($0) } ?? .null,
            "expires": validated.soonestExpiry.map { .string(time($0.expiration)) } ?? .null,
            "weaknesses": .array(validated.weaknesses.map { .string(words($0)) }),
            "signatures": .array(
                validated.signatures.map { signature in
                    [
                        "name": .string(signature.name.description), "type": .string(signature.type.description),
                        "signer": .string(signature.signer.description), "key_tag": .integer(Int(signature.keyTag)),
                        "algorithm": .string(DNSSEC.algorithmName(signature.algorithm)),
                        "inception": .string(time(signature.inception)),
                        "expiration": .string(time(signature.expiration)),
                    ]
                }),
            "trace": .array(validated.trace.map(json)),
        ]
    }

    private static func json(_ step: Validated.Step) -> JSON {
        [
            "subject": .string(step.subject), "status": step.security.map { .string($0.word) } ?? .null,
            "text": .string(step.text), "steps": .array(step.children.map(json)),
        ]
    }

    private static func time(_ seconds: Double) -> String { "\(Timestamp(seconds))" }

    // MARK: For a person

    /// The records, what they are worth, and how that came about.
    package static func text(_ question: Question, _ validated: Validated, _ look: Look) -> String {
        func line(_ spans: Span...) -> String { spans.map { $0.painted(look.colour) }.joined() + "\n" }
        var text = validated.answer.map { DNSRendering.text(question, .success($0), look) } ?? ""
        let reason = (validated.security.reason ?? validated.note).map { ": " + Escaping.visible($0) } ?? ""
        text += line(Span(validated.security.word, tone(validated.security)), Span(reason))
        if let first = validated.soonestExpiry {
            text += line(
                Span(
                    "the first signature to expire is that of \(first.name.absolute) \(first.type), at "
                        + time(first.expiration), .faint))
        }
        for weakness in validated.weaknesses { text += line(Span("weak: ", .warning), Span(words(weakness))) }
        return text + tree(validated.trace, "", look)
    }

    private static func tree(_ steps: [Validated.Step], _ indent: String, _ look: Look) -> String {
        var text = ""
        for (index, step) in steps.enumerated() {
            let isLast = index == steps.count - 1
            let spans = [
                Span(indent + (isLast ? "└─ " : "├─ "), .faint), Span(step.subject, .strong),
                Span(step.security.map { "  " + $0.word } ?? "", step.security.map(tone) ?? .plain),
                Span(step.text.isEmpty ? "" : "  " + Escaping.visible(step.text)),
            ]
            text += spans.map { $0.painted(look.colour) }.joined() + "\n"
            text += tree(step.children, indent + (isLast ? "   " : "│  "), look)
        }
        return text
    }

    private static func tone(_ security: Security) -> Tone {
        switch security {
        case .secure: .good
        case .insecure: .notice
        case .bogus: .bad
        case .indeterminate: .unknown
        }
    }

    /// A weakness in a sentence without a dot.
    package static func words(_ weakness: Validated.Weakness) -> String {
        switch weakness {
        case .sha1Digest(let zone): "the DS records of \(zone.absolute) are of SHA-1 alone"
        case .algorithm(let zone, let number):
            "\(zone.absolute) is signed by \(DNSSEC.algorithmName(number)), which is not recommended any more"
        case .shortKey(let zone, let tag, let bits): "key \(tag) of \(zone.absolute) has only \(bits) bits"
        case .nsec3Iterations(let zone, let count):
            "NSEC3 of \(zone.absolute) wants \(count) more iterations; none is best"
        }
    }
}
