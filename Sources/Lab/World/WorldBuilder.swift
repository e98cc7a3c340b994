internal import Crypto
internal import DNS
internal import Mail
internal import NIOConcurrencyHelpers
internal import Networking

/// Puts the ``MailWorld`` together: names first, then mailboxes, then the way of the mail from its end to its
/// beginning.
struct WorldBuilder {
    let lab: Lab
    let hold: Double

    private static let ipv6 = IPAddress.v6(IPv6Address(high: 0, low: 1))
    private static let ports: [UInt16] = [25, 465, 587, 110, 995, 143, 993]

    /// A server and the port it stands for.
    private struct Post {
        var port: UInt16
        var server: any LabServer
    }

    private struct Host {
        var name: String
        var address: IPAddress

        init(_ name: String, _ lastOctet: UInt8) {
            self.name = name
            address = .v4(IPv4Address(127, 0, 77, lastOctet))
        }
    }

    func build() async throws -> MailWorld {
        let hasIPv6 = isPortFree(0, at: Self.ipv6)
        let key = Base64.encode(Array(Curve25519.Signing.PrivateKey().rawRepresentation))
        let identities = try Dictionary(
            uniqueKeysWithValues: ["mx1", "mx2"].map { name in
                let host = "\(name).healthy.example"
                return (host, try lab.authority.identity(for: [host]))
            })
        let zone = [
            WorldZones.healthy, identities.sorted { $0.key < $1.key }.map(WorldZones.tlsa).joined(separator: "\n"),
            WorldZones.healthySignature(try DKIMSigningKey(key).record),
            hasIPv6 ? WorldZones.healthyIPv6 : "", WorldZones.broken,
        ].joined(separator: "\n")
        let authority = DNSAuthority(try Zone(zone))
        let resolver = try await lab.start(authority)
        let store = MailStore()
        let accounts = try await openAccounts(in: store)
        let facilities = facilities(asking: authority)
        var overrides: [ConnectOverride] = []
        overrides += try await healthy(store, authority, facilities, identities, hasIPv6: hasIPv6)
        overrides += [try await policyServer()]
        overrides += try await broken(store, authority, facilities)
        let healthyDomain = try DomainName("healthy.example"), brokenDomain = try DomainName("broken.example")
        return MailWorld(
            authority: authority, resolver: resolver, overrides: overrides, rootPEM: try lab.authority.rootPEM,
            healthyDomain: healthyDomain, brokenDomain: brokenDomain,
            selectors: [healthyDomain: ["s1", WorldZones.signingSelector], brokenDomain: ["s1", "s2", "s3"]],
            signingKey: (WorldZones.signingSelector, key), store: store,
            journeys: journeys(accounts), description: description, defects: MailWorld.plantedDefects)
    }

    /// Who has a mailbox. The passwords are new each time.
    private func openAccounts(in store: MailStore) async throws -> (
        sender: MailWorld.Account, imap: MailWorld.Account, pop3: MailWorld.Account
    ) {
        func open(_ address: String) async -> MailWorld.Account {
            let account = MailWorld.Account(address: address, password: Facilities.randomID() + Facilities.randomID())
            await store.open(user: address, password: account.password, now: lab.facilities.now())
            return account
        }
        return (
            await open("probe@healthy.example"), await open("inbox@healthy.example"), await open("pop@healthy.example")
        )
    }

    private func facilities(asking authority: DNSAuthority) -> Facilities {
        var facilities = lab.facilities
        facilities.reverseName = { address in
            let zone = authority.zone
            guard case .success(let answer) = zone.lookUp(Question(address.reverseName, .ptr)),
                case .ptr(let name)? = answer.records.first?.data
            else { return nil }
            let type: RecordType = address.family == .ipv4 ? .a : .aaaa
            guard case .success(let forward) = zone.lookUp(Question(name, type)) else { return nil }
            let leadsBack = forward.records.contains { record in
                switch record.data {
                case .a(let found): .v4(found) == address
                case .aaaa(let found): .v6(found) == address
                default: false
                }
            }
            return leadsBack ? name.description : nil
        }
        return facilities
    }

