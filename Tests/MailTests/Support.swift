import DNS
import Testing

/// A domain name that is known to be one.
func name(_ text: String, _ location: SourceLocation = #_sourceLocation) -> DomainName {
    do { return try DomainName(text) } catch {
        Issue.record("“\(text)” is no name: \(error)", sourceLocation: location)
        return .root
    }
}

/// Runs an analysis over a zone until it wants nothing more, as the resolver's caller does.
func known<Result>(
    _ zoneText: String, _ location: SourceLocation = #_sourceLocation, _ work: (inout Knowledge) -> Result
) -> Result {
    var knowledge = Knowledge()
    do {
        let zone = try Zone(zoneText)
        var waves = 0
        var result = work(&knowledge)
        while !knowledge.wanted.isEmpty, waves < 60 {
            for question in knowledge.wanted { knowledge.learn(question, zone.lookUp(question)) }
            waves += 1
            result = work(&knowledge)
        }
        #expect(waves < 60, "the analysis never ends", sourceLocation: location)
        return result
    } catch {
        Issue.record("the zone of the test is wrong: \(error)", sourceLocation: location)
        return work(&knowledge)
    }
}

/// The same numbers on every run (SplitMix64), so that a failure can be found again.
struct Dice: RandomNumberGenerator {
    var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// A text with some octets replaced, left out, doubled, swapped for telling ones, or cut.
func mutated(_ text: [UInt8], with dice: inout Dice) -> [UInt8] {
    var octets = text
    let telling = Array("()<>[]{}\"\\;:,=@./%!? \t\r\n\0".utf8) + [128, 255, 0xC3]
    for _ in 0..<Int.random(in: 1...6, using: &dice) {
        let place = octets.isEmpty ? 0 : Int.random(in: 0..<octets.count, using: &dice)
        switch Int.random(in: 0..<6, using: &dice) {
        case 0 where !octets.isEmpty: octets.remove(at: place)
        case 1: octets.insert(telling.randomElement(using: &dice) ?? 0, at: place)
        case 2 where !octets.isEmpty: octets[place] = UInt8.random(in: 0...255, using: &dice)
        case 3 where !octets.isEmpty: octets[place] = telling.randomElement(using: &dice) ?? 0
        case 4 where octets.count > 1: octets.removeSubrange(place...)
        default:
            let end = min(octets.count, place + Int.random(in: 0...30, using: &dice))
            octets.insert(contentsOf: octets[min(place, end)..<end], at: place)
        }
    }
    return octets
}
