import DNS
import Judgement
import Testing

@testable import Rendering

@Suite("JSON that is told once") struct JSONSinkTests {
    private func tell(_ sink: inout some JSONSink) throws {
        let odd = try DomainName("a\\.b.ex\\034mple.\\195\\188.org"), plain = try DomainName("mx-1._x.Example.org")
        sink.object { sink in
            sink.key("empty")
            sink.object { _ in }
            sink.key("none")
            sink.array { _ in }
            sink.key("values")
            sink.array { sink in
                sink.null()
                sink.bool(true)
                sink.bool(false)
                sink.integer(-7)
                sink.string("plain, and long enough for several words")
                sink.string("\u{7}\"\\\r\n\u{202E}é\u{1F600}")
                sink.name(odd)
                sink.name(plain)
                sink.name(.root)
                sink.json(["a": [1, 2.5, nil], "b": .string("\t")])
                sink.object { sink in
                    sink.key("x")
                    sink.optional(nil as String?)
                    sink.key("y")
                    sink.optional(plain)
                    sink.key("z")
                    sink.strings(["", "b"])
                }
                sink.array { $0.array { $0.integer(1) } }
            }
        }
    }

    @Test("As octets it is what the tree becomes")
    func same() throws {
        var tree = JSONTree()
        try tell(&tree)
        var line = JSONLine()
        try tell(&line)
        #expect(Self.text(line.octets) == JSONWriter.text(tree.value))
        #expect(JSONWriter.text(tree.value).contains(#""mx-1._x.Example.org",".""#))
    }

    private static func text(_ octets: GrowingOctets) -> String {
        octets.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    @Test("Octets grow beyond any room that was made for them, and a copy is not disturbed by that")
    func growth() {
        var octets = GrowingOctets(capacity: 3)
        var expected: [UInt8] = []
        var kept: [(GrowingOctets, [UInt8])] = []
        for count in [0, 1, 2, 3, 50, 1_000, 40_000] {
            let piece = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            piece.withUnsafeBufferPointer { octets.append($0) }
            octets.append("ab")
            octets.append(7)
            #expect(
                octets.append(atMost: 4) { room in
                    room.update(repeating: 9)
                    return 2
                })
            #expect(!octets.append(atMost: 1_000) { _ in nil })
            octets.cut(to: octets.count - 1)
            expected += piece + Array("ab".utf8) + [7, 9]
            kept.append((octets, expected))
        }
        for (octets, expected) in kept.suffix(1) + kept.prefix(2) {
            octets.withUnsafeBufferPointer { #expect(Array($0) == expected) }
        }
    }

    @Test("Text of every length and kind is escaped the same way in a line and in a tree")
    func texts() {
        for length in 0..<40 {
            for odd in ["", "\"", "\\", "\u{1F}", "\u{7F}", "é", "\u{1F600}", "\u{2028}"] {
                let text = String(repeating: "x", count: length) + odd + String(repeating: "y", count: length % 11)
                var line = JSONLine()
                line.object { $0.member("k", text) }
                #expect(Self.text(line.octets) == JSONWriter.text(["k": .string(text)]))
                #expect(
                    Self.text(line.octets).contains(odd)
                        == (odd == "" || odd == "é" || odd == "\u{1F600}" || odd == "\"" || odd == "\\"))
            }
        }
    }

    @Test("A report on one line is the report's tree without what only ports could fill", arguments: [false, true])
    func report(isFixed: Bool) async throws {
        for (zone, selectors) in [
            (Sample.sickZone, ["s1", "s2", "s3"]), (Sample.healthyZone, ["s1"]), ("other.example. A 192.0.2.1", []),
        ] {
            let report = try await Sample.report(
                on: "example.org", zone: zone, selectors: selectors, rules: Rule.answeredByDNS)
            guard case .object(var members) = ReportJSON.json(report), case .object(let evidence)? = members.last?.value
            else {
                Issue.record("a report is an object that ends with its evidence")
                return
            }
            members[members.count - 1].value = .object(evidence.filter { $0.key != "dane" && $0.key != "ports" })
            if isFixed { members.removeAll { $0.key == "duration_seconds" } }
            // What many lines share is kept from the second time on.
            for _ in 1...3 {
                var octets = GrowingOctets(capacity: 10)
                octets.append("before ")
                ReportJSON.append(report, isFixed: isFixed, to: &octets)
                #expect(Self.text(octets) == "before " + JSONWriter.text(.object(members)))
            }
        }
    }
}