    /// Opens the posts of a host; its other ports are closed.
    private func open(_ host: Host, _ posts: [Post]) async throws -> [ConnectOverride] {
        var overrides: [ConnectOverride] = []
        for port in Self.ports {
            let endpoint: TransportAddress
            if let post = posts.first(where: { $0.port == port }) {
                endpoint = try await lab.start(post.server, at: host.address)
            } else {
                endpoint = try await lab.closedPort(at: host.address)
            }
            overrides.append(
                ConnectOverride(
                    host: .address(host.address), port: port, toAddress: endpoint.address, toPort: endpoint.port))
        }
        return overrides
    }

    private func hop(_ host: Host, _ overrides: [ConnectOverride]) -> Relay.Hop? {
        overrides.first { $0.host == .address(host.address) && $0.port == 25 }.flatMap { found in
            found.toPort.map { Relay.Hop(host: host.name, endpoint: TransportAddress(address: host.address, port: $0)) }
        }
    }

    // MARK: healthy.example

    private func healthy(
        _ store: MailStore, _ authority: DNSAuthority, _ facilities: Facilities,
        _ identities: [String: ServerIdentity], hasIPv6: Bool
    ) async throws -> [ConnectOverride] {
        let mx1 = Host("mx1.healthy.example", 11), mx2 = Host("mx2.healthy.example", 12)
        let relay = Host("relay.healthy.example", 13), mail = Host("mail.healthy.example", 14)
        let delivery = LocalDelivery(store: store, resolver: LiveZone(authority), facilities: facilities)

        var identities = identities
        for host in [relay, mail] { identities[host.name] = try lab.authority.identity(for: [host.name]) }
        func exchange(_ host: Host, _ taker: any MessageTaker) -> Post {
            Post(
                port: 25,
                server: SMTPServer(
                    host: host.name, identity: identities[host.name], taker: taker,
                    store: store, facilities: facilities))
        }

        // Where each server sends what it does not deliver itself: known once all of them listen.
        let next = NIOLockedValueBox<[String: Relay.Hop]>([:])
        func queue(_ host: Host, hold: Double) -> Relay {
            Relay(host: host.name, address: host.address, hold: hold, store: store, facilities: facilities) {
                recipient in
                recipient.lowercased().hasSuffix("@healthy.example") ? next.withLockedValue { $0[host.name] } : nil
            }
        }
        let queues = (
            mx1: queue(mx1, hold: 0), mail: queue(mail, hold: 0), relay: queue(relay, hold: hold)
        )
        let mx1Posts =
            [exchange(mx1, delivery)] + (try access(mx1, identities[mx1.name], queues.mx1, store, facilities))
        var overrides =
            try await open(mx1, mx1Posts)
            + open(mx2, [exchange(mx2, delivery)])
            + open(relay, [exchange(relay, queues.relay)])
            + open(mail, try access(mail, identities[mail.name], queues.mail, store, facilities))
        if hasIPv6 {
            var same = mx1
            same.address = Self.ipv6
            overrides += try await open(same, mx1Posts)
        }
        let known = overrides
        next.withLockedValue {
            $0[relay.name] = hop(mx1, known)
            $0[mx1.name] = hop(relay, known)
            $0[mail.name] = hop(relay, known)
        }
        for queue in [queues.mx1, queues.mail, queues.relay] { await lab.start(queue) }
        return overrides
    }

    /// The web server that has the MTA-STS policy.
    private func policyServer() async throws -> ConnectOverride {
        let host = Host("mta-sts.healthy.example", 15)
        let endpoint = try await lab.start(
            WebServer(
                identity: try lab.authority.identity(for: [host.name]), path: "/.well-known/mta-sts.txt",
                file: WorldZones.policy),
            at: host.address)
        return ConnectOverride(
            host: .address(host.address), port: 443, toAddress: endpoint.address, toPort: endpoint.port)
    }

    /// The six ports for users, all with TLS.
    private func access(
        _ host: Host, _ identity: ServerIdentity?, _ taker: any MessageTaker, _ store: MailStore,
        _ facilities: Facilities
    ) throws -> [Post] {
        func submission(_ role: SMTPServer.Role) -> SMTPServer {
            SMTPServer(
                host: host.name, role: role, identity: identity, taker: taker, store: store, facilities: facilities)
        }
        return [
            Post(port: 465, server: submission(.submissions)), Post(port: 587, server: submission(.submission)),
            Post(
                port: 143,
                server: MailboxServer(.imap, host: host.name, identity: identity, isImplicit: false, store: store)),
            Post(
                port: 993,
                server: MailboxServer(.imap, host: host.name, identity: identity, isImplicit: true, store: store)),
            Post(
                port: 110,
                server: MailboxServer(.pop3, host: host.name, identity: identity, isImplicit: false, store: store)),
            Post(
                port: 995,
                server: MailboxServer(.pop3, host: host.name, identity: identity, isImplicit: true, store: store)),
        ]
    }

