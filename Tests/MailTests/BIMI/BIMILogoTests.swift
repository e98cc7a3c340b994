import Mail
import Testing

@Suite struct BIMILogoTests {
    private static let head =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.2\" baseProfile=\"tiny-ps\" viewBox=\"0 0 64 64\">"

    private func logo(_ inside: String, head: String = Self.head) -> BIMILogo {
        BIMILogo(Array("\(head)<title>Example</title>\(inside)</svg>".utf8))
    }

    @Test(arguments: [
        "<circle cx='32' cy='32' r='30'/>", "<defs><linearGradient id='a'/></defs><rect fill='url(#a)'/>",
        "<rect fill=\"url( '#a' )\"/>", "<use xlink:href='#a'/>", "<g><path d='M0 0L1 1'/></g><!-- <script/> -->",
        "<desc>One &amp; two</desc>",
    ]) func `What the profile has is in order`(inside: String) {
        let logo = logo(inside)
        #expect(logo.errors == [] && logo.notices == [] && logo.title == "Example")
    }

    @Test(arguments: [
        "<script>alert(1)</script>", "<svg:script xmlns:svg='http://www.w3.org/2000/svg'/>", "<rect onclick='x()'/>",
        "<image xlink:href='data:image/png;base64,AA=='/>", "<use href='https://evil.example/#a'/>",
        "<rect fill='url(https://evil.example/)'/>", "<rect fill='url(#a) url(//evil.example)'/>",
        "<rect fill=\"url('data:x')\"/>", "<animate attributeName='x'/>", "<foreignObject/>",
        "<style>@import 'x'</style>",
        "<a xlink:href='javascript:x'/>",
    ]) func `What runs, moves or leads outside is not`(inside: String) {
        #expect(logo(inside).errors.count == 1)
    }

    @Test(arguments: [
        ("viewBox=\"0 0 64 64\"", "viewBox=\"0 0 64 32\""), ("viewBox=\"0 0 64 64\"", ""),
        ("viewBox=\"0 0 64 64\"", "viewBox=\"0 0 -1 nan\""), ("viewBox=\"0 0 64 64\"", "width='2' height='1'"),
        ("\"1.2\"", "\"1.1\""), ("\"tiny-ps\"", "\"tiny\""), ("baseProfile=\"tiny-ps\"", ""),
        ("viewBox", "x='0' viewBox"), ("2000/svg", "2000/gvs"),
    ]) func `The head of the document is as the profile wants it`(old: String, new: String) {
        #expect(logo("", head: Self.head.replacing(old, with: new)).errors.count == 1)
    }

    @Test func `Without a title, and with one that says nothing`() {
        #expect(BIMILogo(Array("\(Self.head)</svg>".utf8)).errors == ["it has no title"])
        #expect(BIMILogo(Array("\(Self.head)<title>Logo</title></svg>".utf8)).notices.count == 1)
    }

    @Test func `Size, compression and foreign files are told`() {
        #expect(logo(String(repeating: " ", count: 33_000)).errors.count == 1)
        #expect(BIMILogo([0x1F, 0x8B, 8, 0]).errors == ["it is compressed (gzip)"])
        for text in ["", "<html/>", "\u{89}PNG", "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>"] {
            #expect(BIMILogo(Array(text.utf8)).errors.count == 1, "\(text)")
        }
        // Entities in entities come to nothing: declarations are not read.
        #expect(
            BIMILogo(Array("<!DOCTYPE a [<!ENTITY a '&b;&b;'><!ENTITY b '&c;&c;'>]><svg>&a;</svg>".utf8)).errors.count
                == 1)
    }

    @Test func `Any octets are judged, and quickly`() async {
        let octets = Array("\(Self.head)<title>a</title><rect fill='url(#a)' x='1'/></svg>".utf8)
        var state: UInt64 = 11
        for round in 0..<2000 {
            if round.isMultiple(of: 20) { await Task.yield() }
            var mutated = octets
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            mutated[Int(state >> 33) % mutated.count] = UInt8(truncatingIfNeeded: state >> 16)
            _ = BIMILogo(mutated)
        }
        _ = logo("<rect fill='" + String(repeating: "url(", count: 7_000) + "'/>")
        _ = logo(String(repeating: "<g>", count: 9_000))
    }
}
