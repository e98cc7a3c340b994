internal import DNS
internal import Judgement
internal import Mail
internal import Networking
internal import Probes
internal import Yams

// `domains`: whole audits, each given here or a line in a file.
extension ConfigurationReader {
    /// One name, one probe: it is a metric's label and a page's address.
    func claim(_ name: String, _ place: Place, given: Bool) -> Bool {
        if name.utf8.count > 200 {
            report(place, "a probe's name has at most 200 octets")
            return false
        }
        if let earlier = namedAt[name] {
            let cure = given ? "choose another" : "give one of them a “name”"
            report(place, "a probe called \(quoted(name)) stands at \(earlier.text) already: \(cure)")
            return false
        }
        namedAt[name] = place
        return true
    }

    /// A probe that takes longer than its interval would be skipped again and again.
    func checkFits(_ what: String, _ length: Double, interval: Double, _ place: Place) -> Bool {
        if length <= interval { return true }
        report(
            place,
            "\(what) (\(Seconds.text(length))) is longer than the interval (\(Seconds.text(interval))): a probe never overlaps itself"
        )
        return false
    }

    /// What stands beside a domain, or beside a file of domains.
    struct DomainSettings {
        var name: String?
        var selectors: [String] = []
        var senders: [IPAddress] = []
        var questions = Configuration.Questions()
        var interval: Double?
        var timeout: Double?
    }

    func readDomain(_ node: Node) {
        let here = place(node)
        if case .scalar = node {
            // `- example.org` is short for `- {domain: example.org}`.
            guard let text = text(node, of: "a domain"), let domain = hostName(text, place: here, of: "a domain")
            else { return }
            addDomain(domain, DomainSettings(), here)
            return
        }
        let keys = [
            "domain", "file", "name", "dkim_selectors", "sender_ips", "behaviour", "accepts", "recipients", "interval",
            "timeout",
        ]
        guard let fields = fields(node, of: "a domain", keys: keys) else { return }
        var settings = DomainSettings()
        settings.name = fields["name"].flatMap { text($0) }
        settings.selectors = fields["dkim_selectors"].map { readSelectors($0) } ?? []
        settings.senders = fields["sender_ips"].map { readSenders($0) } ?? []
        settings.questions.behaviour = fields["behaviour"].flatMap { truth($0) } ?? false
        settings.questions.accepts = fields["accepts"].flatMap { choice($0, as: SurveyExtent.self) } ?? .none
        settings.interval = fields["interval"].flatMap { seconds($0, atLeast: 1) }
        settings.timeout = fields["timeout"].flatMap { seconds($0, atLeast: 0.1) }
        switch (fields["domain"], fields["file"]) {
        case (let field?, nil):
            guard let domain = hostName(field) else { return }
            settings.questions.recipients = fields["recipients"].map { readRecipients($0, of: domain) } ?? []
            addDomain(domain, settings, fields["name"]?.place ?? field.place)
        case (nil, let field?):
            if let field = fields["name"] {
                report(field.keyPlace, "a file of domains has no name: each goes by its own")
            }
            if let field = fields["recipients"] {
                report(field.keyPlace, "a file of domains has no recipients: they belong to one domain")
            }
            readDomainFile(field, settings)
        case (.some, let field?): report(field.keyPlace, "either “domain” or “file”, not both")
        case (nil, nil): report(here, "“domain” is missing: which domain?")
        }
    }

    private func readRecipients(_ field: Field, of domain: DomainName) -> [EmailAddress] {
        distinct(field, "an address", "recipients", atMost: Self.recipientLimit) { text, place in
            guard let address = try? EmailAddress(text) else {
                report(place, "\(quoted(text)) is no address: write ann@\(domain)")
                return nil
            }
            if address.needsSMTPUTF8 {
                report(place, "\(quoted(text)) cannot be asked for: its local part is not ASCII")
                return nil
            }
            if address.domain != domain {
                report(place, "\(quoted(text)) is not at \(domain)")
                return nil
            }
            return address
        }
    }

    func readSelectors(_ field: Field) -> [String] {
        distinct(field, "a selector", "selectors", atMost: Self.selectorLimit) { text, place in
            hostName(text, place: place, of: "a selector") == nil ? nil : text
        }
    }

    private func readSenders(_ field: Field) -> [IPAddress] {
        distinct(field, "an address", "addresses", atMost: Self.senderLimit) { text, place in
            let address = IPAddress(text)
            if address == nil { report(place, "\(quoted(text)) is no address: write 192.0.2.1 or 2001:db8::1") }
            return address
        }
    }

    /// A list of so many different things at most; `read` reports what it cannot read.
    private func distinct<Value: Equatable>(
        _ field: Field, _ what: String, _ plural: String, atMost limit: Int, _ read: (String, Place) -> Value?
    ) -> [Value] {
        var values: [Value] = []
        for node in list(field) {
            guard let text = text(node, of: what), let value = read(text, place(node)) else { continue }
            if values.contains(value) {
                report(place(node), "\(quoted(text)) is given twice")
            } else if values.count == limit {
                report(place(node), "\(limit) \(plural) are the most for a domain")
                return values
            } else {
                values.append(value)
            }
        }
        return values
    }

    private func addDomain(_ domain: DomainName, _ settings: DomainSettings, _ place: Place) {
        let name = settings.name ?? domain.lowercased.description
        guard claim(name, place, given: settings.name != nil) else { return }
        pending.append { [self] in
            let interval = settings.interval ?? max(defaultInterval, settings.timeout ?? 0)
            let usual = settings.questions.takeTime ? max(defaultTimeout, Self.patientTimeout) : defaultTimeout
            let timeout = settings.timeout ?? min(usual, interval)
            guard checkFits("the timeout", timeout, interval: interval, place) else { return }
            configuration_.domains.append(
                .init(
                    name: name, domain: domain, dkimSelectors: settings.selectors, senderAddresses: settings.senders,
                    questions: settings.questions, intervalSeconds: interval, timeoutSeconds: timeout))
        }
    }

    /// A domain a line; what follows `#` is a comment.
    private func readDomainFile(_ field: Field, _ settings: DomainSettings) {
        guard let text = text(field) else { return }
        let path = ConfigurationFile.resolve(text, besides: file)
        let octets: [UInt8]
        do { octets = try ConfigurationFile.read(path, limit: Self.fileLimit) } catch {
            report(field.place, "“file” is \(quoted(text)): \(error.reason)")
            return
        }
        for (index, line) in octets.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            let content = line.prefix { $0 != UInt8(ascii: "#") }
            let isSpace: (UInt8) -> Bool = { $0 == 32 || $0 == 9 || $0 == 13 }
            guard let first = content.firstIndex(where: { !isSpace($0) }),
                let last = content.lastIndex(where: { !isSpace($0) })
            else { continue }
            let here = Place(file: path, line: index + 1, column: first - line.startIndex + 1)
            guard spend(here) else { return }
            guard let word = String(validating: content[first...last], as: UTF8.self) else {
                report(here, "this is no UTF-8 text")
                continue
            }
            guard let domain = hostName(word, place: here, of: "a domain") else { continue }
            addDomain(domain, settings, here)
        }
    }
}
