import ArgumentParser
import Judgement
import Rendering

/// `mailsonde explain [CHECK]`
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "What a check means, why it matters, how to mend it; without a check, the list of all.")

    @Argument(
        help: ArgumentHelp("The check, as reports name it: spf.lookup-limit; or an area: spf.", valueName: "check"))
    var check: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        let all = CheckPage.all.map(\.check)
        let chosen = try checks(of: all)
        let look = Standard.look(verbose: output.verbose)
        switch try output.chosenFormat {
        case .json:
            let values = chosen.map(CheckText.json)
            Standard.print(
                check != nil && !output.jsonLines && values.count == 1
                    ? JSONWriter.text(values[0], .indented) + "\n"
                    : output.jsonLines
                        ? ReportFormat.json(values, jsonLines: true)
                        : JSONWriter.text(.array(values), .indented) + "\n")
        case .text:
            Standard.print(
                chosen.count == 1 && check != nil
                    ? CheckText.text(chosen[0], look) : CheckText.list(chosen, look))
        case .markdown, .html, .junit, .sarif, .nagios:
            throw UsageError("explain writes text or json")
        }
    }

    /// One check, those of an area, or all.
    private func checks(of all: [Check]) throws -> [Check] {
        guard let wanted = check?.lowercased() else { return all }
        if let one = all.first(where: { $0.identifier == wanted }) { return [one] }
        let area = all.filter { $0.identifier.hasPrefix(wanted + ".") }
        if !area.isEmpty { return area }
        let near = CheckText.near(wanted, among: all.map(\.identifier))
        let hint = near.isEmpty ? "“mailsonde explain” lists all" : "did you mean \(Wording.list(near, "or"))?"
        throw UsageError("there is no check “\(wanted)”: \(hint)")
    }
}
