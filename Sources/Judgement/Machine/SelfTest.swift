/// What this machine can see from where it stands: what `mailsonde doctor` says, and what an audit says of the machine
/// that it ran on. It is about the machine, not about a domain.
///
/// Here stands what is concluded from what was seen; who looks is the probe of the same name. Left out: mending anything.
package enum SelfTest {
    package enum State: String, Hashable, Sendable, CaseIterable { case ok, cannot, unknown }

    /// One thing looked at.
    package struct Line: Hashable, Sendable {
        /// For programs: `resolver`, `port25`, …
        package var key: String
        package var state: State
        package var summary: String
        /// What it means for results; empty where it means nothing for them.
        package var means: String
        /// What to do; empty where there is nothing to do.
        package var remedy: String

        package init(_ key: String, _ state: State, _ summary: String, means: String = "", remedy: String = "") {
            self.key = key
            self.state = state
            self.summary = summary
            self.means = means
            self.remedy = remedy
        }
    }
}

extension SelfTest {
    /// - Parameters:
    ///   - count: how many roots are trusted.
    ///   - problem: why there are none.
    package static func roots(_ count: Int, problem: String?) -> Line {
        let key = "trusted_roots"
        if count > 0 { return Line(key, .ok, "\(count) trusted roots") }
        return Line(
            key, .cannot, "no trusted roots: \(problem ?? "none found")",
            means: "whether certificates are trusted is unknown", remedy: "install ca-certificates, or give --ca-file")
    }

    package static func publicSuffixes(areThere: Bool) -> Line {
        let key = "public_suffixes"
        if areThere { return Line(key, .ok, "there is a public suffix list") }
        return Line(
            key, .cannot, "there is no public suffix list",
            means: "organizational domains are found by the DNS tree walk alone", remedy: "install publicsuffix")
    }

    /// The self-test of a block list, as an audit has it.
    package static func blockList(_ list: BlockList, _ health: BlockListHealth) -> Line {
        let key = "dnsbl"
        guard let problem = health.problem else {
            return Line(key, health.covers.isEmpty ? .unknown : .ok, "\(list.zone) answers us")
        }
        let means = "whether somebody is listed there cannot be told from here"
        if case .couldNotAsk = problem {
            return Line(key, .unknown, "\(list.zone): \(problem.sentence)", means: means)
        }
        return Line(
            key, .cannot, "\(list.zone): \(problem.sentence)", means: means,
            remedy: "use a resolver of your own; where the list is gone, name others by --blocklist")
    }
}
