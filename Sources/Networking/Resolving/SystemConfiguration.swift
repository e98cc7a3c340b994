internal import DNS
internal import FoundationEssentials

/// The system's resolver configuration, `/etc/resolv.conf` (resolv.conf(5)).
///
/// Left out: `search`, `domain` and `ndots`, because we ask for full names only, and `sortlist`.
package struct SystemConfiguration: Hashable, Sendable {
    /// In the order to be asked; without any, the resolver of this machine.
    package var servers: [ResolverServer]
    /// `options timeout:n`: seconds to wait before asking again, 1 to 30; nil where not given.
    package var timeout: Int?
    /// `options attempts:n`: how often every server is asked, 1 to 5; nil where not given.
    package var attempts: Int?

    package static let path = "/etc/resolv.conf"

    /// What the machine is configured to use; an unreadable file counts as an empty one, as in the C library.
    package static var current: SystemConfiguration {
        SystemConfiguration(parsing: FileManager.default.contents(atPath: path).map(Array.init) ?? [])
    }

    /// Reads the text of the file. Lines that can't be used are passed over: it is not ours, and may hold anything.
    package init(parsing octets: [UInt8]) {
        servers = []
        for line in octets.split(whereSeparator: { $0 == 10 || $0 == 13 }) {
            let words = line.split(whereSeparator: { $0 == 32 || $0 == 9 }).map { String(decoding: $0, as: UTF8.self) }
            guard let keyword = words.first else { continue }
            switch keyword {
            case "nameserver":
                // At most three, as in the C library. An address with a zone (fe80::1%eth0) can't be dialled here.
                if words.count > 1, servers.count < 3, let address = IPAddress(words[1]) {
                    servers.append(ResolverServer(address))
                }
            case "options":
                for option in words.dropFirst() {
                    timeout = Self.number(option, after: "timeout:", in: 1...30) ?? timeout
                    attempts = Self.number(option, after: "attempts:", in: 1...5) ?? attempts
                }
            default: continue  // comments (# ;), search, domain, sortlist
            }
        }
        if servers.isEmpty { servers = [ResolverServer(.v4(IPv4Address(127, 0, 0, 1)))] }
    }

    private static func number(_ option: String, after prefix: String, in range: ClosedRange<Int>) -> Int? {
        let digits = option.utf8.dropFirst(prefix.utf8.count)
        guard option.hasPrefix(prefix), !digits.isEmpty, digits.allSatisfy({ (48...57).contains($0) }),
            let number = Int(String(option.dropFirst(prefix.count)))
        else { return nil }
        return min(max(number, range.lowerBound), range.upperBound)
    }
}
