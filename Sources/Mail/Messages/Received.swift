package import DNS

/// One Received field (RFC 5321 §4.4), and what servers really write there.
package struct Received: Hashable, Sendable {
    package var from: String?  // the name given by the client in EHLO
    package var helo: String?  // where a comment repeats it: `HELO x`, `helo=x`
    package var rdns: String?  // the name found for the address
    package var ip: IPAddress?
    package var by: String?
    package var via: String?
    package var with: String?  // ESMTPS, LMTP, …
    package var id: String?
    package var `for`: String?
    package var envelopeFrom: String?
    package var tlsVersion: String?  // `TLSv1.3`, whatever the server wrote
    package var tlsCipher: String?
    package var date: Timestamp?
    /// Unfolded, at most 4,000 octets of it.
    package var text: String
}
