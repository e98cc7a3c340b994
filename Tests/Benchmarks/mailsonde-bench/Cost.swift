#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What this process has taken so far: CPU seconds, and the most memory in KiB.
struct Cost {
    var user: Double
    var system: Double
    var memory: Int

    static var now: Cost {
        var usage = rusage()
        getrusage(0, &usage)  // RUSAGE_SELF
        return Cost(user: seconds(usage.ru_utime), system: seconds(usage.ru_stime), memory: Int(usage.ru_maxrss))
    }

    static func - (a: Cost, b: Cost) -> Cost {
        Cost(user: a.user - b.user, system: a.system - b.system, memory: a.memory)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
}

/// `1.234`.
func thousandths(_ value: Double) -> String {
    let whole = Int((value * 1000).rounded())
    let digits = String(whole % 1000)
    return "\(whole / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
}
