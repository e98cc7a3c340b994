import DNS
import Mail

/// What more than one rule asks of a message.
extension SPFEvaluation {
    /// Why the DNS kept it from being told; nil where it was told.
    var failure: Failure? {
        guard result == .temperror || !isComplete else { return nil }
        guard let asked = unanswered, case .failure(let why) = asked.outcome else {
            return Failure(.dnsServfail, during: .dns, reason)
        }
        return Failure(why, asking: asked.question)
    }
}

extension DKIMVerification {
    /// Why its key could not be fetched; nil where that is not what it lacked.
    var failure: Failure? {
        guard result == .temperror else { return nil }
        if let lookup, let name = lookup.name, case .couldNotTell(let why) = lookup.status {
            return Failure(why, asking: Question(name, .txt))
        }
        return Failure(.dnsServfail, during: .dns, reason ?? "the key could not be fetched")
    }
}

/// Whether a message lets its reader leave in one click (RFC 8058 §3, §4).
enum OneClick: Hashable {
    case offered
    case lacking(String)
    case couldNotTell(Failure)
}

extension MessageEvidence {
    /// The first thing that the DNS kept from being told.
    var failure: Failure? { spf?.failure ?? dkim.lazy.compactMap(\.failure).first }

    var oneClick: OneClick {
        guard let unsubscription = self.unsubscription else { return .lacking("there is no List-Unsubscribe") }
        guard unsubscription.addresses.contains(where: { $0.scheme == "https" }) else {
            return .lacking("List-Unsubscribe has no https address")
        }
        guard unsubscription.saysOneClick else {
            return .lacking("“List-Unsubscribe-Post: List-Unsubscribe=One-Click” is missing")
        }
        // RFC 8058 §4: both fields must be covered by a signature that holds.
        func covers(_ verification: DKIMVerification) -> Bool {
            verification.signature.headers.contains("list-unsubscribe")
                && verification.signature.headers.contains("list-unsubscribe-post")
        }
        if dkim.contains(where: { $0.result == .pass && covers($0) }) { return .offered }
        if let failure = dkim.filter(covers).lazy.compactMap(\.failure).first { return .couldNotTell(failure) }
        return .lacking("no DKIM signature that passes covers List-Unsubscribe and List-Unsubscribe-Post")
    }

    /// Whether it was sent to many, as far as it says so itself.
    var isBulk: Bool {
        if self.unsubscription != nil || self.header.first("List-Id") != nil { return true }
        return self.header.first("Precedence").map { ["bulk", "list"].contains($0.text.lowercased()) } == true
    }

    /// Fields that may stand once at most (RFC 5322 §3.6), and From, which must name an author.
    var formatProblems: [String] {
        var problems: [String] = []
        let once = [
            "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Message-ID", "In-Reply-To", "References", "Subject",
            "Date",
        ]
        for name in once {
            let number = self.header.all(name).count
            if number > 1 { problems.append("\(name) stands \(number) times") }
        }
        let authors = self.authors
        if self.header.first("From") == nil {
            problems.append("From is missing")
        } else if authors.isEmpty {
            problems.append("From names nobody")
        } else if let bad = authors.first(where: { (try? EmailAddress($0.address)) == nil }) {
            problems.append("From has no proper address: \(quoted(bad.address, limit: 60))")
        } else if authors.count > 1, self.header.first("Sender") == nil {
            problems.append("From names \(authors.count) authors, and there is no Sender")
        }
        if self.header.first("Date") == nil { problems.append("Date is missing") }
        if self.header.strayLines > 0 {
            problems.append(
                "\(count(self.header.strayLines, "line")) of the header \(self.header.strayLines == 1 ? "is" : "are") no field"
            )
        }
        return problems
    }
}

extension MessageEvidence {
    /// Whether a signature that passes covers the fields of unsubscribing (RFC 8058 §4).
    package var signsUnsubscription: Bool {
        dkim.contains {
            $0.result == .pass && $0.signature.headers.contains("list-unsubscribe")
                && $0.signature.headers.contains("list-unsubscribe-post")
        }
    }
}
