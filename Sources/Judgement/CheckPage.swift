package import DNS
package import Mail

/// A page of `checks/`, read: the check and the examples that hold it to its word.
///
/// ```
/// # Title
///
/// - Severity: error
/// - Reference: RFC 7208 §4.6.4
///
/// ## What it means
/// ## Remedy
/// ## Fires
/// ## Stays quiet
/// ## Cannot tell        (optional)
/// ```
/// Markdown beyond that is left as it is.
package struct CheckPage: Sendable {
    package var check: Check
    package var examples: [Example]
    /// The whole page, Markdown.
    package var text: String

    /// A fenced block under *Fires*, *Stays quiet* or *Cannot tell*.
    package struct Example: Hashable, Sendable {
        /// What the check has to say of the example: the heading it stands under.
        package enum Expectation: String, Hashable, Sendable, CaseIterable {
            case fires = "Fires"
            case staysQuiet = "Stays quiet"
            case cannotTell = "Cannot tell"
        }

        /// ```` ```zone example.org [selectors=s1,s2] [senders=192.0.2.1] [suffix=org] [blocklists=ZONE,…] [anchor=org] ````:
        /// master-file text; with `anchor` signed, and the DNSKEY records at that name are trusted.
        package struct ZoneText: Hashable, Sendable {
            package var domain: String
            package var selectors: [String]
            /// Addresses that the domain's mail leaves by.
            package var senders: [IPAddress]
            /// The domain's public suffix; nil as where there is no list.
            package var suffix: String?
            /// Block lists and allow lists that are asked.
            package var blockLists: [BlockList]
            /// The zone whose DNSKEY records are trusted; nil where signatures are not asked for.
            package var anchor: String?
            package var text: String

            package init(
                domain: String, selectors: [String], senders: [IPAddress] = [], suffix: String? = nil,
                blockLists: [BlockList] = [], anchor: String? = nil, text: String
            ) {
                self.domain = domain
                self.selectors = selectors
                self.senders = senders
                self.suffix = suffix
                self.blockLists = blockLists
                self.anchor = anchor
                self.text = text
            }
        }

        /// What is judged.
        package enum Kind: Hashable, Sendable {
            case zone(ZoneText)
            /// ```` ```transcript smtp mx.example.org 192.0.2.25:25 [in-zone] ````: a conversation, with `in-zone`
            /// judged together with the zone in the block above.
            case transcript(service: Service, host: String, address: String, port: UInt16, text: String, in: ZoneText?)
            /// ```` ```message [OPTION=VALUE …] [in-zone] ````: a message as received, whole, with `in-zone` judged with
            /// the zone in the block above as all of the DNS, otherwise offline.
            case message(MessageObservation, at: Timestamp?, in: ZoneText?)
            /// ```` ```header [outcome=delivered] [seconds=3.5] ````: the header of a round trip's message as received.
            case header(outcome: RoundTripObservation.Outcome, seconds: Double?, text: String)
            /// ```` ```delivery … ````: what a sender meets, with the zone in the block above as all of the DNS.
            case delivery(Delivery, in: ZoneText)
            /// ```` ```authority ````: what the name servers of the zone in the block above say when asked themselves.
            case authority(Authority, in: ZoneText)
            /// ```` ```web ````: what is fetched from web servers, with the zone in the block above as all of the DNS.
            case web(Web, in: ZoneText)
            /// ```` ```second ````: what another resolver says where it differs from the zone in the block above.
            case second(Second, in: ZoneText)
        }

        package var expectation: Expectation
        package var kind: Kind
        /// The line of the page the block begins at, from 1.
        package var line: Int
    }
}

/// Why a page cannot be read.
package struct PageError: Error, Hashable, Sendable, CustomStringConvertible {
    package var identifier: String
    /// From 1; 0 where the page as a whole lacks something.
    package var line: Int
    package var problem: String

    package init(identifier: String, line: Int, problem: String) {
        self.identifier = identifier
        self.line = line
        self.problem = problem
    }

    package var description: String { "checks/\(identifier), line \(line): \(problem)" }
}

