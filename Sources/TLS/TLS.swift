// The room TLS: what passes in clear at the beginning of TLS, written and read octet by octet, from SSLv2 to TLS 1.3,
// and the plan by which a server is asked what it accepts: which question comes next is a plain function of what has
// been heard. Pure: it has no network, no clock and no chance of its own.
//
// It leaves out all cryptography. A server that has answered a ClientHello has said what is wanted here: its choice of
// version, suite, group and compression, its certificates, the size of its Diffie-Hellman group. With TLS 1.3 the
// ClientHello brings no key share at all (RFC 8446 §4.2.8), so that the server answers with a HelloRetryRequest that
// names its choice. What a handshake that is carried through shows, Networking tells.
