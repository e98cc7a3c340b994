import Foundation
import PackagePlugin

/// Turns `checks/<area>/<what>.md` into one Swift file of string literals for the target that asks for it.
///
/// A resource bundle would need a folder beside the binary and `.embedInCode` compiles slowly;
/// string literals compile in no time and travel with the program.
@main
struct EmbedChecks: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let checks = context.package.directoryURL.appending(path: "checks")
        let found = FileManager.default.enumerator(at: checks, includingPropertiesForKeys: nil)
        let pages = (found?.allObjects ?? []).compactMap { $0 as? URL }
            .filter { $0.pathExtension == "md" }
            .sorted { $0.path < $1.path }
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedPages.swift")
        return [
            .buildCommand(
                displayName: "Embedding \(pages.count) pages of checks/",
                executable: try context.tool(named: "embed-checks").url,
                arguments: [checks.path, output.path],
                inputFiles: pages,
                outputFiles: [output])
        ]
    }
}
