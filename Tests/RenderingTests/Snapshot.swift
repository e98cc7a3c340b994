import Foundation
import Testing

/// Text that has been looked at and found good, kept under `Snapshots`. `RECORD=1 swift test` writes it anew, and the
/// diff is the review.
enum Snapshot {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Snapshots")

    static func check(
        _ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let file = folder.appending(path: name)
        if ProcessInfo.processInfo.environment["RECORD"] == "1" {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            return
        }
        let kept = try? String(contentsOf: file, encoding: .utf8)
        #expect(
            text == kept, "differs from Snapshots/\(name); RECORD=1 swift test writes it anew",
            sourceLocation: sourceLocation)
    }
}
