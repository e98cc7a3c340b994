// Exposition: families of samples as the text that Prometheus scrapes. Text from values: what is measured, and when,
// is the ledger's business. Left out: timestamps on samples and exemplars (an exporter has no use for them), summaries.

/// A metric with all its series: one HELP, one TYPE, one set of label names.
package struct MetricFamily: Hashable, Sendable {
    /// The word behind `# TYPE`.
    package enum Kind: String, Hashable, Sendable { case counter, gauge, histogram }

    /// As in the text format: a counter's ends in `_total`.
    package var name: String
    package var kind: Kind
    /// One sentence, with the unit.
    package var help: String
    package var series: [MetricSeries]

    package init(_ name: String, _ kind: Kind, help: String, series: [MetricSeries]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.series = series
    }
}

/// One time series: its labels and its value now.
package struct MetricSeries: Hashable, Sendable {
    package var labels: MetricLabels
    package var value: MetricValue

    package init(_ labels: MetricLabels, _ value: MetricValue) {
        self.labels = labels
        self.value = value
    }
}

/// What a series says now.
package enum MetricValue: Hashable, Sendable {
    case number(Double)
    case histogram(MetricHistogram)
}

/// Observations sorted into buckets.
package struct MetricHistogram: Hashable, Sendable {
    /// Upper bounds, ascending, without the infinite one.
    package let bounds: [Double]
    /// Per bucket, not added up; the last is what lies above all bounds.
    package private(set) var counts: [UInt64]
    package private(set) var sum: Double = 0

    package init(bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    package var count: UInt64 { counts.reduce(0, +) }

    /// Counts a value; what is not a finite number is left out.
    package mutating func observe(_ value: Double) {
        guard value.isFinite else { return }
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }
}

/// Label names with values, escaped once and for all.
package struct MetricLabels: Hashable, Sendable {
    /// `probe="a",result="pass"`; empty without labels.
    package let text: String

    /// Values may be any text, of which 256 characters are kept; names are ours.
    package init(_ pairs: [(name: String, value: String)] = []) {
        text = Self.written(pairs, after: "")
    }

    /// The labels of `first`, and more behind them.
    package init(_ first: MetricLabels, and pairs: [(name: String, value: String)]) {
        text = Self.written(pairs, after: first.text)
    }

    private static func written(_ pairs: [(name: String, value: String)], after first: String) -> String {
        var text = first
        text.reserveCapacity(pairs.reduce(first.utf8.count) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 })
        for (name, value) in pairs {
            if !text.isEmpty { text += "," }
            text += name
            text += "=\""
            text += Escaping.labelValue(value, limit: 256)
            text += "\""
        }
        return text
    }
}

/// The two text formats.
package enum Exposition: Hashable, Sendable {
    /// Prometheus text format 0.0.4.
    case text
    /// OpenMetrics 1.0.0.
    case openMetrics

    package var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// What an Accept field (RFC 9110 §12.5.1) prefers; the text format where it does not say.
    package init(accept: String?) {
        guard let accept else {
            self = .text
            return
        }
        func weight(of type: String) -> Double? {
            accept.lowercased().split(separator: ",").compactMap { range -> Double? in
                let parts = range.split(separator: ";").map { $0.trimmed }
                guard parts.first == type else { return nil }
                if let version = parts.first(where: { $0.hasPrefix("version=") }), type.contains("openmetrics"),
                    !["version=1.0.0", "version=0.0.1"].contains(version)
                {
                    return nil
                }
                guard let q = parts.first(where: { $0.hasPrefix("q=") }) else { return 1 }
                return Double(q.dropFirst(2)).flatMap { (0...1).contains($0) ? $0 : nil } ?? 0
            }.max()
        }
        let openMetrics = weight(of: "application/openmetrics-text") ?? 0
        self = openMetrics > 0 && openMetrics >= weight(of: "text/plain") ?? 0 ? .openMetrics : .text
    }

    /// All of it; families without series have their HELP and TYPE all the same.
    package func render(_ families: [MetricFamily]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(families.reduce(64) { $0 + 200 + $1.series.count * 100 })
        for family in families { render(family, into: &out) }
        if self == .openMetrics { out.add("# EOF\n") }
        return out
    }

    private func render(_ family: MetricFamily, into out: inout [UInt8]) {
        // OpenMetrics names a counter without its `_total`, which belongs to the sample.
        let isCounter = family.kind == .counter && family.name.hasSuffix("_total")
        let name = self == .openMetrics && isCounter ? String(family.name.dropLast(6)) : family.name
        out.add("# HELP ")
        out.add(name)
        out.add(" ")
        out.add(escapedHelp(family.help))
        out.add("\n# TYPE ")
        out.add(name)
        out.add(" ")
        out.add(family.kind.rawValue)
        out.add("\n")
        for series in family.series {
            switch series.value {
            case .number(let number):
                out.add(family.name)
                addLabels(series.labels.text, to: &out)
                out.add(" ")
                out.add(Self.number(number))
                out.add("\n")
            case .histogram(let histogram): render(histogram, family.name, series.labels.text, into: &out)
            }
        }
    }

    private func render(_ histogram: MetricHistogram, _ name: String, _ labels: String, into out: inout [UInt8]) {
        let before = labels.isEmpty ? "{" : "{\(labels),"
        var count: UInt64 = 0
        for (bound, own) in zip(histogram.bounds, histogram.counts) {
            count += own
            out.add("\(name)_bucket\(before)le=\"\(self.bound(bound))\"} \(count)\n")
        }
        let all = histogram.count
        out.add("\(name)_bucket\(before)le=\"+Inf\"} \(all)\n\(name)_sum")
        addLabels(labels, to: &out)
        out.add(" \(Self.number(histogram.sum))\n\(name)_count")
        addLabels(labels, to: &out)
        out.add(" \(all)\n")
    }

    private func addLabels(_ labels: String, to out: inout [UInt8]) {
        if labels.isEmpty { return }
        out.add("{")
        out.add(labels)
        out.add("}")
    }

    /// OpenMetrics wants a bound to look like a float.
    private func bound(_ bound: Double) -> String { self == .openMetrics ? "\(bound)" : Self.number(bound) }

    private func escapedHelp(_ help: String) -> String {
        if !help.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || $0 == 0x22 }) { return help }
        var text = ""
        for scalar in help.unicodeScalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\"" where self == .openMetrics: text += "\\\""
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// `1`, `0.25`, `1763812800.5`, `NaN`, `+Inf`.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value.rounded(.towardZero) == value, abs(value) < 9_007_199_254_740_992 { return String(Int(value)) }
        return "\(value)"
    }
}

extension [UInt8] {
    fileprivate mutating func add(_ text: String) {
        if text.utf8.withContiguousStorageIfAvailable({ append(contentsOf: $0) }) == nil {
            append(contentsOf: text.utf8)
        }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var part = self
        while part.first == " " || part.first == "\t" { part.removeFirst() }
        while part.last == " " || part.last == "\t" { part.removeLast() }
        return String(part)
    }
}
