package import DNS

/// A list of addresses or domains that is asked over the DNS (RFC 5782): of bad ones, or of good ones.
///
/// This says what is asked and how an answer reads. Whether the list can be believed is for ``health(for:asking:)``.
package struct BlockList: Hashable, Sendable, Codable {
    /// What it has entries for.
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable { case addresses, domains, either }

    /// Where its entries stand: `zen.spamhaus.org`.
    package var zone: DomainName
    package var kind: Kind
    /// To be on it is a recommendation.
    package var allows = false
    /// Domains that it has entries for to be tested by, besides RFC 5782's own.
    package var testDomains: [String] = []
    /// Codes of its own by which it says that it does not answer this resolver.
    package var refusals: [IPv4Address] = []
    /// Where one asks for an entry to be removed; empty where that is not known.
    package var removal = ""

    package init(zone: DomainName, kind: Kind, allows: Bool = false) {
        self.zone = zone
        self.kind = kind
        self.allows = allows
    }
}

extension BlockList {
    /// What an answer of a list says.
    package enum Entry: Hashable, Sendable {
        case none
        /// The codes, in ascending order.
        case listed([IPv4Address])
        /// The list does not answer this resolver, and says so by this code.
        case refused(IPv4Address)
        /// An address of the Internet: whoever has the zone now, it is no list.
        case nonsense(IPv4Address)
        case couldNotTell(Unanswered)
    }

    /// RFC 5782 §2.1: an entry is an A record in 127.0.0.0/8.
    package func entry(in outcome: Outcome) -> Entry {
        switch outcome {
        case .failure(let why): return .couldNotTell(why)
        case .success(let answer):
            let codes = Set(answer.records.compactMap { if case .a(let code) = $0.data { code } else { nil } })
                .sorted { $0.value < $1.value }
            if let refusal = codes.first(where: isRefusal) { return .refused(refusal) }
            if let stray = codes.first(where: { $0.value >> 24 != 127 }) { return .nonsense(stray) }
            return codes.isEmpty ? .none : .listed(Array(codes.prefix(Self.maximumCodes)))
        }
    }

    /// Codes of one entry that are kept.
    static let maximumCodes = 20

    /// 127.255.255.0/24 says that a question was refused, as Spamhaus has it; no list may use 127.0.0.1 for an entry
    /// (RFC 5782 §5), and URIBL refuses by it.
    private func isRefusal(_ code: IPv4Address) -> Bool {
        code.value >> 8 == 0x7FFF_FF || code.value == 0x7F00_0001 || refusals.contains(code)
    }

    /// The name of the entry for an address (RFC 5782 §2.1, §2.4); nil where it would be too long.
    package func name(of address: IPAddress) -> DomainName? {
        let labels = address.reverseName.labels.dropLast(2)
        return try? DomainName(labels: Array(labels)).appending(zone)
    }

    /// The name of the entry for a domain (RFC 5782 §2.3); nil where it would be too long.
    package func name(of domain: DomainName) -> DomainName? { try? domain.lowercased.appending(zone) }
}

extension BlockList {
    /// Asked where nothing else is said: well kept, free for few questions, each with a way off it.
    package static let usual: [BlockList] = [
        make("zen.spamhaus.org", .addresses, removal: "https://check.spamhaus.org/"),
        make("bl.spamcop.net", .addresses, removal: "https://www.spamcop.net/bl.shtml"),
        make("psbl.surriel.com", .addresses, removal: "https://psbl.org/"),
        make("bl.mailspike.net", .addresses, removal: "https://mailspike.io/ip_verify"),
        make(
            "dbl.spamhaus.org", .domains, tests: ["dbltest.com"], refusals: [IPv4Address(127, 0, 1, 255)],
            removal: "https://check.spamhaus.org/"),
        make(
            "multi.surbl.org", .domains, tests: ["surbl-org-permanent-test-point.com", "test.surbl.org"],
            removal: "https://surbl.org/surbl-analysis"),
        make("multi.uribl.com", .domains, tests: ["test.uribl.com"], removal: "https://admin.uribl.com/"),
        make("list.dnswl.org", .addresses, allows: true, refusals: [IPv4Address(127, 0, 0, 255)]),
    ].compactMap(\.self)

    private static func make(
        _ zone: String, _ kind: Kind, allows: Bool = false, tests: [String] = [], refusals: [IPv4Address] = [],
        removal: String = ""
    ) -> BlockList? {
        guard let zone = try? DomainName(zone) else { return nil }
        var list = BlockList(zone: zone, kind: kind, allows: allows)
        list.testDomains = tests
        list.refusals = refusals
        list.removal = removal
        return list
    }

    /// No more lists than these are asked.
    package static let maximumLists = 40

    /// Reads the name of a list as people write it: `bl.example.net`, with `allow:` before it one of good addresses.
    /// One of the usual lists is asked as it wants to be; of another its self-test tells what it has entries for.
    package init?(_ text: String) {
        let marker = "allow:"
        let allows = text.hasPrefix(marker)
        let name = allows ? String(text.dropFirst(marker.count)) : text
        guard let zone = try? DomainName(hostName: name, underscores: true), zone.labelCount >= 1 else { return nil }
        if let known = Self.usual.first(where: { $0.zone == zone }) {
            self = known
            self.allows = known.allows || allows
        } else {
            self.init(zone: zone, kind: .either, allows: allows)
        }
    }

    /// Reads several; `default` stands for the usual ones. Each is kept once.
    /// - Returns: the lists, and the texts that name none.
    package static func read(_ texts: [String]) -> (lists: [BlockList], wrong: [String]) {
        var lists: [BlockList] = []
        var wrong: [String] = []
        for text in texts {
            let named = text == "default" ? usual : BlockList(text).map { [$0] } ?? []
            if named.isEmpty { wrong.append(text) }
            for list in named where !lists.contains(where: { $0.zone == list.zone }) { lists.append(list) }
        }
        return (lists, wrong)
    }

    /// What a code of one of the usual lists means, in a few words; nil where that is not known.
    package func meaning(of code: IPv4Address) -> String? {
        let value = code.value
        switch zone.description.lowercased() {
        case "zen.spamhaus.org":
            return switch value {
            case 0x7F00_0002: "SBL: known source of spam"
            case 0x7F00_0003: "CSS: sends spam by many addresses"
            case 0x7F00_0004...0x7F00_0007: "XBL: taken over, or an open proxy"
            case 0x7F00_0009: "DROP: hijacked network"
            case 0x7F00_000A, 0x7F00_000B: "PBL: not meant to send mail directly"
            default: nil
            }
        case "dbl.spamhaus.org":
            return switch value & 0xFFFF {
            case 0x102: "spam"
            case 0x104: "phishing"
            case 0x105: "malware"
            case 0x106: "botnet control"
            case 0x166...0x16A: "good domain, abused"
            default: nil
            }
        case "multi.uribl.com":
            return Self.words(value, [(2, "black"), (4, "grey"), (8, "red")])
        case "multi.surbl.org":
            return Self.words(value, [(8, "phishing"), (16, "malware"), (64, "abuse"), (128, "cracked site")])
        default: return nil
        }
    }

    /// Of a code whose bits each mean something.
    private static func words(_ value: UInt32, _ bits: [(UInt32, String)]) -> String? {
        let words = bits.filter { value & $0.0 != 0 }.map(\.1)
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }
}
