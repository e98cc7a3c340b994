package import DNS
internal import NIOCore

/// Why a conversation cannot go on.
package enum Hangup: Error, Sendable {
    /// The other side closed, or the lab ended.
    case closed
    /// A line or literal beyond the limit.
    case tooLong
}

/// One side of a connection in a protocol of lines. Used by one task.
package final class LabConversation {
    let link: Link
    /// Who is at the other end.
    package let peer: IPAddress
    private(set) var isSecure: Bool
    private var received: [UInt8] = []
    private var position = 0
    /// Where this side misbehaves, and how.
    var faults: [Faults.Stage: Faults.Misbehaviour] = [:]
    /// Whether what was heard before TLS is obeyed inside it.
    var obeysPlaintext = false

    init(_ link: Link, isSecure: Bool) {
        self.link = link
        self.isSecure = isSecure
        peer = link.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) } ?? .loopback
    }

    // MARK: Hearing

    /// The next line without its end. With `strictly`, only CRLF ends a line (RFC 5321 §2.3.8).
    func line(limit: Int = 4_096, strictly: Bool = false) async throws(Hangup) -> [UInt8] {
        var searched = 0
        while true {
            if let feed = received[(position + searched)...].firstIndex(of: 10) {
                let hasReturn = feed > position && received[feed - 1] == 13
                if feed - position > limit + 1 { throw .tooLong }
                if hasReturn || !strictly {
                    defer { position = feed + 1 }
                    return Array(received[position..<(hasReturn ? feed - 1 : feed)])
                }
                searched = feed + 1 - position
            } else {
                searched = received.count - position
                if searched > limit + 1 { throw .tooLong }
                try await hearMore()
            }
        }
    }

    /// Exactly so many octets.
    func octets(_ count: Int) async throws(Hangup) -> [UInt8] {
        while received.count - position < count { try await hearMore() }
        defer { position += count }
        return Array(received[position..<position + count])
    }

    private func hearMore() async throws(Hangup) {
        guard let octets = await link.take() else { throw .closed }
        received.removeFirst(position)
        position = 0
        received += octets
    }

    /// Listens to whatever comes until the other side closes.
    private func waitForTheEnd() async throws(Hangup) {
        while await link.take() != nil {}
        throw .closed
    }

    /// Whether more was heard than has been read.
    var hasHeardMore: Bool { position < received.count }

    // MARK: Saying

    /// Lines, each with CRLF.
    func say(_ lines: String...) async throws { try await say(lines: lines) }

    func say(lines: [String]) async throws {
        try await link.send(Array(lines.map { $0 + "\r\n" }.joined().utf8))
    }

    func say(octets: [UInt8]) async throws { try await link.send(octets) }

    /// Lines at a stage, where this conversation may misbehave.
    /// - Parameter more: a line that says that more follow, for a reply that never ends.
    func say(lines: [String], at stage: Faults.Stage, more: String) async throws {
        try await say(octets: Array(lines.map { $0 + "\r\n" }.joined().utf8), at: stage, more: more)
    }

    func say(octets: [UInt8], at stage: Faults.Stage, more: String) async throws {
        guard let misbehaviour = faults[stage] else { return try await link.send(octets) }
        switch misbehaviour {
        case .silent:
            try await waitForTheEnd()
        case .closes:
            throw Hangup.closed
        case .closesAfterReply:
            try await link.send(octets)
            throw Hangup.closed
        case .garbage:
            // Octets of every value in an order that is no text, with escape sequences and NUL among them.
            try await link.send((0..<1_024).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) } + [13, 10])
            try await waitForTheEnd()
        case .drips(let seconds):
            for octet in octets {
                try await link.send([octet])
                try await Task.sleep(for: .seconds(seconds))
            }
        case .unendingLine:
            try await pour(
                Array(more.utf8) + Array(repeating: UInt8(ascii: "x"), count: 8_192), before: octets.prefix(4))
        case .unendingReply:
            try await pour(Array(String(repeating: more + "\r\n", count: 200).utf8), before: [])
        case .waits(let seconds):
            try await Task.sleep(for: .seconds(seconds))
            try await link.send(octets)
        }
    }

    /// Sends the same again and again until the other side has enough.
    private func pour(_ octets: [UInt8], before: some Collection<UInt8>) async throws {
        try await link.send(Array(before))
        while true {
            try await link.send(octets)
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    // MARK: TLS

    /// Says the go-ahead and goes on in TLS, or misbehaves in the handshake as told.
    func startTLS(_ role: TLSRole, goAhead: String = "", injecting: String = "") async throws {
        let words = goAhead.isEmpty ? [] : Array((goAhead + "\r\n" + injecting).utf8)
        if !obeysPlaintext {
            received = []
            position = 0
        }
        if faults[.handshake] != nil {
            try await link.send(words)
            try await say(octets: [], at: .handshake, more: "")
            throw Hangup.closed
        }
        try await link.upgrade(role, saying: words)
        isSecure = true
    }

    /// With implicit TLS: what the server does instead of a handshake.
    func refuseHandshake() async throws {
        _ = await link.take()
        try await say(octets: [], at: .handshake, more: "")
        throw Hangup.closed
    }
}
