import Synchronization
import Testing

@testable import Mail

@Suite struct ReadBeforeTests {
    private final class Count: Sendable {
        let value = Mutex(0)
        func add() { value.withLock { $0 += 1 } }
    }

    @Test func `A text is read once as long as nothing takes its place`() {
        let count = Count()
        let read = ReadBefore { octets -> Int in
            count.add()
            return octets.count
        }
        for _ in 0..<10 { #expect(read(Array("v=spf1 -all".utf8)) == 11) }
        #expect(count.value.withLock { $0 } == 1)
    }

    @Test func `Many texts and long ones are read as if anew`() {
        let read = ReadBefore { String(decoding: $0, as: UTF8.self) }
        for round in 0..<2 {
            for number in 0..<5_000 {
                let text = "v=DMARC1; p=none; rua=mailto:d\(number)@example.org"
                #expect(read(Array(text.utf8)) == text, "round \(round)")
            }
        }
        let long = String(repeating: "x", count: 10_000)
        #expect(read(Array(long.utf8)) == long)
        #expect(read([]) == "")
    }

    @Test(arguments: [
        "v=spf1 include:a.example -all", "v=spf1 ip4:300.1.2.3 -all", "v=spf1", "", "v=spf1 a a a ?all exp=%{i}.x",
    ]) func `Records are what they are when read anew`(text: String) {
        let octets = Array(text.utf8)
        for _ in 0..<3 {
            #expect(SPFRecord.readBefore(octets) == SPFRecord(octets))
            #expect(DMARCRecord.readBefore(octets) == DMARCRecord(octets))
            #expect(DKIMKeyRecord.readBefore(octets).record == DKIMKeyRecord(octets))
            #expect(DKIMKeyRecord.readBefore(octets).isKey == DKIMKeyRecord.isKey(octets))
        }
    }
}
