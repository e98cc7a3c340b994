internal import CDatagrams
internal import DNS

/// What the engine's thread has in hand: its buffers, and what it took over from the state to do outside the lock.
struct LoopWork: ~Copyable {
    static let mostTokens = 64

    var jobs: [UnownedJob] = []
    var outgoing = Outgoing()
    var deliveries: [EngineState.Delivery] = []
    var streams: [EngineState.StreamStart] = []
    var closing: [Int32] = []
    /// Something came up while settling that wants a turn at once.
    var isSettled = true
    let tokens: UnsafeMutablePointer<UInt32>
    var incoming = Incoming()
    /// One datagram.
    var scratch: [UInt8] = []

    init() {
        tokens = .allocate(capacity: Self.mostTokens)
        tokens.initialize(repeating: 0, count: Self.mostTokens)
    }

    deinit { tokens.deallocate() }

    /// Leaves the state empty lists, whose room is used again.
    mutating func take(_ state: inout EngineState) {
        if !state.outgoing.isEmpty {
            swap(&outgoing, &state.outgoing)
            state.rotate()
        }
        if !state.deliveries.isEmpty { swap(&deliveries, &state.deliveries) }
        if !state.streamsToStart.isEmpty { swap(&streams, &state.streamsToStart) }
        if !state.descriptorsToClose.isEmpty { swap(&closing, &state.descriptorsToClose) }
        state.hasNews = false
    }
}

/// Room for a batch of datagrams.
struct Incoming: ~Copyable {
    /// Larger than any payload that is asked for by default; what is longer is cut, and asked for over TCP.
    static let room = 4096
    /// From one buffer to the next: not a power of two, so that they do not share the lines of the processor's cache.
    private static let stride = room + 192

    private let octets: UnsafeMutablePointer<UInt8>
    private let datagrams: UnsafeMutablePointer<cdatagrams_datagram>

    init() {
        let count = Int(CDATAGRAMS_BATCH)
        octets = .allocate(capacity: count * Self.stride)
        datagrams = .allocate(capacity: count)
        for index in 0..<count {
            (datagrams + index).initialize(
                to: cdatagrams_datagram(octets: octets + index * Self.stride, length: UInt32(Self.room), cut: false))
        }
    }

    deinit {
        octets.deallocate()
        datagrams.deallocate()
    }

    mutating func receive(_ descriptor: Int32) -> Int32 {
        for index in 0..<Int(CDATAGRAMS_BATCH) { datagrams[index].length = UInt32(Self.room) }
        return cdatagrams_receive(descriptor, datagrams, Int32(CDATAGRAMS_BATCH))
    }

    /// The datagram's octets, and whether there were more.
    func copy(_ index: Int, into scratch: inout [UInt8]) -> Bool {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(
            contentsOf: UnsafeBufferPointer(start: datagrams[index].octets, count: Int(datagrams[index].length)))
        return datagrams[index].cut
    }
}
