/// Outside text made safe to show: what is not a visible ASCII character or a letter of another script is
/// written as an escape, and what is long is cut.
func printable(_ text: some StringProtocol, atMost limit: Int = 200) -> String {
    var shown = ""
    var count = 0
    for scalar in text.unicodeScalars {
        if count == limit { return shown + "…" }
        count += 1
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            shown += "\\u{" + String(scalar.value, radix: 16) + "}"
        default: shown.unicodeScalars.append(scalar)
        }
    }
    return shown
}

/// The same of octets: what is not UTF-8 becomes U+FFFD.
func printable(_ octets: some Collection<UInt8>, atMost limit: Int = 200) -> String {
    printable(String(decoding: octets.prefix(limit * 4), as: UTF8.self), atMost: limit)
}

extension Collection<UInt8> {
    /// ASCII letters in upper case, all else as it is.
    var uppercasedASCII: [UInt8] { map { (97...122).contains($0) ? $0 & 0xDF : $0 } }

    /// Whether the octets begin with `prefix`, ASCII letters equal in either case.
    func startsWithASCII(_ prefix: String) -> Bool {
        self.prefix(prefix.utf8.count).uppercasedASCII == prefix.utf8.uppercasedASCII
    }
}

extension String {
    /// ASCII letters in upper case, all else as it is: no Kelvin sign becomes a `k`.
    var uppercasedASCII: String { String(decoding: utf8.uppercasedASCII, as: UTF8.self) }
}
