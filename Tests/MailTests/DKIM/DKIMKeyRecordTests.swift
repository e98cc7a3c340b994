import Testing

@testable import Mail

private let rsa2048 =
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA6/8gHykeU2w73i8cdcAfkEDbJZ31c90+4Z+Gq3DOlaCBd6/GjUPx9WwvG3u5d4DAT5ghZY7FRPH7zPqFZFKRxJ60dNby7IQegoDY1E3Tx2HIWnUu0mS28RnFyBV/OHCo5fMp8pRFnWLNE4ASmyWZqWVANCV3wokR1qQJKYM02YIyCRBahX7Aid68Gqgskq78deyLXU+DC2Uhu8AWI7e/CLPRStQZ5G+J6AMwJP6QdzlD3fOAAsofbJzt+v0QnI13u8ogXuGvpygzfIVIDPou9rXyJuyau9wGx5y1j9GR6JvpdrCf8mss5FTqVvPNtyW5BBxpwOqWisRXESW2YrBk3QIDAQAB"
/// The same key without the SubjectPublicKeyInfo around it.
private let bareRSA2048 = String(rsa2048.dropFirst(32))
private let rsa512 =
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALPRqdrZf6MAtdhu5c9YPrT1oUXlRXkBnF4OxRcqYkAnQ7A6dheI/ZCaDvlP9fX4E+4mZaNxLKkuWgu3tJJDDPsCAwEAAQ=="
private let rsa1024 =
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDTttM9uGt0ythLWJ2BN863RBk+653fDqk+i4vDJXRfnVTE1W1OsXIuSmvcTy04arRnOhegeDiRlEEaGgoakozmvfCNMkU2uMkMMsRQ0xYNR+ufvzWekezhOdYJuUL4Jz/Wd7uyM8FAFBSHnrSwTR+tNPBGz6RwHBC7a5y9RKQDuQIDAQAB"
private let ecdsa =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEOjQnR88caXl9AshmvPCU52gTnhpJ+H5ntUi7LibRx67SaHlJChvjLpSG+LEkKJT31bO4Mi43fyKfJH+wFoZPxg=="
private let ed25519Info = "MCowBQYDK2VwAyEAoAgzhYlLxjCHjqz5lUyH9hJuvkgqLYcFfCeA31ykUHU="
/// RFC 8463 §A.2
private let ed25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

@Suite("DKIM keys, RFC 6376 §3.6.1")
struct DKIMKeyRecordTests {
    @Test(
        "Keys and their sizes",
        arguments: [
            ("v=DKIM1; k=rsa; p=\(rsa2048)", 2048), ("p=\(rsa2048)", 2048), ("k=rsa; v=DKIM1; p=\(rsa1024)", 1024),
            ("v=DKIM1; p=\(rsa512)", 512), ("v=DKIM1; k=ed25519; p=\(ed25519)", 256),
            (
                "v=DKIM1;p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDTttM9uGt0ythLWJ2BN863RBk+653fDqk+i4vDJXRfnVTE1W1OsXIuSmvcTy04arRnOhegeDiRlEEaGgoakozmvfCNMkU2 \t uMkMMsRQ0xYNR+ufvzWekezhOdYJuUL4Jz/Wd7uyM8FAFBSHnrSwTR+tNPBGz6RwHBC7a5y9RKQDuQIDAQAB",
                1024
            ),
            ("v=DKIM1; p=\(bareRSA2048)", 2048),
        ])
    func sizes(_ text: String, _ bits: Int) {
        let record = DKIMKeyRecord(text: text)
        #expect(record.keyBits == bits, "\(record.problems)")
        #expect(record.isValid, "\(record.problems)")
    }

    @Test("A record without “v=” is a key")
    func withoutVersion() {
        for text in ["p=\(rsa2048)", "k=rsa; p=\(rsa2048)", "p=\(rsa2048); t=s"] {
            let record = DKIMKeyRecord(text: text)
            #expect(record.isValid && record.keyBits == 2048 && !record.isRevoked, "\(record.problems)")
        }
    }

