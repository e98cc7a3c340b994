import Foundation
import Lab
import Testing

@Suite("In the demo's mail world", .serialized)
struct WorldTests {
    @Test("The healthy domain has nothing wrong, and everything is seen")
    func healthy() async throws {
        try await withMailWorld { world in
            let options = try WorldOptions(world)
            defer { options.end() }
            let selectors = world.selectors[world.healthyDomain] ?? []
            let outcome = try await Program.run(
                ["audit", "\(world.healthyDomain)", "--json"] + selectors.flatMap { ["--selector", $0] }
                    + options.arguments)
            let report = ReportObject(object: try object(outcome.output))
            #expect(outcome.errors.isEmpty)
            // Everything here lives on loopback addresses, and no SRV records name it: that much is true.
            #expect(
                report.found.isSubset(of: ["mx.address-special", "mx.ipv6", "discovery.records"]), "\(report.found)")
            #expect(outcome.status == (report.found.contains("mx.address-special") ? 2 : 0))
            #expect(report.unknown.isEmpty, "\(report.unknown)")
            #expect(report.passed.count > 20)
            let open = report.ports.filter { $0["state"] as? String == "open" }
            #expect(Set(open.compactMap { $0["service"] as? String }).isSuperset(of: ["smtp", "submission", "imaps"]))
            for port in open {
                let tls = port["tls"] as? [String: Any]
                #expect(tls?["trusted"] as? Bool == true && tls?["name_ok"] as? Bool == true, "\(port)")
                #expect(tls?["expired"] as? Bool == false)
                #expect((port["phases"] as? [String: Any])?["connect_seconds"] is Double)
            }
        }
    }

    @Test("Each planted defect of the broken domain is found")
    func broken() async throws {
        try await withMailWorld { world in
            let options = try WorldOptions(world)
            defer { options.end() }
            let selectors = world.selectors[world.brokenDomain] ?? []
            let command =
                ["audit", "\(world.brokenDomain)"] + selectors.flatMap { ["--selector", $0] } + options.arguments
            let outcome = try await Program.run(command + ["--json"])
            let report = ReportObject(object: try object(outcome.output))
            #expect(outcome.status == 2)
            for defect in world.defects {
                #expect(report.found.contains(defect.check), "\(defect.what)")
            }
            let text = try await Program.run(command + ["-v"])
            #expect(text.status == 2)
            for defect in world.defects { #expect(text.output.contains(defect.check)) }
            #expect(text.output.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 32 })
        }
    }

    @Test("With a deadline an answer comes back by then, and what was not seen is unknown")
    func deadline() async throws {
        try await withMailWorld { world in
            let options = try WorldOptions(world)
            defer { options.end() }
            let began = ContinuousClock.now
            // Nobody listens on this port of the resolver's address.
            let outcome = try await Program.run(
                ["audit", "\(world.healthyDomain)", "--json", "--timeout", "2", "--resolver", "127.0.77.250:9"])
            #expect(began.duration(to: .now) < .seconds(30))
            #expect(outcome.status == 3)
            let report = ReportObject(object: try object(outcome.output))
            #expect(report.found.isEmpty, "\(report.found)")
            #expect(report.unknown["mx.exists"] != nil)
        }
    }

    @Test("A round trip shows the hop that held the message")
    func roundTrip() async throws {
        try await withMailWorld(hold: 3) { world in
            let journey = try #require(world.journeys.first)
            let options = try WorldOptions(world)
            defer { options.end() }
            let file = FileManager.default.temporaryDirectory.appending(path: "mailsonde-\(UUID().uuidString).yaml")
            defer { try? FileManager.default.removeItem(at: file) }
            let configuration = """
                roundtrips:
                  - name: \(journey.name)
                    deadline: 120s
                    from: {address: "\(journey.from.address)", server: \(journey.submissionHost), port: \(journey.submissionPort), user: "\(journey.from.address)", password_env: FROM}
                    to: {address: "\(journey.recipient)", protocol: \(journey.fetchProtocol), server: \(journey.fetchHost), port: \(journey.fetchPort), user: "\(journey.to.address)", password_env: TO}
                """
            try Data(configuration.utf8).write(to: file)
            let secrets = ["FROM": journey.from.password, "TO": journey.to.password]
            let outcome = try await Program.run(
                ["roundtrip", file.path, "--json"] + options.arguments, environment: secrets, within: 150)
            let trip = try object(outcome.output)
            #expect(outcome.status == 0, "\(trip)")
            #expect(trip["outcome"] as? String == "delivered")
            let received = trip["received"] as? [[String: Any]] ?? []
            #expect(received.count >= 2)
            let delays = received.compactMap { $0["delay_seconds"] as? Double }
            #expect(delays.contains { $0 >= journey.hold - 1.5 && $0 < 60 }, "\(delays)")
            #expect(!outcome.output.contains(journey.from.password) && !outcome.output.contains(journey.to.password))
            let text = try await Program.run(
                ["roundtrip", file.path, journey.name, "-v"] + options.arguments, environment: secrets)
            #expect(text.status == 0)
            #expect(text.output.contains("THE JOURNEY") && text.output.contains("█"))
            #expect(!text.output.contains(journey.from.password))
        }
    }
}
