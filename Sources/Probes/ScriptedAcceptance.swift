internal import Judgement

extension ScriptedTLS {
    /// What stands behind `ACCEPTS` in a transcript: the head of `ScriptedWire.swift` names the words.
    static func acceptance(_ text: String) throws(Malformed) -> TLSAcceptance {
        var accepts = TLSAcceptance(isFull: false, isComplete: true, questions: 10)
        for (key, value) in try words(text) { try set(&accepts, key, value) }
        return accepts
    }

    private static func set(_ accepts: inout TLSAcceptance, _ key: String, _ value: String) throws(Malformed) {
        let items = value.split(separator: ",").map(String.init)
        switch key {
        case "versions": accepts.versions += items.map { TLSAcceptance.Version($0, isAccepted: true) }
        case "not": accepts.versions += items.map { TLSAcceptance.Version($0, isAccepted: false) }
        case "suites": accepts.suites = items.map { TLSAcceptance.Suite(version: "TLSv1.2", name: $0) }
        case "groups": accepts.groups = items
        case "depth": accepts.isFull = value == "full"
        case "dh": accepts.finiteFieldBits = Int(value)
        case "sni": accepts.nameless = TLSAcceptance.Nameless(rawValue: value)
        case "problem":
            accepts.problem = value
            accepts.isComplete = false
        default:
            guard let flag = flag(key) else {
                throw Malformed(description: "“\(printable(key))” is no word of ACCEPTS")
            }
            guard value == "yes" || value == "no" else { throw Malformed(description: "\(key) is yes or no") }
            accepts[keyPath: flag] = value == "yes"
        }
    }

    private static func flag(_ key: String) -> WritableKeyPath<TLSAcceptance, Bool?>? {
        switch key {
        case "weak": \.weakSuites
        case "static": \.withoutForwardSecrecy
        case "compression": \.compression
        case "renegotiation": \.secureRenegotiation
        case "ems": \.extendedMasterSecret
        case "order": \.serverOrder
        case "pq": \.postQuantum
        case "fallback": \.fallbackSignal
        case "sha1": \.weakKeyExchangeHash
        default: nil
        }
    }
}
