import Testing

@testable import Mail

@Suite("DMARC records, RFC 9989")
struct DMARCRecordTests {
    @Test("Every tag")
    func everything() {
        let record = DMARCRecord(
            text: "v=DMARC1; p=reject; sp=quarantine; np=none; adkim=s; aspf=S; psd=n; t=y; fo=1:d; "
                + "rua=mailto:a@example.org,mailto:b@example.net; ruf=mailto:c@example.org;")
        #expect(record.problems.isEmpty, "\(record.problems)")
        #expect(
            record.policy == .reject && record.subdomainPolicy == .quarantine
                && record.nonexistentPolicy == DMARCRecord.Policy.none)
        #expect(record.dkimAlignment == .strict && record.spfAlignment == .strict)
        #expect(record.publicSuffix == .no && record.isTesting)
        #expect(record.failureOptions == ["1", "d"])
        #expect(record.aggregateReports.map { $0.address?.description } == ["a@example.org", "b@example.net"])
        #expect(record.failureReports.count == 1)
    }

    @Test("Defaults")
    func defaults() {
        let record = DMARCRecord(text: "v=DMARC1;p=none")
        #expect(record.dkimAlignment == .relaxed && record.spfAlignment == .relaxed && record.publicSuffix == .unknown)
        #expect(!record.isTesting && record.failureOptions == ["0"] && record.subdomainPolicy == nil)
    }

    @Test(
        "Which TXT records are DMARC records",
        arguments: [
            ("v=DMARC1; p=none", true), ("v = DMARC1 ;p=none", true), ("v=DMARC1", true), ("v=dmarc1; p=none", false),
            (" v=DMARC1; p=none", false), ("p=none; v=DMARC1", false), ("v=DMARC10; p=none", false),
            ("v=spf1 -all", false), ("", false),
        ])
    func selection(_ text: String, _ isDMARC: Bool) {
        #expect(DMARCRecord.isDMARC(Array(text.utf8)) == isDMARC)
        #expect(DMARCRecord.isNearMiss(text) == (!isDMARC && text.lowercased().contains("dmarc1")))
    }

    @Test("Without “p” it counts as none if there is a valid “rua”")
    func missingPolicy() {
        let with = DMARCRecord(text: "v=DMARC1; rua=mailto:a@example.org")
        #expect(with.policy == nil && with.effectivePolicy == DMARCRecord.Policy.none && with.isUsable)
        #expect(with.problems.map(\.severity) == [.warning])
        let without = DMARCRecord(text: "v=DMARC1; rua=nonsense")
        #expect(without.effectivePolicy == nil && !without.isUsable)
        let badSub = DMARCRecord(text: "v=DMARC1; p=reject; sp=rejct; rua=mailto:a@example.org")
        #expect(badSub.effectivePolicy == DMARCRecord.Policy.none)
    }

    @Test(
        "Problems, with their column",
        arguments: [
            ("v=DMARC1; p=rejct", 13, RecordProblem.Code.badValue, "“reject”"),
            ("v=DMARC1; p=none; rua=a@example.org", 23, .badURI, "mailto:a@example.org"),
            ("v=DMARC1; p=none; rua=mailto:", 23, .badURI, "no URI"),
            ("v=DMARC1; p=none; rua=mailto:a b@example.org", 23, .badURI, "no URI"),
            ("v=DMARC1; p=none; rua=mailto:a@example.org,", 44, .badURI, "missing"),
            ("v=DMARC1; p=none; rua=mailto:a@example.org!10m", 43, .removedTag, "10m"),
            ("v=DMARC1; p=none; rua=mailto:a@example.org!x", 23, .badURI, "%21"),
            ("v=DMARC1; p=none; pct=50", 19, .removedTag, "RFC 9989"),
            ("v=DMARC1; p=none; rf=afrf", 19, .removedTag, "rf"),
            ("v=DMARC1; p=none; foo=1", 19, .unknownTag, "ignored"),
            ("v=DMARC1; rua=mailto:a@b.example; p=none", 35, .badOrder, "follow"),
            ("v=DMARC1; p=none; t=yes", 21, .badValue, "y, n"),
            ("v=DMARC1; p=none; fo=2; ruf=mailto:a@b.example", 22, .badValue, "fo"),
            ("v=DMARC1; p=none; fo=1", 19, .noEffect, "ruf"), ("v=DMARC1; p=none; fo=2", 19, .noEffect, "ruf"),
            ("v=DMARC1; p=none; fo=d:d; ruf=mailto:a@b.example", 22, .badValue, "fo"),
            ("v=DMARC1; p=none; ruff=mailto:a@b.example", 19, .unknownTag, "“ruf=” meant"),
            ("v=DMARC1; p=; rua=mailto:a@b.example", 13, .badValue, "no value"),
            ("v=DMARC1; p=none; rua=mailto:a@b.example mailto:c@b.example", 23, .badURI, "commas"),
            ("v=DMARC1; p=none; rua=https://[::::]/", 23, .badURI, "no URI"),
            ("v=DMARC1; p=none; rua=mailto:a%4@b.example", 23, .badURI, "no URI"),
            ("v=DMARC1; p=none; p=reject", 19, .duplicate, "second"),
            ("p=none; v=DMARC1", 9, .badOrder, "first"), ("v=dmarc1; p=none", 3, .badVersion, "exactly"),
            (" v=DMARC1; p=none", 1, .badVersion, "space"), ("v=DMARC1 p=none", 3, .badVersion, "exactly"),
            ("v=DMARC1; p=none; psd=maybe", 23, .badValue, "psd"),
            ("v=DMARC1; p=none; rua=https://x.example/", 23, .badURI, "mailto"),
        ])
    func problems(_ text: String, _ column: Int, _ code: RecordProblem.Code, _ words: String) {
        let record = DMARCRecord(text: text)
        #expect(
            record.problems.contains { $0.column == column && $0.code == code && $0.message.contains(words) },
            "\(record.problems)")
    }

    @Test("Names of tags and their values match in either case, the version's value does not")
    func cases() {
        let record = DMARCRecord(text: "V=DMARC1; P=Reject; SP=NONE; ADKIM=S; RUA=MAILTO:A@example.org; T=Y")
        #expect(record.isValid && record.policy == .reject && record.subdomainPolicy == DMARCRecord.Policy.none)
        #expect(record.dkimAlignment == .strict && record.isTesting)
        #expect(record.aggregateReports.map { $0.address?.localPart } == ["A"])
        #expect(record.problems.isEmpty, "\(record.problems)")
        #expect(!DMARCRecord(text: "v=Dmarc1; p=reject").isValid)
    }

    @Test(
        "Valid is what receivers use, whatever is wrong with parts of it",
        arguments: [
            ("v=DMARC1; p=none", true), ("v=DMARC1", false), ("v=DMARC1; rua=mailto:a@example.org", true),
            ("v=DMARC1; p=rejct", false), ("v=DMARC1; p=rejct; rua=mailto:a@example.org", true),
            ("v=DMARC1; p=reject; sp=x", false), ("v=DMARC1; p=reject; adkim=x; psd=z; t=maybe", true),
            ("v=DMARC1; p=reject; rua=nobody", true), ("v=DMARC1; p=none; p=reject", false),
            ("v=DMARC1;; p=none", true), ("v=DMARC1; p=none; garbage", true), (" v=DMARC1; p=none", false),
            ("v=DMARC1 p=none", false), ("p=none", false), ("v=DMARC1; p=none; pct=50; rf=afrf; ri=1", true),
            ("v=DMARC1; p=none; x=y", true), ("v = DMARC1\t;\tp\t=\treject\t;", true), ("", false),
            ("v=DMARC1; p=none;", true), ("v=DMARC1 ;", false),
        ])
    func valid(_ text: String, _ isValid: Bool) { #expect(DMARCRecord(text: text).isValid == isValid) }

    @Test("A wrong tag does not spoil the others")
    func tolerance() {
        let record = DMARCRecord(text: "v=DMARC1; p=reject; adkim=x; rua=oops,mailto:a@example.org")
        #expect(record.policy == .reject && record.dkimAlignment == .relaxed && record.aggregateReports.count == 1)
    }
}
