import Judgement
import Mail
import Testing

@testable import Probes

@Suite("IMAP, the client's side")
struct IMAPSessionTests {
    private func read(_ texts: [String], _ literals: [String] = []) -> IMAPResponse? {
        var pieces = IMAPPieces(Array(texts[0].utf8))
        pieces.texts = texts.map { Array($0.utf8) }
        pieces.literals = literals.map { Array($0.utf8) }
        return IMAPResponse(pieces)
    }

    @Test("Responses are read")
    func responses() {
        #expect(
            read(["A1 OK [UIDVALIDITY 3] done"])
                == .tagged(
                    tag: "A1", IMAPStatus(kind: .ok, code: Array("UIDVALIDITY 3".utf8), text: Array("done".utf8))))
        #expect(read(["* search 3 1 2"]) == .untagged(.search([3, 1, 2])))
        #expect(read(["* SEARCH"]) == .untagged(.search([])))
        #expect(read(["* 23 EXISTS"]) == .untagged(.exists(23)))
        #expect(read(["* 3 expunge"]) == .untagged(.expunge(3)))
        #expect(read(["+ go on"]) == .continuation(Array("go on".utf8)))
        #expect(read(["+"]) == .continuation([]))
        #expect(read(["* OK text (with \"odd [ signs"]) != nil)
        #expect(
            read(["* LIST (\\HasNoChildren \\Junk) \"/\" \"My \\\"Junk\\\"\""])
                == .untagged(
                    .list(attributes: ["\\HasNoChildren", "\\Junk"], mailbox: Array("My \"Junk\"".utf8))))
        #expect(
            read(["* LIST () \".\" {4}", ""], ["Spam"])
                == .untagged(.list(attributes: [], mailbox: Array("Spam".utf8))))
        // Only the last brace announces what follows, however many stand before it.
        let braces = Array(repeating: IMAPValue.atom([UInt8(ascii: "{")]), count: 10_000)
        #expect(
            read(["* X " + String(repeating: "{ ", count: 10_000) + "~{1}", " {2}", ""], ["a", "bc"])
                == .untagged(
                    .other(
                        [.atom([UInt8(ascii: "X")])] + braces + [.string([97]), .string([98, 99])])))
        #expect(
            read(["* 1 FETCH (UID 7 BODY[HEADER.FIELDS (SUBJECT)] {3}", " FLAGS (\\Seen))"], ["a)("])
                == .untagged(
                    .fetch(
                        number: 1,
                        [
                            .init(name: "UID", value: .atom(Array("7".utf8))),
                            .init(name: "BODY[HEADER.FIELDS (SUBJECT)]", value: .string(Array("a)(".utf8))),
                            .init(name: "FLAGS", value: .list([.atom(Array("\\Seen".utf8))])),
                        ])))
    }

    @Test(
        "What is none is refused, without harm",
        arguments: [
            "", "*", "A1", "* (", "* )", "* \"open", "A1 FINE done", " OK", "* LIST (() x", "\u{1} OK x",
            "* " + String(repeating: "(", count: 100) + String(repeating: ")", count: 100),
            "* " + String(repeating: "(", count: 60_000),
        ])
    func hostile(text: String) { #expect(read([text]) == nil) }

    @Test("Any octets are read without harm", arguments: 0..<300)
    func mutated(seed: Int) {
        var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var line = Array("* 1 FETCH (UID 7 BODY[] \"x\\\"y\" FLAGS (\\Seen) {3})".utf8)
        for _ in 0..<4 { line[random(line.count)] = Array("()[]{}\"\\ *1A\0\u{7f}".utf8)[random(14)] }
        switch IMAPResponse(IMAPPieces(line)) {
        case .untagged(.fetch(_, let items))?: #expect(items.count <= line.count)
        default: break
        }
    }

    @Test(
        "A literal is announced at the end of a line only",
        arguments: [
            ("* x {12}", 12), ("{0}", 0), ("x {7+}", 7), ("~{5}", 5), ("{12} x", nil), ("{}", nil), ("{-1}", nil),
            ("{99999999999}", nil), ("12}", nil), ("{1 2}", nil),
        ])
    func literal(line: String, count: Int?) { #expect(IMAPPieces.announcedLiteral(Array(line.utf8)) == count) }

    @Test("A huge literal is not waited for")
    func hugeLiteral() async throws {
        let (talk, _) = try conversation("C: CAPABILITY\nS: * 1 FETCH (BODY[] {999999999}\nS: x", .imap)
        var session = IMAPSession(talk)
        let failure = await #expect(throws: Failure.self) { try await session.capability() }
        #expect(failure?.cause == .protocolViolation)
    }

    @Test("Responses without end are cut off")
    func unending() async throws {
        let (talk, _) = try conversation("C: CAPABILITY\n" + String(repeating: "S: * 1 EXISTS\n", count: 20_001), .imap)
        var session = IMAPSession(talk)
        let failure = await #expect(throws: Failure.self) { try await session.capability() }
        #expect(failure?.cause == .protocolViolation)
    }

    @Test("What nobody can read besides the answer is left aside")
    func unreadable() async throws {
        let (talk, _) = try conversation(
            """
            C: CAPABILITY
            S: * LIST () "/" foo(bar
            S: * XX "unclosed
            S: * 1 FETCH (FLAGS (\\Seen) UID 1)
            S: * CAPABILITY IMAP4rev1 UIDPLUS
            S: TAG OK
            """, .imap)
        var session = IMAPSession(talk)
        #expect(try await session.capability() == ["IMAP4rev1", "UIDPLUS"])
    }

    @Test("Where the mailboxes are not listed, none is for junk", arguments: ["NO", "BAD"])
    func unlisted(word: String) async throws {
        let (talk, _) = try conversation("C: LIST \"\" \"*\"\nS: TAG \(word) not here", .imap)
        var session = IMAPSession(talk)
        #expect(try await session.junkMailbox() == nil)
    }

    @Test("Strings go out quoted, or as literals behind the server's go-ahead")
    func strings() {
        let lines = IMAPPart.lines(
            Array("A1 ".utf8),
            [.text("LOGIN "), .string(Array("j\"o\\e".utf8)), .text(" "), .secretString(Array("pä".utf8))])
        #expect(lines.map { String(decoding: $0.octets, as: UTF8.self) } == ["A1 LOGIN \"j\\\"o\\\\e\" {3}", "pä"])
        #expect(lines.map(\.shown) == ["A1 LOGIN \"j\\\"o\\\\e\" {3}", "***"])
    }

    @Test("LOGIN with a literal waits for the go-ahead")
    func login() async throws {
        let (talk, wire) = try conversation(
            "C: A1 LOGIN \"joe\" {9}\nS: + go\nC: passwrt\u{E9}\nS: A1 OK", .imap)
        let credentials = try Credentials(user: "joe", password: Secret("passwrt\u{E9}"))
        var session = IMAPSession(talk)
        #expect(try await session.logIn(credentials).kind == .ok)
        #expect(wire.departure == nil)
        #expect(!talk.transcript.complete.joined().contains("passwrt"))
    }

    @Test("AUTHENTICATE PLAIN with and without an initial response")
    func authenticate() async throws {
        let credentials = try Credentials(user: "joe", password: Secret("topsecret"))
        let (talk, wire) = try conversation(
            """
            C: CAPABILITY
            S: * CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR
            S: TAG OK
            C: AUTHENTICATE PLAIN AGpvZQB0b3BzZWNyZXQ=
            S: * OK still here
            S: TAG OK welcome
            """, .imap)
        var session = IMAPSession(talk)
        _ = try await session.capability()
        #expect(try await session.logIn(credentials).kind == .ok)
        #expect(wire.departure == nil)
        #expect(!talk.transcript.complete.joined().contains("AGpv"))

        let (slow, slowWire) = try conversation(
            """
            C: CAPABILITY
            S: * CAPABILITY IMAP4rev1 AUTH=PLAIN
            S: TAG OK
            C: AUTHENTICATE PLAIN
            S: +
            C: AGpvZQB0b3BzZWNyZXQ=
            S: A2 NO [AUTHENTICATIONFAILED] no
            """, .imap)
        session = IMAPSession(slow)
        _ = try await session.capability()
        let status = try await session.logIn(credentials)
        #expect(status.kind == .no)
        #expect(status.codeName == "AUTHENTICATIONFAILED")
        #expect(slowWire.departure == nil)
    }

    @Test("A tag that was not given breaks the protocol")
    func strangeTag() async throws {
        let (talk, _) = try conversation("C: CAPABILITY\nS: A99 OK done", .imap)
        var session = IMAPSession(talk)
        let failure = await #expect(throws: Failure.self) { try await session.capability() }
        #expect(failure?.cause == .protocolViolation)
    }

    @Test(
        "The junk mailbox is the one marked so, else one of a usual name",
        arguments: [
            ("S: * LIST (\\Junk) \"/\" Werbung\nS: * LIST () \"/\" Spam", "Werbung"),
            ("S: * LIST () \"/\" INBOX\nS: * LIST () \".\" INBOX.Spam", "INBOX.Spam"),
            ("S: * LIST (\\Noselect \\Junk) \"/\" Junk\nS: * LIST () \"/\" INBOX", nil),
            ("S: * LIST () \"/\" Junkyard", nil),
        ])
    func junk(list: String, name: String?) async throws {
        let (talk, _) = try conversation("C: LIST\n\(list)\nS: TAG OK", .imap)
        var session = IMAPSession(talk)
        let found = try await session.junkMailbox()
        #expect(found.map { String(decoding: $0, as: UTF8.self) } == name)
    }

    @Test("UID EXPUNGE removes ours alone")
    func uidExpunge() async throws {
        let (talk, wire) = try conversation(
            """
            C: CAPABILITY
            S: * CAPABILITY IMAP4rev1 UIDPLUS
            S: TAG OK
            C: UID STORE 7 +FLAGS.SILENT (\\Deleted)
            S: TAG OK
            C: UID EXPUNGE 7
            S: TAG OK
            """, .imap)
        var session = IMAPSession(talk)
        _ = try await session.capability()
        try await session.remove([7])
        #expect(wire.departure == nil)
    }

    @Test("Without UIDPLUS nothing is expunged while others' messages are marked")
    func others() async throws {
        let (talk, wire) = try conversation(
            "C: UID STORE 7\nS: TAG OK\nC: UID SEARCH DELETED\nS: * SEARCH 3 7\nS: TAG OK", .imap)
        var session = IMAPSession(talk)
        try await session.remove([7])
        #expect(!wire.said.contains { $0.hasSuffix("EXPUNGE") })
        let (alone, aloneWire) = try conversation(
            "C: UID STORE 7\nS: TAG OK\nC: UID SEARCH DELETED\nS: * SEARCH 7\nS: TAG OK\nC: EXPUNGE\nS: TAG OK", .imap)
        session = IMAPSession(alone)
        try await session.remove([7])
        #expect(aloneWire.said.last == "A3 EXPUNGE")
    }

    @Test("A message is fetched with its literal")
    func fetch() async throws {
        let (talk, _) = try conversation(
            """
            C: UID FETCH 7 (UID BODY.PEEK[]<0.1000>)
            S: * 2 FETCH (FLAGS () UID 7 BODY[]<0> {12}
            S: Subject: x
            S: )
            S: TAG OK
            """, .imap)
        var session = IMAPSession(talk)
        let message = try await session.message(7, limit: 1_000)
        #expect(message.map { String(decoding: $0, as: UTF8.self) } == "Subject: x\r\n")
    }
}
