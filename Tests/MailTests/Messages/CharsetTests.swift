import Testing

@testable import Mail

@Suite("Character sets of mail")
struct CharsetTests {
    /// Octets in hexadecimal.
    static func octets(_ text: String) -> [UInt8] {
        text.split(separator: " ").compactMap { UInt8($0, radix: 16) }
    }

    @Test(
        "Each set by a word of its language",
        arguments: [
            ("utf-8", "C3 A4", "ä"), ("UTF8", "E2 82 AC", "€"), ("us-ascii", "41", "A"),
            ("ISO-8859-1", "E4 F6", "äö"), ("iso_8859-2", "A3 F3 64 BC", "Łódź"), ("latin1", "DF", "ß"),
            ("ISO-8859-5", "BC D8 E0", "Мир"), ("iso-8859-6", "D3 E4 C7 E5", "سلام"),
            ("ISO-8859-7", "E3 E5 E9 DC", "γειά"),
            ("iso-8859-8-i", "F9 EC E5 ED", "שלום"), ("ISO-8859-9", "DD FE FD", "İşı"), ("ISO-8859-15", "A4", "€"),
            ("iso-8859-16", "AA", "Ș"), ("windows-1250", "8E", "Ž"), ("cp1251", "CC E8 F0", "Мир"),
            ("Windows-1252", "80 93", "€“"), ("windows-1253", "C3", "Γ"), ("windows-1254", "DE", "Ş"),
            ("windows-1255", "F9", "ש"), ("windows-1256", "CC", "ج"), ("windows-1257", "F0", "š"),
            ("windows-1258", "D0", "Đ"),
            ("koi8-r", "ED C9 D2", "Мир"), ("KOI8-U", "A4 B7", "єЇ"), ("tis-620", "CA C7", "สว"),
            ("ibm866", "8C A8 E0", "Мир"),
            ("GB2312", "C4 E3 BA C3", "你好"), ("gbk", "81 40", "丂"), ("x-gbk", "80", "€"),
            ("gb18030", "81 30 81 30 94 39 DA 33", "\u{80}💩"),
            ("hz-gb-2312", "7E 7B 44 63 3A 43 7E 7D 21 7E 7E", "你好!~"),
            ("Big5", "A7 41 A6 6E", "你好"), ("big5-hkscs", "FA 40 88 62", "𠕇\u{CA}\u{304}"), ("cp950", "A3 E1", "€"),
            ("Shift_JIS", "93 FA 96 7B B1", "日本ｱ"), ("windows-31j", "87 40", "①"),
            ("EUC-JP", "C6 FC CB DC 8E B1 8F B0 A1", "日本ｱ丂"),
            ("ISO-2022-JP", "1B 24 42 46 7C 4B 5C 1B 28 42 21", "日本!"),
            ("iso-2022-jp", "1B 28 49 31 1B 28 4A 5C", "ｱ¥"),
            ("EUC-KR", "C7 D1 B1 DB", "한글"), ("ks_c_5601-1987", "8C 63", "똠"), ("cp949", "C6 52", "힣"),
            ("iso-2022-kr", "1B 24 29 43 0E 47 51 31 5B 0F 21", "한글!"),
            ("utf-7", "48 69 20 2B 41 4F 51 2D 2B 2D", "Hi ä+"),
            ("utf-16le", "E4 00 3D D8 A9 DC", "ä💩"), ("UTF-16", "FE FF 00 E4", "ä"), ("utf-16", "41 00 42 00", "AB"),
            ("macintosh", "8A", "ä"), ("us-ascii*en", "41", "A"),
        ])
    func decodes(_ name: String, _ octets: String, _ expected: String) throws {
        let charset = try #require(Charset(name.utf8))
        #expect(charset.decode(Self.octets(octets)) == expected)
    }

    @Test(
        "A broken character is one sign, and swallows nothing that can stand for itself",
        arguments: [
            ("gbk", "81 0A", "\u{FFFD}\n"), ("gbk", "FF 41", "\u{FFFD}A"), ("gb18030", "81 30 41", "\u{FFFD}0A"),
            ("big5", "A7 0A", "\u{FFFD}\n"), ("shift_jis", "93 0A", "\u{FFFD}\n"), ("euc-jp", "C6 41", "\u{FFFD}A"),
            ("euc-kr", "C7 3C", "\u{FFFD}<"), ("iso-2022-jp", "1B 24 42 46", "\u{FFFD}"),
            ("utf-16be", "00", "\u{FFFD}"),
            ("windows-1252", "81", "\u{FFFD}"), ("utf-8", "C3", "\u{FFFD}"), ("gbk", "81", "\u{FFFD}"),
        ])
    func broken(_ name: String, _ octets: String, _ expected: String) throws {
        #expect(try #require(Charset(name.utf8)).decode(Self.octets(octets)) == expected)
    }

    @Test("Unknown names are no set", arguments: ["", "klingon", "x-unknown", "utf-8000", "?", "iso-8859-99"])
    func unknown(_ name: String) { #expect(Charset(name.utf8) == nil) }

    @Test("The tables are whole")
    func whole() {
        #expect(CharsetTable.gbk.scalars.count > 21_000 && CharsetTable.big5.scalars.count > 17_000)
        #expect(CharsetTable.jis0208.scalars.count > 7_000 && CharsetTable.jis0212.scalars.count > 6_000)
        #expect(CharsetTable.ksx1001.scalars.count > 8_200)
        for set in SingleByteSet.allCases { #expect(set.upper.count == 128, "\(set)") }
    }

    @Test("20,000 random texts in every set are read without harm, and ASCII stays ASCII")
    func hostile() async {
        var dice = Dice(7)
        let names = Array(CharsetNames.codings.keys).sorted()
        for round in 0..<20_000 {
            if round.isMultiple(of: 200) { await Task.yield() }
            guard let charset = Charset(names[round % names.count].utf8) else { continue }
            let octets = (0..<Int.random(in: 0...24, using: &dice)).map { _ in
                Bool.random(using: &dice)
                    ? UInt8.random(in: 0...255, using: &dice)
                    : [0x1B, 0x24, 0x42, 0x7E, 0x81, 0x0E].randomElement(using: &dice) ?? 0
            }
            let text = charset.decode(octets)
            if text.utf8.count > octets.count * 6 + 6 { Issue.record("\(charset) \(octets) \(text)") }
        }
    }
}
