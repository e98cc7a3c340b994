import ArgumentParser
import Rendering

/// `mailsonde schema NAME`
struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "The JSON Schema of what audit, scan, message analyze and roundtrip write as JSON.",
        discussion: "Draft 2020-12, complete in itself: for validators, and for programs that are made from schemas.")

    @Argument(help: "report (audit --json), scan, message (message analyze), roundtrip, diff or fix (audit --fix).")
    var name = "report"

    func run() async throws {
        guard let document = SchemaDocument.all.first(where: { $0.name == name })?.document else {
            let names = Wording.list(SchemaDocument.all.map(\.name), "or")
            throw UsageError("there is no schema “\(name)”: write \(names)")
        }
        Standard.print(JSONWriter.text(document.json, .indented) + "\n")
    }
}
