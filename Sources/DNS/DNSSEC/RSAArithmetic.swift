/// Powers modulo an odd number, by Montgomery's multiplication (Mathematics of Computation 44, 1985). For public
/// values only: it takes longer for some numbers than for others.
package enum RSAArithmetic {
    /// `base` to the `exponent`, modulo `modulus`, as long as the modulus; big-endian. Nil where the modulus is even or
    /// the base is not below it (RFC 8017 §5.2.2, step 1).
    package static func power(_ base: [UInt8], _ exponent: UInt64, modulo modulus: [UInt8]) -> [UInt8]? {
        let n = limbs(modulus)
        guard let low = n.first, low & 1 == 1, n.last != 0, n != [1], exponent > 0 else { return nil }
        let x = limbs(base, count: n.count)
        guard x.count == n.count, isLess(x, n) else { return nil }
        let montgomery = Montgomery(n)
        let start = montgomery.multiply(x, montgomery.square)
        var result = start
        var bit = 62 - exponent.leadingZeroBitCount
        while bit >= 0 {
            result = montgomery.multiply(result, result)
            if exponent >> UInt64(bit) & 1 == 1 { result = montgomery.multiply(result, start) }
            bit -= 1
        }
        var one = [UInt64](repeating: 0, count: n.count)
        one[0] = 1
        return octets(montgomery.multiply(result, one), count: modulus.count)
    }

    private struct Montgomery {
        let n: [UInt64]
        /// −1/n modulo 2^64.
        let inverse: UInt64
        /// 2^(128·count) modulo n: takes numbers into the form that is multiplied.
        let square: [UInt64]

        init(_ n: [UInt64]) {
            self.n = n
            // Newton's method doubles the correct bits each time: 3, 6, … 96.
            var inverse = n[0]
            for _ in 0..<5 { inverse = inverse &* (2 &- n[0] &* inverse) }
            self.inverse = 0 &- inverse
            // 2^(64·count) modulo n, from the highest power of two below n.
            let top = 63 - n[n.count - 1].leadingZeroBitCount
            var one = [UInt64](repeating: 0, count: n.count)
            one[n.count - 1] = 1 << UInt64(top)
            for _ in top..<64 { RSAArithmetic.double(&one, modulo: n) }
            // That is 1 in the form that is multiplied; 2 to the 64·count in that form is the square.
            var two = one
            RSAArithmetic.double(&two, modulo: n)
            var power = one
            let exponent = 64 * n.count
            for bit in (0..<(Int.bitWidth - exponent.leadingZeroBitCount)).reversed() {
                power = Self.multiply(power, power, n, self.inverse)
                if exponent >> bit & 1 == 1 { power = Self.multiply(power, two, n, self.inverse) }
            }
            square = power
        }

        /// a·b/2^(64·count) modulo n.
        func multiply(_ a: [UInt64], _ b: [UInt64]) -> [UInt64] { Self.multiply(a, b, n, inverse) }

        private static func multiply(_ a: [UInt64], _ b: [UInt64], _ n: [UInt64], _ inverse: UInt64) -> [UInt64] {
            let count = n.count
            var t = [UInt64](repeating: 0, count: count + 2)
            for i in 0..<count {
                addProduct(of: a[i], b, to: &t)
                addProduct(of: t[0] &* inverse, n, to: &t)
                // The lowest limb is zero now.
                for j in 0...count { t[j] = t[j + 1] }
                t[count + 1] = 0
            }
            let isLarge = t[count] != 0
            t.removeLast(2)
            if isLarge || !isLess(t, n) { RSAArithmetic.subtract(n, from: &t) }
            return t
        }

        private static func addProduct(of factor: UInt64, _ b: [UInt64], to t: inout [UInt64]) {
            var carry: UInt64 = 0
            for j in 0..<b.count {
                let product = factor.multipliedFullWidth(by: b[j])
                let (low, first) = product.low.addingReportingOverflow(t[j])
                let (sum, second) = low.addingReportingOverflow(carry)
                t[j] = sum
                carry = product.high &+ (first ? 1 : 0) &+ (second ? 1 : 0)
            }
            let (sum, overflow) = t[b.count].addingReportingOverflow(carry)
            t[b.count] = sum
            if overflow { t[b.count + 1] &+= 1 }
        }
    }

    private static func double(_ value: inout [UInt64], modulo n: [UInt64]) {
        var carry: UInt64 = 0
        for index in value.indices {
            let next = value[index] >> 63
            value[index] = value[index] << 1 | carry
            carry = next
        }
        if carry != 0 || !isLess(value, n) { subtract(n, from: &value) }
    }

    private static func subtract(_ n: [UInt64], from value: inout [UInt64]) {
        var borrow = false
        for index in value.indices {
            let (first, a) = value[index].subtractingReportingOverflow(n[index])
            let (second, b) = first.subtractingReportingOverflow(borrow ? 1 : 0)
            value[index] = second
            borrow = a || b
        }
    }

    private static func isLess(_ a: [UInt64], _ b: [UInt64]) -> Bool {
        for index in a.indices.reversed() where a[index] != b[index] { return a[index] < b[index] }
        return false
    }

    /// Little-endian limbs of big-endian octets.
    private static func limbs(_ octets: [UInt8], count: Int = 0) -> [UInt64] {
        var limbs = [UInt64](repeating: 0, count: max(count, (octets.count + 7) / 8))
        for (place, octet) in octets.reversed().enumerated() {
            limbs[place / 8] |= UInt64(octet) << UInt64(place % 8 * 8)
        }
        return limbs
    }

    private static func octets(_ limbs: [UInt64], count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: limbs[$0 / 8] >> UInt64($0 % 8 * 8)) }
    }
}
