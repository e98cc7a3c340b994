import DNS
import Testing

@testable import Mail

@Suite("Published DKIM suites")
struct DKIMSuitesTests {
    struct Case: CustomTestStringConvertible {
        var folder: String
        var value: Suites.Value
        var id: String { value["id"]?.text ?? "" }
        var testDescription: String { id }
    }

    static func cases(_ path: String, in folder: String) -> [Case] {
        ((try? Suites.value(path))?["cases"]?.array ?? []).map { Case(folder: folder, value: $0) }
    }

    static let all =
        cases("dkim/real.json", in: "dkim/") + cases("dkim/generated-seed1/cases.json", in: "dkim/generated-seed1/")

    /// The result a receiver would act on: the best of all signatures.
    private func overall(_ verifications: [DKIMVerification]) -> DKIMVerification.Result {
        let results = verifications.map(\.result)
        return [.pass, .policy, .fail, .temperror, .permerror, .neutral].first { results.contains($0) } ?? .none
    }

    @Test("Every case has the result that is wanted", .enabled(if: Suites.has("dkim/real.json"), Suites.skipped))
    func results() throws {
        #expect(Self.all.count == 219)
        for test in Self.all {
            let file = try #require(test.value["file"]?.text)
            let message = Mail.Message(parsing: try Suites.octets(test.folder + file))
            let now = Timestamp(Double(test.value["now"]?.number ?? 1_795_000_000))
            let verifier = DKIMVerifier(message)
            let verifications = SuiteZone(test.value["zone"]).known { verifier.verify(at: now, asking: &$0) }
            let wanted = try #require(test.value["want"]?.text)
            #expect(
                overall(verifications).rawValue == wanted,
                "\(test.id): \(verifications.map { "\($0.result) \($0.reason ?? "")" })")
            for verification in verifications where verification.result == .pass {
                #expect(verification.signatureValid == true && verification.reason == nil)
            }
        }
    }

    @Test("Lone LFs make no difference", .enabled(if: Suites.has("dkim/real.json"), Suites.skipped))
    func lineFeeds() throws {
        for test in Self.all {
            let octets = try Suites.octets(test.folder + (test.value["file"]?.text ?? ""))
            let bare = octets.enumerated().filter { place, octet in
                !(octet == 13 && place + 1 < octets.count && octets[place + 1] == 10)
            }.map(\.element)
            let now = Timestamp(Double(test.value["now"]?.number ?? 1_795_000_000))
            let zone = SuiteZone(test.value["zone"])
            let results = [octets, bare].map { octets in
                zone.known { DKIMVerification.verify(Mail.Message(parsing: octets), at: now, asking: &$0) }.map(
                    \.result)
            }
            #expect(results[0] == results[1], "\(test.id)")
        }
    }
}
