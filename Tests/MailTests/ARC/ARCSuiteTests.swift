import DNS
import Testing

@testable import Mail

@Suite("The published ARC suite")
struct ARCSuiteTests {
    static let path = "arc-valimail/arc-draft-validation-tests.yml"

    @Test("Every case with a verdict has it", .enabled(if: Suites.has(path), Suites.skipped))
    func verdicts() throws {
        var count = 0
        for document in try Suites.documents(Self.path) {
            let zone = SuiteZone(texts: document["txt-records"])
            guard case .object(let tests)? = document["tests"] else { continue }
            for (id, test) in tests {
                guard let wanted = test["cv"]?.text, !wanted.isEmpty else { continue }
                count += 1
                let message = Mail.Message(parsing: Array((test["message"]?.text ?? "").utf8))
                let chain = zone.known { ARCChain.validate(message, at: Timestamp(1_500_000_000), asking: &$0) }
                #expect(chain.result.rawValue == wanted.lowercased(), "\(id): \(chain.reason ?? "")")
                #expect((chain.reason == nil) == (chain.result != .fail))
                #expect((chain.oldestPass == nil) == (chain.result != .pass))
                if Suites.isVerbose { print("\(id): \(chain.result) \(chain.reason ?? "")") }
            }
        }
        #expect(count == 172, "168 names, four of them twice")
    }
}
