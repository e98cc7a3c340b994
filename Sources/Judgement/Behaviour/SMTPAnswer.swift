internal import DNS

/// A reply to a command of SMTP as it was given: the code, the enhanced code, the words.
package struct SMTPAnswer: Hashable, Sendable, Codable {
    /// 200 to 599 (RFC 5321 §4.2).
    package var code: Int
    /// `5.1.1` (RFC 3463), where the text begins with one.
    package var enhancedCode: String?
    /// The text of all lines, one space between; as sent, at most ``maximumText`` octets.
    package var text: String

    /// Longer ones are cut.
    package static let maximumText = 600

    package init(code: Int, enhancedCode: String? = nil, text: String = "") {
        self.code = code
        self.enhancedCode = enhancedCode
        self.text = String(decoding: text.utf8.prefix(Self.maximumText), as: UTF8.self)
    }

    package var isPositive: Bool { code / 100 == 2 }
    /// Whether it may be another one later (RFC 5321 §4.2.1).
    package var isTransient: Bool { code / 100 == 4 }

    /// Code and words, as people quote them.
    package var summary: String { text.isEmpty ? "\(code)" : "\(code) \(text)" }
}

extension SMTPAnswer {
    /// What a reply to MAIL, RCPT or VRFY is about. Codes alone do not tell: 550 is said to the unknown, to the
    /// unwelcome and to the unauthorized alike (RFC 3463 and RFC 7505 made that better only where they are used).
    package enum Meaning: String, Hashable, Sendable, Codable, CaseIterable {
        /// 250, 251.
        case accepted
        /// 252: "cannot verify, but will take it" (RFC 5321 §3.5.3).
        case cannotVerify = "cannot_verify"
        /// There is no such mailbox.
        case unknownMailbox = "unknown_mailbox"
        /// There is one, and it is full or switched off.
        case mailboxUnusable = "mailbox_unusable"
        /// The server takes no mail for that domain.
        case relayDenied = "relay_denied"
        /// The server does not like the client's address or name: that is about where this runs.
        case refusesClient = "refuses_client"
        /// The server does not like the sender.
        case refusesSender = "refuses_sender"
        /// STARTTLS or a login is due first.
        case needsTLS = "needs_tls"
        case needsLogin = "needs_login"
        /// Come again later, as is said to whoever comes for the first time (RFC 6647).
        case greylisted
        /// Another "not now".
        case deferred
        /// The command or its form is not known: 500 to 504.
        case notUnderstood = "not_understood"
        /// Any other refusal for good.
        case refused
    }

    package var meaning: Meaning {
        if isPositive { return code == 252 ? .cannotVerify : .accepted }
        let words = Self.withoutAddresses(text).lowercased()
        if isTransient { return Self.transient(code, enhancedCode ?? "", words) }
        return Self.permanent(code, enhancedCode ?? "", words)
    }

    /// What servers repeat of an address is the address's: `<block@relay.example>` is no word about block lists.
    static func withoutAddresses(_ text: String) -> String {
        var kept: [UInt8] = []
        var depth = 0
        for octet in text.utf8 {
            switch octet {
            case UInt8(ascii: "<"): depth += 1
            case UInt8(ascii: ">"): depth = max(0, depth - 1)
            default: if depth == 0 { kept.append(octet) }
            }
        }
        // A bracket that is never closed is no address.
        let plain = depth == 0 ? kept : Array(text.utf8)
        return plain.split(separator: 32).filter { !$0.contains(UInt8(ascii: "@")) }
            .map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }

    private static func transient(_ code: Int, _ enhanced: String, _ words: String) -> Meaning {
        if code == 421 { return .deferred }
        // Postfix defers what it does not relay, as Debian sets it up: "454 4.7.1 Relay access denied".
        if says(relayWords, words) { return .relayDenied }
        if says(greylistWords, words) { return .greylisted }
        if enhanced == "4.2.2" || says(fullWords, words) { return .mailboxUnusable }
        if ["4.1.7", "4.1.8"].contains(enhanced) || says(senderWords, words) { return .refusesSender }
        // X.3: the mail system's own state (RFC 3463 §3.4), whatever the words before it.
        if enhanced.hasPrefix("4.3") { return .deferred }
        if says(clientWords, words) { return .refusesClient }
        if words.holds("starttls") { return .needsTLS }
        // "Try again later" of a server whose own look-ups fail is no greylisting.
        guard code == 450 || code == 451, !says(troubleWords, words), !enhanced.hasPrefix("4.4"),
            says(laterWords, words)
        else { return .deferred }
        return .greylisted
    }

