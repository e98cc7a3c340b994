import ArgumentParser
import Judgement

/// The status a command ends with, as monitoring plugins do.
enum ExitStatus {
    static let pass: Int32 = 0
    static let warnings: Int32 = 1
    static let errors: Int32 = 2
    /// Could not tell: network, timeout.
    static let unknown: Int32 = 3
    /// Wrong usage or configuration.
    static let usage: Int32 = 64

    /// The values of `--fail-on`.
    enum Threshold: String, CaseIterable, ExpressibleByArgument {
        case warning, error, never
    }

    /// The status for all reports together: a known fault counts before one that may be hidden in what could not be
    /// told.
    static func of(_ reports: [Report], failOn threshold: Threshold) -> Int32 {
        if threshold == .never { return pass }
        let worst = reports.flatMap(\.findings).map(\.severity).max() ?? .info
        if worst >= .error { return errors }
        if worst == .warning, threshold == .warning { return warnings }
        return reports.contains { !$0.unknown.isEmpty } ? unknown : pass
    }

    /// The same for round trips: what did not arrive where it should is an error, what arrived with a flaw a warning.
    static func of(_ roundTrips: [RoundTripObservation], failOn threshold: Threshold) -> Int32 {
        if threshold == .never { return pass }
        let each = roundTrips.map(\.outcome).map { outcome in
            switch outcome {
            case .delivered: pass
            case .late, .duplicated, .deferred: warnings
            case .lost, .bounced, .misplaced, .altered, .rejected: errors
            case .unknown: unknown
            }
        }
        if each.contains(errors) { return errors }
        if each.contains(warnings), threshold == .warning { return warnings }
        return each.contains(unknown) ? unknown : pass
    }
}
