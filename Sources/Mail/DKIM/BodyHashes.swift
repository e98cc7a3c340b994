import Crypto

/// The hashes of a message's body that its signatures need: one pass for each canonicalization and hash, whatever
/// number of lengths (`l=`) they want of it.
struct BodyHashes: Sendable {
    /// What a signature hashes of a body.
    struct Wanted: Hashable, Sendable {
        var canonicalization: DKIMSignature.Canonicalization
        var isSHA1: Bool
        /// The first so many octets of the canonical body; nil for all.
        var length: Int?

        init(canonicalization: DKIMSignature.Canonicalization, isSHA1: Bool, length: Int?) {
            self.canonicalization = canonicalization
            self.isSHA1 = isSHA1
            self.length = length
        }

        init(_ signature: DKIMSignature) {
            canonicalization = signature.bodyCanonicalization
            isSHA1 = signature.algorithm == .rsaSHA1
            length = signature.bodyLength
        }
    }

    private struct Pass: Hashable {
        var canonicalization: DKIMSignature.Canonicalization
        var isSHA1: Bool
    }

    private var hashes: [Wanted: [UInt8]] = [:]

    init(of body: UnsafeBufferPointer<UInt8>, for wanted: [Wanted]) {
        let passes = Dictionary(grouping: Set(wanted)) {
            Pass(canonicalization: $0.canonicalization, isSHA1: $0.isSHA1)
        }
        for (pass, wanted) in passes {
            let lengths = wanted.compactMap(\.length).sorted()
            let wantsAll = wanted.contains { $0.length == nil }
            let digests =
                pass.isSHA1
                ? Self.digests(Insecure.SHA1(), of: body, pass.canonicalization, lengths, wantsAll)
                : Self.digests(SHA256(), of: body, pass.canonicalization, lengths, wantsAll)
            for want in wanted { hashes[want] = digests[want.length ?? -1] }
        }
    }

    /// Nil where the body is shorter than the signature says.
    subscript(wanted: Wanted) -> [UInt8]? { hashes[wanted] }

    /// By length; -1 is all of the body. Lengths that the body does not reach are not among them.
    private static func digests<H: HashFunction>(
        _ hash: H, of body: UnsafeBufferPointer<UInt8>, _ canonicalization: DKIMSignature.Canonicalization,
        _ lengths: [Int], _ wantsAll: Bool
    ) -> [Int: [UInt8]] {
        var hash = hash
        var digests: [Int: [UInt8]] = [:]
        var lengths = lengths[...]
        var count = 0
        while lengths.first == 0 {
            digests[0] = Array(hash.finalize())
            lengths.removeFirst()
        }
        canonicalization.forEachPiece(of: body) { piece in
            if lengths.isEmpty, !wantsAll { return }
            var rest = piece
            while let length = lengths.first, length - count <= rest.count {
                hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: rest.prefix(length - count)))
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(length - count))
                count = length
                digests[length] = Array(hash.finalize())
                lengths.removeFirst()
            }
            hash.update(bufferPointer: rest)
            count += rest.count
        }
        if wantsAll { digests[-1] = Array(hash.finalize()) }
        return digests
    }
}
