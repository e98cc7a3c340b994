import Testing

@testable import Mail

@Suite("Dates of messages")
struct MailDateTests {
    @Test(
        "RFC 5322, obsolete forms, comments, and what it should not be",
        arguments: [
            ("Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T15:55:06Z"),
            ("21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06Z"),
            ("Tue, 1 Jul 2003 10:52:37 +0200 (CEST)", "2003-07-01T08:52:37Z"),
            ("Thu,\r\n 13\r\n Feb\r\n 1969\r\n 23:32\r\n -0330 (Newfoundland Time)", "1969-02-14T03:02:00Z"),
            ("1 Jul 2003 (a (nested; one)) 10:52:37 +0530", "2003-07-01T05:22:37Z"),
            ("Fri Feb 07 10:18:12 2003 -0800", "2003-02-07T18:18:12Z"),
            ("Fri Sep 14 14:36:56 EDT 2018", "2018-09-14T18:36:56Z"),
            ("17 Jan 2011 08:23:27 -0800 PST", "2011-01-17T16:23:27Z"),
            ("2018-09-05T01:14:43+02:00", "2018-09-04T23:14:43Z"),
            ("2018-09-05T01:14:43.5Z", "2018-09-05T01:14:43Z"),
            ("2018-09-05 01:14:43.123456789 +0000 UTC", "2018-09-05T01:14:43Z"),
            ("Thu, 02 Apr 2020 07:53:55.516 +0000 (UTC)", "2020-04-02T07:53:55Z"),
            ("Thu, 10 Jul 1997 14:53:31 ZZZZ", "1997-07-10T14:53:31Z"),
            ("3 Jul 2002 15:43:50 UT", "2002-07-03T15:43:50Z"),
            ("Thu, 20 Mar 03 10:06:43 +0100 for <a@b.example>", "2003-03-20T09:06:43Z"),
            ("29 Feb 2024 23:59:60 +0000", "2024-03-01T00:00:00Z"), ("1 Jan 49 0:00 +0000", "2049-01-01T00:00:00Z"),
            ("1 Jan 50 00:00 +0000", "1950-01-01T00:00:00Z"), ("1 Jan 103 00:00 +0000", "2003-01-01T00:00:00Z"),
            ("23-Jun-2003 10:00:00 +0000", "2003-06-23T10:00:00Z"),
            ("Sun Jan  5 12:00:00 2025", "2025-01-05T12:00:00Z"),
            ("17 May 2026 22:15:15 +1345", "2026-05-17T08:30:15Z"),
        ])
    func reads(_ text: String, _ expected: String) {
        #expect(MailDate.parse(text)?.timestamp.description == expected)
    }

    @Test(
        "What is no date is none",
        arguments: [
            "", "hello", "some numbers 0 1 2 but invalid", "30 Feb 2024 10:00:00 +0000", "1 Jul 2003 24:00:00 +0000",
            "13 zzz 2021 09:55:06 +0200", "Tue, 7 00 2026 19:14:51 +0000", "1 Jul 2003", "10:00:00",
            "0 Jan 2020 10:00:00 +0000",
            "29 Feb 2023 10:00:00 +0000", "1 Jul 2003 10:60:00 +0000", "99999999999999999999 Jul 2003 10:00:00 +0000",
            "((((((",
            "1 Jul 2003 10:00:00 +9999999",
        ])
    func refuses(_ text: String) {
        if text.hasSuffix("+9999999") {
            #expect(MailDate.parse(text)?.offset == nil)
        } else {
            #expect(MailDate.parse(text) == nil)
        }
    }

    @Test(
        "Days in other languages, offsets without their first zero, zones with an offset",
        arguments: [
            ("qui, 14 Nov 2002 11:36:12+0000", "2002-11-14T11:36:12Z"),
            ("Wen, 31 May 2006 09:10:36 -0700", "2006-05-31T16:10:36Z"),
            ("Mi., 4 Nov 2020 10:00:00 +0100", "2020-11-04T09:00:00Z"),
            ("mié, 4 Nov 2020 10:00:00 +0100", "2020-11-04T09:00:00Z"),
            ("Mon, 21 Aug 95 13:30:57 -600", "1995-08-21T19:30:57Z"),
            ("1 Jul 2003 10:00:00 GMT+0530", "2003-07-01T04:30:00Z"),
            ("Tue, 1 Jul 2003 10:00:00 UTC-07:00", "2003-07-01T17:00:00Z"),
        ])
    func loose(_ text: String, _ expected: String) {
        #expect(MailDate.parse(text)?.timestamp.description == expected)
    }

    @Test("Zones: known, and not")
    func zones() {
        #expect(MailDate.parse("1 Jul 2003 10:00:00 +0530")?.offset == 330)
        #expect(MailDate.parse("1 Jul 2003 10:00:00 -0000")?.offset == nil)
        #expect(MailDate.parse("1 Jul 2003 10:00:00 XYZ")?.offset == nil)
        #expect(MailDate.parse("1 Jul 2003 10:00:00 EST")?.offset == -300)
    }

    private static let known: [KnownDifferences.Entry] = [
        ("12", "-", "2015-08-04T16:19:42Z", "a month is a name, not a number"),
        ("14", "2003-07-01T08:52:37Z", "-", "comments nest (RFC 5322 §3.2.2)"),
        ("28", "-", "2022-10-10T17:31:15Z", "this is a Received field, no date"),
    ]

    @Test(
        "Another author's dates: where we differ is said, with the reason",
        .enabled(if: Suites.has("received-stalwart/date.json"), Suites.skipped))
    func suite() throws {
        var differences = KnownDifferences("received-stalwart/date.json")
        for (number, test) in (try Suites.value("received-stalwart/date.json").array ?? []).enumerated() {
            let text = test["header"]?.text ?? ""
            let expected = test["expected"].flatMap { timestamp(of: $0) }
            differences.compare(
                "\(number)", MailDate.parse(text)?.timestamp.description, expected?.description)
        }
        differences.hold(Self.known)
    }
}

/// The moment that the suite writes field by field.
func timestamp(of value: Suites.Value) -> Timestamp? {
    guard let year = value["year"]?.number, let month = value["month"]?.number, let day = value["day"]?.number,
        let hour = value["hour"]?.number, let minute = value["minute"]?.number, let second = value["second"]?.number
    else { return nil }
    let offset = (value["tz_hour"]?.number ?? 0) * 3600 + (value["tz_minute"]?.number ?? 0) * 60
    var isNegative = false
    if case .bool(true)? = value["tz_before_gmt"] { isNegative = true }
    return Timestamp(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        + Double(isNegative ? offset : -offset)
}
