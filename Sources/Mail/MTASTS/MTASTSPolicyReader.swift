/// Reads a policy line by line:
///
///     sts-policy-record = sts-policy-field *WSP *(sts-policy-term sts-policy-field *WSP) [sts-policy-term]
///     sts-policy-field  = name ":" *WSP value       ; version, mode, mx, max_age, or an extension
///     sts-policy-term   = LF / CRLF
struct MTASTSPolicyReader {
    var mode: MTASTSPolicy.Mode?
    var maximumAge: Int?
    var mx: [String] = []
    var problems: [RecordProblem] = []
    private var seen: Set<String> = []
    private var patterns: Set<String> = []
    /// The line being read, from 1, and its octets.
    private var number = 0
    private var line: ArraySlice<UInt8> = []

    private static let keys = ["version", "mode", "mx", "max_age"]

    mutating func read(_ octets: [UInt8]) {
        let lines = octets.split(separator: 10, omittingEmptySubsequences: false)
        for (index, raw) in lines.enumerated() {
            number = index + 1
            line = raw.last == 13 ? raw.dropLast() : raw
            if index == 0, line.starts(with: [0xEF, 0xBB, 0xBF]) {
                report(line: 1, column: 1, .badSyntax, "the file begins with a byte order mark: save it without")
                line = line.dropFirst(3)
            }
            if line.isEmpty, index == lines.count - 1 { break }
            readLine()
        }
        number = max(1, lines.last?.isEmpty == true ? lines.count - 1 : lines.count)
        for key in ["version", "mode", "max_age"] where !seen.contains(key) {
            report(line: number, column: 1, .missing, "“\(key)” is missing")
        }
        if !seen.contains("mx"), let mode, mode != .none {
            report(line: number, column: 1, .missing, "“mx” is missing: no host may take the mail then")
        }
        if let maximumAge, maximumAge < 86_400, mode == .enforce || mode == .testing {
            problem(
                at: place["max_age"]?.offset ?? 0, .badValue,
                "senders forget a policy after \(maximumAge) seconds: weeks are meant, a day at least", .warning,
                line: place["max_age"]?.line)
        }
    }

    /// Where the value of a key stands.
    private var place: [String: (line: Int, offset: Int)] = [:]

    private mutating func readLine() {
        let start = line.startIndex
        if line.allSatisfy(\.isWSP) {
            problem(at: start, .badSyntax, "the line is empty: some senders stumble over that", .warning)
            return
        }
        if let bad = line.firstIndex(where: { ($0 < 32 && $0 != 9) || $0 == 127 }) {
            problem(at: bad, .badSyntax, "a control character stands here: lines end with LF or CRLF")
            return
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else {
            problem(at: start, .badSyntax, "\(quoted(line)) is no “key: value”")
            return
        }
        let name = line[..<colon], value = line[(colon + 1)...].trimmed()
        guard FieldList.isName(name) else {
            let hint = FieldList.isName(name.trimmed()) ? ": no space may stand before it or behind it" : ""
            problem(at: start, .badSyntax, "\(quoted(name)) is no key\(hint)")
            return
        }
        let key = name.text
        // RFC 8461 §3.2: of a key that is there twice, only the first counts; mx is a list.
        if !seen.insert(key).inserted, key != "mx" {
            problem(at: start, .duplicate, "\(quoted(key)) stands here a second time and is ignored", .warning)
            return
        }
        if value.isEmpty {
            problem(at: colon + 1, .badValue, "“\(key)” has no value")
            return
        }
        place[key] = (number, value.startIndex - start)
        switch key {
        case "version":
            if value.text != "STSv1" {
                problem(at: value.startIndex, .badVersion, "the version is \(quoted(value)), not STSv1")
            }
        case "mode": readMode(value)
        case "max_age": readAge(value)
        case "mx": readMX(value)
        default: judgeExtension(key, value)
        }
    }

    private mutating func readMode(_ value: ArraySlice<UInt8>) {
        mode = MTASTSPolicy.Mode(rawValue: value.text)
        guard mode == nil else { return }
        let modes = MTASTSPolicy.Mode.allCases.map(\.rawValue)
        let hint = nearest(to: value, of: modes).map { ": write “\($0)”" } ?? ": enforce, testing, none"
        problem(at: value.startIndex, .badValue, "\(quoted(value)) is no mode\(hint)")
    }

    private mutating func readAge(_ value: ArraySlice<UInt8>) {
        maximumAge = value.decimal(atMost: MTASTSPolicy.longestAge)
        if maximumAge == nil {
            problem(
                at: value.startIndex, .badValue,
                "\(quoted(value)) is no max_age: 0 to \(MTASTSPolicy.longestAge) seconds, digits alone")
        }
    }

    ///     sts-policy-mx-value = ["*."] Domain        ; RFC 5321 §4.1.2
    private mutating func readMX(_ value: ArraySlice<UInt8>) {
        let name = value.starts(with: "*.".utf8) ? value.dropFirst(2) : value
        if name.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: ".") }), !name.isEmpty {
            problem(
                at: value.startIndex, .badDomain, "\(quoted(value)) is an address: names of hosts stand here", .warning)
        }
        let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isDomain =
            name.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.count) && label.first?.isAlphanumeric == true
                    && label.last?.isAlphanumeric == true
                    && label.allSatisfy { $0.isAlphanumeric || $0 == UInt8(ascii: "-") }
            }
        guard isDomain else {
            let hint: String =
                if name.contains(where: { $0 >= 128 }) {
                    ": write it with xn--, as in the DNS"
                } else if name.last == UInt8(ascii: ".") {
                    ": no dot stands at its end"
                } else if name.contains(UInt8(ascii: "*")) {
                    ": “*” may only stand for the whole first label"
                } else if name.contains(UInt8(ascii: ",")) || name.contains(where: \.isWSP) {
                    ": each host has a line of its own"
                } else {
                    ""
                }
            problem(at: value.startIndex, .badDomain, "\(quoted(value)) is no host name or “*.” and a name\(hint)")
            return
        }
        let pattern = value.lowercasedText
        if !patterns.insert(pattern).inserted {
            problem(at: value.startIndex, .duplicate, "\(quoted(value)) stands in the list already", .notice)
        } else if mx.count < 1_000 {
            mx.append(pattern)
        }
    }

    private mutating func judgeExtension(_ key: String, _ value: ArraySlice<UInt8>) {
        let hint = nearest(to: key.utf8, of: Self.keys).map { ": is “\($0)” meant?" }
        problem(
            at: line.startIndex, .unknownTag, "the key \(quoted(key)) is unknown and ignored\(hint ?? "")",
            hint == nil ? .notice : .warning)
        if String(validating: value, as: UTF8.self) == nil {
            problem(at: value.startIndex, .badValue, "the value of \(quoted(key)) is not UTF-8")
        }
    }

    private mutating func problem(
        at offset: Int, _ code: RecordProblem.Code, _ message: String, _ severity: RecordProblem.Severity = .error,
        line other: Int? = nil
    ) {
        let column = other == nil ? Columns(Array(line))[offset - line.startIndex] : offset + 1
        report(line: other ?? number, column: column, code, message, severity)
    }

    mutating func report(
        line: Int, column: Int, _ code: RecordProblem.Code, _ message: String,
        _ severity: RecordProblem.Severity = .error
    ) {
        if problems.count == Problems.maximum {
            problems.append(
                RecordProblem(
                    column: column, line: line, .cut, "there are more problems than are listed here", severity: severity
                ))
        }
        if problems.count > Problems.maximum { return }
        problems.append(RecordProblem(column: column, line: line, code, message, severity: severity))
    }
}
