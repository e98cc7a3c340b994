import DNS
import FoundationEssentials
import Mail
import Rendering
import Testing

@testable import Scanning

@Suite("Going on where a scan was stopped")
struct FinishedLinesTests {
    private func withFile<R>(_ text: String, _ body: (String) throws -> R) throws -> R {
        let path = FileManager.default.temporaryDirectory.appending(path: "mailsonde-lines-\(UUID().uuidString)").path
        try Data(text.utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    private func entries(_ names: String...) -> [ScanEntry] { names.map { ScanEntry(Array($0.utf8)[...]) } }

    private func line(_ name: String) -> String { #"{"schema":"x","domain":"\#(name)","verdict":"pass"}"# + "\n" }

    /// The entries that are left to do.
    private func left(_ text: String, _ list: [ScanEntry], isOrdered: Bool) throws -> [String] {
        try withFile(text) { path in
            let file = try OutputFile(path: path, continuing: true)
            defer { file.end() }
            var finished = FinishedLines(in: file, isOrdered: isOrdered, namesDomain: true)
            return try list.filter { try !finished.take($0) }.map(\.name)
        }
    }

    @Test("In order, the first entries are done", arguments: [true, false])
    func first(isOrdered: Bool) throws {
        let text = line("a.example") + line("b.example")
        #expect(
            try left(text, entries("a.example", "b.example", "c.example"), isOrdered: isOrdered) == ["c.example"])
    }

    @Test("Without order, each line counts for one entry of its name")
    func unordered() throws {
        let text = line("c.example") + line("a.example")
        let list = entries("a.example", "a.example", "b.example", "c.example")
        #expect(try left(text, list, isOrdered: false) == ["a.example", "b.example"])
    }

    @Test("A torn last line is cut off and its entry done again", arguments: [true, false])
    func torn(isOrdered: Bool) throws {
        let whole = line("a.example")
        let tail = line("b.example")
        for length in 0..<tail.utf8.count {
            let text = whole + String(decoding: tail.utf8.prefix(length), as: UTF8.self)
            try withFile(text) { path in
                let file = try OutputFile(path: path, continuing: true)
                #expect(file.length == whole.utf8.count)
                var finished = FinishedLines(in: file, isOrdered: isOrdered, namesDomain: true)
                let list = entries("a.example", "b.example")
                #expect(try list.filter { try !finished.take($0) }.map(\.name) == ["b.example"])
                file.end()
                #expect(try Data(contentsOf: URL(filePath: path)) == Data(whole.utf8))
            }
        }
    }

    @Test("Entries that are no domain are known again, whatever they hold", arguments: [true, false])
    func hostile(isOrdered: Bool) throws {
        for text in [#"a"b\c"#, "x@a.example", "\u{1B}[31m", "ü ü", String(repeating: "y", count: 5_000)] {
            let entry = ScanEntry(Array(text.utf8)[...])
            let at = ScanLine(selection: nil, isFixed: true)
            guard case .unusable(let shown, let reason) = entry.content else {
                Issue.record("\(text) was taken for a domain")
                continue
            }
            var octets = GrowingOctets()
            at.append(unusable: shown, reason: reason, at: .init(0), to: &octets)
            let line = octets.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
            #expect(try left(line, [entry] + entries("b.example"), isOrdered: isOrdered) == ["b.example"])
        }
    }

    @Test("A file of another list is refused")
    func mismatch() throws {
        #expect(throws: FinishedLines.Mismatch(line: 1, expected: "b.example", found: "a.example")) {
            try left(line("a.example"), entries("b.example"), isOrdered: true)
        }
    }

    @Test("A file that holds something is not overwritten, and is written by one scan only")
    func refused() throws {
        try withFile("x\n") { path in
            #expect(throws: OutputFile.Problem.self) { try OutputFile(path: path, continuing: false) }
            let first = try OutputFile(path: path, continuing: true)
            #expect(throws: OutputFile.Problem.self) { try OutputFile(path: path, continuing: true) }
            first.end()
        }
    }
}
