package import Mail

/// The observations, put in order for the rules.
package struct Evidence: Sendable {
    package var target: Target
    package var at: Timestamp
    package var ports: [PortObservation] = []
    package var roundTrips: [RoundTripObservation] = []

    package init(_ observations: [Observation], of target: Target, at: Timestamp) {
        self.target = target
        self.at = at
        for observation in observations {
            switch observation {
            case .lookup: break
            case .port(let port): ports.append(port)
            case .roundTrip(let roundTrip): roundTrips.append(roundTrip)
            }
        }
    }
}
