internal import FoundationEssentials
package import Mail

extension PublicSuffixList {
    /// The system's list, as Debian's package `publicsuffix` and its like install it; nil where there is none. Read at
    /// the first use.
    package static let system: PublicSuffixList? = usualPlaces.lazy.compactMap { path in
        (try? Data(contentsOf: URL(fileURLWithPath: path))).flatMap { PublicSuffixList(Array($0)) }
    }.first

    private static let usualPlaces = [
        "/usr/share/publicsuffix/public_suffix_list.dat",  // Debian, Ubuntu, Fedora, Arch
        "/usr/share/publicsuffix/effective_tld_names.dat",  // older ones
        "/usr/local/share/public_suffix_list/public_suffix_list.dat",  // BSD
        "/opt/homebrew/share/publicsuffix/public_suffix_list.dat",  // macOS
    ]
}
