/// What one handler of a message added to it: three fields of the same instance (RFC 8617 §4.2).
package struct ARCSet: Hashable, Sendable {
    /// "i": 1 is the first, at the bottom.
    package var instance: Int
    /// What that handler found of the message as it came (ARC-Authentication-Results, RFC 8617 §4.1.1); nil where it
    /// can't be read. Worth what the handler is worth.
    package var results: AuthenticationResults?
    package var messageSignature: DKIMSignature  // ARC-Message-Signature
    package var seal: DKIMSignature  // ARC-Seal
    /// Whether the message signature still holds; nil where that was not told.
    package var messageSignatureHolds: Bool?
    /// Whether the seal holds; likewise.
    package var sealHolds: Bool?
}

/// The head of an ARC-Authentication-Results field (RFC 8617 §4.1.1):
///
///     arc-info = instance [CFWS] ";" authres-payload
///     instance = [CFWS] %s"i" [CFWS] "=" [CFWS] position
struct ARCResultsField {
    var instance: Int
    var results: AuthenticationResults?

    /// Nil where it does not begin with an instance of 1 to 50.
    init?(_ value: [UInt8]) {
        let value = Array(value.prefix(64_000))
        guard let semicolon = Self.firstSemicolon(value) else { return nil }
        let head = Self.withoutComments(value[..<semicolon])
        guard head.first == UInt8(ascii: "i"), let equals = head.firstIndex(of: UInt8(ascii: "=")),
            head[1..<equals].allSatisfy(\.isSpace),
            let instance = head[(equals + 1)...].trimmed().decimal(atMost: 50), instance > 0
        else { return nil }
        self.instance = instance
        results = AuthenticationResults(Array(value[(semicolon + 1)...]))
    }

    private static func firstSemicolon(_ value: [UInt8]) -> Int? {
        var comments = Comments()
        var index = 0
        while index < value.count {
            if value[index] == UInt8(ascii: "("), let end = comments.end(value, from: index) {
                index = end
            } else if value[index] == UInt8(ascii: ";") {
                return index
            } else {
                index += 1
            }
        }
        return nil
    }

    private static func withoutComments(_ value: ArraySlice<UInt8>) -> [UInt8] {
        let value = Array(value)
        var kept: [UInt8] = []
        var comments = Comments()
        var index = 0
        while index < value.count {
            if value[index] == UInt8(ascii: "("), let end = comments.end(value, from: index) {
                kept.append(32)
                index = end
            } else {
                kept.append(value[index])
                index += 1
            }
        }
        return Array(kept.trimmed())
    }
}
