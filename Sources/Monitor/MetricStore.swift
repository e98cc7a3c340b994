internal import Rendering

/// Series by family: those of one probe, or those of the whole monitor. Labels are rendered when a series is made.
struct MetricStore: Sendable {
    /// More series than that a family of one store never has, whatever was seen.
    static let seriesLimit = 2_000

    fileprivate struct Family: Sendable {
        var places: [[String]: Int] = [:]
        var series: [MetricSeries] = []
    }

    fileprivate var families: [Metric: Family] = [:]

    /// Sets a gauge. `values` are the labels' in the order of ``Metric/labels``.
    mutating func set(_ metric: Metric, _ values: [String] = [], _ value: Double) {
        change(metric, values) { $0 = .number(value) }
    }

    /// Adds to a counter; 0 makes its series.
    mutating func add(_ metric: Metric, _ values: [String] = [], _ amount: Double = 1) {
        change(metric, values) { current in
            if case .number(let before) = current { current = .number(before + amount) }
        }
    }

    mutating func observe(_ metric: Metric, _ values: [String] = [], _ value: Double) {
        change(metric, values) { current in
            if case .histogram(var histogram) = current {
                histogram.observe(value)
                current = .histogram(histogram)
            }
        }
    }

    /// Makes a series: 0, or empty buckets; one that is there stays as it is.
    mutating func touch(_ metric: Metric, _ values: [String] = []) { change(metric, values) { _ in } }

    /// One of `states` is 1, the others 0; nil: all 0. The state is the last label.
    mutating func setState(_ metric: Metric, _ values: [String], of states: [String], to state: String?) {
        for other in states { set(metric, values + [other], other == state ? 1 : 0) }
    }

    /// Drops the series whose labels do not satisfy `isKept`.
    mutating func keep(_ metric: Metric, where isKept: ([String]) -> Bool) {
        guard let family = families[metric] else { return }
        var kept = Family()
        for (values, place) in family.places.sorted(by: { $0.value < $1.value }) where isKept(values) {
            kept.places[values] = kept.series.count
            kept.series.append(family.series[place])
        }
        families[metric] = kept
    }

    func series(of metric: Metric) -> [MetricSeries] { families[metric]?.series ?? [] }

    func number(_ metric: Metric, _ values: [String] = []) -> Double? {
        guard let family = families[metric], let place = family.places[values],
            case .number(let number) = family.series[place].value
        else { return nil }
        return number
    }

    private mutating func change(_ metric: Metric, _ values: [String], _ body: (inout MetricValue) -> Void) {
        guard values.count == metric.labels.count else { return }
        if let place = families[metric]?.places[values] {
            body(&families[metric, default: Family()].series[place].value)
            return
        }
        let count = families[metric]?.series.count ?? 0
        guard count < Self.seriesLimit else { return }
        var value: MetricValue =
            metric.kind == .histogram ? .histogram(MetricHistogram(bounds: metric.bounds)) : .number(0)
        body(&value)
        families[metric, default: Family()].places[values] = count
        let labels = zip(metric.labels, values).map { (name: $0, value: $1) }
        families[metric]?.series.append(MetricSeries(MetricLabels(labels), value))
    }
}

extension MetricStore {
    /// Whether there is a series whose labels satisfy `isWanted`.
    func hasSeries(_ metric: Metric, where isWanted: ([String]) -> Bool) -> Bool {
        families[metric]?.places.keys.contains(where: isWanted) ?? false
    }
}
