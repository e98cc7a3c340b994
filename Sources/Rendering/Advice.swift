package import Judgement

/// What a person can do about a thing that could not be told.
package enum Advice {
    /// What the cause says in plain words, without the details of the one case.
    package static func meaning(of cause: Failure.Cause) -> String {
        switch cause {
        case .dnsTimeout: "no name server answered in time"
        case .dnsServfail: "the name server answered SERVFAIL"
        case .dnsRefused: "the name server refused to answer"
        case .dnsMalformed: "the name server's answer could not be understood"
        case .dnsEarlyClose: "the name server closed the connection before it answered"
        case .dnsUnreachable: "no name server could be reached"
        case .dnsBogus: "the answer did not pass DNSSEC validation"
        case .dnsUnvalidated: "whether the answer is secure (DNSSEC) cannot be told from here"
        case .noSuchName: "the name does not exist"
        case .noMX: "the domain has no mail host"
        case .nullMX: "the domain takes no mail"
        case .connectRefused: "the connection was refused"
        case .connectTimeout: "no answer to the attempt to connect"
        case .unreachable: "there is no way to the address from here"
        case .egressBlocked: "this network does not let such connections out"
        case .greetingTimeout: "connected, but no greeting came in time"
        case .greeting4xx: "the server put us off for now"
        case .greeting5xx: "the server will not talk to us"
        case .earlyClose: "the server closed the connection early"
        case .ehloRejected: "the server did not accept EHLO"
        case .starttlsMissing: "the server does not offer STARTTLS"
        case .starttlsRejected: "the server offered STARTTLS and then refused it"
        case .tlsHandshake: "the TLS handshake failed"
        case .tlsUnsupported: "the server takes only TLS that this program does not speak"
        case .certificateUntrusted: "the certificate is not trusted"
        case .certificateName: "the certificate is for another name"
        case .certificateExpired: "the certificate has expired"
        case .authFailed: "the login failed"
        case .mailRejected: "the sender was rejected"
        case .rcptRejected: "the recipient was rejected"
        case .greylisted: "the server asked to try again later"
        case .dataRejected: "the message was rejected"
        case .bounced: "the message came back"
        case .fetchLoginFailed: "the login to the mailbox failed"
        case .fetchProtocol: "the mailbox could not be read"
        case .notReceived: "the message has not arrived"
        case .misplaced: "the message is in another folder"
        case .authResultsFail: "the receiver's checks did not pass"
        case .protocolViolation: "the server broke the protocol"
        case .timeout: "the time was up"
        case .overload: "too much was going on here at once"
        case .cancelled: "it was stopped before the end"
        case .offline: "the network was not to be used (--offline)"
        case .notStated: "what was given does not say it"
        case .internal: "something failed on our side"
        }
    }

    /// What to do, in a sentence.
    package static func remedy(of cause: Failure.Cause) -> String {
        switch cause {
        case .dnsTimeout, .dnsUnreachable:
            "Check that this machine can reach its name server, or name another with --resolver."
        case .dnsServfail, .dnsBogus:
            "Ask another name server with --resolver; if it says the same, look at the domain's name servers and DNSSEC."
        case .dnsEarlyClose:
            "Ask another name server with --resolver; long answers need TCP, which this one breaks off."
        case .dnsUnvalidated:
            "Name a resolver that passes signatures on with --resolver, or the keys to begin with by --trust-anchor."
        case .dnsRefused: "Name a resolver that answers this machine with --resolver."
        case .dnsMalformed:
            "Ask another name server with --resolver; if it says the same, the zone's server is at fault."
        case .connectTimeout, .connectRefused, .unreachable:
            "See whether a firewall stands between, or run it from another network."
        case .egressBlocked:
            "Many networks block port 25: run it from a machine that may send mail, or leave it out with --ports."
        case .greetingTimeout:
            "Some servers greet late on purpose: allow more time with --timeout."
        case .greeting4xx: "Try again in some minutes; more often makes it worse."
        case .greylisted:
            "Try again in some minutes, not more often; audit --behaviour or --recipient does so with --greylist-wait."
        case .greeting5xx, .ehloRejected:
            "The server may not like this address or name: try --ehlo-name or another machine."
        case .timeout: "Allow more time with --timeout."
        case .offline: "Run it again without --offline."
        case .notStated:
            "-v shows what was said. Of a message, name the receiver with --receiver, or say who handed it in: --sender-ip, "
                + "--mail-from, --helo."
        case .tlsUnsupported:
            "Most senders get through. With suites of ECDHE and a certificate for RSA or P-256 beside, it can be looked at."
        case .earlyClose, .protocolViolation, .tlsHandshake, .starttlsRejected:
            "Try again; if it stays, -v shows what was said."
        case .overload: "Try again with fewer targets at once."
        case .cancelled: "Run it again and let it finish."
        case .authFailed, .fetchLoginFailed: "Check user name and password in the configuration."
        case .internal: "Please report this with the output of -v."
        case .noSuchName, .noMX, .nullMX: "Check that the name is spelt right."
        case .misplaced:
            "See what the receiver thought of SPF, DKIM and DMARC, and what its filter wrote into the header."
        case .authResultsFail: "Audit the sender's domain: it names what is wrong with SPF, DKIM or DMARC."
        case .starttlsMissing, .certificateUntrusted, .certificateName, .certificateExpired, .mailRejected,
            .rcptRejected,
            .dataRejected, .bounced, .fetchProtocol, .notReceived:
            "-v shows what was said."
        }
    }
}
