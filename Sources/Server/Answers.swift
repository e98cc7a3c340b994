internal import DNS
internal import HTTPTypes
internal import Hummingbird
internal import Judgement
internal import Mail
internal import Rendering

extension Response {
    static func octets(_ octets: [UInt8], type: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: type], body: .init(byteBuffer: ByteBuffer(bytes: octets)))
    }

    static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        octets(Array((text + "\n").utf8), type: "text/plain; charset=utf-8", status: status)
    }

    static func json(_ value: JSON, status: HTTPResponse.Status = .ok) -> Response {
        json(text: JSONWriter.text(value), status: status)
    }

    /// JSON that is text already.
    static func json(text: String, status: HTTPResponse.Status = .ok) -> Response {
        octets(Array((text + "\n").utf8), type: "application/json; charset=utf-8", status: status)
    }

    static func html(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        octets(Array(text.utf8), type: "text/html; charset=utf-8", status: status)
    }

    /// An error for programs: `{"error": …}`.
    static func problem(_ message: String, status: HTTPResponse.Status) -> Response {
        json(["error": .string(Escaping.visible(message))], status: status)
    }
}

extension Request {
    /// A parameter of the query, decoded; nil where it is missing or empty.
    func query(_ name: String) -> String? {
        guard let value = uri.queryParameters[name[...]].map(String.init), !value.isEmpty else { return nil }
        return value
    }
}

extension ServerContext {
    /// A part of the path, decoded.
    func pathPart(_ name: String) -> String? { parameters.get(name).flatMap(percentDecodedText) }
}

/// RFC 3986 §2.1; nil where an escape is broken or the octets are no UTF-8.
func percentDecodedText(_ text: String) -> String? {
    percentDecoded(Array(text.utf8)[...]).flatMap { String(validating: $0, as: UTF8.self) }
}

/// A name as part of a path: everything but unreserved characters (RFC 3986 §2.3) escaped.
func percentEncoded(_ text: String) -> String {
    var encoded = ""
    for octet in text.utf8 {
        switch octet {
        case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            encoded.unicodeScalars.append(UnicodeScalar(octet))
        default:
            let digits = String(octet, radix: 16, uppercase: true)
            encoded += "%" + (digits.utf8.count == 1 ? "0" : "") + digits
        }
    }
    return encoded
}