    @Test("An empty key is revoked, a missing one is an error")
    func revoked() {
        #expect(DKIMKeyRecord(text: "v=DKIM1; p=").isRevoked)
        #expect(DKIMKeyRecord(text: "v=DKIM1; p=").isValid)
        let missing = DKIMKeyRecord(text: "v=DKIM1; k=rsa")
        #expect(!missing.isRevoked)
        #expect(missing.problems.contains { $0.code == .missing && $0.column == 15 })
    }

    @Test("Flags, services, hashes and notes")
    func tags() {
        let record = DKIMKeyRecord(
            text: "v=DKIM1; h=sha1:sha256; s=email:other; t=y:s; n=a note; p=\(ed25519); k=ed25519")
        #expect(record.isTesting && record.forbidsSubdomains && record.servesEmail)
        #expect(record.hashes == ["sha1", "sha256"])
        #expect(record.services == ["email", "other"])
        #expect(record.notes == "a note")
        #expect(record.keyType == .ed25519)
        let plain = DKIMKeyRecord(text: "p=")
        #expect(!plain.isTesting && !plain.forbidsSubdomains && plain.servesEmail && plain.hashes == nil)
        #expect(plain.version == nil && plain.keyType == .rsa)
    }

    @Test(
        "Errors, with their column",
        arguments: [
            ("v=DKIM2; p=\(rsa1024)", 3, RecordProblem.Code.badVersion), ("v=DKIM1; p=MIGf*A0G", 16, .badKey),
            ("v=DKIM1; p=\(ecdsa)", 12, .badKey), ("v=DKIM1; p=\(ed25519)", 12, .badKey),
            ("v=DKIM1; k=ed25519; p=\(ed25519Info)", 23, .badKey), ("v=DKIM1; k=dsa; p=\(rsa1024)", 12, .badValue),
            ("v=DKIM1; h=sha1; p=\(rsa1024)", 12, .weakHash), ("v=DKIM1; p=AAAA", 12, .badKey),
            ("v=DKIM1; p=A", 13, .badKey), ("v=DKIM1; p=; p=\(rsa512)", 14, .duplicate),
        ])
    func errors(_ text: String, _ column: Int, _ code: RecordProblem.Code) {
        let record = DKIMKeyRecord(text: text)
        #expect(!record.isValid)
        #expect(record.problems.contains { $0.isError && $0.column == column && $0.code == code }, "\(record.problems)")
    }

    @Test("“v=” behind others is a warning, a key for other services too, an old tag a notice")
    func warnings() {
        #expect(DKIMKeyRecord(text: "k=rsa; v=DKIM1; p=").problems.map(\.code) == [.badOrder])
        #expect(DKIMKeyRecord(text: "v=DKIM1; s=tlsrpt; p=").problems.map(\.severity) == [.warning])
        #expect(DKIMKeyRecord(text: "v=DKIM1; g=*; x=1; p=").problems.map(\.severity) == [.notice, .notice])
    }

    @Test("The keys of real messages can be read", .enabled(if: Suites.has("dkim/real.json"), Suites.skipped))
    func suite() throws {
        var texts: [String] = []
        for test in try Suites.value("dkim/real.json")["cases"]?.array ?? [] {
            guard case .object(let zone)? = test["zone"] else { continue }
            for record in zone.values.flatMap({ $0.array ?? [] }) {
                if let text = record["TXT"]?.text, DKIMKeyRecord.isKey(Array(text.utf8)) { texts.append(text) }
            }
        }
        #expect(texts.count >= 8)
        for text in texts {
            let record = DKIMKeyRecord(text: text)
            #expect(record.keyBits != nil || record.isRevoked, "\(text): \(record.problems)")
        }
    }
}
