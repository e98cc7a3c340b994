package import DNS
package import Mail

/// What one name server of a zone, asked itself at one of its addresses, said. Facts only, as of every observation.
package struct AuthorityObservation: Hashable, Sendable, Codable {
    /// The zone that the server is to answer for.
    package var zone: DomainName
    /// By its name in the zone's NS records.
    package var server: DomainName
    package var address: IPAddress
    package var at: Timestamp
    /// In the order they were asked; a question that was repeated stands here more than once.
    package var replies: [AuthorityReply] = []

    package init(zone: DomainName, server: DomainName, address: IPAddress, at: Timestamp) {
        self.zone = zone
        self.server = server
        self.address = address
        self.at = at
    }
}

/// One question put to a name server without asking for recursion, and what came of it.
package struct AuthorityReply: Hashable, Sendable, Codable {
    package enum Transport: String, Hashable, Sendable, Codable, CaseIterable { case udp, tcp }

    package var question: Question
    package var transport: Transport
    /// Whether the question had an OPT record (RFC 6891).
    package var offeredEDNS: Bool
    /// RCODE, 0 to 4095; nil where no response came.
    package var code: UInt16?
    package var isAuthoritative = false  // AA
    package var isTruncated = false  // TC
    package var offersRecursion = false  // RA
    /// Whether the response had an OPT record.
    package var hasEDNS = false
    /// Whether it leads to other servers instead of answering.
    package var isReferral = false
    /// The records in answer to the name, aliases first; at most ``maximumRecords``.
    package var records: [Record] = []
    /// Octets of the response.
    package var size = 0
    package var seconds: Double = 0
    /// Why there is no response.
    package var failure: Failure?

    package static let maximumRecords = 100

    package init(_ question: Question, over transport: Transport, offeredEDNS: Bool = true) {
        self.question = question
        self.transport = transport
        self.offeredEDNS = offeredEDNS
    }

    /// Takes over what a response says.
    package mutating func take(_ response: DNS.Message, size: Int) {
        code = response.rcode.number
        isAuthoritative = response.isAuthoritative
        isTruncated = response.isTruncated
        offersRecursion = response.recursionAvailable
        hasEDNS = response.edns != nil
        isReferral =
            response.rcode == .noError && response.answers.isEmpty && !response.isAuthoritative
            && response.authority.contains { $0.type == .ns }
        records = Array(
            response.answers.filter { $0.type == question.type || $0.type == .cname }.prefix(Self.maximumRecords))
        self.size = size
    }

    /// Whether the server spoke as one that has the zone: it may be compared with others.
    package var isUsable: Bool { isAuthoritative && !isTruncated && (code == 0 || code == 3) }

    /// `REFUSED`, for a person; nil without a response.
    package var codeName: String? { code.map { ResponseCode($0).description } }
}
