import Foundation
import Testing

/// The rules of the house, kept by reading the sources.
@Suite("The house")
struct HouseTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Every Swift file below `Sources/`, by its path there, with its text.
    static let sources: [(path: String, text: String)] = {
        let folder = root.appending(path: "Sources")
        let files = FileManager.default.enumerator(atPath: folder.path)?.allObjects.compactMap { $0 as? String } ?? []
        return files.filter { $0.hasSuffix(".swift") }.sorted().map {
            ($0, (try? String(contentsOf: folder.appending(path: $0), encoding: .utf8)) ?? "")
        }
    }()

    private func imports(_ text: String) -> Set<String> {
        Set(
            text.split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ")
                guard let at = words.firstIndex(of: "import"), at <= 2, at + 1 < words.count else { return nil }
                return words[..<at].allSatisfy {
                    ["package", "public", "internal", "private", "fileprivate", "@preconcurrency"].contains($0)
                }
                    ? String(words[at + 1]) : nil
            })
    }

    @Test("Only the rooms that touch a network import NIO")
    func whoImportsNIO() {
        #expect(Self.sources.count > 50)
        let allowed: Set<Substring> = ["Networking", "Lab", "Server"]
        for (path, text) in Self.sources where !allowed.contains(path.prefix { $0 != "/" }) {
            #expect(imports(text).filter { $0.hasPrefix("NIO") }.isEmpty, "\(path)")
        }
    }

    @Test("What decides imports nothing that touches a network, a clock or a disk")
    func whoDecidesIsPure() {
        let pure: Set<Substring> = ["DNS", "TLS", "Mail", "Judgement", "Rendering"]
        let allowed: Set<String> = [
            "DNS", "Mail", "Judgement", "Rainbow", "SwiftASN1", "Synchronization", "Crypto", "CryptoExtras",
        ]
        // The C library has clocks and disks too: one file may have it, for searching memory.
        let library: Set<String> = ["Glibc", "Musl", "Darwin"]
        for (path, text) in Self.sources where pure.contains(path.prefix { $0 != "/" }) {
            let known = path == "Mail/Messages/Memory.swift" ? allowed.union(library) : allowed
            #expect(imports(text).subtracting(known).isEmpty, "\(path): \(imports(text).subtracting(known))")
        }
    }

    @Test("Nothing visible at the top that its owner did not put there")
    func topLevel() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.root.path).filter { !$0.hasPrefix(".") }
        let owned: Set = ["Package.swift", "Package.resolved", "Sources", "Tests", "checks", "dashboards", "README.md"]
        #expect(Set(names).subtracting(owned).isEmpty)
    }

    @Test("No source file is unfinished or able to crash on purpose")
    func noLooseEnds() {
        let words = ["TO" + "DO", "FIX" + "ME", "fatal" + "Error(", "try" + "!", " as" + "! ", "unim" + "plemented"]
        for (path, text) in Self.sources {
            for word in words { #expect(!text.contains(word), "\(path): \(word)") }
        }
    }
}
