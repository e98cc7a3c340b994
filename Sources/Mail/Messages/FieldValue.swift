/// What a header field holds, by its name: the form that RFC 5322 §3.6 and its kin give it.
package enum FieldValue: Hashable, Sendable {
    case received(Received)
    case date(MailDate)
    case mailboxes([Mailbox])
    case identifiers([MessageID])
    case contentType(ContentType)
    /// Any other field, and one that is not of its form: its text, encoded words decoded.
    case text(String)
}

extension MessageHeader.Field {
    package var typed: FieldValue {
        switch form {
        case .received: if let received = Received(rawValue) { return .received(received) }
        case .date: if let date = MailDate.parse(rawValue) { return .date(date) }
        case .mailboxes: return .mailboxes(Mailbox.list(rawValue))
        case .identifiers: return .identifiers(MessageID.list(rawValue))
        case .contentType: if let type = ContentType(rawValue) { return .contentType(type) }
        case .text: break
        }
        return .text(decoded)
    }

    private enum Form { case received, date, mailboxes, identifiers, contentType, text }

    /// Names are told apart by their length first: most are none of these.
    private var form: Form {
        switch nameOctets.count {
        case 2: isNamed("To") || isNamed("Cc") ? .mailboxes : .text
        case 3: isNamed("Bcc") ? .mailboxes : .text
        case 4: isNamed("From") ? .mailboxes : isNamed("Date") ? .date : .text
        case 6: isNamed("Sender") ? .mailboxes : .text
        case 8: isNamed("Received") ? .received : isNamed("Reply-To") ? .mailboxes : .text
        case 9: isNamed("Resent-To") || isNamed("Resent-Cc") ? .mailboxes : .text
        case 10:
            isNamed("Message-ID") || isNamed("References") || isNamed("Content-ID")
                ? .identifiers : isNamed("Resent-Bcc") ? .mailboxes : .text
        case 11:
            isNamed("Return-Path") || isNamed("Resent-From")
                ? .mailboxes
                : isNamed("In-Reply-To") ? .identifiers : isNamed("Resent-Date") ? .date : .text
        case 12: isNamed("Content-Type") ? .contentType : isNamed("Delivered-To") ? .mailboxes : .text
        case 13: isNamed("Delivery-Date") ? .date : isNamed("Resent-Sender") ? .mailboxes : .text
        case 17: isNamed("Resent-Message-ID") ? .identifiers : .text
        case 19: isNamed("Content-Disposition") ? .contentType : .text
        default: .text
        }
    }
}
