import Crypto

/// Why the ARC fields of a message are no chain.
struct ARCDefect: Error {
    var reason: String
}

/// The ARC fields of a message put together to sets, and judged as to their structure (RFC 8617 §5.2, steps 1 to 3).
struct ARCFields {
    private(set) var sets: [ARCSet] = []
    /// Where the fields of each set stand in the header.
    private var places: [(results: Int, message: Int, seal: Int)] = []

    init(_ message: Message) throws(ARCDefect) {
        let collected = try Self.collect(message.header)
        guard let last = collected.keys.max() else { return }
        // Step 2: whoever sealed last found it broken.
        if let seal = collected[last]?.seals.first, seal.signature.chainValidation == "fail" {
            throw ARCDefect(reason: "the seal of instance \(last) says that the chain was broken before (cv=fail)")
        }
        for instance in 1...last {
            guard let fields = collected[instance] else {
                throw ARCDefect(reason: "instance \(instance) is missing, and there is one of \(last)")
            }
            try add(fields, instance)
        }
    }

    /// Step 3: one field of each kind, with the state that its instance asks for.
    private mutating func add(_ fields: Collected, _ instance: Int) throws(ARCDefect) {
        let results = try Self.only(fields.results, "ARC-Authentication-Results", instance)
        let message = try Self.only(fields.messages, "ARC-Message-Signature", instance)
        let seal = try Self.only(fields.seals, "ARC-Seal", instance)
        let wanted = instance == 1 ? "none" : "pass"
        guard let state = seal.signature.chainValidation else {
            throw ARCDefect(reason: "the seal of instance \(instance) does not say the chain’s state (cv=)")
        }
        if state != wanted {
            throw ARCDefect(reason: "the seal of instance \(instance) says cv=\(state), and has to say cv=\(wanted)")
        }
        sets.append(
            ARCSet(
                instance: instance, results: results.results, messageSignature: message.signature,
                seal: seal.signature))
        places.append((results.place, message.place, seal.place))
    }

    private static func only<Field>(_ fields: [Field], _ name: String, _ instance: Int) throws(ARCDefect) -> Field {
        guard let field = fields.first else { throw ARCDefect(reason: "instance \(instance) has no \(name)") }
        if fields.count > 1 { throw ARCDefect(reason: "instance \(instance) has \(fields.count) fields \(name)") }
        return field
    }

    // MARK: Collecting

    private struct Collected {
        var results: [(place: Int, results: AuthenticationResults?)] = []
        var messages: [(place: Int, signature: DKIMSignature)] = []
        var seals: [(place: Int, signature: DKIMSignature)] = []
    }

    /// The fields by instance. Fields beyond what 50 sets can have are a defect at once.
    private static func collect(_ header: MessageHeader) throws(ARCDefect) -> [Int: Collected] {
        var collected: [Int: Collected] = [:]
        var count = 0
        for (place, field) in header.fields.enumerated() where field.nameOctets.hasPrefixIgnoringCase("ARC-") {
            if field.isNamed("ARC-Authentication-Results") {
                guard let read = ARCResultsField(field.value) else {
                    throw ARCDefect(
                        reason: "an ARC-Authentication-Results does not begin with its instance (i=1 to 50)")
                }
                collected[read.instance, default: Collected()].results.append((place, read.results))
            } else if field.isNamed("ARC-Message-Signature") || field.isNamed("ARC-Seal") {
                let signature = DKIMSignature(field)
                guard let instance = signature.instance else {
                    throw ARCDefect(
                        reason: "the \(field.name) at the header’s field \(place + 1) has no instance (i=1 to 50)")
                }
                if signature.kind == .arcSeal {
                    collected[instance, default: Collected()].seals.append((place, signature))
                } else {
                    collected[instance, default: Collected()].messages.append((place, signature))
                }
            } else {
                continue
            }
            count += 1
            if count > 3 * ARCValidator.maximumSets {
                throw ARCDefect(reason: "there are more ARC fields than \(ARCValidator.maximumSets) sets can have")
            }
        }
        return collected
    }

    // MARK: Hashing

    /// The message's side of the arithmetic for all sets, from the first.
    func prepared(of message: Message) -> [PreparedSet] {
        let signatures = zip(sets, places).map { ($0.messageSignature, $1.message) }
        let messages = PreparedSignature.prepare(signatures, of: message)
        let otherwise = preparedOtherwise(signatures, of: message)
        return zip(messages, preparedSeals(of: message)).enumerated().map { place, pair in
            PreparedSet(message: pair.0, otherwise: otherwise[place], seal: pair.1)
        }
    }

    /// The message signatures that do not say how they are canonicalized, read the other way; by their place.
    private func preparedOtherwise(
        _ signatures: [(DKIMSignature, Int)], of message: Message
    ) -> [Int: PreparedSignature] {
        let silent = signatures.enumerated().filter {
            !$0.element.0.statesCanonicalization && $0.element.0.isReadable
        }
        if silent.isEmpty { return [:] }
        let simple = silent.map { _, signature in
            var (signature, place) = signature
            signature.headerCanonicalization = .simple
            signature.bodyCanonicalization = .simple
            return (signature, place)
        }
        let prepared = PreparedSignature.prepare(simple, of: message)
        return Dictionary(uniqueKeysWithValues: zip(silent.map(\.offset), prepared))
    }

    /// RFC 8617 §5.1.1: a seal signs all sets up to its own, relaxed, in order; in each the results, the message
    /// signature and the seal, its own without "b" and at the end. Each digest goes on from that of the sets before.
    private func preparedSeals(of message: Message) -> [PreparedSignature] {
        let fields = SignedFields(message)
        var sealed = SHA256()
        return zip(sets, places).map { set, place in
            var octets: [UInt8] = []
            fields.append(place.results, .relaxed, to: &octets)
            fields.append(place.message, .relaxed, to: &octets)
            octets.withUnsafeBytes { sealed.update(bufferPointer: $0) }
            var own = sealed
            octets = []
            fields.appendSignature(set.seal, at: place.seal, to: &octets)
            octets.withUnsafeBytes { own.update(bufferPointer: $0) }
            octets = []
            fields.append(place.seal, .relaxed, to: &octets)
            octets.withUnsafeBytes { sealed.update(bufferPointer: $0) }
            let canBeJudged = set.seal.isReadable && set.seal.signatureRange != nil
            return PreparedSignature(
                signature: set.seal, digest: canBeJudged ? .sha256(own.finalize()) : nil, bodyHashMatches: true,
                bodyIsTooShort: false)
        }
    }
}

/// One set with the message's side of the arithmetic done.
struct PreparedSet: Sendable {
    var message: PreparedSignature
    /// The message signature read as the standard's default has it, where it leaves "c" out.
    var otherwise: PreparedSignature?
    var seal: PreparedSignature
}
