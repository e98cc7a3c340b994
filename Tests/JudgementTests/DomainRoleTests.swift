import DNS
import Judgement
import Testing

@Suite struct DomainRoleTests {
    @Test(arguments: [
        ("example.org. MX 10 mx.example.org.\nexample.org. TXT \"v=spf1 mx -all\"", DomainRole.sendsAndReceives),
        ("example.org. MX 10 mx.example.org.", .sendsAndReceives),
        ("example.org. MX 10 mx.example.org.\nexample.org. TXT \"v=spf1 -all\"", .onlyReceives),
        ("example.org. MX 0 .\nexample.org. TXT \"v=spf1 ip4:192.0.2.1 -all\"", .onlySends),
        ("example.org. MX 0 .\nexample.org. TXT \"v=spf1 -all\"", .neither),
        ("example.org. TXT \"v=spf1 -all\"", .neither),
        (
            "example.org. MX 0 .\nexample.org. TXT \"v=spf1 redirect=a.example\"\na.example. TXT \"v=spf1 -all\"",
            .onlySends
        ),
        ("example.org. MX !timeout\nexample.org. TXT \"v=spf1 -all\"", .unknown),
        ("example.org. MX 0 .\nexample.org. TXT !servfail", .unknown),
        ("example.org. MX 0 .\nexample.org. TXT \"v=spf1 ~all\"", .onlySends),
    ]) func `A domain's role is what its records say`(zone: String, role: DomainRole) async throws {
        #expect(try await report(zone: zone).evidence.domain?.role == role)
    }
}
