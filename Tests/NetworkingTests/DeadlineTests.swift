import Networking
import Testing

@Suite(.timeLimit(.minutes(3))) struct DeadlineTests {
    @Test func `what is left of a deadline runs down to nothing`() async throws {
        let far = Deadline.after(seconds: 60)
        #expect(far.remainingSeconds > 0 && far.remainingSeconds <= 60)
        #expect(!far.hasPassed)
        let deadline = Deadline.after(seconds: 0.05)
        #expect(deadline.remainingSeconds <= 0.05)
        try await Task.sleep(for: .milliseconds(60))
        #expect(deadline.remainingSeconds == 0)
        #expect(deadline.hasPassed)
    }

    @Test func `never does not pass`() {
        #expect(Deadline.never.remainingSeconds == .infinity)
        #expect(!Deadline.never.hasPassed)
    }

    @Test(arguments: [-1, -Double.infinity, Double.nan, 0])
    func `a negative time and none at all are over at once`(seconds: Double) {
        #expect(Deadline.after(seconds: seconds).hasPassed)
    }

    @Test(arguments: [Double.infinity, 1e300, 1e10])
    func `a time beyond reason is never`(seconds: Double) {
        #expect(Deadline.after(seconds: seconds) == .never)
    }

    @Test func `the sooner of two`() {
        let soon = Deadline.after(seconds: 1), late = Deadline.after(seconds: 9)
        #expect(soon.sooner(of: late) == soon)
        #expect(late.sooner(of: soon) == soon)
        #expect(Deadline.never.sooner(of: soon) == soon)
        #expect(soon.sooner(of: .never) == soon)
        #expect(Deadline.never.sooner(of: .never) == .never)
        #expect(late.capped(seconds: 2).remainingSeconds <= 2)
        #expect(soon.capped(seconds: 2) == soon)
    }

    @Test func `an operation in time gives its value, and its error`() async throws {
        #expect(try await withDeadline(.after(seconds: 60)) { 42 } == 42)
        #expect(try await withDeadline(.never) { 42 } == 42)
        struct Broken: Error {}
        await #expect(throws: Broken.self) { try await withDeadline(.after(seconds: 60)) { throw Broken() } }
    }

    @Test func `an operation that does not heed cancellation is left behind at the deadline`() async {
        let started = ContinuousClock.now
        await #expect(throws: DeadlinePassed.self) {
            try await withDeadline(.after(seconds: 0.1)) { await beDeaf(seconds: 60) }
        }
        #expect(ContinuousClock.now - started < .seconds(30))
    }

    @Test func `cancelling the caller ends the wait at once`() async {
        let started = ContinuousClock.now
        let task = Task { try await withDeadline(.after(seconds: 60)) { await beDeaf(seconds: 60) } }
        try? await Task.sleep(for: .milliseconds(50))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(ContinuousClock.now - started < .seconds(30))
    }

    @Test func `the operation is cancelled at the deadline`() async throws {
        let heard = Flag()
        await #expect(throws: DeadlinePassed.self) {
            try await withDeadline(.after(seconds: 0.05)) {
                do { try await Task.sleep(for: .seconds(60)) } catch { await heard.raise() }
            }
        }
        for _ in 0..<3_000 where await !heard.isUp { try await Task.sleep(for: .milliseconds(10)) }
        #expect(await heard.isUp)
    }

    @Test func `a deadline that has passed does not begin`() async {
        let begun = Flag()
        await #expect(throws: DeadlinePassed.self) {
            try await withDeadline(.after(seconds: 0)) { await begun.raise() }
        }
        #expect(await !begun.isUp)
    }
}

private actor Flag {
    private(set) var isUp = false
    func raise() { isUp = true }
}

/// Takes its time whatever its task is told.
private func beDeaf(seconds: Double) async {
    await withCheckedContinuation { continuation in
        Task.detached {
            try? await Task.sleep(for: .seconds(seconds))
            continuation.resume()
        }
    }
}
