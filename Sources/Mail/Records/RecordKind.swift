/// The kinds of record whose text can be checked by itself, by the names that `record check --kind` knows.
package enum RecordKind: String, Hashable, Sendable, CaseIterable {
    case spf
    case dmarc
    case dkimKey = "dkim-key"
    case mtastsTXT = "mta-sts-txt"
    case mtastsPolicy = "mta-sts-policy"
    case tlsrpt
    case bimi
    case caa
    case tlsa

    /// What is to be said of the text of one record.
    package struct Check: Hashable, Sendable {
        /// Whether a receiver that follows the standard uses the record. Parts of it may be wrong all the same:
        /// DMARC ignores what it cannot read and uses the rest.
        package var isValid: Bool
        /// By place.
        package var problems: [RecordProblem]
    }

    /// Judges the text of one record.
    package func check(_ octets: [UInt8]) -> Check {
        switch self {
        case .dmarc:
            let record = DMARCRecord(octets)
            return Check(isValid: record.isValid, problems: record.problems)
        case .dkimKey:
            let problems = DKIMKeyRecord(octets).problemsForItsOwner
            return Check(isValid: !problems.contains(where: \.isError), problems: problems)
        case .spf: return .without(errorsIn: SPFRecord(octets).allProblems)
        case .mtastsTXT: return .without(errorsIn: MTASTSRecord(octets).problems)
        case .mtastsPolicy: return .without(errorsIn: MTASTSPolicy(octets).problems)
        case .tlsrpt: return .without(errorsIn: TLSRPTRecord(octets).problems)
        case .bimi: return .without(errorsIn: BIMIRecord(octets).problems)
        case .caa: return .without(errorsIn: CAAText(octets).problems)
        case .tlsa: return .without(errorsIn: TLSAText(octets).problems)
        }
    }

    /// Everything that is to be said of the text of one record, by column.
    package func problems(of octets: [UInt8]) -> [RecordProblem] { check(octets).problems }

    /// Whether it is a file of lines; all others are one line.
    package var isFile: Bool { self == .mtastsPolicy }
}

extension RecordKind.Check {
    fileprivate static func without(errorsIn problems: [RecordProblem]) -> RecordKind.Check {
        RecordKind.Check(isValid: !problems.contains(where: \.isError), problems: problems)
    }
}

extension DKIMKeyRecord {
    /// The problems as its owner needs them, stricter than a verifier that wants to understand: a record that is not
    /// well-formed must be ignored (RFC 6376 §6.1.2), and so must keys that are too short (RFC 8301 §3.2).
    var problemsForItsOwner: [RecordProblem] {
        var list = problems
        for index in list.indices where list[index].code == .badOrder || list[index].code == .badSyntax {
            list[index].severity = .error
        }
        let tags = TagList(Array(text.utf8))
        func add(_ tag: String, _ code: RecordProblem.Code, _ message: String, _ severity: RecordProblem.Severity) {
            let column = tags.problems.column(tags[tag]?.valueOffset ?? 0)
            list.append(RecordProblem(column: column, code, message, severity: severity))
        }
        if !servesEmail, let tag = tags["s"] {
            let column = tags.problems.column(tag.valueOffset)
            list.removeAll { $0.code == .badValue && $0.column == column }
            // RFC 8460 §3: keys that sign TLS reports say so. Verifiers of mail must ignore what is not for mail.
            add(
                "s", .badValue, "the key is not for mail: \(quoted(tag.value)) is neither * nor email",
                services.contains("tlsrpt") ? .warning : .error)
        }
        if isRevoked {
            add("p", .noEffect, "the key is empty: it is revoked, and no signature with it passes", .warning)
        }
        if keyType == .rsa, let keyBits {
            if keyBits < 1_024 {
                add("p", .badKey, "an RSA key of \(keyBits) bits: verifiers must refuse those under 1024", .error)
            } else if keyBits < 2_048 {
                add("p", .badKey, "an RSA key of \(keyBits) bits: 2048 are advised", .warning)
            } else if keyBits > 4_096 {
                add("p", .badKey, "an RSA key of \(keyBits) bits: verifiers need not know those over 4096", .warning)
            }
        }
        return list.sorted { ($0.column, $0.message) < ($1.column, $1.message) }
    }
}
