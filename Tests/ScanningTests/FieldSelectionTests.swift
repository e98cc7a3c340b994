import Judgement
import Rendering
import Testing

@testable import Scanning

@Suite("Fields of a line")
struct FieldSelectionTests {
    private let report: JSON = [
        "domain": "a.example", "verdict": "error",
        "findings": [
            ["check": "spf.exists", "severity": "error", "detail": ["x": 1]],
            ["check": "mx.ipv6", "severity": "info", "detail": [:]],
        ],
        "evidence": ["mx": [["preference": 10, "host": "mx.a.example"]], "spf": ["status": "none"]],
    ]

    @Test(
        "What is selected keeps its place; what is not there stays absent",
        arguments: [
            ("domain,verdict", #"{"domain":"a.example","verdict":"error"}"#),
            ("verdict, domain", #"{"domain":"a.example","verdict":"error"}"#),
            ("domain,evidence.spf.record", #"{"domain":"a.example","evidence":{"spf":{}}}"#),
            (
                "evidence.spf.status,evidence.mx.host",
                #"{"evidence":{"mx":[{"host":"mx.a.example"}],"spf":{"status":"none"}}}"#
            ),
            ("findings.check", #"{"findings":[{"check":"spf.exists"},{"check":"mx.ipv6"}]}"#),
            ("findings.detail.x", #"{"findings":[{"detail":{"x":1}},{"detail":{}}]}"#),
            (
                "findings,findings.check",
                #"{"findings":[{"check":"spf.exists","severity":"error","detail":{"x":1}},"#
                    + #"{"check":"mx.ipv6","severity":"info","detail":{}}]}"#
            ),
        ])
    func select(paths: String, line: String) throws {
        #expect(JSONWriter.text(try FieldSelection(paths).applied(to: report)) == line)
    }

    @Test(
        "A path that leads nowhere is refused with what there is",
        arguments: [
            ("domian", "domian"), ("evidence.spf.recrod", "evidence.spf.recrod"), ("domain.x", "domain.x"), ("", ""),
            ("domain,,verdict", ""), ("evidence.ports", "evidence.ports"),
        ])
    func refused(paths: String, wrong: String) {
        do throws(FieldSelection.Problem) {
            _ = try FieldSelection(paths)
            Issue.record("\(paths) was taken")
        } catch {
            #expect(error.path == wrong)
        }
    }
}
