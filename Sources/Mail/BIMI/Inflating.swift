/// Decompressing what is compressed with gzip (RFC 1952, RFC 1951): the picture in a mark certificate. Bounded.
///
/// It leaves out checksums: what is compared afterwards is compared octet by octet.
package enum Inflating {
    /// nil where the octets are not gzip, break off, or come to more than `limit` octets.
    package static func gzip(_ octets: [UInt8], limit: Int) -> [UInt8]? {
        guard octets.count > 18, octets[0] == 0x1F, octets[1] == 0x8B, octets[2] == 8 else { return nil }
        var position = 10
        let flags = octets[3]
        if flags & 4 != 0 {
            guard position + 2 <= octets.count else { return nil }
            position += 2 + Int(octets[position]) + Int(octets[position + 1]) << 8
        }
        for bit in [UInt8(8), 16] where flags & bit != 0 {
            guard position < octets.count, let end = octets[position...].firstIndex(of: 0) else { return nil }
            position = end + 1
        }
        if flags & 2 != 0 { position += 2 }
        guard position < octets.count else { return nil }
        var inflater = Inflater(octets[position...], limit: limit)
        return inflater.run() ? inflater.output : nil
    }
}

private struct Inflater {
    private let input: ArraySlice<UInt8>
    private let limit: Int
    private var position: Int
    private var bits: UInt32 = 0
    private var count = 0
    var output: [UInt8] = []

    init(_ input: ArraySlice<UInt8>, limit: Int) {
        self.input = input
        self.limit = limit
        position = input.startIndex
    }

    /// A canonical Huffman code: how many codes of each length, and the symbols in their order.
    private struct Code: Sendable {
        var counts = [Int](repeating: 0, count: 16)
        var symbols: [Int] = []

        init(_ lengths: [Int]) {
            for length in lengths where length > 0 { counts[length] += 1 }
            for length in 1...15 {
                for symbol in lengths.indices where lengths[symbol] == length { symbols.append(symbol) }
            }
        }
    }

    /// RFC 1951 §3.2.6.
    private static let usual = (
        literals: Code(
            Array(repeating: 8, count: 144) + Array(repeating: 9, count: 112) + Array(repeating: 7, count: 24)
                + Array(repeating: 8, count: 8)),
        distances: Code(Array(repeating: 5, count: 30))
    )

    mutating func run() -> Bool {
        while true {
            guard let last = take(1), let kind = take(2) else { return false }
            switch kind {
            case 0: if !stored() { return false }
            case 1: if !block(Self.usual.literals, Self.usual.distances) { return false }
            case 2:
                guard let (literals, distances) = codes(), block(literals, distances) else { return false }
            default: return false
            }
            if last == 1 { return true }
        }
    }

    private mutating func take(_ number: Int) -> Int? {
        while count < number {
            guard position < input.endIndex else { return nil }
            bits |= UInt32(input[position]) << UInt32(count)
            position += 1
            count += 8
        }
        let value = bits & ((1 << UInt32(number)) - 1)
        bits >>= UInt32(number)
        count -= number
        return Int(value)
    }

    private mutating func symbol(_ code: Code) -> Int? {
        var value = 0, first = 0, index = 0
        for length in 1...15 {
            guard let bit = take(1) else { return nil }
            value |= bit
            let number = code.counts[length]
            if value - number < first { return code.symbols[index + value - first] }
            index += number
            first = (first + number) << 1
            value <<= 1
        }
        return nil
    }

    private mutating func stored() -> Bool {
        bits = 0
        count = 0
        guard position + 4 <= input.endIndex else { return false }
        let length = Int(input[position]) | Int(input[position + 1]) << 8
        position += 4
        guard position + length <= input.endIndex, output.count + length <= limit else { return false }
        output += input[position..<(position + length)]
        position += length
        return true
    }

    private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    private mutating func codes() -> (Code, Code)? {
        guard let literals = take(5), let distances = take(5), let number = take(4), literals <= 29 else { return nil }
        var small = [Int](repeating: 0, count: 19)
        for index in 0..<(number + 4) {
            guard let length = take(3) else { return nil }
            small[Self.order[index]] = length
        }
        let code = Code(small)
        var lengths: [Int] = []
        let wanted = literals + 257 + distances + 1
        while lengths.count < wanted {
            guard let symbol = symbol(code) else { return nil }
            switch symbol {
            case 0..<16: lengths.append(symbol)
            case 16:
                guard let last = lengths.last, let times = take(2) else { return nil }
                lengths += Array(repeating: last, count: times + 3)
            case 17:
                guard let times = take(3) else { return nil }
                lengths += Array(repeating: 0, count: times + 3)
            default:
                guard let times = take(7) else { return nil }
                lengths += Array(repeating: 0, count: times + 11)
            }
        }
        guard lengths.count == wanted else { return nil }
        return (Code(Array(lengths[..<(literals + 257)])), Code(Array(lengths[(literals + 257)...])))
    }

    private static let bases = [
        3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
        258,
    ]
    private static let extras = [
        0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
    ]
    private static let farBases = [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
        6145,
        8193, 12289, 16385, 24577,
    ]

    private mutating func block(_ literals: Code, _ distances: Code) -> Bool {
        while true {
            guard let symbol = symbol(literals) else { return false }
            if symbol == 256 { return true }
            if symbol < 256 {
                guard output.count < limit else { return false }
                output.append(UInt8(symbol))
                continue
            }
            let index = symbol - 257
            guard index < Self.bases.count, let extra = take(Self.extras[index]), let far = self.symbol(distances),
                far < 30, let more = take(far < 2 ? 0 : far / 2 - 1)
            else { return false }
            let length = Self.bases[index] + extra, distance = Self.farBases[far] + more
            guard distance <= output.count, output.count + length <= limit else { return false }
            for _ in 0..<length { output.append(output[output.count - distance]) }
        }
    }
}
