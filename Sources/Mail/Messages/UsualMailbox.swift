/// One address as most fields have it: `Words <local@domain>`, `"Words" <local@domain>` or the address alone, of plain
/// characters. nil for anything else: that is for ``Mailbox`` to read with patience.
enum UsualMailbox {
    /// One such address, or several between commas where nothing else can hold a comma.
    static func list(_ octets: UnsafeBufferPointer<UInt8>) -> [Mailbox]? {
        if let box = read(octets) { return [box] }
        guard octets.count < 10_000, octets.index(of: UInt8(ascii: ",")) != nil,
            octets.index(of: UInt8(ascii: "\"")) == nil, octets.index(of: UInt8(ascii: "(")) == nil
        else { return nil }
        var boxes: [Mailbox] = []
        var start = 0
        while start <= octets.count {
            let end = octets.index(of: UInt8(ascii: ","), from: start) ?? octets.count
            guard let box = read(UnsafeBufferPointer(rebasing: octets[start..<end])) else { return nil }
            boxes.append(box)
            start = end + 1
        }
        return boxes
    }

    static func read(_ octets: UnsafeBufferPointer<UInt8>) -> Mailbox? {
        var start = 0, end = octets.count
        while start < end, octets[start].isSpace { start += 1 }
        while end > start, octets[end - 1].isSpace { end -= 1 }
        guard start < end else { return nil }
        guard octets[end - 1] == UInt8(ascii: ">") else {
            guard isAddress(octets, start..<end) else { return nil }
            return Mailbox(address: octets[start..<end].text)
        }
        guard let open = octets.index(of: UInt8(ascii: "<"), from: start, to: end),
            isAddress(octets, (open + 1)..<(end - 1))
        else { return nil }
        let address = UnsafeBufferPointer(rebasing: octets[(open + 1)..<(end - 1)]).text
        var nameEnd = open
        while nameEnd > start, octets[nameEnd - 1].isSpace { nameEnd -= 1 }
        if nameEnd == start { return Mailbox(address: address) }
        if octets[start] == UInt8(ascii: "\""), nameEnd > start + 2, octets[nameEnd - 1] == UInt8(ascii: "\"") {
            start += 1
            nameEnd -= 1
            guard octets[start] != 32, octets[nameEnd - 1] != 32 else { return nil }
            for index in start..<nameEnd where !isQuotable(octets[index]) { return nil }
        } else {
            var before: UInt8 = 0
            for index in start..<nameEnd {
                let octet = octets[index]
                // Two blanks become one: patience.
                guard isAtom(octet) || octet == UInt8(ascii: ".") || (octet == 32 && before != 32) else { return nil }
                before = octet
            }
        }
        return Mailbox(name: UnsafeBufferPointer(rebasing: octets[start..<nameEnd]).text, address: address)
    }

    /// `atext` but “=” and “?”, which encoded words begin and end with (RFC 5322 §3.2.3).
    private static func isAtom(_ octet: UInt8) -> Bool {
        octet.isAlphanumeric || octet >= 128 || octet == UInt8(ascii: "-") || octet == UInt8(ascii: "_")
            || octet == UInt8(ascii: "'") || octet == UInt8(ascii: "+") || octet == UInt8(ascii: "&")
            || octet == UInt8(ascii: "!") || octet == UInt8(ascii: "/") || octet == UInt8(ascii: "#")
    }

    private static func isQuotable(_ octet: UInt8) -> Bool {
        octet >= 32 && octet != UInt8(ascii: "\\") && octet != UInt8(ascii: "\"") && octet != UInt8(ascii: "=")
            && octet != 127
    }

    /// Plain characters with one “@” among them.
    private static func isAddress(_ octets: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        var at = 0
        for index in range {
            let octet = octets[index]
            if octet == UInt8(ascii: "@") {
                at += 1
            } else if !isAtom(octet), octet != UInt8(ascii: "."), octet != UInt8(ascii: "=") || at > 0 {
                return false
            }
        }
        return at == 1 && range.count > 2 && octets[range.lowerBound] != UInt8(ascii: "=")
    }
}
