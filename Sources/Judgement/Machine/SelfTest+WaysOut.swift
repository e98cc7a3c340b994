/// What tries to get out say of the way.
extension SelfTest {
    /// What came of dialling a mail host's port 25.
    package enum Attempt: Hashable, Sendable {
        case reached
        /// Nobody answered, or something on the way did; in words.
        case failed(String)
        case offline
        case withoutAddress
    }

    /// - Parameter attempts: each with the place dialled, as `host:port`.
    package static func port25(_ attempts: [(place: String, result: Attempt)]) -> Line {
        let key = "port25"
        if let reached = attempts.first(where: { $0.result == .reached }) {
            return Line(key, .ok, "\(reached.place) can be reached")
        }
        let words = attempts.map { place, result in
            switch result {
            case .reached: place
            case .failed(let why): "\(place) \(why)"
            case .offline: "\(place) was not tried (offline)"
            case .withoutAddress: "\(place) has no address"
            }
        }
        let tried = attempts.contains { if case .failed = $0.result { true } else { false } }
        if !tried { return Line(key, .unknown, "whether port 25 is open outwards was not tried: " + list(words)) }
        return closed("no connection out to port 25: " + list(words))
    }

    static func closed(_ summary: String) -> Line {
        Line(
            "port25", .cannot, summary,
            means: "what servers do on port 25 is unknown; that says nothing about the domains",
            remedy: "ask the provider to open port 25 outwards, or run from another machine")
    }

    /// - Parameter hasRoute: nil where that was not looked at.
    package static func ipv6(hasRoute: Bool?) -> Line {
        switch hasRoute {
        case nil: Line("ipv6", .unknown, "whether there is a route to IPv6 was not tried")
        case true?: Line("ipv6", .ok, "there is a route to IPv6")
        case false?: withoutIPv6
        }
    }

    /// For an audit, which has tried.
    static let noIPv6Reached = Line(
        "ipv6", .cannot, "none of the IPv6 addresses can be reached from this machine",
        means: "what is there is unknown; that says nothing about the hosts", remedy: withoutIPv6.remedy)

    static let withoutIPv6 = Line(
        "ipv6", .cannot, "this machine has no route to IPv6",
        means: "IPv6 addresses of mail hosts cannot be dialled: what is there is unknown",
        remedy: "give the machine IPv6, or run from another")
}
