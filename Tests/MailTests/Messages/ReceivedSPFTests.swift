import Testing

@testable import Mail

@Suite("Received-SPF, RFC 7208 §9.1")
struct ReceivedSPFTests {
    @Test("The RFC's example")
    func reads() throws {
        let field = try #require(
            ReceivedSPF(
                "pass (mybox.example.org: domain of\r\n myname@example.com designates 192.0.2.1 as permitted sender)\r\n"
                    + " receiver=mybox.example.org; client-ip=192.0.2.1;\r\n envelope-from=\"myname@example.com\"; helo=foo.example.com;"
            ))
        #expect(field.result == "pass" && field.receiver == "mybox.example.org")
        #expect(
            field.properties["client-ip"] == "192.0.2.1" && field.properties["envelope-from"] == "myname@example.com")
        #expect(field.comment?.hasPrefix("mybox.example.org: domain of") == true)
    }

    @Test("What is none", arguments: ["", "()", "=", "1x", ";"])
    func refuses(_ text: String) { #expect(ReceivedSPF(text) == nil) }
}
