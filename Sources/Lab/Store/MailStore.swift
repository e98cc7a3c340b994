package import Mail

/// The mailboxes of all users of the world. In memory, bounded: the oldest message goes when a mailbox is full.
package actor MailStore {
    /// A message as it lies in a mailbox.
    package struct Message: Sendable {
        package var uid: UInt32
        /// IMAP flags such as `\Seen`.
        package var flags: Set<String>
        package var received: Timestamp
        package var octets: [UInt8]
    }

    /// A mailbox in the sense of IMAP: a folder of an account.
    package struct Mailbox: Sendable {
        package let name: String
        package let uidValidity: UInt32
        package fileprivate(set) var uidNext: UInt32 = 1
        package fileprivate(set) var messages: [Message] = []
    }

    private struct Account {
        var password: String
        var mailboxes: [Mailbox]
    }

    private static let messageLimit = 1_000
    private var accounts: [String: Account] = [:]

    package init() {}

    /// Opens an account with an INBOX and a Junk. The user is a mail address; its case does not count.
    package func open(user: String, password: String, now: Timestamp) {
        let validity = UInt32(truncatingIfNeeded: Int(now.secondsSince1970))
        accounts[user.lowercased()] = Account(
            password: password,
            mailboxes: ["INBOX", "Junk"].map { Mailbox(name: $0, uidValidity: validity) })
    }

    /// Whether there is such a user and this is the password.
    package func admits(user: String, password: String) -> Bool {
        guard let account = accounts[user.lowercased()] else { return false }
        return account.password == password
    }

    /// The user an address belongs to: `probe+tag@domain` belongs to `probe@domain` (RFC 5233). nil for nobody.
    package func user(of address: String) -> String? {
        let address = address.lowercased()
        guard let at = address.lastIndex(of: "@") else { return nil }
        let local = address[..<at].prefix { $0 != "+" }
        let user = local + address[at...]
        return accounts[String(user)] == nil ? nil : String(user)
    }

    /// Puts a message into a mailbox; nothing happens where there is no such user or mailbox.
    package func deliver(_ octets: [UInt8], to user: String, in mailbox: String = "INBOX", at moment: Timestamp) {
        change(user, mailbox) { box in
            box.messages.append(Message(uid: box.uidNext, flags: [], received: moment, octets: octets))
            box.uidNext += 1
            if box.messages.count > Self.messageLimit { box.messages.removeFirst() }
        }
    }

    /// nil where there is no such mailbox. INBOX in any case (RFC 9051 §5.1).
    package func mailbox(_ name: String, of user: String) -> Mailbox? {
        let wanted = name.uppercased() == "INBOX" ? "INBOX" : name
        return accounts[user.lowercased()]?.mailboxes.first { $0.name == wanted }
    }

    /// All mailboxes of a user; none where there is no such user.
    package func mailboxes(of user: String) -> [Mailbox] { accounts[user.lowercased()]?.mailboxes ?? [] }

    /// Sets the flags of a message, replacing those it had.
    package func setFlags(_ flags: Set<String>, of uid: UInt32, in mailbox: String, of user: String) {
        change(user, mailbox) { box in
            guard let index = box.messages.firstIndex(where: { $0.uid == uid }) else { return }
            box.messages[index].flags = flags
        }
    }

    /// Takes messages out of a mailbox for good.
    package func remove(_ uids: Set<UInt32>, from mailbox: String, of user: String) {
        change(user, mailbox) { $0.messages.removeAll { uids.contains($0.uid) } }
    }

    private func change(_ user: String, _ mailbox: String, _ body: (inout Mailbox) -> Void) {
        let user = user.lowercased()
        guard var account = accounts[user],
            let index = account.mailboxes.firstIndex(where: { $0.name == mailbox })
        else { return }
        body(&account.mailboxes[index])
        accounts[user] = account
    }
}
