package import DNS
internal import Mail

/// Where an `https:` address leads, as far as fetching goes.
package struct WebPlace: Hashable, Sendable {
    package var host: DomainName
    package var port: UInt16
    /// With its query; `/` where there is none.
    package var path: String

    /// nil where the text is no https: address of a named host, or has octets that do not belong into a request.
    package init?(_ text: String) {
        let octets = Array(text.utf8)
        guard octets.count <= 2_000, octets.allSatisfy({ $0 > 32 && $0 < 127 }), text.lowercased().hasPrefix("https://")
        else { return nil }
        let rest = text.dropFirst(8).prefix { $0 != "#" }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, let name = parts.first, !name.contains("@"),
            let host = try? DomainName(hostName: String(name)), host.labelCount > 1
        else { return nil }
        guard let port = parts.count == 2 ? UInt16(parts[1]) : 443, port > 0 else { return nil }
        let path = rest.dropFirst(authority.count)
        self.host = host
        self.port = port
        self.path = path.first == "/" ? String(path) : "/" + path
    }

    package init(host: DomainName, port: UInt16 = 443, path: String) {
        self.host = host
        self.port = port
        self.path = path
    }

    /// What a Location says of where to go from `here` (RFC 9110 §10.2.2): whole, without its scheme, or a path that
    /// begins at the root. nil for all else, and where it leads out of HTTPS.
    package init?(_ location: String, from here: WebPlace) {
        if location.hasPrefix("//") {
            self.init("https:" + location)
        } else if location.first == "/" {
            self.init(here.origin + location)
        } else {
            self.init(location)
        }
    }

    private var origin: String { "https://\(host)\(port == 443 ? "" : ":\(port)")" }

    package var url: String { origin + path }
}

extension DomainEvidence {
    /// The logo and the mark certificate that the BIMI record names.
    package var bimiPlaces: [(purpose: WebObservation.Purpose, place: WebPlace)] {
        guard let record = bimi.lookup.value, !record.isDeclined else { return [] }
        return [(.logo, record.location), (.mark, record.evidence)].compactMap { purpose, text in
            text.flatMap(WebPlace.init).map { (purpose, $0) }
        }
    }
}
