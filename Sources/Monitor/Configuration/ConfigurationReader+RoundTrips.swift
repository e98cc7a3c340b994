internal import DNS
internal import Judgement
internal import Mail
internal import Networking
internal import Probes
internal import Yams

// `roundtrips`: accounts that send and receive test messages.
extension ConfigurationReader {
    func readRoundTrip(_ node: Node) {
        let here = place(node)
        guard
            let fields = fields(
                node, of: "a round trip", keys: ["name", "interval", "deadline", "late_after", "from", "to"])
        else { return }
        let interval = fields["interval"].flatMap { seconds($0, atLeast: 1) }
        let deadline = fields["deadline"].flatMap { seconds($0, atLeast: 1) }
        let lateAfter = fields["late_after"].flatMap { seconds($0, atLeast: 0.1) }
        let name = fields["name"].flatMap { text($0) }
        if fields["name"] == nil { report(here, "“name” is missing: what this round trip goes by in metrics") }
        if fields["from"] == nil { report(here, "“from” is missing: who sends, by which server?") }
        if fields["to"] == nil { report(here, "“to” is missing: whose mailbox, by which server?") }
        let from = fields["from"].flatMap { readSender($0) }
        let to = fields["to"].flatMap { readRecipient($0) }
        guard let name, claim(name, fields["name"]?.place ?? here, given: true), let from, let to else { return }
        pending.append { [self] in
            let interval = interval ?? max(defaultInterval, deadline ?? 0)
            let deadline = deadline ?? min(300, interval)
            guard checkFits("the deadline", deadline, interval: interval, here) else { return }
            if let field = fields["late_after"], let lateAfter, lateAfter > deadline {
                report(field.place, "“late_after” is longer than the deadline (\(Seconds.text(deadline)))")
                return
            }
            configuration_.roundTrips.append(
                .init(
                    name: name, from: from, to: to, intervalSeconds: interval, deadlineSeconds: deadline,
                    lateAfterSeconds: lateAfter))
        }
    }

    fileprivate enum SubmissionService: String, CaseIterable { case submission, submissions, smtp }

    func readSender(_ field: Field) -> Configuration.Account? {
        let keys = ["address", "server", "port", "protocol", "user", "password_file", "password_env", "dkim"]
        guard let fields = fields(field.value, of: "“from”", keys: keys) else { return nil }
        let port = fields["port"].flatMap { integer($0, in: 1...65_535) }
        var service = port == 465 ? Service.submissions : port == 25 ? .smtp : .submission
        if let field = fields["protocol"], let named = choice(field, as: SubmissionService.self) {
            service = Service(rawValue: named.rawValue) ?? service
        }
        var account = account(fields, at: field, service: service, port: port)
        if let field = fields["dkim"] {
            let signing = readSigning(field, of: account?.address)
            account?.signing = signing
        }
        return account
    }

    /// `{domain, selector, key_file}`: the domain is that of the address where it is left out.
    func readSigning(_ field: Field, of address: EmailAddress?) -> Configuration.Signing? {
        guard let fields = fields(field.value, of: "“dkim”", keys: ["domain", "selector", "key_file"]) else {
            return nil
        }
        let given = fields["domain"].flatMap { hostName($0, addressAllowed: false) }
        let domain = fields["domain"] == nil ? (address.flatMap { try? DomainName("\($0.domain)") }) : given
        let selector = fields["selector"].flatMap { text($0) }
        if fields["selector"] == nil { report(field.place, "“selector” is missing: the name the key is published by") }
        if let selector, let place = fields["selector"]?.place, !DKIMSignature.isSelector(selector) {
            report(place, "“selector” is \(quoted(selector)): letters, digits, “-”, “_” and “.” are right")
            return nil
        }
        guard let keyField = fields["key_file"] else {
            report(field.place, "“key_file” is missing: the file with the private key")
            return nil
        }
        guard let key = signingKey(keyField), let domain, let selector else { return nil }
        return .init(domain: domain, selector: selector, key: key)
    }

    /// The text of a file that holds a key to sign with. What it says never stands in a problem.
    func signingKey(_ field: Field) -> Secret? {
        guard let text = text(field) else { return nil }
        do {
            let octets = try ConfigurationFile.read(
                ConfigurationFile.resolve(text, besides: file), limit: Self.keyLimit)
            let key = String(decoding: octets, as: UTF8.self)
            do throws(DKIMSigningKeyError) {
                _ = try DKIMSigningKey(key)
                return Secret(key)
            } catch {
                report(field.place, "“key_file”: the file \(quoted(text)) holds \(error)")
            }
        } catch {
            report(field.place, "“key_file” is \(quoted(text)): \(error.reason)")
        }
        return nil
    }

    fileprivate enum MailboxService: String, CaseIterable { case imap, imaps, pop3, pop3s }

    func readRecipient(_ field: Field) -> Configuration.Account? {
        let keys = ["address", "server", "port", "protocol", "user", "password_file", "password_env"]
        guard let fields = fields(field.value, of: "“to”", keys: keys) else { return nil }
        let port = fields["port"].flatMap { integer($0, in: 1...65_535) }
        var service = Service.imaps
        if let field = fields["protocol"] {
            guard let named = choice(field, as: MailboxService.self) else { return nil }
            service = Service(rawValue: named.rawValue) ?? service
            // `{protocol: imap, port: 993}` is what people write.
            if port == 993, service == .imap { service = .imaps }
            if port == 995, service == .pop3 { service = .pop3s }
        } else if let known = [Service.imap, .imaps, .pop3, .pop3s].first(where: { Int($0.port) == port }) {
            service = known
        }
        return account(fields, at: field, service: service, port: port)
    }

    func account(
        _ fields: Fields, at field: Field, service: Service, port: Int?
    ) -> Configuration.Account? {
        var address: EmailAddress?
        if let field = fields["address"], let text = text(field) {
            do throws(EmailAddressError) {
                address = try EmailAddress(text)
            } catch {
                report(field.place, "“address” is \(quoted(text)): an address is right, as in probe@example.org")
            }
        } else if fields["address"] == nil {
            report(field.place, "“address” is missing, as in probe@example.org")
        }
        if fields["server"] == nil { report(field.place, "“server” is missing, as in mail.example.org") }
        let server = fields["server"].flatMap { hostName($0, addressAllowed: true) }
        let user = fields["user"].flatMap { text($0) }
        let password = secret(fields)
        switch (fields["user"], fields["password_file"] ?? fields["password_env"]) {
        case (let user?, nil): report(user.keyPlace, "“user” without a password: add “password_file” or “password_env”")
        case (nil, let password?): report(password.keyPlace, "a password without “user”")
        case (nil, nil): report(field.place, "“user” is missing, and “password_file” or “password_env”")
        default: break
        }
        guard let address, let server, let user, let password else { return nil }
        return .init(
            address: address, server: server, port: port.map { UInt16(truncatingIfNeeded: $0) } ?? service.port,
            service: service, user: user, password: password)
    }
}
