import DNS
import FoundationEssentials
import Networking
import Synchronization

/// Looks names up through the resolver's public interface, as many tasks as are to be in flight, each asking one
/// question after the other; prints what it cost.
struct Lookups {
    let server: ResolverServer
    let questions: [Question]
    let inFlight: Int
    let count: Int
    /// Questions a task asks at once, in one call; 1: by `answer(_:)`.
    let wave: Int
    /// Whether the tasks run on the resolver's thread (`--beside 1`, the default) or on Swift's.
    let isBeside: Bool
    /// Whether the resolver learns how many may be on the way.
    let adapts: Bool
    /// Outcomes the resolver may keep.
    let cache: Int

    /// Reads the file of names: a line a question, `name` or `name TYPE`.
    init(_ arguments: Arguments) throws {
        server = try ResolverServer(try arguments.text("server"))
        inFlight = try arguments.number("in-flight", default: 1000, in: 1...30_000)
        count = try arguments.number("count", default: 100_000, in: 1...1_000_000_000)
        wave = try arguments.number("waves", default: 1, in: 1...1000)
        isBeside = try arguments.number("beside", default: 1, in: 0...1) == 1
        adapts = try arguments.number("adapts", default: 0, in: 0...1) == 1
        cache = try arguments.number("cache", default: 20_000, in: 0...100_000_000)
        let path = try arguments.text("names")
        guard let octets = FileManager.default.contents(atPath: path) else { throw Usage("can't read \(path)") }
        questions = Array(octets).split(separator: UInt8(ascii: "\n")).compactMap { line in
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard let first = words.first, let name = try? DomainName(String(first)) else { return nil }
            guard let type = words.count > 1 ? RecordType(String(words[1])) : .a else { return nil }
            return Question(name, type)
        }
        if questions.isEmpty { throw Usage("no names in \(path)") }
    }

    func run() async {
        var settings = NetworkResolver.Settings(servers: [server])
        settings.maximumInFlight = inFlight
        settings.cacheCapacity = cache
        settings.adapts = adapts
        let resolver = NetworkResolver(settings)
        let tally = Tally()
        let before = Cost.now
        let started = ContinuousClock.now
        if isBeside {
            await resolver.runBeside { await askAll(resolver, tally) }
        } else {
            await askAll(resolver, tally)
        }
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        print(tally.line(count: count, seconds: seconds, cost: Cost.now - before))
    }

    private func askAll(_ resolver: NetworkResolver, _ tally: Tally) async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, inFlight / wave) {
                group.addTask { if wave > 1 { await askWaves(resolver, tally) } else { await ask(resolver, tally) } }
            }
        }
    }

    private func ask(_ resolver: NetworkResolver, _ tally: Tally) async {
        while let index = tally.next(below: count) {
            let question = questions[index % questions.count]
            do throws(Unanswered) {
                tally.answered(try await resolver.answer(question))
            } catch {
                tally.failed()
            }
        }
    }
}

extension Lookups {
    /// As `inWaves` does: many questions, one call.
    private func askWaves(_ resolver: NetworkResolver, _ tally: Tally) async {
        while let first = tally.next(wave, below: count) {
            let last = min(first + wave, count)
            for outcome in await resolver.outcomes((first..<last).map { questions[$0 % questions.count] }) {
                switch outcome {
                case .success(let answer): tally.answered(answer)
                case .failure: tally.failed()
                }
            }
        }
    }
}

/// Counts for all tasks.
final class Tally: Sendable {
    private let asked = Atomic(0)
    private let records = Atomic(0)
    private let failures = Atomic(0)

    func next(_ many: Int = 1, below limit: Int) -> Int? {
        let index = asked.add(many, ordering: .relaxed).oldValue
        return index < limit ? index : nil
    }

    func answered(_ answer: Answer) { records.add(answer.records.count, ordering: .relaxed) }
    func failed() { failures.add(1, ordering: .relaxed) }

    func line(count: Int, seconds: Double, cost: Cost) -> String {
        let fields: [(String, String)] = [
            ("lookups", "\(count)"), ("seconds", thousandths(seconds)), ("user", thousandths(cost.user)),
            ("system", thousandths(cost.system)), ("cpu", thousandths(cost.user + cost.system)),
            ("us_per_lookup", thousandths((cost.user + cost.system) * 1e6 / Double(count))),
            ("rate", "\(Int(Double(count) / seconds))"), ("records", "\(records.load(ordering: .relaxed))"),
            ("failures", "\(failures.load(ordering: .relaxed))"), ("max_rss_kib", "\(cost.memory)"),
        ]
        return fields.map { "\($0)=\($1)" }.joined(separator: " ")
    }
}
