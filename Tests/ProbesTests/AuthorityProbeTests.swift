import DNS
import Judgement
import Lab
import Mail
import Networking
import Testing

@testable import Probes

extension ProbesOnTheNetwork {
    /// Name servers of a zone, asked themselves: real ones on loopback that differ.
    @Suite("Asking authoritative servers")
    struct AuthorityProbeTests {
        static let zone = """
            $ORIGIN example.org.
            @ SOA ns1 hostmaster 7 7200 3600 1209600 3600
            @ NS ns1
            @ NS ns2
            ns1 A 192.0.2.53
            ns2 A 192.0.2.54
            @ MX 10 mx
            mx A 192.0.2.25
            @ TXT "v=spf1 mx -all"
            _dmarc TXT "v=DMARC1; p=reject"
            """

        private enum Second { case same, with(String), dead, truncating, closed }

        /// What an audit without ports says where `second` is the second of two servers.
        private func audit(_ second: Second, both: Bool = true) async throws -> (Report, Double) {
            try await withLab { lab in
                let bench = await LabBench(lab)
                var means = try bench.means()
                means.resolver = try Zone(Self.zone)
                let one = try await lab.start(DNSAuthority(try Zone(Self.zone)))
                let two = DNSAuthority(
                    try Zone(Self.zone), truncating: [try DomainName("_dmarc.example.org")])
                switch second {
                case .with(let text): two.zone = try Zone(text)
                case .dead: two.isDead = true
                case .same, .truncating, .closed: break
                }
                var other = try await lab.start(two)
                if case .closed = second { other.port = 1 }
                means.network.connectTo = [
                    ConnectOverride(
                        host: .name(try DomainName("ns1.example.org")), port: 53, toAddress: one.address,
                        toPort: both ? one.port : 1),
                    ConnectOverride(
                        host: .name(try DomainName("ns2.example.org")), port: 53, toAddress: other.address,
                        toPort: both ? other.port : 1),
                ]
                let name = try DomainName("example.org")
                let target = Target(name: "example.org", domain: name)
                let clock = ContinuousClock()
                var seen: [Observation] = []
                let time = await clock.measure {
                    seen = await examine(
                        target, with: means, plan: ExaminationPlan(services: [], transport: false),
                        by: .after(seconds: 20))
                }
                return (judge(seen, of: target, at: means.now()), time / .seconds(1))
            }
        }

        private func fired(_ report: Report) -> [String] {
            report.findings.map(\.check.identifier).filter { $0.hasPrefix("authority.") && $0 != "authority.ipv6" }
                .sorted()
        }

        @Test("Two servers that agree, over UDP and TCP, give no finding") func agree() async throws {
            let (report, seconds) = try await audit(.same)
            #expect(fired(report) == [])
            #expect(report.unknown.filter { $0.check.identifier.hasPrefix("authority.") }.isEmpty)
            for check in ["lame", "silent", "tcp", "edns", "mx-differs", "dmarc-differs", "serial", "propagation"] {
                #expect(report.passed.contains { $0.identifier == "authority.\(check)" }, "\(check)")
            }
            #expect(seconds < 5)
        }

        @Test("One that has another state of the zone is told, and by what") func differ() async throws {
            let other = Self.zone.replacing("hostmaster 7", with: "hostmaster 6").replacing(
                "MX 10 mx", with: "MX 10 ns1"
            )
            .replacing("p=reject", with: "p=none").replacing("mx A 192.0.2.25", with: "mx A 192.0.2.26")
            let (report, _) = try await audit(.with(other))
            #expect(
                fired(report) == [
                    "authority.addresses-differ", "authority.dmarc-differs", "authority.mx-differs", "authority.serial",
                ])
            let finding = report.findings.first { $0.check.identifier == "authority.mx-differs" }
            #expect(finding?.summary.contains("10 ns1.example.org.") == true)
        }

        @Test("One that refuses, or has another zone, is lame") func lame() async throws {
            let (report, _) = try await audit(.with("example.org. SOA !refused\nexample.org. MX !refused"))
            #expect(fired(report) == ["authority.lame"])
        }

        @Test("One that is dead is silent as seen from here, and nothing else is said of it") func dead() async throws {
            let (report, seconds) = try await audit(.dead)
            #expect(fired(report) == ["authority.silent"])
            #expect(seconds < 8)
        }

        @Test("One whose port is closed is told") func closed() async throws {
            let (report, _) = try await audit(.closed)
            #expect(fired(report) == ["authority.silent"])
        }

        @Test("Where none can be reached nothing is found, and it is said why") func none() async throws {
            let (report, seconds) = try await audit(.same, both: false)
            #expect(fired(report) == [])
            #expect(report.unknown.filter { $0.check.identifier.hasPrefix("authority.") }.isEmpty)
            let why = report.notApplicable.first { $0.check.identifier == "authority.lame" }?.because
            #expect(why?.contains("cannot be reached directly from here") == true)
            #expect(seconds < 4)
        }
    }
}
