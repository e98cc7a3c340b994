/// The character sets that mail comes in (RFC 2045 §5.2 names them; what mail calls them is wider).
///
/// Octets without meaning become U+FFFD, never an error. Sets are read as their widest relative: GB 2312 as GB 18030,
/// EUC-KR as code page 949, Shift_JIS as code page 932, since mail says the one and means the other.
package struct Charset: Hashable, Sendable {
    enum Coding: Hashable, Sendable {
        case utf8, utf7, utf16(isBigEndian: Bool?), single(SingleByteSet)
        case gb18030, hz, big5, shiftJIS, eucJP, eucKR
        case iso2022
    }

    let coding: Coding

    /// By any of the names that mail uses, in any case; a language behind `*` is left off (RFC 2231 §5).
    package init?(_ name: some Sequence<UInt8>) {
        var key: [UInt8] = []
        for octet in name {
            if octet == UInt8(ascii: "*") { break }
            if octet.isAlphanumeric { key.append(octet.lower) }
            if key.count > 40 { return nil }
        }
        var label = key.text
        if label.hasPrefix("x"), label.utf8.count > 3 { label.removeFirst() }
        guard let coding = CharsetNames.codings[label] else { return nil }
        self.coding = coding
    }

    init(_ coding: Coding) { self.coding = coding }

    package static let utf8 = Charset(.utf8)

    /// What has no meaning in the set becomes U+FFFD.
    package func decode(_ octets: some Collection<UInt8>) -> String {
        let bytes = Array(octets)
        if coding == .utf8 { return String(decoding: bytes, as: UTF8.self) }
        if bytes.allSatisfy({ $0 < 128 && $0 != 0x1B && $0 != 0x0E && $0 != 0x0F }), coding.isASCIIBased {
            return String(decoding: bytes, as: UTF8.self)
        }
        var decoder = CharsetDecoder(bytes)
        decoder.decode(as: coding)
        return String(decoding: decoder.text, as: UTF8.self)
    }
}

extension Charset.Coding {
    /// Whether octets below 80 are ASCII whatever stands around them.
    fileprivate var isASCIIBased: Bool {
        switch self {
        case .utf7, .utf16, .hz: false
        case .utf8, .single, .gb18030, .big5, .shiftJIS, .eucJP, .eucKR, .iso2022: true
        }
    }
}

/// Names of character sets in lower case, letters and digits alone, a leading “x” left off.
enum CharsetNames {
    static let codings: [String: Charset.Coding] = {
        var all: [String: Charset.Coding] = [:]
        func add(_ coding: Charset.Coding, _ names: String) {
            for name in names.split(separator: " ") { all[String(name)] = coding }
        }
        // US-ASCII is read as UTF-8, which it is a part of; so is what says nothing.
        add(.utf8, "utf8 usascii ascii ansix341968 iso646us us unicode11utf8 utf8mb4 unknown8bit 8bit 7bit default")
        add(.utf7, "utf7 unicode11utf7 csunicode11utf7")
        add(.utf16(isBigEndian: nil), "utf16 iso10646ucs2 ucs2 unicode")
        add(.utf16(isBigEndian: true), "utf16be")
        add(.utf16(isBigEndian: false), "utf16le")
        add(.gb18030, "gb18030 gbk gb2312 gb231280 csgb2312 euccn cp936 ms936 windows936 936 chinese cngb isoir58 gb")
        add(.hz, "hz hzgb2312 hzgb")
        add(.big5, "big5 big5hkscs cnbig5 csbig5 cp950 ms950 windows950 950 big5eten")
        add(
            .shiftJIS,
            "shiftjis sjis mskanji csshiftjis windows31j cswindows31j cp932 ms932 windows932 932 shiftjis2004")
        add(.eucJP, "eucjp ujis extendedunixcodepackedformatforjapanese cseucpkdfmtjapanese eucjpms")
        add(
            .eucKR,
            "euckr ksc56011987 ksc5601 ksc56011989 ksc56011992 cseuckr korean cp949 ms949 windows949 uhc 949 isoir149 ks"
        )
        add(
            .iso2022,
            "iso2022jp iso2022jp1 iso2022jp2 iso2022jp3 iso2022jp2004 iso2022jpms csiso2022jp jis jis7 iso2022kr csiso2022kr iso2022cn cp50220 cp50221 cp50222"
        )
        for set in SingleByteSet.allCases { all[set.rawValue.filter { $0 != "_" }.lowercased()] = .single(set) }
        let more: [(SingleByteSet, String)] = [
            (.iso8859_1, "latin1 l1 iso885911987 isoir100 cp819 ibm819 csisolatin1 88591"),
            (.iso8859_2, "latin2 l2 iso885921987 isoir101 csisolatin2 88592"),
            (.iso8859_3, "latin3 l3 isoir109 iso885931988 csisolatin3 88593"),
            (.iso8859_4, "latin4 l4 isoir110 iso885941988 csisolatin4 88594"),
            (.iso8859_5, "cyrillic isoir144 iso885951988 csisolatincyrillic 88595"),
            (.iso8859_6, "arabic isoir127 iso885961987 asmo708 ecma114 csisolatinarabic 88596 iso88596e iso88596i"),
            (.iso8859_7, "greek greek8 isoir126 iso885971987 elot928 ecma118 csisolatingreek 88597"),
            (.iso8859_8, "hebrew isoir138 iso885981988 iso88598i iso88598e csisolatinhebrew logical visual 88598"),
            (.iso8859_9, "latin5 l5 isoir148 iso885991989 csisolatin5 88599"),
            (.iso8859_10, "latin6 l6 isoir157 csisolatin6"),
            (.iso8859_13, "latin7 l7"), (.iso8859_14, "latin8 l8 isoir199"), (.iso8859_15, "latin9 l9 latin0 885915"),
            (.iso8859_16, "latin10 l10 isoir226"), (.iso8859_11, "tis620 tis62025290 tis62025331"),
            (.windows874, "cp874 dos874"), (.windows1250, "cp1250 ms1250 1250 winee"),
            (.windows1251, "cp1251 ms1251 1251 wincyr"),
            (.windows1252, "cp1252 ms1252 1252 ansi"), (.windows1253, "cp1253 ms1253 1253"),
            (.windows1254, "cp1254 ms1254 1254"),
            (.windows1255, "cp1255 ms1255 1255"), (.windows1256, "cp1256 ms1256 1256"),
            (.windows1257, "cp1257 ms1257 1257"),
            (.windows1258, "cp1258 ms1258 1258"), (.koi8r, "koi8 koi cskoi8r koi8ru20866"), (.koi8u, "koi8ru cskoi8u"),
            (.ibm437, "cp437 437 cspc8codepage437"), (.ibm850, "cp850 850"), (.ibm852, "cp852 852"),
            (.ibm866, "cp866 866 csibm866"),
            (.macRoman, "macintosh mac csmacintosh"), (.macCyrillic, "macukrainian"), (.ptcp154, "cyrillicasian"),
        ]
        for (set, names) in more { add(.single(set), names) }
        return all
    }()
}
