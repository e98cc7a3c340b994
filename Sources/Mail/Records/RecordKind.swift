/// The kinds of record whose text can be checked by itself, by the names that `record check --kind` knows.
package enum RecordKind: String, Hashable, Sendable, CaseIterable {
    case spf
    case dmarc
    case dkimKey = "dkim-key"
    case mtastsTXT = "mta-sts-txt"
    case mtastsPolicy = "mta-sts-policy"
    case tlsrpt
    case bimi

    /// Everything that is to be said of the text of one record, by column.
    package func problems(of octets: [UInt8]) -> [RecordProblem] {
        switch self {
        case .spf: SPFRecord(octets).allProblems
        case .dmarc: DMARCRecord(octets).problems
        case .dkimKey: DKIMKeyRecord(octets).problems
        case .mtastsTXT: MTASTSRecord(octets).problems
        case .mtastsPolicy: MTASTSPolicy(octets).problems
        case .tlsrpt: TLSRPTRecord(octets).problems
        case .bimi: BIMIRecord(octets).problems
        }
    }

    /// Whether it is a file of lines; all others are one line.
    package var isFile: Bool { self == .mtastsPolicy }
}
