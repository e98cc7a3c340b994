import Testing

@testable import Probes

@Suite("Reports about a test message") struct DeliveryReportTests {
    private static let status = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"

    private static let reports: [(String, Bool)] = [
        (status + "Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n", true),
        (status + "action:Failed (bounced)\r\n", true),
        (status + "Action: delayed\r\nStatus: 4.4.1\r\n", false),
        (status + "Action: delivered\r\n", false), (status + "Action: relayed\r\n", false),
        (status + "Action: expanded\r\n", false),
        (status + "Action: delivered\r\n\r\nAction: failed\r\n", true),
        // Cut, or without its machine-readable part.
        (status, true),
        ("Content-Type: Multipart/Report; Report-Type=\"delivery-status\"\r\n\r\n", true),
        ("Content-Type: multipart/report; report-type=disposition-notification\r\n\r\n", false),
        ("Auto-Submitted: auto-replied\r\nFrom: b@b.example\r\nSubject: On holiday\r\n\r\nBack soon\r\n", false),
        ("Auto-Submitted: auto-replied\r\nX-Failed-Recipients: a@b.example\r\n\r\n", true),
        ("Auto-Submitted: auto-replied\r\nFrom: Mailer-Daemon@b.example\r\n\r\n", true),
    ]

    @Test("Only a report of failure says that a message will not come", arguments: reports)
    func failure(octets: String, isOfFailure: Bool) {
        #expect(DeliveryReport(Array(octets.utf8)).isOfFailure == isOfFailure, "\(octets)")
    }

    @Test("The diagnosis comes before the status, and may be missing")
    func diagnosis() {
        let both = Self.status + "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no\r\n"
        #expect(DeliveryReport(Array(both.utf8)).diagnosis?.starts(with: "Diagnostic-Code: smtp; 550 no".utf8) == true)
        #expect(DeliveryReport(Array(Self.status.utf8)).diagnosis == nil)
        #expect(DeliveryReport([]).isOfFailure == false)
    }

    @Test(
        "A mailbox that was not looked at to the end has not lost a message",
        arguments: [
            (2.0, 3.0, false), (5, 300, false), (19, 300, false), (21, 300, true), (290, 300, true), (4, 5, true),
            (4, 20, false),
        ])
    func gaps(gap: Double, all: Double, isTooLong: Bool) {
        #expect(MailboxSearch.isTooLong(gap, in: all) == isTooLong)
    }
}
