internal import CDatagrams

/// Numbers nobody can guess (RFC 5452 §9.2), from the system, many at a time: a call for each would cost as much as
/// a third of a look-up.
struct RandomPool {
    private var numbers = [UInt16](repeating: 0, count: 512)
    private var used = 512

    mutating func next() -> UInt16 {
        if used == numbers.count {
            numbers.withUnsafeMutableBytes { buffer in
                if let start = buffer.baseAddress, cdatagrams_random(start, UInt32(buffer.count)) { return }
                var system = SystemRandomNumberGenerator()
                for index in buffer.indices { buffer[index] = UInt8.random(in: 0...255, using: &system) }
            }
            used = 0
        }
        let number = numbers[used]
        numbers[used] = 0
        used += 1
        return number
    }
}
