import Testing

@testable import DNS

@Suite struct IPAddressTests {
    /// RFC 5952 §4 and §5.
    @Test(arguments: [
        ("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"), ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:DB8::A", "2001:db8::a"), ("::", "::"), ("::1", "::1"),
        ("1::", "1::"), ("0:0:0:0:0:ffff:192.0.2.1", "::ffff:192.0.2.1"), ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("192.0.2.1", "192.0.2.1"),
        ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"),
    ])
    func `an address is written in its canonical form`(text: String, canonical: String) {
        #expect(IPAddress(text)?.description == canonical)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.+4", "1.2.3.4 ", "1.2.3.", "0x7f.0.0.1",
        ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::12345", "::g", "::1%eth0",
        "[::1]", "1.2.3.4::", "::1.2.3", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:", "::+1", "1:2:3:4:5:6:7:1.2.3.4",
        "１.2.3.4",
    ])
    func `anything else is no address`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `the name for PTR is reversed`() {
        #expect(IPAddress("192.0.2.1")?.reverseName.description == "1.2.0.192.in-addr.arpa")
        #expect(
            IPAddress("2001:db8::1")?.reverseName.description
                == "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")
    }

    @Test(arguments: [
        ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false),
        ("192.0.2.77/24", "192.0.2.1", true),
        ("0.0.0.0/0", "255.1.2.3", true), ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1/32", "192.0.2.2", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/33", "2001:db8:ffff::1", false),
        ("2001:db8::/127", "2001:db8::1", true), ("2001:db8::/127", "2001:db8::2", false), ("::/0", "ff02::1", true),
        ("2001:db8::/64", "2001:db8:0:1::", false), ("::/0", "192.0.2.1", false), ("0.0.0.0/0", "::1", false),
    ])
    func `a block contains what its prefix says`(block: String, address: String, contains: Bool) throws {
        let network = try #require(IPNetwork(block))
        #expect(network.contains(try #require(IPAddress(address))) == contains)
    }

    @Test(arguments: [
        "", "/24", "192.0.2.0/", "192.0.2.0/33", "::/129", "192.0.2.0/024", "192.0.2.0/-1", "a/8", "1.2.3.4/8/8",
    ])
    func `anything else is no block`(text: String) {
        #expect(IPNetwork(text) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1", SpecialPurpose.loopback), ("::1", .loopback), ("10.1.2.3", .privateUse),
        ("172.31.255.255", .privateUse), ("192.168.0.1", .privateUse), ("100.64.0.1", .shared),
        ("169.254.1.1", .linkLocal), ("fe80::1", .linkLocal), ("192.0.2.1", .documentation),
        ("2001:db8::1", .documentation), ("224.0.0.1", .multicast), ("ff02::1", .multicast),
        ("0.0.0.0", .unspecified), ("0.0.0.1", .thisNetwork), ("::", .unspecified), ("fd00::1", .uniqueLocal),
        ("255.255.255.255", .broadcast), ("240.0.0.1", .reserved), ("::ffff:8.8.8.8", .mapped),
        ("2001:0:1::", .teredo), ("2002:808:808::1", .relay6to4), ("198.19.0.1", .benchmarking),
    ])
    func `special addresses are known`(text: String, purpose: SpecialPurpose) {
        #expect(IPAddress(text)?.specialPurpose == purpose)
    }

    @Test(arguments: ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2a00:1450::1", "2001:4860::8888", "192.0.1.1"])
    func `ordinary addresses have no special purpose`(text: String) {
        #expect(IPAddress(text)?.specialPurpose == nil)
    }

    @Test func `every purpose has a block`() {
        for purpose in SpecialPurpose.allCases {
            #expect(SpecialPurpose.blocks.contains { $0.1 == purpose })
        }
        #expect(SpecialPurpose.blocks.count == 33)
    }
}
