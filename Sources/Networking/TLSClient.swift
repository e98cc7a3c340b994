internal import DNS
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOSSL
internal import NIOTLS

/// What is offered in a TLS handshake: everything BoringSSL knows from TLS 1.0 on. It knows no finite-field
/// Diffie-Hellman (TLS_DHE_…): a server that accepts nothing else refuses us with `handshake_failure`.
package struct TLSPolicy: Hashable, Sendable {
    /// Groups of the key exchange that are offered. `standard` puts X25519MLKEM768 first, as BoringSSL does by itself:
    /// some 10 % of a handshake's cost.
    package enum Groups: Hashable, Sendable {
        case standard
        /// Without post-quantum groups.
        case classical
    }

    package var groups: Groups

    package init(groups: Groups = .standard) { self.groups = groups }

    /// One context a policy, not a connection: making one takes longer than a handshake.
    func context() throws -> NIOSSLContext {
        try Self.contexts.withLockedValue { contexts in
            if let context = contexts[self] { return context }
            let context = try NIOSSLContext(configuration: configuration)
            contexts[self] = context
            return context
        }
    }

    private static let contexts = NIOLockedValueBox<[TLSPolicy: NIOSSLContext]>([:])

    private var configuration: TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        // Old servers are to be seen as they are; whether they are good enough is for the rules.
        configuration.minimumTLSVersion = .tlsv1
        configuration.cipherSuites = "ALL"
        configuration.trustRoots = .certificates([])
        configuration.certificateVerification = .noHostnameVerification
        // A peer that does not answer our close_notify would hold the connection for 5 s.
        configuration.shutdownTimeout = .milliseconds(50)
        // secp521r1 is more than BoringSSL offers by itself: some servers insist on it.
        let classical: [NIOTLSCurve] = [.x25519, .secp256r1, .secp384r1, .secp521r1]
        // As OpenSSL offers: servers with keys of Ed25519 or on secp521r1 have nothing else to sign with.
        configuration.verifySignatureAlgorithms = [
            .ecdsaSecp256R1Sha256, .rsaPssRsaeSha256, .rsaPkcs1Sha256, .ecdsaSecp384R1Sha384, .rsaPssRsaeSha384,
            .rsaPkcs1Sha384, .ecdsaSecp521R1Sha512, .ed25519, .rsaPssRsaeSha512, .rsaPkcs1Sha512, .rsaPkcs1Sha1,
            .ecdsaSha1,
        ]
        configuration.curves = groups == .classical ? classical : [.x25519_MLKEM768] + classical
        return configuration
    }
}

/// Our side of one handshake, and what was seen of it.
final class TLSClient: Sendable {
    private struct Seen {
        var chain: [[UInt8]] = []
        var hello = ServerHello()
    }

    private let serverName: DomainName?
    private let policy: TLSPolicy
    private let seen = NIOLockedValueBox(Seen())

    init(serverName: DomainName?, policy: TLSPolicy) {
        self.serverName = serverName
        self.policy = policy
    }

    /// Puts TLS first into the pipeline, and before it a reader of what passes in clear. On the event loop.
    func addHandlers(to channel: any Channel) throws {
        let handler = try NIOSSLClientHandler(
            context: policy.context(), serverHostname: serverName?.asServerName,
            customVerificationCallback: { [seen] chain, promise in
                // Everything is taken: the chain is what we came for.
                let chain = chain.compactMap { try? $0.toDERBytes() }
                seen.withLockedValue { $0.chain = chain }
                promise.succeed(.certificateVerified)
            })
        try channel.pipeline.syncOperations.addHandler(handler, position: .first)
        try channel.pipeline.syncOperations.addHandler(HelloReader(self), position: .first)
    }

    /// Octets of the server's, as they pass; false when no more are wanted.
    func passed(_ octets: [UInt8]) -> Bool {
        seen.withLockedValue {
            $0.hello.consume(octets)
            return !$0.hello.isDone
        }
    }

    /// Where the server never spoke TLS, what it said instead is a better story than BoringSSL's.
    func explain(_ error: WireError) -> WireError {
        guard case .tls(let failure) = error, failure.alert == nil else { return error }
        let text = seen.withLockedValue { $0.hello.clearText }
        if text.isEmpty { return error }
        let shown = text.prefix { $0 != 13 && $0 != 10 }.prefix(80).map { (32...126).contains($0) ? $0 : 63 }
        return .tls(
            TLSFailure("the peer does not speak TLS here, it says “\(String(decoding: shown, as: UTF8.self))”"))
    }

    func handshake(seconds: Double) -> TLSHandshake {
        seen.withLockedValue { seen in
            TLSHandshake(
                version: seen.hello.version.map(versionName) ?? "TLS",
                cipher: seen.hello.cipherSuite.map(cipherSuiteName), keyExchange: seen.hello.group.map(groupName),
                chain: seen.chain, seconds: seconds)
        }
    }
}

/// Stands before TLS and shows what passes in clear to the one who keeps the facts.
private final class HelloReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let client: TLSClient
    private var isReading = true

    init(_ client: TLSClient) { self.client = client }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isReading { isReading = client.passed(Array(unwrapInboundIn(data).readableBytesView)) }
        context.fireChannelRead(data)
    }
}

/// NIOSSL says so when the handshake is through.
func isHandshakeCompletion(_ event: Any) -> Bool {
    if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent { true } else { false }
}

extension DomainName {
    /// As SNI wants it: a name of a host without the last dot (RFC 6066 §3); nil for what is none, such as addresses.
    var asServerName: String? {
        let isHostName = labels.allSatisfy { label in
            label.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 95
            }
        }
        let text = lowercased.description
        return isHostName && !isRoot && IPAddress(text) == nil ? text : nil
    }
}
