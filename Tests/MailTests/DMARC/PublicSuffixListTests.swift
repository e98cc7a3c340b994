import DNS
import Foundation
import Testing

@testable import Mail

@Suite("The Public Suffix List")
struct PublicSuffixListTests {
    private static let small = PublicSuffixList(
        Array(
            """
            // VERSION: 2026-11-01_00-00-00_UTC
            // ===BEGIN ICANN DOMAINS===

            com   // words behind white space are none of ours
            uk
            co.uk
            *.ck
            !www.ck
            \u{516C}\u{53F8}.cn
            cn
            *.nested.example
            *
            no rule here
            """.utf8))

    @Test(
        "Rules, wildcards, exceptions and none",
        arguments: [
            ("example.com", "com"), ("COM", "com"), ("a.b.Example.Co.Uk", "Co.Uk"), ("co.uk", "co.uk"), ("x.uk", "uk"),
            ("foo.ck", "foo.ck"), ("a.foo.ck", "foo.ck"), ("ck", "ck"), ("www.ck", "ck"), ("a.www.ck", "ck"),
            ("x.\u{516C}\u{53F8}.cn", "xn--55qx5d.cn"), ("x.xn--55qx5d.cn", "xn--55qx5d.cn"),
            ("a.unlisted", "unlisted"), ("unlisted", "unlisted"), ("nested.example", "example"),
            ("a.nested.example", "a.nested.example"), ("b.a.nested.example", "a.nested.example"), (".", "."),
        ])
    func suffixes(_ domain: String, _ suffix: String) throws {
        let list = try #require(Self.small)
        #expect(list.suffix(of: name(domain)) == name(suffix))
        let registrable = list.registrableDomain(of: name(domain))
        let labels = name(suffix).labelCount + 1
        #expect(registrable == (name(domain).labelCount < labels ? nil : name(domain).suffix(labels)))
    }

    @Test("A suffix by a rule is told from a top label nobody knows")
    func listed() throws {
        let list = try #require(Self.small)
        #expect(list.lists(name("co.uk")) && list.lists(name("foo.ck")) && !list.lists(name("unlisted")))
        #expect(!list.lists(name("www.ck")) && !list.lists(name("example.com")))
        #expect(list.version == "2026-11-01_00-00-00_UTC")
        #expect(list.count == 9)
    }

    @Test("What holds no rule is no list", arguments: ["", "// only words\n", "\n\n", "!\n*.\n..\n"])
    func none(_ text: String) { #expect(PublicSuffixList(Array(text.utf8)) == nil) }

    private static let hasSuite = Suites.has("psl/tests.txt")

    @Test("The list as published, and every case of its own tests", .enabled(if: hasSuite, Suites.skipped))
    func published() throws {
        let octets = try Suites.octets("psl/public_suffix_list.dat")
        let start = ContinuousClock.now
        let list = try #require(PublicSuffixList(octets))
        #expect(start.duration(to: .now) < .seconds(3))
        #expect(list.count > 9_000)
        var cases = 0
        for line in String(decoding: try Suites.octets("psl/tests.txt"), as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 2, !line.hasPrefix("//"), words[0] != "null" else { continue }
            cases += 1
            let domain = try? DomainName(words[0])
            let found = domain.flatMap { list.registrableDomain(of: $0) }
            let wanted = words[1] == "null" ? nil : try DomainName(words[1])
            #expect(found == wanted, "\(line)")
        }
        #expect(cases == 77)
    }

    @Test("100,000 names are looked up in a moment, whatever they are", .enabled(if: hasSuite, Suites.skipped))
    func quick() async throws {
        let list = try #require(PublicSuffixList(try Suites.octets("psl/public_suffix_list.dat")))
        var dice = Dice(7)
        let pieces = [
            "com", "uk", "co", "ck", "www", "jp", "kobe", "city", "a", "example", "github", "io", "xn--55qx5d",
        ]
        for turn in 0..<100_000 {
            if turn.isMultiple(of: 20) { await Task.yield() }
            let labels = (0..<Int.random(in: 0...6, using: &dice)).map { _ in
                Array((pieces.randomElement(using: &dice) ?? "a").utf8)
            }
            let domain = try DomainName(labels: labels)
            let suffix = list.suffix(of: domain)
            if !domain.isWithin(suffix) || (suffix.isRoot && !domain.isRoot) { Issue.record("\(domain): \(suffix)") }
        }
    }
}
