import DNS
import NIOCore
import NIOSSL
import Networking
import Testing

@Suite(.timeLimit(.minutes(3))) struct TLSTests {
    let network = Network()

    /// A peer with TLS from the first octet that greets inside of it.
    private func peer(_ change: (inout TLSConfiguration) throws -> Void = { _ in }) throws -> Peer {
        var configuration = try Identity.p256.configuration()
        try change(&configuration)
        return Peer(tls: configuration, onConnect: { $0.say("220 inside\r\n") })
    }

    /// The handshake with a peer, and a reply read after it.
    private func handshake(with peer: Peer, network: Network? = nil) async throws -> TLSHandshake {
        try await peer.serving { port in
            try await (network ?? self.network).dialling(port) { wire in
                let handshake = try await wire.startTLS(serverName: try DomainName("peer.test"))
                #expect(wire.isSecured)
                #expect(try await wire.line() == "220 inside")
                return handshake
            }
        }
    }

    @Test func `TLS 1_3 as it was seen`() async throws {
        let handshake = try await handshake(with: peer())
        #expect(handshake.version == "TLSv1.3")
        #expect(handshake.cipher?.hasPrefix("TLS_") == true)
        #expect(handshake.keyExchange == "X25519MLKEM768")
        #expect(handshake.chain == [Identity.p256.certificate])
        #expect(handshake.seconds > 0 && handshake.seconds < 60)
    }

    @Test func `without post-quantum groups where the policy says so`() async throws {
        let handshake = try await handshake(with: peer(), network: Network(tls: TLSPolicy(groups: .classical)))
        #expect(handshake.keyExchange == "x25519")
    }

    @Test(arguments: [(NIOTLSCurve.secp384r1, "secp384r1"), (.secp521r1, "secp521r1")])
    func `the group of a second ClientHello counts`(group: NIOTLSCurve, name: String) async throws {
        let handshake = try await handshake(with: peer { $0.curves = [group] })
        #expect(handshake.version == "TLSv1.3")
        #expect(handshake.keyExchange == name)
    }

    @Test(arguments: [SignatureAlgorithm.ecdsaSecp521R1Sha512, .ed25519])
    func `keys that BoringSSL offers nothing for by itself are taken`(algorithm: SignatureAlgorithm) async throws {
        let identity = algorithm == .ed25519 ? Identity.ed25519 : .p521
        for version in [TLSVersion.tlsv12, .tlsv13] {
            var configuration = try identity.configuration()
            configuration.signingSignatureAlgorithms = [algorithm]
            configuration.maximumTLSVersion = version
            let peer = Peer(tls: configuration, onConnect: { $0.say("220 inside\r\n") })
            #expect(try await handshake(with: peer).chain == [identity.certificate])
        }
    }

    @Test func `TLS 1_2 as it was seen`() async throws {
        let handshake = try await handshake(
            with: peer {
                $0.maximumTLSVersion = .tlsv12
                $0.curves = [.secp256r1]
                $0.cipherSuiteValues = [.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]
            })
        #expect(handshake.version == "TLSv1.2")
        #expect(handshake.cipher == "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")
        #expect(handshake.keyExchange == "secp256r1")
    }

    @Test func `old versions can still be seen`() async throws {
        let handshake = try await handshake(
            with: peer {
                $0.minimumTLSVersion = .tlsv1
                $0.maximumTLSVersion = .tlsv1
                $0.cipherSuites = "ALL"
            })
        #expect(handshake.version == "TLSv1")
    }

    @Test func `the name goes along in SNI, an address does not`() async throws {
        let names = Names()
        var configuration = try Identity.p256.configuration()
        configuration.sslContextCallback = { values, promise in
            names.add(values.serverHostname)
            promise.succeed(.noChanges)
        }
        try await Peer(tls: configuration).serving { port in
            for name in ["MX.Example.org", "192.0.2.1"] {
                try await network.dialling(port) { _ = try await $0.startTLS(serverName: try DomainName(name)) }
            }
            try await network.dialling(port) { _ = try await $0.startTLS(serverName: nil) }
        }
        #expect(names.all == ["mx.example.org", nil, nil])
    }

    @Test func `STARTTLS begins on a connection in use`() async throws {
        let context = try NIOSSLContext(configuration: Identity.p256.configuration())
        let peer = Peer(
            onConnect: { $0.say("220 mx\r\n") },
            onRead: { channel, octets in
                if octets.starts(with: Array("STARTTLS".utf8)) {
                    channel.say("220 go ahead\r\n")
                    try? channel.pipeline.syncOperations.addHandler(
                        NIOSSLServerHandler(context: context), position: .first)
                } else {
                    channel.say("250 inside\r\n")
                }
            })
        try await peer.serving { port in
            try await network.dialling(port) { wire in
                #expect(try await wire.line() == "220 mx")
                try await wire.say("STARTTLS\r\n")
                #expect(try await wire.line() == "220 go ahead")
                #expect(try await wire.startTLS(serverName: nil).version == "TLSv1.3")
                try await wire.say("EHLO a\r\n")
                #expect(try await wire.line() == "250 inside")
            }
        }
    }

    @Test func `plaintext behind the go-ahead is caught`() async throws {
        let peer = Peer(onConnect: { $0.say("220 go ahead\r\n250 injected\r\n") })
        try await peer.serving { port in
            let (error, _) = await failure {
                try await network.dialling(port) { wire in
                    _ = try await wire.line()
                    _ = try await wire.startTLS(serverName: nil)
                }
            }
            #expect(error == .plaintextBehindSTARTTLS)
        }
    }

    // MARK: Failures

    @Test func `a peer that is silent in the handshake is left at the deadline`() async throws {
        try await Peer.silent.serving { port in
            let (error, seconds) = await failure {
                try await network.dialling(port, seconds: 0.3) { try await $0.startTLS(serverName: nil) }
            }
            #expect(error == .timedOut)
            #expect(seconds >= 0.25)
        }
    }

    @Test func `a handshake that drips is left at the deadline`() async throws {
        let drips = Peer(onConnect: { channel in
            channel.say([22, 3, 3, 0x3F, 0xFF, 2, 0, 0x3F, 0xFB])
            channel.drip(every: 20)
        })
        try await drips.serving { port in
            let (error, seconds) = await failure {
                try await network.dialling(port, seconds: 0.4) { try await $0.startTLS(serverName: nil) }
            }
            #expect(error == .timedOut)
            #expect(seconds >= 0.35)
        }
    }

    @Test(arguments: [true, false])
    func `a peer that closes in the handshake makes TLS fail`(afterOurHello: Bool) async throws {
        let peer =
            afterOurHello
            ? Peer(onRead: { channel, _ in channel.close(promise: nil) })
            : Peer(onConnect: { $0.close(promise: nil) })
        try await peer.serving { port in
            let (error, _) = await failure {
                try await network.dialling(port) { try await $0.startTLS(serverName: nil) }
            }
            if afterOurHello || error != .closedByPeer {
                #expect(error == .tls(TLSFailure("the peer closed the connection during the handshake")))
            }
        }
    }

    @Test func `a peer that speaks in clear is quoted`() async throws {
        try await Peer.saying("220 mx.example \u{7} ESMTP\r\n").serving { port in
            let (error, _) = await failure {
                try await network.dialling(port) { try await $0.startTLS(serverName: nil) }
            }
            #expect(
                error == .tls(TLSFailure("the peer does not speak TLS here, it says “220 mx.example ? ESMTP”")))
        }
    }

    @Test func `garbage in the handshake makes TLS fail`() async throws {
        let garbage: [UInt8] = [22, 3, 3, 0, 6, 2, 0, 0, 2, 1, 2]
        try await Peer(onConnect: { $0.say(garbage) }).serving { port in
            let (error, _) = await failure {
                try await network.dialling(port) { try await $0.startTLS(serverName: nil) }
            }
            guard case .tls(let failure)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(!failure.text.isEmpty && !failure.text.contains("/"))
        }
    }

    @Test func `the alert of a peer is told by its name`() async throws {
        try await Peer(onRead: { channel, _ in channel.say([21, 3, 3, 0, 2, 2, 40]) }).serving { port in
            let (error, _) = await failure {
                try await network.dialling(port) { try await $0.startTLS(serverName: nil) }
            }
            #expect(error == .tls(TLSFailure("the peer refused", alert: "handshake_failure")))
        }
    }

    @Test func `nothing in common with the peer`() async throws {
        let peer = try peer {
            $0.maximumTLSVersion = .tlsv12
            $0.cipherSuiteValues = [.TLS_RSA_WITH_AES_128_CBC_SHA]  // needs an RSA key, which it has not
        }
        try await peer.serving { port in
            let (error, _) = await failure {
                try await network.dialling(port) { try await $0.startTLS(serverName: nil) }
            }
            #expect(error == .tls(TLSFailure("the peer refused", alert: "handshake_failure")))
        }
    }

    @Test func `connected is not accepted: a late alert of TLS 1_3 comes with the next read`() async throws {
        let peer = try peer {
            $0.certificateVerification = .noHostnameVerification
            $0.trustRoots = .certificates([try NIOSSLCertificate(bytes: Identity.p256.certificate, format: .der)])
        }
        try await peer.serving { port in
            try await network.dialling(port) { wire in
                let handshake = try await wire.startTLS(serverName: nil)
                #expect(handshake.version == "TLSv1.3")
                let (error, _) = await failure { try await wire.line() }
                #expect(error == .tls(TLSFailure("the peer refused", alert: "certificate_required")))
            }
        }
    }

    @Test func `a peer that closes without saying so inside TLS has closed`() async throws {
        let peer = Peer(
            tls: try Identity.p256.configuration(),
            onRead: { channel, _ in
                channel.say("221 bye\r\n")
                // From the place of TLS on: past it, without close_notify.
                _ = try? channel.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
                    .close(promise: nil)
            })
        try await peer.serving { port in
            try await network.dialling(port) { wire in
                _ = try await wire.startTLS(serverName: nil)
                try await wire.say("QUIT\r\n")
                #expect(try await wire.line() == "221 bye")
                let (error, _) = await failure { try await wire.line() }
                #expect(error == .closedByPeer)
            }
        }
    }

    @Test func `TLS starts once`() async throws {
        try await peer().serving { port in
            try await network.dialling(port) { wire in
                _ = try await wire.startTLS(serverName: nil)
                let (error, _) = await failure { try await wire.startTLS(serverName: nil) }
                #expect(error == .io("TLS is up already"))
            }
        }
    }

    @Test func `an endless reply inside TLS ends at the limit`() async throws {
        var network = network
        network.octetLimit = 100_000
        let lines = Array(String(repeating: "* OK still here\r\n", count: 1_000).utf8)
        let peer = Peer(tls: try Identity.p256.configuration(), onConnect: { $0.repeatForEver(lines) })
        try await peer.serving { [network] port in
            let (error, _) = await failure {
                try await network.dialling(port) { wire in
                    _ = try await wire.startTLS(serverName: nil)
                    while true { _ = try await wire.line() }
                }
            }
            #expect(error == .tooMuch(limit: 100_000))
        }
    }

    @Test func `many connections at once come and go`() async throws {
        try await peer().serving { port in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<60 {
                    group.addTask {
                        try await network.dialling(port) { wire in
                            _ = try await wire.startTLS(serverName: nil)
                            return try await wire.line() == "220 inside"
                        }
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }
}
