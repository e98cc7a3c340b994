import Foundation

/// A folder of its own for a test's servers; removed with everything in it when the test is over.
/// Its path is short, because Unix sockets live in it (their paths end at 107 octets).
final class Folder: Sendable {
    let path: String

    init() throws {
        path = "/tmp/mailsonde-\(UInt32.random(in: .min ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        // Servers drop their privileges and still have to pass through.
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    func path(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try make(String(name.split(separator: "/").dropLast().joined(separator: "/")))
        try text.write(toFile: path(name), atomically: true, encoding: .utf8)
        return path(name)
    }

    @discardableResult
    func make(_ name: String) throws -> String {
        try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
        return path(name)
    }

    func read(_ name: String) -> String {
        (try? String(contentsOfFile: path(name), encoding: .utf8)) ?? ""
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
