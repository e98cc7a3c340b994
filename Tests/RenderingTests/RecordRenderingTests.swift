import Judgement
import Mail
import Testing

@testable import Rendering

@Suite("What is said of a record's text")
struct RecordRenderingTests {
    private func text(_ kind: RecordKind, _ record: String, width: Int = 80) -> String {
        RecordRendering.text(kind, record, kind.check(Array(record.utf8)), Look(width: width))
    }

    @Test("A caret stands under the column, in a long record too")
    func caret() {
        let long = "v=spf1 " + (1...13).map { "ip4:192.0.2.\($0) " }.joined() + "inlude:x.example -all"
        for record in ["v=spf1 inlude:x.example -all", long] {
            let lines = text(.spf, record, width: 60).split(separator: "\n")
            guard let caret = lines.firstIndex(where: { $0.trimming("^") }), caret > 0 else {
                Issue.record("no caret")
                return
            }
            let column = lines[caret].count - 1
            #expect(lines[caret - 1].dropFirst(column).hasPrefix("inlude:x.example"))
            #expect(lines[caret - 1].count <= 60)
        }
    }

    @Test("Control characters of a record do not get through")
    func escapes() {
        let shown = text(.dmarc, "v=DMARC1; p=\u{1B}[31mnone\u{7}; x\u{85}=1")
        #expect(!shown.unicodeScalars.contains { $0 != "\n" && ($0.value < 32 || (127...159).contains($0.value)) })
    }

    @Test("JSON")
    func json() {
        let text = "v=DMARC1; p=rejct"
        guard case .object(let members) = RecordRendering.json(.dmarc, text, RecordKind.dmarc.check(Array(text.utf8)))
        else {
            Issue.record("no object")
            return
        }
        #expect(members.map(\.key) == ["kind", "valid", "problems", "record"])
        #expect(members[1].value == .bool(false))
    }

    @Test("A file's problems have a line, and the caret stands under it")
    func files() {
        let policy = "version: STSv1\r\nmode: enforc\r\nmx: a.example\r\nmax_age: 604800\r\n"
        let lines = text(.mtastsPolicy, policy).split(separator: "\n")
        #expect(lines.contains("error, line 2, column 7: “enforc” is no mode: write “enforce”"), "\(lines)")
        #expect(lines.suffix(2) == ["  mode: enforc", "        ^"])
    }
}

extension Substring {
    /// Nothing but blanks and one of these at the end.
    fileprivate func trimming(_ mark: Character) -> Bool { last == mark && dropLast().allSatisfy { $0 == " " } }
}
