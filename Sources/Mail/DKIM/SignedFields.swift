/// The octets that a signature in a header field signs besides the body: other fields, and its own without its "b".
struct SignedFields {
    let message: Message
    let selection: HeaderSelection

    init(_ message: Message) {
        self.message = message
        selection = HeaderSelection(message.header)
    }

    /// RFC 6376 §3.7: the fields that "h" names, each with CRLF, then the signature's field without its "b" and without
    /// CRLF.
    func octets(of signature: DKIMSignature, at place: Int) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(min(message.header.length + 1_024, 1 << 20))
        for field in selection.fields(signature.headers, except: place) {
            append(field, signature.headerCanonicalization, to: &octets)
        }
        appendSignature(signature, at: place, to: &octets)
        return octets
    }

    /// A field that stands nowhere yet, without its CRLF.
    static func append(
        _ field: MessageHeader.Field, _ canonicalization: DKIMSignature.Canonicalization, to octets: inout [UInt8]
    ) {
        append(Array(field.octets), like: field, canonicalization, to: &octets)
    }

    /// A field as it is, with its CRLF.
    func append(
        _ place: Int, _ canonicalization: DKIMSignature.Canonicalization, to octets: inout [UInt8]
    ) {
        let field = message.header.fields[place]
        Self.append(Array(field.octets), like: field, canonicalization, to: &octets)
        octets.append(13)
        octets.append(10)
    }

    /// The field of the signature itself: the value of "b" and the white space around it are taken out.
    func appendSignature(_ signature: DKIMSignature, at place: Int, to octets: inout [UInt8]) {
        let field = message.header.fields[place]
        var whole = Array(field.octets)
        if let range = signature.signatureRange {
            let start = field.rawValue.startIndex - field.range.lowerBound
            whole.removeSubrange((start + range.lowerBound)..<(start + range.upperBound))
        }
        Self.append(whole, like: field, signature.headerCanonicalization, to: &octets)
    }

    private static func append(
        _ whole: [UInt8], like field: MessageHeader.Field, _ canonicalization: DKIMSignature.Canonicalization,
        to octets: inout [UInt8]
    ) {
        let start = field.range.lowerBound
        whole.withUnsafeBufferPointer {
            canonicalization.append(
                $0, nameEnd: field.nameOctets.endIndex - start, valueStart: field.rawValue.startIndex - start,
                to: &octets)
        }
    }
}
