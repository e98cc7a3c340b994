import Mail
import Testing

@Suite struct ClientSettingsTests {
    private func servers(_ text: String, _ kind: ClientSettings.Kind) throws -> [String] {
        try ClientSettings(Array(text.utf8), kind, domain: "example.org").servers.map(\.description)
    }

    private static func incoming(_ type: String, _ port: String, _ socket: String) -> String {
        """
        <clientConfig version="1.1"><emailProvider id="example.org"><incomingServer type="\(type)">
        <hostname> Mail.%EMAILDOMAIN% </hostname><port>\(port)</port>\(socket)</incomingServer></emailProvider></clientConfig>
        """
    }

    @Test(arguments: [
        ("imap", "993", "<socketType>SSL</socketType>", "imap mail.example.org:993 (implicit)"),
        ("pop3", "110", "<socketType>STARTTLS</socketType>", "pop3 mail.example.org:110 (starttls)"),
        ("imap", "143", "<socketType>plain</socketType>", "imap mail.example.org:143 (clear)"),
        ("imap", "143", "", "imap mail.example.org:143 (unknown)"),
    ]) func `Servers of an autoconfig file`(type: String, port: String, socket: String, expected: String) throws {
        #expect(try servers(Self.incoming(type, port, socket), .autoconfig) == [expected])
    }

    @Test(arguments: [("exchange", "443"), ("imap", "many"), ("", "993"), ("imap", "")])
    func `What is no server of mail is left out`(type: String, port: String) throws {
        #expect(try servers(Self.incoming(type, port, ""), .autoconfig) == [])
    }

    @Test(arguments: [
        ("<SSL>on</SSL>", "implicit"), ("", "implicit"), ("<SSL>off</SSL>", "clear"),
        ("<Encryption>TLS</Encryption><SSL>on</SSL>", "starttls"), ("<Encryption>None</Encryption>", "clear"),
        ("<Encryption>Auto</Encryption>", "unknown"),
    ]) func `Protocols of Autodiscover`(part: String, security: String) throws {
        let text = """
            <Autodiscover><Response><Account><Protocol><Type>IMAP</Type><Server>mail.example.org</Server>
            <Port>993</Port>\(part)</Protocol><Protocol><Type>EXCH</Type></Protocol></Account></Response></Autodiscover>
            """
        #expect(try servers(text, .autodiscover) == ["imap mail.example.org:993 (\(security))"])
    }

    @Test func `Other documents have none, and no more servers are read than people have`() throws {
        #expect(try servers("<html/>", .autoconfig) == [])
        #expect(try servers("<clientConfig/>", .autodiscover) == [])
        let one = Self.incoming("imap", "1", "").split(separator: "\n").joined()
        let inner = one.replacing("</clientConfig>", with: "").replacing("<clientConfig version=\"1.1\">", with: "")
        let many = "<clientConfig>" + String(repeating: inner, count: 500) + "</clientConfig>"
        #expect(try servers(many, .autoconfig).count == 20)
        #expect(throws: XMLProblem.self) { try servers("<clientConfig>", .autoconfig) }
    }
}
