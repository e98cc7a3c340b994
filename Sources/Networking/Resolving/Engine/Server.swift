internal import DNS

/// One of the servers: its sockets, and how it is.
struct Server {
    let server: ResolverServer
    /// As answers tell it.
    let text: String
    /// Slots of the sockets that queries go out from, in turn.
    var sockets: [Int32] = []
    var cursor = 0
    var allowance: Allowance
    /// Pauses that went by without anything from it.
    private var silences = 0
    /// 0: it is well. Otherwise it is asked last, and from this time on tried again.
    private(set) var tryAgain: Int64 = 0
    private var patience: Int64 = Self.shortest
    /// When it was last tried beside a live one.
    private var triedAt: Int64?

    /// Until then it is asked without EDNS.
    private var plainUntil: Int64 = 0
    /// It has answered a query with EDNS, and it has refused one.
    private var hasTakenEDNS = false, hasRefusedEDNS = false
    /// It has said "no" with the SOA record that belongs to it (RFC 2308 §2).
    var givesSOA = false

    /// How long it is remembered that a server is to be asked without EDNS.
    private static let plainly: Int64 = 300_000_000_000

    /// Silences in a row after which it counts as dead.
    private static let enough = 3
    private static let shortest: Int64 = 1_000_000_000, longest: Int64 = 30_000_000_000

    init(_ server: ResolverServer, perSecond: Double?, now: Int64) {
        self.server = server
        text = "\(server)"
        allowance = Allowance(perSecond: perSecond, now: now)
    }

    var isWell: Bool { tryAgain == 0 }

    /// Something came from it.
    mutating func spoke() {
        silences = 0
        tryAgain = 0
        patience = Self.shortest
        triedAt = nil
    }

    /// Whether it is asked with EDNS. One that has never answered a query with it is asked without for the last time:
    /// there are some that drop such queries (RFC 6891 §7 allows FORMERR, nothing less).
    func takesEDNS(at now: Int64, isLast: Bool) -> Bool {
        if plainUntil > now { return false }
        return hasTakenEDNS || !isLast
    }

    /// It refuses EDNS by FORMERR or NOTIMP (RFC 6891 §7).
    mutating func refusedEDNS() { hasRefusedEDNS = true }

    /// It answered. Who answers only without EDNS is asked without for a while, and then tried again.
    mutating func answered(edns: Bool, at now: Int64) {
        if edns {
            hasTakenEDNS = true
            hasRefusedEDNS = false
        } else if plainUntil <= now, hasRefusedEDNS || !hasTakenEDNS {
            plainUntil = now + Self.plainly
            hasTakenEDNS = false
            hasRefusedEDNS = false
        }
    }

    mutating func isTried(at now: Int64) {
        isGone(at: now)
        triedAt = now
    }

    /// Something came that nobody waits for any more. While it is on trial that is a sign of life, if it was prompt:
    /// the live server beside it was only faster.
    mutating func spokeUnheard(at now: Int64, within pause: Int64) {
        if let triedAt, now - triedAt <= pause { spoke() }
    }

    mutating func wasSilent(at now: Int64) {
        silences += 1
        if silences >= Self.enough, isWell { isGone(at: now) }
    }

    /// It is not there, or still is not: to be tried again later, ever later.
    mutating func isGone(at now: Int64) {
        guard isWell || tryAgain <= now else { return }
        tryAgain = now + patience
        patience = min(patience * 2, Self.longest)
    }
}

/// A datagram socket that is bound to one server: the system chose its port and lets through only what that server
/// sends from the port it was asked at (RFC 5452 §9.1, §9.2).
struct Socket {
    let descriptor: Int32
    let server: Int
    /// Queries that still wait for an answer.
    var waiting = 0
    var sent = 0
    var opened: Int64
    /// Nothing more is sent from it; it is closed when nothing waits.
    var isRetired = false
    /// Datagrams that answered nothing.
    var strays: UInt32 = 0

    /// From one port no more queries than this and no longer: a port is to be guessed anew.
    static let mostSent = 8192
    static let longest: Int64 = 60_000_000_000
}
