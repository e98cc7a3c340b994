internal import DNS
internal import HTTPTypes
internal import Hummingbird
internal import Monitor

/// `/-/healthy`, `/-/ready`, `/-/reload`.
struct ControlRoutes: Sendable {
    let monitor: Monitor

    func add(to router: Router<ServerContext>) {
        router.get("/-/healthy") { _, _ in Response.text("healthy") }
        router.get("/-/ready") { _, _ in
            await monitor.isReady ? Response.text("ready") : .text("not ready", status: .serviceUnavailable)
        }
        router.get("/-/reload") { _, _ in
            var response = Response.text("POST reloads the configuration", status: .methodNotAllowed)
            response.headers[.allow] = "POST"
            return response
        }
        router.post("/-/reload") { request, context in
            guard isAllowed(request, context, await monitor.configuration.reloadFrom) else {
                return Response.text("reloading is not allowed from here: see “reload_from”", status: .forbidden)
            }
            do {
                try await monitor.reload()
                return .text("reloaded")
            } catch {
                return .text(
                    "not reloaded, the old configuration stays in force:\n\(error)", status: .internalServerError)
            }
        }
    }

    /// A web page that somebody has open must not reload us, nor somebody behind a proxy on this machine.
    private func isAllowed(_ request: Request, _ context: ServerContext, _ from: Configuration.ReloadFrom) -> Bool {
        if request.headers[.origin] != nil { return false }
        switch from {
        case .nowhere: return false
        case .anywhere: return true
        case .loopback:
            if request.headers[.forwarded] != nil || request.headers[.forwardedFor] != nil { return false }
            return context.peer.map(isLoopback) ?? false
        }
    }

    /// 127.0.0.0/8 (RFC 1122 §3.2.1.3), also as mapped into IPv6, and ::1 (RFC 4291 §2.5.3).
    private func isLoopback(_ address: IPAddress) -> Bool {
        switch address {
        case .v4(let address): address.value >> 24 == 127
        case .v6(let address):
            address.ipv4Mapped.map { $0.value >> 24 == 127 } ?? (address.high == 0 && address.low == 1)
        }
    }
}

extension HTTPField.Name {
    fileprivate static let forwarded = HTTPField.Name("Forwarded")!
    fileprivate static let forwardedFor = HTTPField.Name("X-Forwarded-For")!
}
