internal import Mail
internal import Networking

/// What a web server answered to one request, as far as a small file needs (RFC 9110, RFC 9112).
struct HTTPAnswer: Hashable, Sendable {
    var status: Int
    /// Names in lower case; fields of one name in their order.
    var fields: [(name: String, value: String)] = []
    /// At most so many octets as were asked for.
    var body: [UInt8] = []
    /// Whether there was more.
    var isCut = false

    /// The first field of that name.
    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    static func == (a: HTTPAnswer, b: HTTPAnswer) -> Bool {
        a.status == b.status && a.body == b.body && a.isCut == b.isCut
            && a.fields.elementsEqual(b.fields) { $0.name == $1.name && $0.value == $1.value }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(status)
        hasher.combine(body)
    }
}

/// Why an answer is none.
enum HTTPFault: Error, Hashable, Sendable {
    case wire(WireError)
    /// The peer does not speak HTTP/1.1 as RFC 9112 has it: what is wrong.
    case violation(String)
}

/// A client of one request over one connection, as small as a fetch of a file can be: no redirects, no cookies, no
/// second request, and compression is not asked for. Bounded in lines, in fields and in the body, whatever the server sends.
struct HTTPClient {
    let wire: any Wire
    /// Whether a body compressed with gzip is read all the same, decompressed to as many octets as were asked for.
    var readsCompressed = false

    /// Octets of one line of the head.
    static let longestLine = 8_192
    static let mostFields = 100
    /// Interim answers (1xx) before the real one.
    static let mostInterim = 5

    /// - Parameters:
    ///   - host: for the field Host, with the port where that is not 443.
    ///   - limit: octets of the body that are read at most.
    ///   - form: XML to send by POST; nil asks by GET.
    func get(
        _ path: String, host: String, limit: Int, posting form: [UInt8]? = nil
    ) async throws(HTTPFault) -> HTTPAnswer {
        let content = form.map { "\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: \($0.count)" } ?? ""
        let request = """
            \(form == nil ? "GET" : "POST") \(path) HTTP/1.1\r
            Host: \(host)\r
            User-Agent: mailsonde\r
            Accept: text/plain, */*;q=0.1\r
            Accept-Encoding: identity\r
            Connection: close\(content)\r
            \r\n
            """
        try await attempt { () async throws(WireError) in try await wire.write(Array(request.utf8) + (form ?? [])) }
        var answer = try await head()
        var interim = 0
        while (100..<200).contains(answer.status) {
            interim += 1
            if interim > Self.mostInterim { throw .violation("one interim answer after the other") }
            answer = try await head()
        }
        // What stands in other answers is of no use: a policy comes with 200 alone.
        if answer.status == 200 {
            let isCompressed = try await readBody(of: &answer, limit: limit)
            if isCompressed {
                guard !answer.isCut, let body = Inflating.gzip(answer.body, limit: limit) else {
                    throw .violation("the compressed body cannot be read, or is too large")
                }
                answer.body = body
            }
        }
        return answer
    }

    // MARK: Head

    private func head() async throws(HTTPFault) -> HTTPAnswer {
        var answer = HTTPAnswer(status: try Self.status(of: try await line()))
        while true {
            let line = try await line()
            if line.isEmpty { return answer }
            if answer.fields.count == Self.mostFields { throw .violation("more than \(Self.mostFields) header fields") }
            // RFC 9112 §5.2: a folded line belongs to the field before.
            if line[0] == 32 || line[0] == 9, !answer.fields.isEmpty {
                let last = answer.fields.count - 1
                if answer.fields[last].value.utf8.count < Self.longestLine {
                    answer.fields[last].value += " " + Self.text(Self.trimmed(line[...]))
                }
                continue
            }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
                line[..<colon].allSatisfy({ $0 > 32 && $0 < 127 })
            else { throw .violation("a line of the head is no field: \(printable(line.prefix(60)))") }
            answer.fields.append(
                (Self.text(line[..<colon]).lowercased(), Self.text(Self.trimmed(line[(colon + 1)...]))))
        }
    }

    ///     status-line = HTTP-version SP status-code SP [reason-phrase]
    private static func status(of line: [UInt8]) throws(HTTPFault) -> Int {
        guard line.starts(with: "HTTP/1.".utf8), line.count >= 12, line[8] == 32, line.count == 12 || line[12] == 32,
            line[9..<12].allSatisfy({ (48...57).contains($0) })
        else { throw .violation("the answer begins with \(printable(line.prefix(60)))") }
        let status = line[9..<12].reduce(0) { $0 * 10 + Int($1 - 48) }
        guard (100..<600).contains(status) else { throw .violation("there is no status \(status)") }
        return status
    }

