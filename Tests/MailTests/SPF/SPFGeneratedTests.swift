import DNS
import Foundation
import Testing

@testable import Mail

/// Records nobody wrote, in numbers: what holds for every one of them.
@Suite("check_host() on made-up and mutated records") struct SPFGeneratedTests {
    @Test("Limits hold, the trace counts, the result has its reason")
    func invariants() {
        var dice = Dice(7208)
        var results: [SPFResult: Int] = [:]
        for _ in 0..<1_500 {
            let world = SPFWorld(&dice)
            let evaluation = world.evaluation
            results[evaluation.result, default: 0] += 1
            #expect(evaluation.isComplete)
            #expect(!evaluation.reason.isEmpty)
            #expect(evaluation.lookups <= SPFCheck.maximumLookups + 2)
            #expect(evaluation.voidLookups <= SPFCheck.maximumVoidLookups + 1)
            if evaluation.lookups > SPFCheck.maximumLookups || evaluation.voidLookups > SPFCheck.maximumVoidLookups {
                #expect(evaluation.result == .permerror)
            }
            for (step, next) in zip(evaluation.trace, evaluation.trace.dropFirst()) {
                #expect(step.lookups <= next.lookups && next.lookups <= step.lookups + 2)
                #expect(next.depth <= step.depth + 1)
            }
            switch evaluation.result {
            case .pass, .fail, .softfail: #expect(evaluation.matched != nil)
            case .none, .permerror: #expect(evaluation.matched == nil)
            case .temperror: #expect(evaluation.unanswered != nil)
            case .neutral: break
            }
            if evaluation.explanation != nil { #expect(evaluation.result == .fail) }
        }
        #expect(results.count == 7, "\(results)")
    }

    @Test("Nothing that is asked is without need: with every answer of the last run, the next asks nothing")
    func settles() {
        var dice = Dice(4408)
        for _ in 0..<300 {
            let world = SPFWorld(&dice)
            var knowledge = Knowledge()
            var asked: Set<Question> = []
            var waves = 0
            while waves < 60 {
                let evaluation = SPFCheck.evaluate(
                    ip: world.ip, mailFrom: world.mailFrom, helo: world.helo, in: &knowledge)
                #expect(evaluation.isComplete == knowledge.wanted.isEmpty)
                if knowledge.wanted.isEmpty { break }
                #expect(asked.isDisjoint(with: knowledge.wanted))
                asked.formUnion(knowledge.wanted)
                for question in knowledge.wanted { knowledge.learn(question, world.outcome(question)) }
                waves += 1
            }
            #expect(waves < 40)
            // 1 record, 10 terms of at most 1 + 10 names each, the client's names, the explanation.
            #expect(asked.count <= 1 + 10 * 11 + 11 + 1)
        }
    }

    @Test("An analysis of the same records ends and counts at least what an evaluation does")
    func analysis() {
        var dice = Dice(99)
        for _ in 0..<400 {
            let world = SPFWorld(&dice, failures: false)
            let evaluation = world.evaluation
            guard let domain = evaluation.domain else { continue }
            let analysis = world.settled { SPFAnalysis.analyse(domain, asking: &$0) }
            if analysis.isComplete, analysis.loops.isEmpty, !SPFWorld.hasMacroTargets(analysis.root) {
                #expect(analysis.lookups >= evaluation.lookups, "\(world)")
            }
        }
    }

    @Test("Mutated records are read, evaluated and advised on without a crash", arguments: 0..<2)
    func mutation(_ part: Int) async {
        var dice = Dice(UInt64(part) + 1)
        let seeds = [
            "v=spf1 a mx:example.net/24//64 ?ptr ip4:192.0.2.0/24 ip6:2001:db8::/32 ~exists:%{ir}.%{l1r-}.x.example.org "
                + "include:_spf.example.net x-custom=%{i} redirect=other.example.org exp=why.%{d2} -all",
            "v=spf1 include:%{d} include:%{i}._ip.%{h}._ehlo.%{d}._spf.example.com ~all",
            "v=spf1 redirect=%{s}.%{o}.%{p}.%{v}.%{H}%%%_%-",
        ].map { Array($0.utf8) }
        let explanation = Array("%{c} %{r} %{t} %{S} %{p} may not send for %{d} %% %_ %-".utf8)
        let domain = SPFWorld.name("example.org")
        for round in 0..<50_000 {
            if round.isMultiple(of: 20) { await Task.yield() }
            let record = mutated(seeds[round % seeds.count], with: &dice)
            let read = SPFRecord(record)
            if round % 4 == 0, read.allProblems.contains(where: { $0.column < 1 || $0.column > record.count + 1 }) {
                Issue.record("a column outside of \(String(decoding: record, as: UTF8.self))")
            }
            guard round % 16 == 0 else { continue }
            let text = mutated(explanation, with: &dice)
            var knowledge = Knowledge()
            var evaluation = SPFCheck.evaluate(
                ip: .v4(IPv4Address(192, 0, 2, 1)), mailFrom: "x@example.org", helo: "h.example", in: &knowledge)
            for wave in 0..<30 where !knowledge.wanted.isEmpty {
                for question in knowledge.wanted {
                    let octets = question.name == domain ? record : wave % 2 == 0 ? text : record
                    knowledge.learn(
                        question,
                        .success(
                            question.type == .txt
                                ? Answer(.records, records: [Record(question.name, .txt(TXT(strings: [octets])))])
                                : Answer(.noData)))
                }
                evaluation = SPFCheck.evaluate(
                    ip: .v4(IPv4Address(192, 0, 2, 1)), mailFrom: "x@example.org", helo: "h.example", in: &knowledge)
            }
            if !evaluation.isComplete { Issue.record("\(String(decoding: record, as: UTF8.self)) never ends") }
        }
    }

    /// `SPF_CASES=file swift test` writes worlds with our results, one a line, to be compared with another program.
    @Test(
        "Worlds for another program to judge",
        .enabled(if: ProcessInfo.processInfo.environment["SPF_CASES"] != nil, "SPF_CASES names no file"))
    func export() async throws {
        var dice = Dice(20_000)
        var lines = ""
        for turn in 0..<10_000 {
            if turn.isMultiple(of: 20) { await Task.yield() }
            let world = SPFWorld(&dice)
            let evaluation = world.evaluation
            var zone: [[String: String]] = []
            for (question, outcome) in world.outcomes {
                let name = SPFName.octets(question.name).text, type = "\(question.type)"
                switch outcome {
                case .failure: zone.append(["name": name, "type": type, "error": "1"])
                case .success(let answer):
                    if answer.records.isEmpty { zone.append(["name": name, "type": type]) }
                    for record in answer.records {
                        let data =
                            switch record.data {
                            case .txt(let txt): txt.text
                            case .mx(let mx): "\(mx.preference) \(mx.exchange)"
                            default: record.data.description
                            }
                        zone.append(["name": name, "type": type, "data": data])
                    }
                }
            }
            let line: [String: Any] = [
                "zone": zone, "ip": world.ip.description, "mailfrom": world.mailFrom, "helo": world.helo,
                "result": evaluation.result.rawValue, "explanation": evaluation.explanation ?? "",
                "reason": evaluation.reason, "lookups": evaluation.lookups, "voids": evaluation.voidLookups,
            ]
            lines += String(decoding: try JSONSerialization.data(withJSONObject: line), as: UTF8.self) + "\n"
        }
        let path = ProcessInfo.processInfo.environment["SPF_CASES"] ?? ""
        try Data(lines.utf8).write(to: URL(filePath: path))
    }
}

extension SPFWorld {
    static func hasMacroTargets(_ node: SPFAnalysis.Node) -> Bool {
        let macros =
            node.status.value?.terms.contains { term in
                switch term.kind {
                case .directive(let directive):
                    if case .include(let target) = directive.mechanism { target.hasMacros } else { false }
                case .modifier(.redirect(let target)): target.hasMacros
                case .modifier, .malformed: false
                }
            } ?? false
        return macros || node.children.contains(where: hasMacroTargets)
    }
}
