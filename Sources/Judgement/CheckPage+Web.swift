package import DNS
package import Mail

extension CheckPage.Example {
    /// ```` ```web ````, below a block with a zone: what is fetched from web servers of the domain.
    ///
    /// Each begins with a line `PURPOSE URL [OPTION=VALUE …]`, the body behind it; purposes are those of
    /// ``WebObservation/Purpose``. Options: `status=404`, `type=text/xml`, `tls=good|untrusted|name|expired|fails`,
    /// `at=refused|timeout|nowhere`. Of a mark certificate the body is the picture in it, and the options say the rest:
    /// `names=example.org`, `days=30`, `for=marks|servers`, `signed=yes|no`, `chain=2`.
    package struct Web: Hashable, Sendable {
        package struct Answer: Hashable, Sendable {
            var purpose: WebObservation.Purpose
            var place: WebPlace
            var options: [String: String]
            var body: String
        }

        package var answers: [Answer] = []

        static let usage = "below a block with a zone: PURPOSE https://… [OPTION=VALUE …], then what is fetched"

        /// nil where it does not begin with such a line.
        package init?(text: String) {
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            if lines.last?.isEmpty == true { lines.removeLast() }
            for line in lines {
                let words = line.split(separator: " ").map(String.init)
                if words.count > 1, let purpose = WebObservation.Purpose(rawValue: words[0]),
                    let place = WebPlace(words[1])
                {
                    var options: [String: String] = [:]
                    for word in words.dropFirst(2) {
                        guard let equals = word.firstIndex(of: "=") else { return nil }
                        options[String(word[..<equals])] = String(word[word.index(after: equals)...])
                    }
                    answers.append(Answer(purpose: purpose, place: place, options: options, body: ""))
                } else if answers.isEmpty {
                    return nil
                } else {
                    answers[answers.count - 1].body += line + "\n"
                }
            }
            if answers.isEmpty { return nil }
        }

        package func observations(of domain: DomainName, at now: Timestamp) -> [WebObservation] {
            answers.map { $0.seen(domain, at: now) }
        }
    }
}

extension CheckPage.Example.Web.Answer {
    fileprivate func seen(_ domain: DomainName, at now: Timestamp) -> WebObservation {
        var seen = WebObservation(domain: domain, purpose: purpose, host: place.host, path: place.path, at: now)
        seen.port = place.port
        seen.tried = [.v4(IPv4Address(192, 0, 2, 80))]
        switch options["at"] {
        case "refused"?: seen.failure = Failure(.connectRefused, during: .connect, "connection refused")
        case "timeout"?:
            seen.failure = Failure(.connectTimeout, during: .connect, "no answer to the attempt to connect")
        case "nowhere"?:
            seen.hasNoAddress = true
            seen.tried = []
        default: break
        }
        if options["tls"] == "fails" { seen.failure = Failure(.tlsHandshake, during: .tls, "handshake_failure") }
        if seen.failure != nil || seen.hasNoAddress { return seen }
        seen.tls = tls(now)
        seen.status = options["status"].flatMap { Int($0) } ?? 200
        seen.contentType = options["type"]
        seen.location = options["location"]
        if purpose == .mark {
            seen.mark = mark(now)
        } else if seen.status == 200 {
            seen.body = Array(body.utf8)
        }
        return seen
    }

    private func tls(_ now: Timestamp) -> TLSFacts {
        let leaf = certificate(
            "CN=\(place.host)", issuer: "CN=Example CA", [place.host.description], now,
            days: options["tls"] == "expired" ? -1 : 60)
        return TLSFacts(
            mode: .implicit, version: "TLSv1.3", chain: [leaf], trusted: options["tls"] != "untrusted",
            nameMatches: options["tls"] != "name")
    }

    private func mark(_ now: Timestamp) -> MarkFacts {
        var mark = MarkFacts()
        let names = (options["names"] ?? "").split(separator: ",").map(String.init)
        let days = options["days"].flatMap(Double.init) ?? 300
        mark.chain = [certificate("CN=Mark", issuer: "CN=Mark CA", names, now, days: days)]
        if options["chain"] != "1" {
            mark.chain.append(certificate("CN=Mark CA", issuer: "CN=Mark Root", [], now, days: 3000))
        }
        mark.isSigned = options["signed"] != "no"
        mark.isForMarks = options["for"] != "servers"
        let picture = Array(body.utf8)
        mark.picture = picture.contains { $0 > 32 } ? picture : nil
        if options["chain"] == "0" {
            mark.chain = []
            mark.problem = "it has no PEM block of a certificate"
        }
        return mark
    }

    private func certificate(
        _ subject: String, issuer: String, _ names: [String], _ now: Timestamp, days: Double
    ) -> CertificateFacts {
        CertificateFacts(
            subject: subject, issuer: issuer, serial: "01", names: names, notBefore: now + -86_400 * 30,
            notAfter: now + 86_400 * days, keyAlgorithm: "ECDSA", keyBits: 256, signatureAlgorithm: "ecdsa-with-SHA256",
            fingerprint: subject)
    }
}
