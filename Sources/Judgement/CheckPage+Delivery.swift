import DNS
package import Mail

extension CheckPage.Example {
    /// ```` ```delivery [policy] [status=200] [type=text/plain] [host=good] [after=0.2] [issuer=…] [MX=good …] ````:
    /// what a sender meets where the zone in the block above is all of the DNS. The block's text is the policy file of
    /// MTA-STS; where a `status` is told, or there is a text, it was fetched.
    ///
    /// A host by its name and a word says what port 25 of all its addresses is like: `good`, `untrusted`, `name` (a
    /// certificate for another name), `expired`, `clear`, `fails` (TLS), `refused`, `timeout`. Hosts that are not named
    /// were not tried. The same words after `host=` are for the policy's server. The certificate that a host shows is,
    /// for TLSA records, the octets of its name.
    package struct Delivery: Hashable, Sendable {
        package var options: [String: String]
        package var text: String

        static let usage =
            "write: delivery [status=200] [type=text/plain] [host=good] [seconds=0.2] [issuer=NAME] [MX=good …]"
        private static let words = ["good", "untrusted", "name", "expired", "clear", "fails", "refused", "timeout"]

        /// nil where an option is none.
        package init?(_ options: [String: String], text: String) {
            for (key, value) in options {
                switch key {
                case "status", "seconds": if Double(value) == nil { return nil }
                case "type", "issuer", "location": break
                default: guard key == "host" || key.contains("."), Self.words.contains(value) else { return nil }
                }
            }
            self.options = options
            self.text = text
        }

        /// What was seen of ports and of the policy's server.
        package func observations(of domain: DomainEvidence, at now: Timestamp) -> [Observation] {
            var observations = domain.hosts.flatMap { host -> [Observation] in
                guard let word = options[host.name.description] else { return [] }
                return host.addresses.map { .port(port(host.name, $0.address, word, at: now)) }
            }
            if options["status"] != nil || options["host"] != nil || text.contains(where: { !$0.isWhitespace }),
                let fetch = fetch(for: domain.domain, at: now)
            {
                observations.append(.policy(fetch))
            }
            return observations
        }

        private func port(
            _ host: DomainName, _ address: IPAddress, _ word: String, at now: Timestamp
        ) -> PortObservation {
            let endpoint = Endpoint(host: host, address: address, port: 25)
            var port = PortObservation(endpoint: endpoint, service: .smtp, at: now, state: .open)
            switch word {
            case "refused": port.state = .refused
            case "timeout":
                port.state = .timeout
                port.failure = Failure(.connectTimeout, during: .connect, "no answer to the attempt to connect")
            default:
                port.greeting = ["220 \(host) ESMTP"]
                port.greetingCode = 220
                port.ehloName = host.description
                port.capabilitiesBeforeTLS = word == "clear" ? [] : ["STARTTLS"]
                port.offersSTARTTLS = word != "clear"
                if word == "fails" { port.failure = Failure(.tlsHandshake, during: .tls, "handshake_failure") }
                if word != "clear", word != "fails" { port.tls = tls(host, word, .starttls, at: now) }
            }
            return port
        }

        private func fetch(for domain: DomainName, at now: Timestamp) -> PolicyObservation? {
            guard let host = PolicyObservation.host(of: domain) else { return nil }
            var fetch = PolicyObservation(domain: domain, host: host, at: now)
            fetch.seconds = options["seconds"].flatMap(Double.init) ?? 0.2
            let word = options["host"] ?? "good"
            switch word {
            case "refused": fetch.failure = Failure(.connectRefused, during: .connect, "connection refused")
            case "timeout":
                fetch.failure = Failure(.connectTimeout, during: .connect, "no answer to the attempt to connect")
            case "fails": fetch.failure = Failure(.tlsHandshake, during: .tls, "handshake_failure")
            default:
                fetch.tls = tls(host, word, .implicit, at: now)
                fetch.status = options["status"].flatMap { Int($0) } ?? 200
                fetch.location = options["location"]
                fetch.contentType = options["type"] ?? "text/plain"
                if fetch.contentType == "none" { fetch.contentType = nil }
                fetch.body = Array(text.utf8.prefix(MTASTSPolicy.maximumLength))
            }
            return fetch
        }

        private func tls(_ host: DomainName, _ word: String, _ mode: TLSFacts.Mode, at now: Timestamp) -> TLSFacts {
            let issuer = (options["issuer"] ?? "Example CA").split(separator: "_").joined(separator: " ")
            var certificate = CertificateFacts(
                subject: "CN=\(host)", issuer: "CN=R1,O=\(issuer)", serial: "01",
                names: [word == "name" ? "other.example.net" : host.description], notBefore: now + -86_400 * 30,
                notAfter: now + 86_400 * (word == "expired" ? -1 : 60), keyAlgorithm: "ECDSA", keyBits: 256,
                signatureAlgorithm: "ecdsa-with-SHA256", fingerprint: host.description)
            certificate.der = Array(host.description.utf8)
            return TLSFacts(
                mode: mode, version: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256", keyExchange: "x25519",
                chain: [certificate], trusted: word != "untrusted",
                trustProblem: word == "untrusted" ? "the certificate is self-signed" : nil, nameMatches: word != "name")
        }
    }
}
