@testable import Lab
import Networking
import Testing

private let message = "Subject: Test 42\r\nX-Id: abc\r\n\r\nOne\r\n.Two\r\n"

@Suite("The lab's IMAP server") struct IMAPServerTests {
    @Test("forbids passwords before TLS and takes them inside") func login() async throws {
        try await withLab { lab in
            let bench = await Bench(lab)
            try await Client.talk(to: try await bench.imap()) { client in
                #expect(try await client.line().hasPrefix("* OK [CAPABILITY IMAP4rev1"))
                let capabilities = try await client.imap("a", "CAPABILITY")
                #expect(capabilities[0].contains("STARTTLS") && capabilities[0].contains("LOGINDISABLED"))
                #expect(!capabilities[0].contains("AUTH="))
                #expect(try await client.imap("b", "LOGIN ann@lab.example x").last?.hasPrefix("b NO [PRIVACY") == true)
                #expect(try await client.imap("c", "STARTTLS").last?.hasPrefix("c OK") == true)
                _ = try await client.startTLS("mx.lab.example")
                #expect(try await client.imap("d", "CAPABILITY")[0].contains("AUTH=PLAIN"))
                #expect(
                    try await client.imap("e", "LOGIN ann@lab.example wrong").last?.hasPrefix("e NO [AUTHEN") == true)
                // A literal, as a password with a quote in it would need.
                try await client.send("f LOGIN ann@lab.example {13}")
                #expect(try await client.line().hasPrefix("+"))
                #expect(try await client.ask("correct horse").hasPrefix("f OK"))
                #expect(try await client.imap("g", "LOGOUT")[0].hasPrefix("* BYE"))
            }
        }
    }

    @Test("finds, fetches and removes a message") func messages() async throws {
        try await withLab { lab in
            let bench = await Bench(lab)
            for text in ["Subject: other\r\n\r\nx\r\n", message] {
                await bench.store.deliver(Array(text.utf8), to: bench.user, at: lab.facilities.now())
            }
            try await Client.talk(to: try await bench.imap(implicit: true)) { client in
                _ = try await client.startTLS("mx.lab.example")
                _ = try await client.line()
                let plain = "AGFubkBsYWIuZXhhbXBsZQBjb3JyZWN0IGhvcnNl"
                #expect(try await client.imap("a", "AUTHENTICATE PLAIN \(plain)").last?.hasPrefix("a OK") == true)
                #expect(
                    try await client.imap("b", "LIST \"\" *")
                        == [
                            "* LIST (\\HasNoChildren) \"/\" INBOX", "* LIST (\\HasNoChildren \\Junk) \"/\" Junk",
                            "b OK Completed.",
                        ])
                #expect(try await client.imap("c", "SELECT inbox").contains("* 2 EXISTS"))
                #expect(try await client.imap("d", "UID SEARCH HEADER x-id ABC").first == "* SEARCH 2")
                #expect(try await client.imap("d", "UID SEARCH SUBJECT 42 SINCE 1-Jan-2020").first == "* SEARCH 2")
                #expect(try await client.imap("d", "UID SEARCH ALL").first == "* SEARCH 1 2")
                #expect(try await client.imap("d", "UID SEARCH NOT SUBJECT 42").first == "* SEARCH 1")
                #expect(try await client.imap("d", "UID SEARCH HEADER X-Id nothing").first == "* SEARCH")
                let fetched = try await client.imap("e", "UID FETCH 2 (FLAGS RFC822.SIZE BODY.PEEK[HEADER])")
                #expect(fetched[0] == "* 2 FETCH (UID 2 FLAGS () RFC822.SIZE \(message.utf8.count) BODY[HEADER] {31}")
                #expect(fetched[1] == "Subject: Test 42")
                let partial = try await client.imap("e", "UID FETCH 2 (UID BODY.PEEK[]<9.7>)")
                #expect(partial[0] == "* 2 FETCH (UID 2 BODY[]<9> {7}" && partial[1] == "Test 42)")
                for bad in ["BODY[]<9>", "BODY[]<a.b>", "BODY[]<0.0>", "BODY]", "BODY[HEADER.FIELDS]", "NONSENSE"] {
                    #expect(
                        try await client.imap("e", "UID FETCH 2 (\(bad))").last?.hasPrefix("e BAD") == true, "\(bad)")
                }
                let field = try await client.imap("e", "UID FETCH 2 BODY.PEEK[HEADER.FIELDS (X-ID)]")
                #expect(field[1] == "X-Id: abc")
                _ = try await client.imap("f", "UID FETCH 2 BODY[]")
                #expect(try await client.imap("g", "UID STORE 2 +FLAGS (\\Deleted)")[0].contains("\\Deleted \\Seen"))
                #expect(try await client.imap("h", "UID EXPUNGE 2").first == "* 2 EXPUNGE")
                #expect(try await client.imap("i", "UID SEARCH ALL").first == "* SEARCH 1")
            }
            #expect(await bench.messages() == ["Subject: other\r\n\r\nx\r\n"])
        }
    }

    @Test(
        "answers nonsense with BAD and goes on",
        arguments: [
            "LOGIN (", "UID", "FETCH", "LOGIN \"a", "SELECT INBOX", "LIST", "UID SEARCH ((((((((((ALL))))))))))",
            "NONSENSE {3}\r\nabc", "FETCH 0:* (", "\u{1b}]0;x",
        ]) func nonsense(command: String) async throws
    {
        try await withLab { lab in
            let bench = await Bench(lab)
            try await Client.talk(to: try await bench.imap()) { client in
                _ = try await client.line()
                try await client.send("a \(command)")
                var line = try await client.line()
                if line.hasPrefix("+") { line = try await client.line() }
                #expect(line.hasPrefix("a BAD"))
                #expect(try await client.imap("z", "NOOP") == ["z OK Completed."])
            }
        }
    }

    @Test("ends a conversation whose literal has no measure") func literalWithoutMeasure() async throws {
        try await withLab { lab in
            let bench = await Bench(lab)
            try await Client.talk(to: try await bench.imap()) { client in
                _ = try await client.line()
                #expect(try await client.ask("a LOGIN {99999999}") == "* BYE Command too long")
            }
        }
    }

    @Test(
        "understands sets of numbers",
        arguments: [
            ("1", [1]), ("2:4", [2, 3, 4]), ("4:2", [2, 3, 4]), ("1,3", [1, 3]), ("4:*", [4, 5]), ("*", [5]),
            ("9:*", [5]),
        ] as [(String, [UInt32])]) func sets(text: String, members: [UInt32]) throws
    {
        let set = try #require(SequenceSet(text, last: 5))
        #expect((1...5).filter { set.contains($0) } == members)
    }

    @Test("knows what is no set of numbers", arguments: ["", "a", "0", "1:", ":", "1,,2", "-1", "99999999999"])
    func noSets(text: String) { #expect(SequenceSet(text, last: 5) == nil) }
}

