internal import DNS
internal import Judgement
internal import Mail
internal import Networking
internal import Probes
internal import Yams

// YAML values as the types that settings have: each that does not fit is a problem with its place.
extension ConfigurationReader {
    /// The fields of a mapping; unknown keys are problems, and left out.
    func fields(_ node: Node, of what: String, keys: [String]) -> Fields? {
        let here = place(node)
        guard spend(here) else { return nil }
        guard case .mapping(let mapping) = node else {
            report(
                here,
                "\(what) is written as keys and values (\(keys.prefix(3).joined(separator: ", ")) …), not as \(kind(node))"
            )
            return nil
        }
        var fields: Fields = [:]
        for (key, value) in mapping {
            let keyPlace = place(key)
            guard spend(keyPlace) else { return nil }
            guard case .scalar(let scalar) = key else {
                report(keyPlace, "a key is a word, not \(kind(key))")
                continue
            }
            let name = scalar.string
            guard keys.contains(name) else {
                if name == "password" || name == "pass" {
                    report(
                        keyPlace, "passwords do not stand in the configuration: use “password_file” or “password_env”")
                } else if let meant = suggestion(for: name, among: keys) {
                    report(keyPlace, "unknown key \(quoted(name)), did you mean “\(meant)”?")
                } else {
                    report(keyPlace, "unknown key \(quoted(name)); \(what) has \(keys.joined(separator: ", "))")
                }
                continue
            }
            let field = Field(key: name, keyPlace: keyPlace, value: value, place: place(value))
            if !field.isNull { fields[name] = field }
        }
        return fields
    }

    func kind(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): scalar.isNull ? "nothing" : "the value \(quoted(scalar.string))"
        case .mapping: "keys and values"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }

    func list(_ field: Field) -> [Node] {
        guard spend(field.place) else { return [] }
        guard case .sequence(let sequence) = field.value else {
            report(field.place, "“\(field.key)” is a list: write “- …” lines or […], not \(kind(field.value))")
            return []
        }
        return Array(sequence)
    }

    func text(_ field: Field) -> String? { text(field.value, of: "“\(field.key)”") }

    func text(_ node: Node, of what: String) -> String? {
        let here = place(node)
        guard spend(here) else { return nil }
        guard case .scalar(let scalar) = node else {
            report(here, "\(what) is one value, not \(kind(node))")
            return nil
        }
        if scalar.string.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            report(here, "\(what) contains a control character")
            return nil
        }
        if scalar.string.isEmpty {
            report(here, "\(what) is empty")
            return nil
        }
        return scalar.string
    }

    func seconds(_ field: Field, atLeast least: Double = 0.001) -> Double? {
        guard let text = text(field) else { return nil }
        do {
            let seconds = try Seconds.read(text)
            if seconds < least {
                report(field.place, "“\(field.key)” is \(quoted(text)): \(Seconds.text(least)) is the least")
                return nil
            }
            return seconds
        } catch {
            switch error {
            case .unitMissing:
                report(field.place, "“\(field.key)” is \(quoted(text)): a unit is missing, as in 30s, 5m, 1h, 400d")
            case .notADuration:
                report(field.place, "“\(field.key)” is \(quoted(text)): a length of time is written 30s, 5m, 1h, 400d")
            case .tooLong:
                report(field.place, "“\(field.key)” is \(quoted(text)): 100 years are the most")
            }
            return nil
        }
    }

    func integer(_ field: Field, in range: ClosedRange<Int>) -> Int? {
        guard let text = text(field) else { return nil }
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(text), range.contains(value) else {
            report(
                field.place,
                "“\(field.key)” is \(quoted(text)): a whole number from \(range.lowerBound) to \(range.upperBound) is right"
            )
            return nil
        }
        return value
    }

    func truth(_ field: Field) -> Bool? {
        guard let text = text(field) else { return nil }
        switch text.lowercased() {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default:
            report(field.place, "“\(field.key)” is \(quoted(text)): write true or false")
            return nil
        }
    }

    func choice<Value: RawRepresentable & CaseIterable>(
        _ field: Field, as type: Value.Type
    ) -> Value? where Value.RawValue == String {
        guard let text = text(field) else { return nil }
        return choice(text, place: field.place, of: "“\(field.key)”", as: type)
    }

    func choice<Value: RawRepresentable & CaseIterable>(
        _ text: String, place: Place, of what: String, as type: Value.Type
    ) -> Value? where Value.RawValue == String {
        if let value = Value(rawValue: text) { return value }
        let words = Value.allCases.map(\.rawValue)
        if let meant = suggestion(for: text, among: words) {
            report(place, "\(what) is \(quoted(text)), did you mean “\(meant)”?")
        } else {
            report(place, "\(what) is \(quoted(text)): one of \(words.joined(separator: ", ")) is right")
        }
        return nil
    }

    /// - Parameter addressAllowed: `192.0.2.1` is a name of four labels then.
    func hostName(
        _ text: String, place: Place, of what: String, addressAllowed: Bool = false
    ) -> DomainName? {
        // An IPv6 address is one label with colons in it.
        if addressAllowed, IPAddress(text) != nil, let name = try? DomainName(text) { return name }
        let name: DomainName
        do { name = try DomainName(text) } catch {
            report(place, "\(what) is \(quoted(text)): \(printable(error.description, limit: 200))")
            return nil
        }
        // Letters, digits and hyphens (RFC 952, RFC 1123 §2.1); an underscore is met in practice.
        let isPlain = name.labels.allSatisfy { label in
            label.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 95
            }
        }
        if name.isRoot || !isPlain {
            report(
                place,
                "\(what) is \(quoted(text)): a name is letters, digits and hyphens between dots, as in mail.example.org"
            )
            return nil
        }
        if IPAddress(text) != nil {
            report(
                place, "\(what) is \(quoted(text)): a name is needed here; “connect_to” dials an address in its place")
            return nil
        }
        return name
    }

    func hostName(_ field: Field, addressAllowed: Bool = false) -> DomainName? {
        guard let text = text(field) else { return nil }
        return hostName(text, place: field.place, of: "“\(field.key)”", addressAllowed: addressAllowed)
    }

    /// `127.0.0.1:53`, `[::1]:53`, `localhost:53`; where there is a `defaultPort` also `127.0.0.1`, `::1`.
    func transportAddress(
        _ text: String, place: Place, of what: String, defaultPort: UInt16?, zeroAllowed: Bool = false
    ) -> TransportAddress? {
        func wrong(_ why: String) -> TransportAddress? {
            report(place, "\(what) is \(quoted(text)): \(why)")
            return nil
        }
        let isLocalhost = text == "localhost" || text.hasPrefix("localhost:")
        do throws(TransportAddressError) {
            let found = try TransportAddress(
                isLocalhost ? "127.0.0.1" + text.dropFirst("localhost".count) : text, defaultPort: defaultPort)
            return found.port > 0 || zeroAllowed ? found : wrong("a port is a number from 1 to 65535")
        } catch .notAnAddress {
            return wrong("an address is right, as in 127.0.0.1:\(defaultPort ?? 9725) or [::1]:\(defaultPort ?? 9725)")
        } catch .portMissing {
            return wrong("a port is missing, as in \(IPv6Address(text) == nil ? text : "[\(text)]"):9725")
        } catch {
            return wrong("a port is a number from 1 to 65535")
        }
    }
}

extension Node.Scalar {
    /// Plain `~`, `null` or nothing.
    var isNull: Bool {
        (style == .plain || style == .any) && ["", "~", "null", "Null", "NULL"].contains(string)
    }
}
