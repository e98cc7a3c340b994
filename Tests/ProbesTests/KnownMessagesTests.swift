import Testing

@testable import Probes

@Suite("Messages known not to be ours")
struct KnownMessagesTests {
    private func name(_ number: Int) -> [UInt8] { Array("\(number)".utf8) }

    @Test("A message is new once")
    func insertion() {
        var known = KnownMessages()
        let first = known.insert(name(1)), again = known.insert(name(1))
        #expect(first && !again)
        #expect(known.contains(name(1)) && !known.contains(name(2)))
    }

    @Test("A server that renames its messages at each look does not make us remember them all")
    func bounds() {
        var known = KnownMessages()
        for look in 0..<10 {
            let listed = (0..<5_000).map { name(look * 5_000 + $0) }
            known.keep(only: listed)
            for name in listed { known.insert(name) }
            #expect(known.count == 5_000)
        }
        for number in 0..<50_000 { known.insert(name(1_000_000 + number)) }
        #expect(known.count <= KnownMessages.most)
        #expect(known.contains(name(1_049_999)))
    }
}