    // MARK: broken.example

    private func broken(
        _ store: MailStore, _ authority: DNSAuthority, _ facilities: Facilities
    ) async throws -> [ConnectOverride] {
        let mail = Host("mail.broken.example", 21), busy = Host("busy.broken.example", 22)
        let expired = try lab.authority.identity(for: [mail.name], validity: .expired(daysAgo: 12))
        let wrongName = try lab.authority.identity(for: ["www.broken.example"])
        let selfSigned = try lab.authority.identity(for: [mail.name], chain: .selfSigned)
        let inClear = Faults(authInClear: true)
        let delivery = LocalDelivery(store: store, resolver: LiveZone(authority), facilities: facilities)

        func smtp(_ role: SMTPServer.Role, _ identity: ServerIdentity?, _ faults: Faults) -> SMTPServer {
            SMTPServer(
                host: role == .exchange ? "localhost" : mail.name, role: role, identity: identity, faults: faults,
                taker: delivery, store: store, facilities: facilities)
        }
        let posts = [
            Post(port: 25, server: smtp(.exchange, nil, inClear)),
            Post(port: 587, server: smtp(.submission, expired, inClear)),
            Post(port: 465, server: smtp(.submissions, wrongName, Faults())),
            Post(
                port: 143,
                server: MailboxServer(
                    .imap, host: mail.name, identity: expired, isImplicit: false,
                    faults: Faults(upgrade: .refused, authInClear: true), store: store)),
            Post(
                port: 993,
                server: MailboxServer(.imap, host: mail.name, identity: selfSigned, isImplicit: true, store: store)),
            Post(
                port: 110,
                server: MailboxServer(
                    .pop3, host: mail.name, identity: nil, isImplicit: false, faults: inClear, store: store)),
        ]
        let refusing = SMTPServer(
            host: busy.name, identity: nil, faults: Faults(refusal: "421 4.3.2 Too many connections, try again later"),
            taker: delivery, store: store, facilities: facilities)
        return try await open(mail, posts) + open(busy, [Post(port: 25, server: refusing)])
    }

    // MARK: What is in it

    private func journeys(
        _ accounts: (sender: MailWorld.Account, imap: MailWorld.Account, pop3: MailWorld.Account)
    ) -> [MailWorld.Journey] {
        func journey(
            _ name: String, _ port: UInt16, _ recipient: String, _ to: MailWorld.Account, _ fetch: String,
            _ fetchPort: UInt16
        ) -> MailWorld.Journey {
            MailWorld.Journey(
                name: name, from: accounts.sender, submissionHost: "mail.healthy.example", submissionPort: port,
                recipient: recipient, to: to, fetchProtocol: fetch, fetchHost: "mail.healthy.example",
                fetchPort: fetchPort, hold: hold)
        }
        return [
            journey("to-imap", 587, accounts.imap.address, accounts.imap, "imap", 993),
            journey("to-pop3", 465, accounts.pop3.address, accounts.pop3, "pop3", 995),
            journey("to-junk", 587, "inbox+spam@healthy.example", accounts.imap, "imap", 993),
        ]
    }

    private var description: [String] {
        [
            "healthy.example: as it should be: two mail exchangers with names that lead both ways, TLS everywhere, "
                + "SPF, DKIM, DMARC and TLS-RPT records, an MTA-STS policy that is enforced, TLSA records",
            "broken.example: \(MailWorld.plantedDefects.count) planted defects, from an MX record that names nobody to "
                + "passwords in clear",
            "mail.healthy.example: submission on 587 and 465, IMAP on 143 and 993, POP3 on 110 and 995",
            "relay.healthy.example: on the way of every message; holds it for \(hold.shortText) s",
        ]
    }
}

/// A zone that may change, as a resolver.
private struct LiveZone: Resolver {
    private let authority: DNSAuthority

    init(_ authority: DNSAuthority) { self.authority = authority }

    func answer(_ question: Question) async throws(Unanswered) -> Answer {
        try await authority.zone.answer(question)
    }
}

extension Double {
    /// `3`, `2.5`
    fileprivate var shortText: String { self == rounded() ? String(Int(self)) : String(self) }
}
