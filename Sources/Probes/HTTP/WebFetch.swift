internal import DNS
internal import Judgement
internal import Networking

/// One fetch over HTTPS (RFC 9110 §4.2.2), from the first of a host's addresses that answers: what every file is fetched
/// by that a domain publishes for others. Bounded in time, in octets and in addresses.
///
/// It goes on where a certificate does not hold, so that this can be told; nothing secret is sent. It follows no redirect:
/// whether one may be followed is for the format to say.
struct WebFetch: Sendable {
    var host: DomainName
    var port: UInt16 = 443
    /// With its query.
    var path: String
    var means: Means
    /// Octets of the body at most.
    var limit: Int
    /// Seconds for one address to answer at all.
    var connectLimit: Double
    /// No more addresses are tried.
    var mostAddresses: Int
    /// XML, sent by POST; nil asks by GET.
    var form: [UInt8]?
    /// Whether a body that comes compressed, though nobody asked for that, is read all the same.
    var readsCompressed = false

    /// What was seen: facts only.
    struct Seen: Sendable {
        /// The addresses that were dialled, in that order; the last is the one that all else is of.
        var tried: [IPAddress] = []
        var tls: TLSFacts?
        var status: Int?
        /// At most 300 characters.
        var contentType: String?
        /// At most 1000 characters.
        var location: String?
        var body: [UInt8] = []
        var isCut = false
        var failure: Failure?
    }

    /// Ends by `deadline`.
    /// - Parameter addresses: in the order they are tried.
    func get(from addresses: [IPAddress], by deadline: Deadline) async -> Seen {
        var seen = Seen()
        for address in addresses.prefix(mostAddresses) {
            seen.tried.append(address)
            seen.failure = nil
            if await attempt(address, by: deadline, &seen) || deadline.hasPassed { break }
        }
        return seen
    }

    /// Whether a connection came about: then no other address is tried.
    private func attempt(_ address: IPAddress, by deadline: Deadline, _ seen: inout Seen) async -> Bool {
        let before = seen
        do {
            seen = try await means.network.withConnection(
                to: address, port: port, host: host, by: deadline, connectLimit: connectLimit
            ) { connection in await converse(over: connection, before) }
            return true
        } catch {
            seen.failure = Failure((error as? WireError) ?? .io("\(error)"), during: .connect)
            return false
        }
    }

    private func converse(over connection: Connection, _ before: Seen) async -> Seen {
        var seen = before
        do throws(WireError) {
            let handshake = try await connection.startTLS(serverName: host)
            seen.tls = await means.facts(of: handshake, mode: .implicit, host: host, at: means.now())
        } catch {
            seen.failure = Failure(error, during: .tls)
            return seen
        }
        do throws(HTTPFault) {
            let client = HTTPClient(wire: connection, readsCompressed: readsCompressed)
            let answer = try await client.get(
                path, host: host.description + (port == 443 ? "" : ":\(port)"), limit: limit, posting: form)
            seen.status = answer.status
            seen.contentType = answer["content-type"].map { String($0.prefix(300)) }
            seen.location = answer["location"].map { String($0.prefix(1_000)) }
            seen.body = answer.body
            seen.isCut = answer.isCut
        } catch {
            switch error {
            case .wire(let error): seen.failure = Failure(error, during: .fetch, securedButSilent: true)
            case .violation(let what): seen.failure = Failure(.protocolViolation, during: .fetch, what)
            }
        }
        return seen
    }
}
