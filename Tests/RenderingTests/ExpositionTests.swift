import Rendering
import Testing

@Suite struct `The exposition` {
    private let families: [MetricFamily] = {
        var histogram = MetricHistogram(bounds: [0.5, 1, 2.5])
        for value in [0.1, 0.5, 2, 100, .nan, .infinity] { histogram.observe(value) }
        return [
            MetricFamily(
                "a_total", .counter, help: "Counts \"a\" \\ b\nc.",
                series: [MetricSeries(MetricLabels([("x", "1"), ("y", "q\"\\\n\u{1b}[2J")]), .number(3))]),
            MetricFamily(
                "b_seconds", .gauge, help: "B.",
                series: [
                    MetricSeries(MetricLabels(), .number(1_763_812_800.5)),
                    MetricSeries(MetricLabels([("x", "")]), .number(.nan)),
                    MetricSeries(MetricLabels([("x", "ä")]), .number(-.infinity)),
                ]),
            MetricFamily(
                "c_seconds", .histogram, help: "C.",
                series: [MetricSeries(MetricLabels([("x", "1")]), .histogram(histogram))]),
        ]
    }()

    @Test func `in the text format is escaped and complete`() {
        let text = String(decoding: Exposition.text.render(families), as: UTF8.self)
        #expect(
            text == """
                # HELP a_total Counts "a" \\\\ b\\nc.
                # TYPE a_total counter
                a_total{x="1",y="q\\"\\\\\\\\n\\\\x1b[2J"} 3
                # HELP b_seconds B.
                # TYPE b_seconds gauge
                b_seconds 1763812800.5
                b_seconds{x=""} NaN
                b_seconds{x="ä"} -Inf
                # HELP c_seconds C.
                # TYPE c_seconds histogram
                c_seconds_bucket{x="1",le="0.5"} 2
                c_seconds_bucket{x="1",le="1"} 2
                c_seconds_bucket{x="1",le="2.5"} 3
                c_seconds_bucket{x="1",le="+Inf"} 4
                c_seconds_sum{x="1"} 102.6
                c_seconds_count{x="1"} 4

                """)
    }

    @Test func `in OpenMetrics names counters without their suffix and ends with EOF`() {
        let text = String(decoding: Exposition.openMetrics.render(families), as: UTF8.self)
        #expect(text.contains("# HELP a Counts \\\"a\\\" \\\\ b\\nc.\n# TYPE a counter\na_total{"))
        #expect(text.contains("c_seconds_bucket{x=\"1\",le=\"1.0\"} 2\n"))
        #expect(text.hasSuffix("\n# EOF\n"))
    }

    @Test(
        arguments: [
            (nil, Exposition.text), ("*/*", .text), ("text/plain", .text),
            ("application/openmetrics-text", .openMetrics),
            ("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1", .openMetrics),
            ("application/openmetrics-text;q=0.2,text/plain;q=0.9", .text),
            ("application/openmetrics-text;version=9.0.0", .text), ("application/openmetrics-text;q=0", .text),
            ("application/openmetrics-text;q=nonsense", .text), (",;,;=q", .text),
            ("APPLICATION/OpenMetrics-Text; Version=1.0.0 , text/plain;q=0.5", .openMetrics),
        ] as [(String?, Exposition)])
    func `is what the Accept field prefers`(_ accept: String?, _ expected: Exposition) {
        #expect(Exposition(accept: accept) == expected)
    }
}
