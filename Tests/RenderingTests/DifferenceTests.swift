import Judgement
import Testing

@testable import Rendering

@Suite("Two reports compared")
struct DifferenceTests {
    private func report(
        _ zone: String, ports: [PortObservation] = [], at: Double = 0, _ baseline: Baseline = Baseline()
    ) async throws -> JSON {
        let report = try await Sample.report(
            on: "example.org", zone: zone, ports: ports, selectors: ["s1"], rules: Rule.all)
        return ReportJSON.json(baseline.applied(to: report))
    }

    private func difference(_ before: JSON?, _ after: JSON?) -> ReportDifference {
        let difference = ReportDifference(domain: "example.org", before: before, after: after)
        #expect(SchemaDocument.difference.problems(in: DifferenceRendering.json(difference)) == [])
        return difference
    }

    @Test("The same twice is the same")
    func same() async throws {
        for zone in [Sample.healthyZone, Sample.sickZone] {
            let report = try await report(zone, ports: Sample.ports)
            let difference = difference(report, report)
            #expect(difference.outcome == .same)
            #expect(difference.new.isEmpty && difference.gone.isEmpty && difference.facts.isEmpty)
        }
    }

    @Test("A record that was lost is new trouble with its fact; put back, it is gone")
    func newAndGone() async throws {
        let well = try await report(Sample.healthyZone)
        let ill = try await report(
            Sample.healthyZone.replacing("_dmarc TXT", with: "_other TXT").replacing("mx -all", with: "mx +all"))
        let worse = difference(well, ill)
        #expect(worse.outcome == .worse && worse.worst == .critical)
        #expect(Set(worse.new.map(\.check)).isSuperset(of: ["dmarc.exists", "spf.pass-all"]))
        let spf = worse.facts.first { $0.what == "SPF" }
        #expect(spf?.before == "v=spf1 mx -all" && spf?.after == "v=spf1 mx +all")
        #expect(worse.facts.first { $0.what == "DMARC" }?.after == nil)
        let better = difference(ill, well)
        #expect(better.outcome == .better && better.new.isEmpty)
        #expect(Set(better.gone.map(\.check)).isSuperset(of: ["dmarc.exists", "spf.pass-all"]))
    }

    @Test("What could not be told the second time is never gone, and nothing is new for having been unknown")
    func unknown() async throws {
        let ill = try await report(Sample.healthyZone.replacing("_dmarc TXT", with: "_other TXT"))
        let mute = try await report(Sample.healthyZone.replacing("_dmarc TXT", with: "_dmarc TXT !timeout ;"))
        let difference = difference(ill, mute)
        #expect(difference.outcome == .unknown && difference.gone.isEmpty && difference.new.isEmpty)
        #expect(difference.unknownNow.contains { $0.check == "dmarc.exists" && $0.earlier == .error })
        let back = self.difference(mute, ill)
        #expect(back.new.first { $0.check == "dmarc.exists" }?.note == "could not be told before")
        let well = self.difference(mute, try await report(Sample.healthyZone))
        #expect(well.toldNow.contains { $0.check == "dmarc.exists" })
    }

    @Test("What the second report did not look at is not gone")
    func notLooked() async throws {
        let ill = try await report(Sample.healthyZone.replacing("_dmarc TXT", with: "_other TXT"))
        var less = ill
        if case .object(var members) = ill {
            members.removeAll { ["findings", "passed", "unknown", "not_applicable"].contains($0.key) }
            less = .object(members + [.init("findings", []), .init("passed", ["mx.exists"])])
        }
        let difference = difference(ill, less)
        #expect(difference.gone.isEmpty && difference.outcome == .unknown)
        #expect(difference.unknownNow.first { $0.check == "dmarc.exists" }?.note == "was not looked at")
        #expect(self.difference(ill, nil).outcome == .unknown)
        #expect(self.difference(nil, ill).outcome == .worse)
    }

    @Test("Severities that rise and fall, and findings that were accepted")
    func severities() async throws {
        let zone = Sample.healthyZone.replacing("_dmarc TXT", with: "_other TXT")
        let plain = try await report(zone)
        let light = try await report(zone, Baseline(weights: ["dmarc.exists": .severity(.notice)]))
        #expect(difference(plain, light).milder.map(\.check) == ["dmarc.exists"])
        #expect(difference(light, plain).worse.map(\.check) == ["dmarc.exists"])
        #expect(difference(light, plain).worst == .error)
        let accepted = try await report(zone, Baseline(acceptances: [.init(check: "dmarc.exists", reason: "x")]))
        #expect(difference(plain, accepted).acceptedNow.map(\.check) == ["dmarc.exists"])
        #expect(difference(plain, accepted).gone.isEmpty)
        #expect(difference(accepted, plain).new.first?.note == "was accepted before")
    }

    @Test("Certificates, ports and hosts that are others are told in words")
    func evidence() async throws {
        let before = try await report(Sample.healthyZone, ports: Array(Sample.ports.prefix(2)))
        var ports = Array(Sample.ports.prefix(2))
        ports[0].tls = Sample.tls(.starttls, "mx1.example.org", days: 30)
        ports[0].tls?.chain[0].fingerprint = String(repeating: "cd", count: 32)
        ports[1].state = .refused
        let after = try await report(
            Sample.healthyZone.replacing("MX 20 mx2", with: "MX 30 mx2"), ports: ports)
        let facts = difference(before, after).facts
        #expect(facts.contains { $0.what == "MX" && $0.after?.contains("30 mx2") == true })
        #expect(facts.contains { $0.what.hasSuffix(":25 certificate") && $0.after?.contains("cdcd") == true })
        #expect(facts.contains { $0.after == "refused" })
    }

    @Test("In words", arguments: [80, 160])
    func text(width: Int) async throws {
        let before = try await report(Sample.healthyZone, ports: Array(Sample.ports.prefix(7)))
        let after = try await report(Sample.sickZone, ports: Sample.ports)
        let text = DifferenceRendering.text([difference(before, after)], Look(width: width))
        #expect(text.split(separator: "\n").allSatisfy { Columns.of(String($0)) <= width })
        #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || Escaping.isPlain($0) })
        for word in ["example.org  ✗ worse", "+ NEW (", "WHAT IS DIFFERENT"] { #expect(text.contains(word)) }
        let markdown = DifferenceRendering.markdown([difference(before, after)])
        #expect(markdown.hasPrefix("# example.org: ✗ worse\n") && markdown.contains("## What is different"))
    }

    @Test("Domains are matched by name, in the order of the first list")
    func several() async throws {
        func named(_ name: String) -> JSON { ["domain": .string(name), "findings": []] }
        let differences = ReportDifference.between(["b", "a"].map(named), ["c", "a"].map(named))
        #expect(differences.map(\.domain) == ["b", "a", "c"])
        #expect(differences.map(\.outcome) == [.unknown, .same, .same])
    }

    @Test("Any JSON can be compared")
    func hostile() async throws {
        let report = try await report(Sample.sickZone, ports: Sample.ports)
        let text = Array(JSONWriter.text(report).utf8)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<40 {
            var octets = text
            for _ in 0..<3 {
                octets[Int.random(in: 0..<octets.count, using: &generator)] = UInt8.random(
                    in: 32...126, using: &generator)
            }
            guard let other = try? JSON(reading: octets) else { continue }
            _ = DifferenceRendering.text([ReportDifference(domain: "x", before: other, after: report)], Look())
            await Task.yield()
        }
    }
}