@Suite("The lab's POP3 server") struct POP3ServerTests {
    @Test("forbids passwords before STLS, then lists, shows and removes a message") func session() async throws {
        try await withLab { lab in
            let bench = await Bench(lab)
            await bench.store.deliver(Array(message.utf8), to: bench.user, at: lab.facilities.now())
            try await Client.talk(to: try await bench.pop3()) { client in
                #expect(try await client.line().hasPrefix("+OK"))
                let capabilities = try await client.pop3("CAPA")
                #expect(capabilities.contains("STLS") && !capabilities.contains("USER"))
                #expect(try await client.ask("USER ann@lab.example").hasPrefix("-ERR [AUTH]"))
                #expect(try await client.ask("STAT").hasPrefix("-ERR"))
                #expect(try await client.ask("STLS").hasPrefix("+OK"))
                _ = try await client.startTLS("mx.lab.example")
                #expect(try await client.pop3("CAPA").contains("SASL PLAIN"))
                #expect(try await client.ask("USER ann@lab.example") == "+OK")
                #expect(try await client.ask("PASS wrong").hasPrefix("-ERR [AUTH]"))
                #expect(try await client.ask("PASS correct horse") == "+OK Logged in.")
                #expect(try await client.ask("STAT") == "+OK 1 \(message.utf8.count)")
                #expect(try await client.pop3("UIDL") == ["+OK 1 messages:", "1 lab1"])
                #expect(
                    try await client.pop3("TOP 1 1") == ["+OK 36 octets", "Subject: Test 42", "X-Id: abc", "", "One"])
                #expect(try await client.pop3("RETR 1").last == "..Two")
                #expect(try await client.ask("RETR 2").hasPrefix("-ERR"))
                #expect(try await client.ask("DELE 1").hasPrefix("+OK"))
                #expect(try await client.ask("STAT") == "+OK 0 0")
                #expect(try await client.ask("RSET") == "+OK")
                #expect(try await client.ask("DELE 1").hasPrefix("+OK"))
                #expect(try await client.ask("QUIT").hasPrefix("+OK"))
            }
            #expect(await bench.messages().isEmpty)
        }
    }

    @Test("admits by AUTH PLAIN, and in clear where it is told to") func authPlain() async throws {
        try await withLab { lab in
            let bench = await Bench(lab)
            let endpoint = try await bench.pop3(Faults(authInClear: true), secured: false)
            try await Client.talk(to: endpoint) { client in
                _ = try await client.line()
                #expect(try await client.pop3("CAPA").contains("USER"))
                #expect(try await client.ask("AUTH PLAIN").hasPrefix("+ "))
                #expect(try await client.ask("AGFubkBsYWIuZXhhbXBsZQBjb3JyZWN0IGhvcnNl") == "+OK Logged in.")
            }
        }
    }
}
