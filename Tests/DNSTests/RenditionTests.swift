import DNS
import Testing

@Suite struct RenditionTests {
    private final class Thing: Sendable {
        let rendition = Rendition()
    }

    private func kept(_ thing: Thing) -> (Rendition.Found, [UInt8]) {
        var octets: [UInt8] = []
        let found = thing.rendition.withOctets { octets = Array($0) }
        return (found, octets)
    }

    private func keep(_ octets: [UInt8], _ thing: Thing) {
        octets.withUnsafeBufferPointer { thing.rendition.keep($0) }
    }

    @Test func `What is written once is not kept, what is written twice is`() {
        let thing = Thing()
        #expect(kept(thing) == (.firstTime, []))
        #expect(kept(thing) == (.worthKeeping, []))
        keep([1, 2, 3], thing)
        #expect(kept(thing) == (.kept, [1, 2, 3]))
        #expect(kept(thing) == (.kept, [1, 2, 3]))
        // Who was slower changes nothing.
        keep([4], thing)
        #expect(kept(thing) == (.kept, [1, 2, 3]))
    }

    @Test func `Many at once find the octets of one of them`() async {
        for _ in 0..<50 {
            let thing = Thing()
            _ = kept(thing)
            let found = await withTaskGroup(of: [UInt8].self) { group in
                for number in 0..<8 as Range<UInt8> {
                    group.addTask {
                        keep([number, number], thing)
                        return kept(thing).1
                    }
                }
                return await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(found.count == 1 && found.first?.count == 2)
        }
    }
}