    // MARK: Body

    /// RFC 9112 §6.3.
    /// - Returns: whether it is compressed.
    private func readBody(of answer: inout HTTPAnswer, limit: Int) async throws(HTTPFault) -> Bool {
        let encoding = answer["content-encoding"]?.lowercased() ?? "identity"
        let isGzip = encoding == "gzip" || encoding == "x-gzip"
        guard encoding == "identity" || encoding.isEmpty || readsCompressed && isGzip else {
            throw .violation("the body is compressed (\(printable(encoding.utf8.prefix(40)))), which was not asked for")
        }
        let codings = answer.fields.filter { $0.name == "transfer-encoding" }
            .flatMap { $0.value.lowercased().split(separator: ",") }
            .map { String(decoding: Self.trimmed(Array($0.utf8)[...]), as: UTF8.self) }
        if let last = codings.last {
            guard codings.count == 1, last == "chunked" else {
                throw .violation(
                    "the transfer coding \(printable(codings.joined(separator: ", ").utf8.prefix(60))) is not known")
            }
            try await readChunks(into: &answer, limit: limit)
            return isGzip
        }
        let lengths = Set(
            answer.fields.filter { $0.name == "content-length" }.flatMap { $0.value.split(separator: ",") }
                .map { String(decoding: Self.trimmed(Array($0.utf8)[...]), as: UTF8.self) })
        guard let text = lengths.first else {
            try await readToEnd(into: &answer, limit: limit)
            return isGzip
        }
        guard lengths.count == 1, (1...15).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }),
            let length = Int(text)
        else { throw .violation("the Content-Length makes no sense: \(printable(text.utf8.prefix(40)))") }
        answer.isCut = length > limit
        answer.body = try await octets(min(length, limit))
        return isGzip
    }

    ///     chunk = chunk-size [chunk-ext] CRLF chunk-data CRLF        ; size in hexadecimal
    private func readChunks(into answer: inout HTTPAnswer, limit: Int) async throws(HTTPFault) {
        var chunks = 0
        while true {
            let line = try await line()
            let digits = Self.trimmed(line.prefix { $0 != UInt8(ascii: ";") })
            guard (1...8).contains(digits.count), let size = Int(Self.text(digits), radix: 16), size >= 0,
                digits.first != UInt8(ascii: "+")
            else { throw .violation("the size of a chunk makes no sense: \(printable(line.prefix(40)))") }
            if size == 0 { return }  // what may stand behind it is of no use
            chunks += 1
            // A server may send octet by octet, but not for ever.
            if chunks > limit + 1 { throw .violation("too many chunks") }
            let room = limit - answer.body.count
            answer.body += try await octets(min(size, room))
            if size > room {
                answer.isCut = true
                return
            }
            guard try await self.line().isEmpty else { throw .violation("a chunk is longer than it says") }
        }
    }

    private func readToEnd(into answer: inout HTTPAnswer, limit: Int) async throws(HTTPFault) {
        do {
            while answer.body.count < limit { answer.body += try await octets(1) }
            _ = try await octets(1)
            answer.isCut = true
        } catch .wire(.closedByPeer) {
            return
        }
    }

    // MARK: Wire

    private func line() async throws(HTTPFault) -> [UInt8] {
        try await attempt { () async throws(WireError) in try await wire.readLine(limit: Self.longestLine) }
    }

    private func octets(_ count: Int) async throws(HTTPFault) -> [UInt8] {
        if count == 0 { return [] }
        return try await attempt { () async throws(WireError) in try await wire.read(count: count) }
    }

    private func attempt<T>(_ work: () async throws(WireError) -> T) async throws(HTTPFault) -> T {
        do throws(WireError) { return try await work() } catch { throw .wire(error) }
    }

    private static func trimmed(_ octets: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = octets.drop { $0 == 32 || $0 == 9 }
        while let last = rest.last, last == 32 || last == 9 { rest = rest.dropLast() }
        return rest
    }

    private static func text(_ octets: some Sequence<UInt8>) -> String {
        String(decoding: Array(octets), as: UTF8.self)
    }
}