    private static func permanent(_ code: Int, _ enhanced: String, _ words: String) -> Meaning {
        if code == 530 || code == 538 || words.holds("starttls") {
            return words.holds("tls") || words.holds("encrypt") || code == 538 ? .needsTLS : .needsLogin
        }
        // RFC 5321 §3.4: the domain is served here, the mailbox has moved to where the reply says.
        if code == 551, !enhanced.hasPrefix("5.7"), words.holds("not local"), words.holds("try") {
            return .unknownMailbox
        }
        // What names the mailbox comes first: "Recipient address rejected: Access denied" is not about the client.
        if ["5.1.1", "5.1.6", "5.1.10"].contains(enhanced) {
            return says(relayWords, words) ? .relayDenied : .unknownMailbox
        }
        if enhanced == "5.4.1", words.holds("recipient address rejected") { return .unknownMailbox }
        if says(unknownWords, words) { return .unknownMailbox }
        if ["5.2.1", "5.2.2"].contains(enhanced) || says(fullWords, words) { return .mailboxUnusable }
        if ["5.1.7", "5.1.8", "5.7.23", "5.7.27"].contains(enhanced) || says(senderWords, words) {
            return .refusesSender
        }
        if says(relayWords, words) { return .relayDenied }
        if enhanced == "5.7.25" || (says(clientWords, words) && !words.holds("recipient address rejected")) {
            return .refusesClient
        }
        if says(loginWords, words) { return .needsLogin }
        // What RFC 5321 §4.2.2 says of 550: some say it to the unwelcome too, with a code of class 5.7.
        if words.holds("mailbox unavailable"), !enhanced.hasPrefix("5.7") { return .unknownMailbox }
        return (500...504).contains(code) ? .notUnderstood : .refused
    }

    private static func says(_ list: [String], _ words: String) -> Bool { list.contains { words.holds($0) } }

    private static let greylistWords = [
        "greylist", "graylist", "grey-list", "gray-list", "grey list", "gray list", "postgrey", "first attempt",
    ]
    private static let laterWords = [
        "later", "try again", "retry", "temporarily rejected", "temporarily deferred", "come back", "minutes",
        "seconds",
        "not yet authorized",
    ]
    /// What servers say of trouble of their own.
    private static let troubleWords = [
        "lookup", "look-up", "local problem", "local error", "internal", "system", "resource", "server error",
        "verify", "verification", "verified", "callout", "dns", "timed out", "timeout", "database", "ldap",
        "connection", "disk", "insufficient", "too many", "unavailable", "quota",
    ]
    private static let fullWords = ["over quota", "overquota", "quota exceeded", "mailbox full", "mailbox is full"]
    private static let senderWords = [
        "sender address rejected", "sender verify", "sender rejected", "sender domain", "sender not allowed",
        "from address", "return-path", "null sender", "empty sender", "bounces are not", "domain of sender",
        "spf", "your domain", "your sender",
    ]
    /// About the client's address or name, which others need not share.
    static let clientWords = [
        "block", "blacklist", "denylist", "deny list", "dnsbl", "rbl", "spamhaus", "reputation", "client host",
        "your ip", "your host", "your address", "your server", "your network", "reverse dns", "reverse hostname",
        "rdns", "ptr record", "dynamic", "residential", "access denied", "banned", "rate limit", "rate-limit",
        "helo command rejected", "bad helo", "ehlo",
    ]
    private static let relayWords = [
        "relay", "not local", "not a local", "nonlocal", "non-local", "not hosted here", "no such domain",
        "not our customer", "rcpthosts", "don't handle mail for", "not accept mail for", "domain not served",
        "we do not serve", "not a valid domain here", "domain not found here",
    ]
    private static let unknownWords = [
        "user unknown", "unknown user", "no such user", "no such mailbox", "no such recipient", "no such address",
        "mailbox not found", "user not found", "recipient not found", "address not found",
        "does not exist", "doesn't exist", "not exist", "unknown recipient", "recipient unknown", "invalid recipient",
        "recipient is invalid", "invalid mailbox", "invalid address", "unrouteable address", "unroutable address",
        "no mailbox", "not a valid mailbox", "not a valid recipient", "address unknown", "unknown address",
        "unknown local", "undeliverable address", "unknown mailbox", "mailbox unknown", "user doesn", "nobody by that",
        "no user", "not known here", "not listed", "recipient address rejected: undeliverable",
    ]
    private static let loginWords = [
        "authenticat", "log in", "login required", "smtp auth", "not authorized", "auth required",
    ]
}