extension CheckPage {
    /// Every page the binary carries that can be read, by identifier.
    package static let all: [CheckPage] = embeddedPages.keys.sorted().compactMap { identifier in
        embeddedPages[identifier].flatMap { try? CheckPage(identifier: identifier, text: $0) }
    }

    private static let byIdentifier = Dictionary(all.map { ($0.check.identifier, $0) }) { first, _ in first }

    /// The page of a check by its identifier, as in `mx.exists`; nil where there is none.
    package static func named(_ identifier: String) -> CheckPage? { byIdentifier[identifier] }

    /// The identifiers and texts as embedded, for tests that read them all again.
    package static var embedded: [(identifier: String, text: String)] {
        embeddedPages.filter { !$0.key.isEmpty }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Whether `text` has the form `area.what`: lower-case letters, digits and hyphens, one dot.
    package static func isIdentifier(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 2
            && parts.allSatisfy { part in
                (97...122).contains(part.first ?? 0) && part.last != UInt8(ascii: "-")
                    && part.allSatisfy {
                        (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-")
                    }
            }
    }

    /// What stands above the examples of the page the binary carries; nil where there is none that can be read. Reports
    /// need no more, and reading all examples would be most of what a short command does.
    static func check(_ identifier: String) -> Check? {
        guard let text = embeddedPages[identifier] else { return nil }
        let head = text.utf8.offset(of: "\n## Fires\n".utf8).map { text.utf8.prefix($0) } ?? text.utf8[...]
        return try? CheckPage(identifier: identifier, text: "\(Substring(head))", needsExamples: false).check
    }

    /// Reads a page. Everything the form asks for must be there and must not be empty.
    package init(identifier: String, text: String) throws(PageError) {
        try self.init(identifier: identifier, text: text, needsExamples: true)
    }

    private init(identifier: String, text: String, needsExamples: Bool) throws(PageError) {
        func fail(_ line: Int, _ problem: String) -> PageError {
            PageError(identifier: identifier, line: line, problem: problem)
        }
        guard Self.isIdentifier(identifier) else { throw fail(0, "the identifier is not of the form area.what") }
        let lines = Array(text.utf8).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { line in String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self) }
        var title = ""
        var facts: [String: String] = [:]
        var section: String?
        var bodies: [String: [String]] = [:]
        var examples: [Example] = []
        var fence: (info: String, line: Int, text: [String])?
        for (index, line) in lines.enumerated() {
            let number = index + 1
            if let open = fence {
                if line == "```" {
                    fence = nil
                    guard let name = section, let expectation = Example.Expectation(rawValue: name) else {
                        bodies[section ?? "", default: []] += ["```\(open.info)"] + open.text + ["```"]
                        continue
                    }
                    do throws(InfoError) {
                        let kind = try Example.kind(
                            info: open.info, text: open.text.joined(separator: "\n") + "\n",
                            above: examples.last?.expectation == expectation ? examples.last : nil)
                        if kind.takesTheZoneAbove { examples.removeLast() }
                        examples.append(Example(expectation: expectation, kind: kind, line: open.line))
                    } catch {
                        throw fail(open.line, error.problem)
                    }
                } else {
                    fence?.text.append(line)
                }
            } else if line.hasPrefix("```") {
                fence = (String(line.dropFirst(3)), number, [])
            } else if line.hasPrefix("# ") {
                guard title.isEmpty else { throw fail(number, "a second title") }
                title = trimmed(line.dropFirst(2))
            } else if line.hasPrefix("## ") {
                let name = trimmed(line.dropFirst(3))
                guard bodies[name] == nil else { throw fail(number, "the section “\(name)” stands twice") }
                guard name == "What it means" || name == "Remedy" || Example.Expectation(rawValue: name) != nil else {
                    throw fail(number, "no section is called “\(name)”")
                }
                section = name
                bodies[name] = []
            } else if let section {
                bodies[section]?.append(line)
            } else if line.hasPrefix("- "), let colon = line.firstIndex(of: ":") {
                let key = trimmed(line[line.index(line.startIndex, offsetBy: 2)..<colon])
                facts[key] = trimmed(line[line.index(after: colon)...])
            } else if !trimmed(line[...]).isEmpty {
                throw fail(number, "text before the first section")
            }
        }
        if let fence { throw fail(fence.line, "this block is not closed") }
        guard !title.isEmpty else { throw fail(0, "the title is missing") }
        guard let word = facts["Severity"] else { throw fail(0, "“- Severity:” is missing") }
        guard let severity = Severity(rawValue: word) else { throw fail(0, "“\(word)” is no severity") }
        guard let reference = facts["Reference"], !reference.isEmpty else { throw fail(0, "“- Reference:” is missing") }
        func body(_ name: String) throws(PageError) -> String {
            let text = trimmed((bodies[name] ?? []).joined(separator: "\n")[...])
            guard !text.isEmpty else { throw fail(0, "“## \(name)” is missing or empty") }
            return text
        }
        self.check = Check(
            identifier: identifier, title: title, severity: severity, reference: reference,
            meaning: try body("What it means"), remedy: try body("Remedy"))
        for needed in [Example.Expectation.fires, .staysQuiet]
        where needsExamples && !examples.contains(where: { $0.expectation == needed }) {
            throw fail(0, "no example under “## \(needed.rawValue)”")
        }
        self.examples = examples
        self.text = text
    }
}

private struct InfoError: Error {
    var problem: String
}

extension CheckPage.Example.Kind {
    /// Whether the zone in the block before is part of this example.
    fileprivate var takesTheZoneAbove: Bool {
        switch self {
        case .transcript(_, _, _, _, _, let zone), .message(_, _, let zone): zone != nil
        case .delivery, .authority, .web, .second: true
        case .zone, .header: false
        }
    }
}

extension CheckPage.Example {
    /// Reads a block by its info string.
    fileprivate static func kind(
        info: String, text: String, above: CheckPage.Example?
    ) throws(InfoError) -> Kind {
        var words = info.split(separator: " ").map(String.init)
        guard !words.isEmpty else {
            throw InfoError(problem: "the block does not say what it is: zone, transcript, header, message or delivery")
        }
        let first = words.removeFirst()
        var options: [String: String] = [:]
        for word in words {
            if let equals = word.firstIndex(of: "=") {
                options[String(word[..<equals])] = String(word[word.index(after: equals)...])
            }
        }
        words.removeAll { $0.contains("=") }
        switch first {
        case "zone":
            let given = (options["senders"] ?? "").split(separator: ",")
            let senders = given.compactMap { IPAddress(String($0)) }
            let lists = BlockList.read((options["blocklists"] ?? "").split(separator: ",").map(String.init))
            guard words.count == 1, senders.count == given.count, lists.wrong.isEmpty else {
                throw InfoError(
                    problem: "write: zone DOMAIN [selectors=s1,s2] [senders=192.0.2.1] [suffix=org] [blocklists=ZONE,…]"
                )
            }
            let selectors = (options["selectors"] ?? "").split(separator: ",").map(String.init)
            return .zone(
                ZoneText(
                    domain: words[0], selectors: selectors, senders: senders, suffix: options["suffix"],
                    blockLists: lists.lists, anchor: options["anchor"], text: text))
        case "transcript":
            let usage = "write: transcript SERVICE HOST ADDRESS:PORT [in-zone]"
            guard words.count == 3 || words.count == 4, let service = Service(rawValue: words[0]),
                let colon = words[2].lastIndex(of: ":"), let port = UInt16(words[2][words[2].index(after: colon)...])
            else { throw InfoError(problem: usage) }
            let zone = try Self.zone(words.dropFirst(3), above, usage)
            let address = words[2][..<colon].filter { $0 != "[" && $0 != "]" }
            return .transcript(
                service: service, host: words[1], address: String(address), port: port, text: text, in: zone)
        case "header":
            let word = options["outcome"] ?? "delivered"
            guard words.isEmpty, let outcome = RoundTripObservation.Outcome(rawValue: word) else {
                throw InfoError(problem: "write: header [outcome=delivered] [seconds=3.5]")
            }
            return .header(outcome: outcome, seconds: options["seconds"].flatMap(Double.init), text: text)
        case "message":
            let usage = """
                write: message [now=UNIXTIME] [sender-ip=A] [mail-from=B] [helo=C] [receiver=HOST,…] \
                [profile=gmail|yahoo|microsoft] [min-key-bits=N] [in-zone]
                """
            let zone = try Self.zone(words[...], above, usage)
            return .message(
                try Self.message(options, text, usage),
                at: options["now"].flatMap(Double.init).map { Timestamp($0) }, in: zone)
        case "delivery":
            guard words.isEmpty, case .zone(let zone)? = above?.kind, let delivery = Delivery(options, text: text)
            else {
                throw InfoError(problem: Delivery.usage + ", below a block with a zone")
            }
            return .delivery(delivery, in: zone)
        case "authority":
            guard words.isEmpty, case .zone(let zone)? = above?.kind, let authority = Authority(text: text) else {
                throw InfoError(problem: Authority.usage)
            }
            return .authority(authority, in: zone)
        case "web":
            guard words.isEmpty, case .zone(let zone)? = above?.kind, let web = Web(text: text) else {
                throw InfoError(problem: Web.usage)
            }
            return .web(web, in: zone)
        case "second":
            guard words.isEmpty, case .zone(let zone)? = above?.kind, let second = Second(text: text) else {
                throw InfoError(problem: Second.usage)
            }
            return .second(second, in: zone)
        default:
            throw InfoError(problem: "“\(first)” is no kind of example: zone, transcript, header, message or delivery")
        }
    }

