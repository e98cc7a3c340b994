import DNS
import Testing

@testable import Mail

@Suite("Hostile messages")
struct HostileMessagesTests {
    /// Small messages, so that many can be tried, with all that a message has: hops, results, signatures, seals, encoded
    /// words, parts, links.
    private static let seeds: [[UInt8]] = [
        """
        Received: from a.example (b.example [192.0.2.1]) by mx.example.net with ESMTPS id 1; 1 Jan 2026 00:00:00 +0000
        DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=s1; l=3;
        \th=From:To:from; bh=AAAA; b=BBBB
        From: =?utf-8?q?J=C3=BC?= <a@example.org>

        Hello,  you
        """,
        """
        Authentication-Results: mx.example.net; spf=pass (x) smtp.mailfrom=a@example.org; dkim=fail header.d=a.example
        Received: by mx.example.net; Fri, 2 Jan 2026 00:00:00 +0000 (UTC)
        ARC-Seal: i=1; a=rsa-sha256; cv=none; d=a.example; s=s; b=AAAA
        ARC-Message-Signature: i=1; a=rsa-sha256; d=a.example; s=s; h=from; bh=AAAA; b=AAAA
        ARC-Authentication-Results: i=1; a.example; none
        From: "A, B" <a@example.org>, b@x.example

        x
        """,
        """
        From: a@example.org
        Subject: =?iso-8859-1?b?5A==?= =?gb2312?q?=C4=E3?=
        Content-Type: multipart/alternative; boundary="b"

        --b
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: quoted-printable

        a=3D=
        --b
        Content-Type: text/html

        <a href="http://x.example/?u=1">y.example</a><img src=//t.example/p width=1>
        --b--
        """,
        """
        Received-SPF: pass (mx.example.net: domain of a@example.org) client-ip=192.0.2.1; envelope-from="a@example.org"
        Return-Path: <a@example.org>
        From: G: a@example.org, b@example.net;
        List-Unsubscribe: <https://x.example/u>, <mailto:u@x.example>
        Content-Transfer-Encoding: base64

        SGVsbG8=
        """,
    ].map { Array($0.utf8) }

    /// All that is read of a message and its senders. Nothing is known of the DNS: what would be asked is wanted.
    static func read(_ octets: [UInt8]) {
        let message = Mail.Message(parsing: octets)
        var dns = Knowledge()
        let signatures = DKIMVerification.verify(message, at: Timestamp(1_795_348_800), asking: &dns)
        for signature in signatures where signature.result == .pass { Issue.record("\(octets)") }
        let chain = ARCChain.validate(message, at: Timestamp(1_795_348_800), asking: &dns)
        if chain.result == .pass { Issue.record("\(octets)") }
        _ = DMARCEvaluation.evaluate(message.header, spf: [], dkim: [], in: &dns)
        _ = AuthenticationResults.claims(in: message.header)
        _ = ReceivedSPF.claims(in: message.header)
        _ = Journey(message.header)
    }

    @Test("100,000 mutated messages are read and authenticated without harm; none passes", arguments: 0..<4)
    func mutations(_ part: Int) async {
        var dice = Dice(UInt64(1_000 + part))
        for round in 0..<25_000 * Suites.hostility {
            if round.isMultiple(of: 20) { await Task.yield() }
            Self.read(mutated(Self.seeds.randomElement(using: &dice) ?? [], with: &dice))
        }
    }
}
