/// NAPTR (RFC 3403 §4): a rule to rewrite names by. It is read to be shown and written as zone files have it; nothing
/// here follows such rules. What is not well-formed stays octets.
package struct NAPTR: Hashable, Sendable {
    /// The lowest is taken first.
    package var order: UInt16
    /// Among those of one order, the lowest first.
    package var preference: UInt16
    /// Character-strings of up to 255 octets, without their quotation marks.
    package var flags, services, regexp: [UInt8]
    /// The root where the rule is in ``regexp``.
    package var replacement: DomainName

    package init(
        order: UInt16, preference: UInt16, flags: [UInt8], services: [UInt8], regexp: [UInt8], replacement: DomainName
    ) {
        self.order = order
        self.preference = preference
        self.flags = flags
        self.services = services
        self.regexp = regexp
        self.replacement = replacement
    }

    /// From RDATA, where the name is not compressed (RFC 3403 §4.1).
    package init?(wire: [UInt8]) {
        var reader = WireReader(wire)
        guard let order = try? reader.uint16("NAPTR.order"), let preference = try? reader.uint16("NAPTR.preference"),
            let flags = try? reader.characterString("NAPTR.flags"),
            let services = try? reader.characterString("NAPTR.services"),
            let regexp = try? reader.characterString("NAPTR.regexp"),
            let replacement = reader.plainName("NAPTR.replacement"), reader.remaining == 0
        else { return nil }
        self.init(
            order: order, preference: preference, flags: flags, services: services, regexp: regexp,
            replacement: replacement)
    }

    package var wire: [UInt8] {
        var writer = WireWriter()
        writer.uint16(order)
        writer.uint16(preference)
        for string in [flags, services, regexp] { writer.characterString(string) }
        writer.name(replacement, compressed: false)
        return writer.octets
    }
}

extension NAPTR: CustomStringConvertible {
    /// `100 50 "s" "z3950+I2L+I2C" "" _z3950._tcp.gatech.edu.`
    package var description: String {
        "\(order) \(preference) \(quoted(flags)) \(quoted(services)) \(quoted(regexp)) \(replacement.absolute)"
    }
}
