import DNS
import Judgement
import Mail
import Testing

@testable import Rendering

@Suite("The table of ports")
struct PortsTableTests {
    @Test(
        "A port without a connection says why, and one that was never dialled is not called silent",
        arguments: [
            (PortObservation.State.refused, Failure.Cause.connectRefused, "refused"),
            (.timeout, .connectTimeout, "silent"), (.timeout, .overload, "untried"), (.timeout, .timeout, "untried"),
            (.timeout, .cancelled, "untried"), (.unreachable, .unreachable, "no way"),
            (.unreachable, .offline, "offline"),
        ])
    func withoutConnection(state: PortObservation.State, cause: Failure.Cause, says: String) throws {
        let endpoint = Endpoint(
            host: try DomainName("mx.example"), address: try #require(IPAddress("192.0.2.1")), port: 25)
        var port = PortObservation(endpoint: endpoint, service: .smtp, at: Timestamp(0), state: state)
        port.failure = Failure(cause, during: .connect, "")
        #expect(PortsTable.cell(port, at: Timestamp(0)).text == says)
        #expect(says == "refused" || says == "offline" || PortsTable.legend([port], at: Timestamp(0)).hasPrefix(says))
    }
}
