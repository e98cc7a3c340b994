import ArgumentParser
import DNS

/// Where chains of trust begin, for commands that validate DNSSEC.
struct TrustOptions: ParsableArguments {
    @Option(
        name: .customLong("trust-anchor"),
        help: ArgumentHelp(
            "Begin with the DS and DNSKEY records of this zone-file text instead of the root's keys.",
            valueName: "file"))
    var trustAnchor: String?

    /// Those of the file, otherwise IANA's.
    var anchors: TrustAnchors {
        get throws(UsageError) {
            guard let trustAnchor else { return .iana }
            let octets = try Standard.contents(of: trustAnchor, atMost: 1 << 20)
            let anchors: TrustAnchors
            do throws(ZoneError) {
                anchors = try TrustAnchors(String(decoding: octets, as: UTF8.self))
            } catch {
                throw UsageError("--trust-anchor: \(trustAnchor): \(error)")
            }
            if anchors.isEmpty { throw UsageError("--trust-anchor: \(trustAnchor) has no DS or DNSKEY record") }
            return anchors
        }
    }

    /// The text of the file, once it is seen to hold anchors; nil where none was given.
    var text: String? {
        get throws(UsageError) {
            guard let trustAnchor else { return nil }
            _ = try anchors
            return String(decoding: try Standard.contents(of: trustAnchor, atMost: 1 << 20), as: UTF8.self)
        }
    }
}
