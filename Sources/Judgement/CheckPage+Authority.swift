package import DNS
package import Mail

extension CheckPage.Example {
    /// ```` ```authority ````, below a block with a zone: what the zone's name servers say when asked themselves.
    ///
    /// Each begins with a line `served by NS ADDRESS [OPTION …]`; it has the zone above, but for the names and types that
    /// the lines below it give otherwise (`- NAME TYPE` takes one away). Options: `silent`, `closed`, `unreachable`,
    /// `REFUSED`, `SERVFAIL`, `no-aa`, `recursive` (answers as a resolver does), `no-tcp`, `tcp-closed`, `no-edns`,
    /// `edns-silent`, `large`.
    package struct Authority: Hashable, Sendable {
        package struct Server: Hashable, Sendable {
            var name: DomainName
            var address: IPAddress
            var options: Set<String>
            var records = ""
            var without: [String] = []
        }

        package var servers: [Server] = []

        static let usage = "below a block with a zone: served by NS ADDRESS [OPTION …], then lines of a zone"
        private static let words: Set<String> = [
            "silent", "closed", "unreachable", "REFUSED", "SERVFAIL", "no-aa", "recursive", "no-tcp", "tcp-closed",
            "no-edns", "edns-silent", "large",
        ]

        /// nil where a line is none of these.
        package init?(text: String) {
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ").map(String.init)
                if words.count >= 4, words[0] == "served", words[1] == "by" {
                    guard let name = try? DomainName(words[2]), let address = IPAddress(words[3]),
                        Self.words.isSuperset(of: words.dropFirst(4))
                    else { return nil }
                    servers.append(Server(name: name, address: address, options: Set(words.dropFirst(4))))
                } else if servers.isEmpty {
                    return nil
                } else if words.first == "-" {
                    guard words.count == 3 else { return nil }
                    servers[servers.count - 1].without.append(words[1...2].joined(separator: " "))
                } else {
                    servers[servers.count - 1].records += line + "\n"
                }
            }
            if servers.isEmpty { return nil }
        }

        /// What asking the servers of `authority` shows.
        package func observations(
            of authority: AuthorityEvidence, in zone: Zone, at now: Timestamp
        ) throws -> [AuthorityObservation] {
            var found: [AuthorityObservation] = []
            for cut in authority.zones {
                for server in servers where cut.servers.contains(where: { $0.name == server.name }) {
                    found.append(try server.seen(cut, zone, at: now))
                }
            }
            return found
        }
    }
}

extension CheckPage.Example.Authority.Server {
    fileprivate func seen(_ cut: AuthorityEvidence.Zone, _ base: Zone, at now: Timestamp) throws -> AuthorityObservation
    {
        var zone = base
        for text in without {
            let words = text.split(separator: " ").map(String.init)
            zone.remove(try DomainName(words[0]), RecordType(words[1]))
        }
        let own = try Zone(records).records
        for record in own { zone.remove(record.name, record.type) }
        for record in own { zone.insert(record) }
        var seen = AuthorityObservation(zone: cut.name, server: name, address: address, at: now)
        let isGone = !options.isDisjoint(with: ["silent", "closed", "unreachable"])
        for question in isGone ? Array(cut.questions.prefix(1)) : cut.questions {
            seen.replies += replies(to: question, zone)
        }
        return seen
    }

    private func replies(to question: Question, _ zone: Zone) -> [AuthorityReply] {
        func reply(_ transport: AuthorityReply.Transport, edns: Bool = true, _ cause: Failure.Cause? = nil)
            -> AuthorityReply
        {
            var reply = AuthorityReply(question, over: transport, offeredEDNS: edns)
            if let cause {
                reply.failure = Failure(cause, during: .dns, "no answer")
                return reply
            }
            var query = DNS.Message(asking: question, id: 1, edns: edns ? EDNS() : nil)
            query.recursionDesired = false
            guard var response = zone.message(answering: query) else { return reply }
            response.recursionAvailable = options.contains("recursive")
            if options.contains("recursive") || options.contains("no-aa") { response.isAuthoritative = false }
            for code in [ResponseCode.refused, .serverFailure] where options.contains(code.description) {
                response = DNS.Message(id: 1, isResponse: true, rcode: code, questions: query.questions)
            }
            if options.contains("no-edns") { response.edns = nil }
            reply.take(response, size: options.contains("large") ? 2000 : response.encoded().count)
            return reply
        }
        for (word, cause) in [
            ("silent", .timeout), ("closed", .connectRefused), ("unreachable", .unreachable),
        ] as [(String, Failure.Cause)] where options.contains(word) {
            return [reply(.udp, cause), reply(.udp, cause), reply(.udp, edns: false, cause), reply(.tcp, cause)]
        }
        var replies =
            options.contains("edns-silent")
            ? [reply(.udp, .timeout), reply(.udp, .timeout), reply(.udp, edns: false)] : [reply(.udp)]
        if question.type == .soa {
            let fails: Failure.Cause? =
                options.contains("no-tcp") ? .timeout : options.contains("tcp-closed") ? .connectRefused : nil
            replies.append(reply(.tcp, fails))
        }
        return replies
    }
}
