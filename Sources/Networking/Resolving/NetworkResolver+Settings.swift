extension NetworkResolver {
    /// Whom to ask, and how patiently.
    package struct Settings: Sendable {
        /// In the order to be asked; at most 64 of them are.
        package var servers: [ResolverServer]
        /// Seconds for a question in all, its aliases and repetitions included.
        package var timeout: Double
        /// How often a silent server is asked.
        package var attempts: Int
        /// Seconds before a silent server is given company; doubles each round.
        package var pause: Double
        /// The largest response over UDP we ask for (RFC 6891 §6.2.3): 1232 passes everywhere unfragmented.
        package var udpPayload: UInt16
        /// Outcomes kept; 0 keeps none.
        package var cacheCapacity: Int
        /// About how much memory they may take, in octets.
        package var cacheOctets: Int = 64 << 20
        /// Seconds that a failure is kept (RFC 2308 §7).
        package var failureTTL: Double
        /// Questions on the way at once; more wait for their turn.
        package var maximumInFlight: Int
        /// Queries a second to all servers together, repetitions included; nil: as fast as they are answered.
        package var queriesPerSecond: Double?
        /// Queries a second to each server; where one is at its limit, the next is asked.
        package var queriesPerSecondAndServer: Double?
        /// Whether the servers take turns in being asked first, for much work; otherwise the first is asked while it
        /// answers, as the system's configuration has it (resolv.conf(5)).
        package var sharesLoad = false
        /// For much work: how many are on the way grows from some hundred to ``maximumInFlight`` while few are lost, and
        /// shrinks where many are; and the first pause is as short as answers usually allow, a tenth of a second at
        /// least. A server's queue holds some hundred queries, and what comes too many is lost in silence.
        package var adapts = false
        /// UDP sockets for each server, each on a random port; a port is given up for another after some thousand
        /// queries.
        package var socketsPerServer = 16
        /// What the system may keep for each socket until it is taken, in octets; it may allow less.
        package var receiveBuffer: Int32 = 1 << 20

        package init(
            servers: [ResolverServer], timeout: Double = 5, attempts: Int = 3, pause: Double = 1,
            udpPayload: UInt16 = 1232, cacheCapacity: Int = 20_000, failureTTL: Double = 5, maximumInFlight: Int = 128
        ) {
            self.servers = servers
            self.timeout = timeout
            self.attempts = attempts
            self.pause = pause
            self.udpPayload = udpPayload
            self.cacheCapacity = cacheCapacity
            self.failureTTL = failureTTL
            self.maximumInFlight = maximumInFlight
        }

        /// As the machine is configured.
        package init(_ system: SystemConfiguration, timeout: Double = 5) {
            self.init(
                servers: system.servers, timeout: timeout, attempts: system.attempts ?? 3,
                pause: Double(system.timeout ?? 1))
        }

        static let mostServers = 64

        var timeoutNanoseconds: Int64 { Self.nanoseconds(timeout) }
        /// However long the pause is configured, there is time for three.
        var pauseNanoseconds: Int64 { Self.nanoseconds(min(pause, timeout / 3)) }

        /// At most a day; not a number counts as 0.
        private static func nanoseconds(_ seconds: Double) -> Int64 {
            seconds > 0 ? Int64(min(seconds, 86_400) * 1e9) : 0
        }
    }
}
