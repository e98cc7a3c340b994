internal import DNS
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

/// How many connections a server of the lab keeps at a time; more are closed at once.
private let connectionLimit = 256

/// Listens on a port of `address`, a free one where it is 0. The second value runs the server until its task is cancelled, and returns
/// when every connection has ended.
func openListener(
    at address: IPAddress, port: UInt16 = 0, tls: TLSRole?,
    serve: @escaping @Sendable (LabConversation) async throws -> Void
) async throws -> (TransportAddress, @Sendable () async -> Void) {
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .bind(to: SocketAddress(ipAddress: address.description, port: Int(port))) { Link.attach(to: $0, tls: tls) }
    let endpoint = TransportAddress(address: address, port: UInt16(server.channel.localAddress?.port ?? 0))
    let isSecure = tls != nil
    return (
        endpoint,
        {
            let open = NIOLockedValueBox(0)
            try? await server.executeThenClose { accepted in
                await withDiscardingTaskGroup { group in
                    do {
                        for try await link in accepted {
                            guard
                                open.withLockedValue({
                                    $0 += 1; return $0 <= connectionLimit
                                })
                            else {
                                open.withLockedValue { $0 -= 1 }
                                link.close()
                                continue
                            }
                            group.addTask {
                                await attend(link, isSecure: isSecure, serve: serve)
                                open.withLockedValue { $0 -= 1 }
                            }
                        }
                    } catch {
                        // The listening socket failed: those who are connected may finish.
                    }
                }
            }
        }
    )
}

/// Runs one conversation, for a quarter of an hour at most, and closes the connection.
private func attend(
    _ link: Link, isSecure: Bool, serve: @escaping @Sendable (LabConversation) async throws -> Void
) async {
    let end = link.channel.eventLoop.scheduleTask(in: .minutes(15)) { link.close() }
    await withTaskCancellationHandler {
        do {
            try await serve(LabConversation(link, isSecure: isSecure))
        } catch {
            // A conversation that broke off is over; there is no one to tell.
        }
        link.close()
    } onCancel: {
        link.close()
    }
    end.cancel()
}

/// Connects from a given address: a relay is known by the address it comes from.
func dial(_ endpoint: TransportAddress, from source: IPAddress) async throws -> Link {
    try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .connectTimeout(.seconds(10))
        .bind(to: SocketAddress(ipAddress: source.description, port: 0))
        .connect(to: SocketAddress(ipAddress: endpoint.address.description, port: Int(endpoint.port))) {
            Link.attach(to: $0, tls: nil)
        }
}
