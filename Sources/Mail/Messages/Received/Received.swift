package import DNS

/// One Received field: what RFC 5321 §4.4 lets a server write, and what servers really write.
///
/// What is read is what the field says. Whether to believe it is left to others: only the fields of one's own
/// servers are more than a claim.
package struct Received: Hashable, Sendable {
    /// The name that the client gave in EHLO, or what the server wrote in its place; brackets left out.
    package var from: String?
    /// The name given in EHLO where a comment says it: `(HELO x)`, `helo=x`.
    package var helo: String?
    /// The name that was found for the client's address.
    package var rdns: String?
    package var ip: IPAddress?
    package var by: String?
    package var via: String?
    /// The protocol in capitals where it is a known one (`ESMTPS`, `LMTP`, `HTTP`), otherwise as written.
    package var with: String?
    package var id: String?
    /// The recipient, brackets left out.
    package var `for`: String?
    package var envelopeFrom: String?
    /// `TLSv1.0` to `TLSv1.3`, `SSLv3`, however the server wrote it.
    package var tlsVersion: String?
    package var tlsCipher: String?
    /// TLS is said to have been there, with a version or without (`with SMTP with TLS`).
    package var saysTLS = false
    /// A comment says that the client gave a name and a password: `(Authenticated sender: x)`, `(authenticated bits=0)`.
    package var saysAuthenticated = false
    package var date: Timestamp?
    /// With spaces for line ends, at most ``maximumLength`` octets of it.
    private let octets: [UInt8]

    /// Unfolded, at most ``maximumLength`` octets of it.
    package var text: String { octets.trimmed().text }

    /// No more octets of a field are read.
    package static let maximumLength = 8_000

    package init?(_ text: String) { self.init(Array(text.utf8)) }

    /// Reads the field's value, folded or not. nil where nothing of it can be read.
    ///
    ///     Time-stamp-line  = "Received:" FWS Stamp <CRLF>
    ///     Stamp            = From-domain By-domain Opt-info [CFWS] ";" FWS date-time
    ///     Opt-info         = [Via] [With] [ID] [For] [Additional-Registered-Clauses]
    package init?(_ value: some Collection<UInt8>) {
        let count = min(value.count, Self.maximumLength)
        octets = Array(unsafeUninitializedCapacity: count) { buffer, filled in
            _ = buffer.initialize(fromContentsOf: value.prefix(count))
            let written = Piece(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            for end: UInt8 in [10, 13] {
                var place = written.index(of: end)
                while let found = place {
                    buffer[found] = 32
                    place = written.index(of: end, from: found + 1)
                }
            }
            filled = count
        }
        var reader = ClauseReader()
        date = octets.withUnsafeBufferPointer { buffer in
            var places = DatePlaces()
            Self.read(buffer, &reader, &places, isOuter: true)
            return places.date(in: buffer)
        }
        from = reader.from
        helo = reader.helo
        rdns = reader.rdns
        ip = reader.ip ?? reader.literal
        by = reader.by
        via = reader.via
        with = reader.with
        id = reader.id
        `for` = reader.for
        envelopeFrom = reader.envelopeFrom
        tlsVersion = reader.tlsVersion
        tlsCipher = reader.tlsCipher
        saysAuthenticated = reader.saysAuthenticated
        saysTLS = reader.saysTLS || tlsVersion != nil || tlsCipher != nil
        if from == nil, by == nil, with == nil, id == nil, `for` == nil, ip == nil, date == nil { return nil }
    }

    /// Gives the tokens of the field to the reader. Some put the first clause in parentheses:
    /// `(from localhost [192.0.2.1]) by host.example …`
    private static func read(
        _ buffer: Piece, _ reader: inout ClauseReader, _ places: inout DatePlaces, isOuter: Bool
    ) {
        var tokens = ReceivedTokens(buffer)
        var isFirst = isOuter
        while let token = tokens.next() {
            if isFirst, case .comment(let content) = token, content.hasPrefixIgnoringCase("from ") {
                read(content, &reader, &places, isOuter: false)
            } else {
                if isOuter { places.note(token) }
                reader.take(token)
            }
            isFirst = false
        }
    }
}

/// Octets that belong to the field at hand.
typealias Piece = UnsafeBufferPointer<UInt8>

/// The date stands behind the last “;” outside comments; where there is none, or no date behind it, it may stand behind
/// an earlier one, or still end the field.
private struct DatePlaces {
    private var last: Int?

    mutating func note(_ token: ReceivedTokens.Token) {
        if case .semicolon(let offset) = token { last = offset }
    }

    func date(in octets: Piece) -> Timestamp? {
        if let last, let date = MailDate.parse(Piece(rebasing: octets[(last + 1)...])) { return date.timestamp }
        return Self.search(octets)
    }

    private static func search(_ octets: Piece) -> Timestamp? {
        var semicolons: [Int] = [], words: [Int] = []
        var tokens = ReceivedTokens(octets)
        while let token = tokens.next() {
            switch token {
            case .semicolon(let offset): semicolons.append(offset)
            case .word(_, let offset): words.append(offset)
            case .comment: break
            }
        }
        for offset in semicolons.reversed().prefix(10) {
            if let date = MailDate.parse(Piece(rebasing: octets[(offset + 1)...])) { return date.timestamp }
        }
        for offset in words.suffix(9) {
            if let date = MailDate.parse(Piece(rebasing: octets[offset...])),
                date.timestamp > Timestamp(year: 1980, month: 1, day: 1)
            {
                return date.timestamp
            }
        }
        return nil
    }
}
