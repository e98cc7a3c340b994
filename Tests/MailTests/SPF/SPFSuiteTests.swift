import DNS
import Foundation
import Testing

@testable import Mail

/// The suite of openspf.org for RFC 7208, every case of it, explanations too.
@Suite("check_host() against the published suite") struct SPFSuiteTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var scenario: String
        var mailFrom: String
        var helo: String
        var ip: String
        var results: [String]
        var explanation: String?
        var zone: OpenSPFZone
        var testDescription: String { "\(scenario): \(name)" }
    }

    static let path = "spf-openspf/rfc7208-tests.yml"

    static let cases: [Case] = {
        ((try? Suites.documents(path)) ?? []).flatMap { document -> [Case] in
            guard case .object(let tests)? = document["tests"], let zone = document["zonedata"] else { return [] }
            let known = OpenSPFZone(zone)
            return tests.sorted { $0.key < $1.key }.map { name, test in
                let result = test["result"]
                return Case(
                    name: name, scenario: document["description"]?.text ?? "", mailFrom: test["mailfrom"]?.text ?? "",
                    helo: test["helo"]?.text ?? "", ip: test["host"]?.text ?? "",
                    results: result?.text.map { [$0] } ?? result?.array?.compactMap(\.text) ?? [],
                    explanation: test["explanation"]?.text, zone: known)
            }
        }
    }()

    @Test("All 203 cases are read", .enabled(if: Suites.has(path), Suites.skipped))
    func all() { #expect(Self.cases.count == 203) }

    @Test("Each gives the result it should", .enabled(if: Suites.has(path), Suites.skipped), arguments: cases)
    func each(_ test: Case) throws {
        let ip = try #require(IPAddress(test.ip))
        var knowledge = Knowledge()
        var evaluation: SPFEvaluation
        var waves = 0
        repeat {
            for question in knowledge.wanted { knowledge.learn(question, test.zone.outcome(question)) }
            evaluation = SPFCheck.evaluate(ip: ip, mailFrom: test.mailFrom, helo: test.helo, in: &knowledge)
            #expect(evaluation.isComplete == knowledge.wanted.isEmpty)
            waves += 1
        } while !knowledge.wanted.isEmpty && waves < 40
        #expect(test.results.contains(evaluation.result.rawValue), "\(evaluation.result) because \(evaluation.reason)")
        if let wanted = test.explanation {
            #expect(evaluation.explanation ?? "DEFAULT" == wanted)
        }
        #expect(evaluation.lookups <= SPFCheck.maximumLookups + 1)
        #expect(evaluation.voidLookups <= SPFCheck.maximumVoidLookups + 1)
    }
}

/// A zone as the suite writes it: what a resolver would answer from it.
struct OpenSPFZone: Sendable {
    private enum Entry: Sendable {
        case record(RecordData)
        /// Any type that has no record times out.
        case timesOut
    }

    private var names: [String: [Entry]] = [:]

    init(_ value: Suites.Value) {
        guard case .object(let fields) = value else { return }
        for (name, list) in fields {
            var entries: [Entry] = []
            // SPF's data is served as TXT where there is no TXT.
            let hasTXT = (list.array ?? []).contains { $0["TXT"] != nil }
            for item in list.array ?? [] {
                if item.text == "TIMEOUT" { entries.append(.timesOut) }
                guard case .object(let fields) = item else { continue }
                for (type, value) in fields {
                    if let data = Self.data(type == "SPF" && !hasTXT ? "TXT" : type, value) {
                        entries.append(.record(data))
                    }
                }
            }
            names[Self.key(Array(name.utf8))] = entries
        }
    }

    private static func key(_ octets: [UInt8]) -> String {
        octets.map { $0 == 46 || $0.isVisible ? String(UnicodeScalar($0.lower)) : "\\\($0)" }.joined()
    }

    private static func data(_ type: String, _ value: Suites.Value) -> RecordData? {
        let list = value.array?.compactMap(\.text) ?? [value.text ?? ""]
        func host(_ text: String) -> DomainName { SPFName.name(Array(text.utf8)) ?? .root }
        switch type {
        case "TXT": return list == ["NONE"] ? nil : .txt(TXT(strings: list.map(octets)))
        case "A": return IPv4Address(list[0]).map { .a($0) }
        case "AAAA": return IPv6Address(list[0]).map { .aaaa($0) }
        case "PTR": return .ptr(host(list[0]))
        case "CNAME": return .cname(host(list[0]))
        case "MX": return .mx(MX(preference: UInt16(list[0]) ?? 0, exchange: host(list[1])))
        default: return nil
        }
    }

    /// `\xEF` in the suite means that octet.
    private static func octets(_ text: String) -> [UInt8] {
        let scalars = text.unicodeScalars
        return scalars.allSatisfy { $0.value < 256 } ? scalars.map { UInt8($0.value) } : Array(text.utf8)
    }

    func outcome(_ question: Question) -> Outcome {
        var name = question.name
        var aliases: [Record] = []
        while aliases.count < 10 {
            let key = Self.key(SPFName.octets(name))
            guard let entries = names[key] else {
                let isParent = names.keys.contains { $0.hasSuffix("." + key) }
                return .success(Answer(isParent ? .noData : .noSuchName, aliases: aliases))
            }
            var records: [Record] = []
            var timesOut = false
            var alias: DomainName?
            for entry in entries {
                switch entry {
                case .record(let data):
                    if data.type == question.type { records.append(Record(name, data)) }
                    if case .cname(let target) = data { alias = target }
                case .timesOut: timesOut = true
                }
            }
            if !records.isEmpty { return .success(Answer(.records, records: records, aliases: aliases)) }
            if timesOut { return .failure(Unanswered(.timedOut)) }
            guard let alias else { return .success(Answer(.noData, aliases: aliases)) }
            aliases.append(Record(name, .cname(alias)))
            name = alias
        }
        return .failure(Unanswered(.aliasLoop))
    }
}
