import ArgumentParser
import DNS
import Networking

/// Whose answers are held against those of the first: `--second-resolver`.
struct SecondResolverOptions: ParsableArguments {
    @Option(
        name: .customLong("second-resolver"),
        help: ArgumentHelp(
            "Ask this name server the same questions, and tell where its answers differ.", valueName: "host[:port]"))
    var secondResolver: String?

    /// nil where none was asked for.
    func resolver(timeout: Double) throws(UsageError) -> (any Resolver)? {
        guard let text = secondResolver else { return nil }
        do throws(ResolverServerError) {
            return NetworkResolver(NetworkResolver.Settings(servers: [try ResolverServer(text)], timeout: timeout))
        } catch {
            throw UsageError("--second-resolver: \(error)")
        }
    }
}
