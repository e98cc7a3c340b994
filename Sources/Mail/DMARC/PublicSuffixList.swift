package import DNS

/// The Public Suffix List, for what receivers that still follow RFC 7489 make of a domain: under which names people
/// register theirs. RFC 9989 does without it.
///
/// Rules are names, one a line; `*.` before one stands for any label, `!` takes a name out. Of the rules that match, an
/// exception wins, otherwise the one with the most labels; without any the top label is the suffix. Left out: wildcards
/// at other places, which the list does not have, and the division of the list, which DMARC does not know.
package struct PublicSuffixList: Sendable {
    /// What a name means; several can hold for one.
    private struct Meaning: OptionSet {
        let rawValue: UInt8
        static let rule = Meaning(rawValue: 1)
        /// Any name one label below is a suffix.
        static let wildcard = Meaning(rawValue: 2)
        static let exception = Meaning(rawValue: 4)
    }

    private struct Slot {
        /// Where in `names` the wire form begins; -1 where the slot is free.
        var start: Int32 = -1
        var length: UInt8 = 0
        var meaning: UInt8 = 0
    }

    /// Names in wire form, lower case, one behind the other.
    private var names: [UInt8] = []
    /// A hash table with open addressing, its size a power of two, half of it free.
    private var slots: [Slot] = []
    /// How many rules were read.
    package private(set) var count = 0
    /// `VERSION:` in the list's head, where it has one.
    package private(set) var version: String?

    /// Reads the list as published, in UTF-8. Lines that are no rule are passed over; nil where no line is one, so that
    /// no other file is taken for the list.
    package init?(_ octets: [UInt8]) {
        octets.withUnsafeBufferPointer { octets in
            var lines = 1
            for octet in octets where octet == 10 { lines += 1 }
            var size = 1_024
            while size < lines * 2 { size *= 2 }
            slots = Array(repeating: Slot(), count: size)
            names.reserveCapacity(octets.count + 2 * lines)
            var start = 0
            while start < octets.count {
                let end = octets.index(of: 10, from: start) ?? octets.count
                read(UnsafeBufferPointer(rebasing: octets[start..<end]))
                start = end + 1
            }
        }
        if count == 0 { return nil }
    }

    /// A rule is what stands before the first white space; `//` begins a comment.
    private mutating func read(_ line: UnsafeBufferPointer<UInt8>) {
        if line.count > 1, line[0] == UInt8(ascii: "/"), line[1] == UInt8(ascii: "/") {
            if version == nil, count == 0 {
                let text = Array(line)[2...].drop(while: \.isSpace)
                if text.starts(with: "VERSION:".utf8) { version = text.dropFirst(8).trimmed().prefix(40).text }
            }
            return
        }
        var start = 0
        while start < line.count, line[start].isSpace { start += 1 }
        var end = start
        while end < line.count, !line[end].isSpace { end += 1 }
        var meaning = Meaning.rule
        if start < end, line[start] == UInt8(ascii: "!") {
            meaning = .exception
            start += 1
        } else if end - start >= 2, line[start] == UInt8(ascii: "*"), line[start + 1] == UInt8(ascii: ".") {
            meaning = .wildcard
            start += 2
        }
        if start == end || line.index(of: UInt8(ascii: "*"), from: start, to: end) != nil { return }
        let before = names.count
        guard append(UnsafeBufferPointer(rebasing: line[start..<end])) else {
            names.removeSubrange(before...)
            return
        }
        // Room for one slot a line was made: it cannot be full.
        let place = slot(of: names[before...])
        if slots[place].start < 0 {
            slots[place] = Slot(start: Int32(before), length: UInt8(names.count - before), meaning: meaning.rawValue)
        } else {
            slots[place].meaning |= meaning.rawValue
            names.removeSubrange(before...)
        }
        count += 1
    }

    /// Appends the wire form of a name; false where it is none. Almost all of the list is plain ASCII.
    private mutating func append(_ rule: UnsafeBufferPointer<UInt8>) -> Bool {
        var isPlain = true
        for octet in rule where octet >= 128 || octet == UInt8(ascii: "\\") { isPlain = false }
        if !isPlain {
            guard let name = try? DomainName(String(decoding: rule, as: UTF8.self)), !name.isRoot else { return false }
            names += name.lowercased.wire
            return true
        }
        guard rule.count < 254 else { return false }
        var lengthPlace = names.count
        names.append(0)
        for octet in rule {
            if octet == UInt8(ascii: ".") {
                if names[lengthPlace] == 0 { return false }
                lengthPlace = names.count
                names.append(0)
            } else {
                if names[lengthPlace] == 63 { return false }
                names[lengthPlace] += 1
                names.append(octet.lower)
            }
        }
        if names[lengthPlace] == 0 { return false }
        names.append(0)
        return true
    }

    /// Where `wire`, in lower case, stands in the table, or could be put.
    private func slot(of wire: ArraySlice<UInt8>) -> Int {
        wire.withUnsafeBufferPointer { wire in
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a
            for octet in wire { hash = (hash ^ UInt64(octet)) &* 0x0000_0100_0000_01B3 }
            var place = Int(truncatingIfNeeded: hash ^ (hash >> 32)) & (slots.count - 1)
            while slots[place].start >= 0 {
                let start = Int(slots[place].start)
                if Int(slots[place].length) == wire.count, names[start..<(start + wire.count)].elementsEqual(wire) {
                    return place
                }
                place = (place + 1) & (slots.count - 1)
            }
            return place
        }
    }

    private func meaning(of wire: ArraySlice<UInt8>) -> Meaning {
        let slot = slots[slot(of: wire)]
        return slot.start < 0 ? [] : Meaning(rawValue: slot.meaning)
    }

    /// How many labels at the end of `name` are its public suffix, and whether a rule says so or, for want of one, the
    /// top label counts. 0 for the root.
    private func match(_ name: DomainName) -> (labels: Int, isListed: Bool) {
        let wire = name.lowercased.wire
        let all = name.labelCount
        var listed = 0
        var remaining = all
        var offset = 0
        // From the whole name to its top label: the first rule that matches has the most labels.
        while remaining > 0 {
            let meaning = meaning(of: wire[offset...])
            if meaning.contains(.exception) { return (remaining - 1, true) }
            if meaning.contains(.rule) { listed = max(listed, remaining) }
            // `*.b` matches `a.b`.
            if meaning.contains(.wildcard), remaining < all { listed = max(listed, remaining + 1) }
            offset += 1 + Int(wire[offset])
            remaining -= 1
        }
        return listed > 0 ? (listed, true) : (min(1, all), false)
    }

    /// The public suffix of a name, which may be the name itself: `co.uk` of `www.example.co.uk`.
    package func suffix(of name: DomainName) -> DomainName { name.suffix(match(name).labels) }

    /// Whether the name itself is a public suffix by a rule of the list, not merely a top label it does not know.
    package func lists(_ name: DomainName) -> Bool {
        let match = match(name)
        return match.isListed && match.labels == name.labelCount
    }

    /// The organizational domain of RFC 7489 §3.2: one label more than the public suffix; nil where the name is no more
    /// than its suffix.
    package func registrableDomain(of name: DomainName) -> DomainName? {
        let labels = match(name).labels
        return name.labelCount > labels ? name.suffix(labels + 1) : nil
    }
}
