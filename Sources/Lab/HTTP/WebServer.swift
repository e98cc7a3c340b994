/// A server that answers every request over HTTPS with what it was told to say, right or wrong (RFC 9112).
///
/// It reads the head of the request and nothing more, and closes after its answer, as `Connection: close` asks.
package struct WebServer: LabServer {
    /// What comes after the request.
    package enum Answer: Sendable {
        /// These octets, then the end.
        case octets([UInt8])
        /// The octets one by one, so many seconds apart.
        case drips([UInt8], seconds: Double)
        /// The first octets, then the others again and again.
        case endless(first: [UInt8], then: [UInt8])
        /// Nothing, until the other side gives up.
        case silence
    }

    package var identity: ServerIdentity
    package var answer: @Sendable (_ request: String) -> Answer

    package init(identity: ServerIdentity, answer: @escaping @Sendable (_ request: String) -> Answer) {
        self.identity = identity
        self.answer = answer
    }

    /// A server with one file; all else is 404.
    package init(identity: ServerIdentity, path: String, file: String, type: String = "text/plain") {
        self.init(identity: identity) { request in
            let body = Array(file.utf8)
            let found = request == "GET \(path) HTTP/1.1"
            return .octets(
                Self.head(found ? "200 OK" : "404 Not Found", type: type, length: found ? body.count : 0)
                    + (found ? body : []))
        }
    }

    /// The head of an answer.
    package static func head(_ status: String, type: String? = "text/plain", length: Int? = nil) -> [UInt8] {
        var lines = ["HTTP/1.1 \(status)", "Connection: close"]
        if let type { lines.append("Content-Type: \(type)") }
        if let length { lines.append("Content-Length: \(length)") }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
    }

    package func service() -> LabService {
        LabService(identity, isImplicit: true, faults: Faults()) { talk in
            let request = try await talk.line()
            var count = 0
            while try await !talk.line().isEmpty, count < 100 { count += 1 }
            switch answer(String(decoding: request, as: UTF8.self)) {
            case .octets(let octets): try await talk.say(octets: octets)
            case .drips(let octets, let seconds):
                for octet in octets {
                    try await talk.say(octets: [octet])
                    try await Task.sleep(for: .seconds(seconds))
                }
            case .endless(let first, let then):
                try await talk.say(octets: first)
                while !Task.isCancelled { try await talk.say(octets: then) }
            case .silence: _ = try await talk.line()
            }
        }
    }
}
