/// RCODE: four bits of the header (RFC 1035 §4.1.1), eight more in the OPT record (RFC 6891 §6.1.3).
package struct ResponseCode: Hashable, Sendable {
    /// 0 to 4095.
    package var number: UInt16

    package init(_ number: UInt16) { self.number = number & 0xFFF }

    package static let noError = ResponseCode(0)
    package static let formatError = ResponseCode(1)
    package static let serverFailure = ResponseCode(2)
    package static let nameError = ResponseCode(3)
    package static let notImplemented = ResponseCode(4)
    package static let refused = ResponseCode(5)
    package static let badVersion = ResponseCode(16)

    private static let names: [UInt16: String] = [
        0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN",
        7: "YXRRSET", 8: "NXRRSET", 9: "NOTAUTH", 10: "NOTZONE", 11: "DSOTYPENI", 16: "BADVERS", 17: "BADKEY",
        18: "BADTIME", 19: "BADMODE", 20: "BADNAME", 21: "BADALG", 22: "BADTRUNC", 23: "BADCOOKIE",
    ]
}

extension ResponseCode: CustomStringConvertible {
    /// The mnemonic of the IANA registry, or `RCODE11`.
    package var description: String { Self.names[number] ?? "RCODE\(number)" }
}
