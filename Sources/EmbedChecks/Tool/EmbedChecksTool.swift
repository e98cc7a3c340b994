import Foundation

/// `embed-checks FOLDER OUTPUT.swift`: writes every `FOLDER/<area>/<what>.md` as a string literal
/// into one Swift file, keyed by the check's identifier `area.what`.
@main
enum EmbedChecksTool {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else { quit(64, "usage: embed-checks FOLDER OUTPUT.swift") }
        let folder = URL(filePath: arguments[1], directoryHint: .isDirectory)
        guard FileManager.default.fileExists(atPath: folder.path) else {
            quit(66, "embed-checks: there is no folder \(folder.path)")
        }
        var source = """
            // Written by embed-checks from the pages in checks/. Edit those.
            /// The text of each page in `checks/`, by the identifier of its check.
            let embeddedPages: [String: String] = [\n
            """
        for page in try pages(in: folder) {
            source += "    \(literal(page.identifier)): \(literal(page.text)),\n"
        }
        source += "    \"\": \"\",\n]\n"
        try source.write(toFile: arguments[2], atomically: true, encoding: .utf8)
    }

    private static func quit(_ status: Int32, _ message: String) -> Never {
        FileHandle.standardError.write(Data("\(message)\n".utf8))
        exit(status)
    }

    /// The pages two levels down, sorted by identifier; `checks/README.md` is no check.
    static func pages(in folder: URL) throws -> [(identifier: String, text: String)] {
        let files = FileManager.default
        var pages: [(identifier: String, text: String)] = []
        for area in try files.contentsOfDirectory(at: folder, includingPropertiesForKeys: [.isDirectoryKey])
        where try area.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true {
            for page in try files.contentsOfDirectory(at: area, includingPropertiesForKeys: nil)
            where page.pathExtension == "md" {
                let what = page.deletingPathExtension().lastPathComponent
                pages.append(
                    ("\(area.lastPathComponent).\(what)", try String(contentsOf: page, encoding: .utf8)))
            }
        }
        return pages.sorted { $0.identifier < $1.identifier }
    }

    /// `text` as a Swift string literal on one line: pure ASCII, nothing interpolated.
    static func literal(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case " "..."~": result.unicodeScalars.append(scalar)
            default: result += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return result + "\""
    }
}
