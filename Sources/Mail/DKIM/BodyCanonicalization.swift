/// Bodies as they are hashed (RFC 6376 §3.4.3, §3.4.4). Line ends are CRLF, however they came. What need not change is
/// handed over where it stands; no copy of the body is made.
extension DKIMSignature.Canonicalization {
    /// Hands over the canonical body piece by piece.
    func forEachPiece(of body: UnsafeBufferPointer<UInt8>, _ take: (UnsafeRawBufferPointer) -> Void) {
        var writer = PieceWriter(body)
        switch self {
        case .simple: writer.writeSimple(take)
        case .relaxed: writer.writeRelaxed(take)
        }
    }
}

/// Long runs go straight from the body, short ones through a small store.
private struct PieceWriter {
    private let body: UnsafeBufferPointer<UInt8>
    private var store: [UInt8] = []
    private static let size = 4_096
    private static let longRun = 512

    init(_ body: UnsafeBufferPointer<UInt8>) { self.body = body }

    /// Empty lines at the end are left out, then one CRLF ends it: an empty body is a CRLF.
    mutating func writeSimple(_ take: (UnsafeRawBufferPointer) -> Void) {
        var end = body.count
        while end > 0, body[end - 1] == 10 {
            end -= 1
            if end > 0, body[end - 1] == 13 { end -= 1 }
        }
        var start = 0, search = 0
        while let feed = body.index(of: 10, from: search, to: end) {
            search = feed + 1
            if feed > 0, body[feed - 1] == 13 { continue }
            run(start, feed, take)
            lineEnd(take)
            start = feed + 1
        }
        run(start, end, take)
        lineEnd(take)
        flush(take)
    }

    /// White space at the end of lines is left out, runs of it are one space; empty lines at the end are left out, and
    /// what is left, if anything, ends in CRLF.
    mutating func writeRelaxed(_ take: (UnsafeRawBufferPointer) -> Void) {
        var end = body.count
        while end > 0 {
            let last = body[end - 1]
            if last == 10 {
                end -= 1
                if end > 0, body[end - 1] == 13 { end -= 1 }
            } else if last.isWSP {
                end -= 1
            } else {
                break
            }
        }
        guard end > 0 else { return }
        var start = 0, index = 0
        while true {
            let odd = oddity(from: index, to: end)
            if odd == end { break }
            run(start, odd, take)
            if body[odd] == 10 {
                lineEnd(take)
                index = odd + 1
            } else {
                index = odd
                while index < end, body[index].isWSP { index += 1 }
                if !isLineEnd(index, end) { append(32, take) }
            }
            start = index
        }
        run(start, end, take)
        lineEnd(take)
        flush(take)
    }

    /// The first place that cannot stay as it is: a lone LF, a tab, two white spaces, white space before a line end.
    private func oddity(from start: Int, to end: Int) -> Int {
        guard let base = body.baseAddress else { return end }
        var index = start
        while index < end {
            let octet = base[index]
            if octet > 32 {
                index += 1
                continue
            }
            if octet == 32 {
                if index + 1 < end, base[index + 1] <= 32, base[index + 1].isWSP || isLineEnd(index + 1, end) {
                    return index
                }
            } else if octet == 9 || (octet == 10 && (index == 0 || base[index - 1] != 13)) {
                return index
            }
            index += 1
        }
        return end
    }

    private func isLineEnd(_ index: Int, _ end: Int) -> Bool {
        guard index < end else { return true }
        return body[index] == 10 || (body[index] == 13 && index + 1 < body.count && body[index + 1] == 10)
    }

    private mutating func run(_ start: Int, _ end: Int, _ take: (UnsafeRawBufferPointer) -> Void) {
        guard start < end else { return }
        let piece = UnsafeBufferPointer(rebasing: body[start..<end])
        if piece.count >= Self.longRun {
            flush(take)
            take(UnsafeRawBufferPointer(piece))
        } else {
            if store.count + piece.count > Self.size { flush(take) }
            store.append(contentsOf: piece)
        }
    }

    private mutating func lineEnd(_ take: (UnsafeRawBufferPointer) -> Void) {
        append(13, take)
        append(10, take)
    }

    private mutating func append(_ octet: UInt8, _ take: (UnsafeRawBufferPointer) -> Void) {
        if store.count >= Self.size { flush(take) }
        store.append(octet)
    }

    private mutating func flush(_ take: (UnsafeRawBufferPointer) -> Void) {
        guard !store.isEmpty else { return }
        store.withUnsafeBytes(take)
        store.removeAll(keepingCapacity: true)
    }
}
