/// Runs `work` over `jobs`, at most `atOnce` at a time and at most `perKey` of those with the same key, and gives back
/// the results in the order of the jobs. Jobs start in their order as far as the limits let them.
func crowd<Job: Sendable, Key: Hashable, Result: Sendable>(
    _ jobs: [Job], atOnce: Int, perKey: Int, key: (Job) -> Key, _ work: @escaping @Sendable (Job) async -> Result
) async -> [Result] {
    if jobs.count == 1 { return [await work(jobs[0])] }
    var waiting = jobs.enumerated().map { (index: $0.offset, job: $0.element, key: key($0.element)) }[...]
    var running: [Key: Int] = [:]
    var results: [Result?] = Array(repeating: nil, count: jobs.count)
    await withTaskGroup(of: (Int, Result).self) { group in
        var count = 0
        func startWhatMay() {
            var index = waiting.startIndex
            while count < max(1, atOnce), index < waiting.endIndex {
                let next = waiting[index]
                guard running[next.key, default: 0] < max(1, perKey) else {
                    index += 1
                    continue
                }
                waiting.remove(at: index)
                running[next.key, default: 0] += 1
                count += 1
                let number = next.index, job = next.job
                group.addTask { (number, await work(job)) }
            }
        }
        startWhatMay()
        while let (number, result) = await group.next() {
            results[number] = result
            running[key(jobs[number]), default: 1] -= 1
            count -= 1
            startWhatMay()
        }
    }
    return results.compactMap { $0 }
}