    /// The zone in the block above, where `in-zone` asks for it.
    private static func zone(
        _ words: ArraySlice<String>, _ above: CheckPage.Example?, _ usage: String
    ) throws(InfoError) -> ZoneText? {
        guard let word = words.first else { return nil }
        guard words.count == 1, word == "in-zone", case .zone(let zone)? = above?.kind else {
            throw InfoError(problem: usage + "; in-zone needs a zone in the block above")
        }
        return zone
    }

    private static func message(
        _ options: [String: String], _ text: String, _ usage: String
    ) throws(InfoError) -> MessageObservation {
        var message = MessageObservation(name: "example", octets: Array(text.utf8))
        for (key, value) in options {
            switch key {
            case "now": if Double(value) == nil { throw InfoError(problem: usage) }
            case "sender-ip":
                guard let address = IPAddress(value) else { throw InfoError(problem: usage) }
                message.senderIP = address
            case "mail-from": message.mailFrom = value
            case "helo": message.helo = value
            case "receiver": message.receivers = value.split(separator: ",").map(String.init)
            case "profile":
                guard let profile = BulkSenderProfile(rawValue: value) else { throw InfoError(problem: usage) }
                message.profile = profile
            case "min-key-bits":
                guard let bits = Int(value) else { throw InfoError(problem: usage) }
                message.minimumKeyBits = bits
            default: throw InfoError(problem: usage)
            }
        }
        return message
    }
}

/// Without spaces, tabs and line ends at either end.
private func trimmed(_ text: some StringProtocol) -> String {
    let isSpace: (UInt8) -> Bool = { $0 == 32 || $0 == 9 || $0 == 10 || $0 == 13 }
    let octets = Array(text.utf8)
    guard let start = octets.firstIndex(where: { !isSpace($0) }), let end = octets.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(decoding: octets[start...end], as: UTF8.self)
}
