import DNS
import Judgement
import Testing

@testable import Rendering

@Suite("What was fetched, in words")
struct WebTextTests {
    /// An audit of example.org that fetched this.
    private func report(_ web: String) async throws -> Report {
        let zone = """
            example.org. MX 10 mx.example.org.
            mx.example.org. A 192.0.2.25
            autoconfig.example.org. A 192.0.2.80
            default._bimi.example.org. TXT "v=BIMI1; l=https://example.org/logo.svg; a=https://example.org/mark.pem"

            """
        let answers = try #require(CheckPage.Example.Web(text: web))
        return try await PageReports.report(
            on: .init(domain: "example.org", selectors: [], text: zone),
            fetching: answers)
    }

    @Test("A row a file with -v and on a page, none in brief")
    func rows() async throws {
        let report = try await report(
            """
            autoconfig https://autoconfig.example.org/mail/config-v1.1.xml
            <clientConfig><emailProvider><incomingServer type="imap"><hostname>imap.example.org</hostname>
            <port>993</port><socketType>SSL</socketType></incomingServer></emailProvider></clientConfig>
            logo https://example.org/logo.svg status=404
            mark https://example.org/mark.pem tls=expired
            """)
        let rows = WebText.rows(of: report.evidence).map { $0.map(\.text).joined(separator: " ") }
        #expect(
            rows == [
                "Settings https://autoconfig.example.org/mail/config-v1.1.xml: imap imap.example.org:993 (implicit)",
                "BIMI https://example.org/logo.svg: there is no such file",
                " https://example.org/mark.pem: the certificate of example.org has expired",
            ])
        let page = ReportFormat.html.text([report], Look())
        #expect(page.contains("https://example.org/logo.svg: there is no such file"))
        #expect(
            ReportText.text(report, Look(width: 160, verbose: true)).contains("imap imap.example.org:993 (implicit)"))
        #expect(!ReportText.text(report, Look(width: 160)).contains("config-v1.1.xml: imap"))
    }

    @Test("Outside text is shown, and does nothing")
    func hostile() async throws {
        let report = try await report(
            """
            autoconfig https://autoconfig.example.org/mail/config-v1.1.xml
            <clientConfig><emailProvider><incomingServer type="imap"><hostname>a\u{1B}[31m&lt;b&gt;\u{202E}</hostname>
            <port>143</port><socketType>plain</socketType></incomingServer></emailProvider></clientConfig>
            """)
        for format in [ReportFormat.json, .markdown, .html] {
            let text = format.text([report], Look(verbose: true))
            #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || Escaping.isPlain($0) })
            #expect(format != .html || !text.contains("<b>\u{202E}"))
        }
        let text = ReportText.text(report, Look(width: 100, verbose: true))
        #expect(!text.contains("\u{1B}") && !text.contains("\u{202E}"))
    }
}
