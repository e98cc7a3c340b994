#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What `Tests/Benchmarks` measures of the inside of the product: `mailsonde-bench lookups --server A:P --names FILE`,
/// `mailsonde-bench dkim --folder FOLDER --key FILE`, `mailsonde-bench message --folder FOLDER`.
do {
    switch CommandLine.arguments.dropFirst().first {
    case "lookups": try await Lookups(Arguments(CommandLine.arguments.dropFirst(2))).run()
    case "dkim": try Signatures(Arguments(CommandLine.arguments.dropFirst(2))).run()
    case "message": try Messages(Arguments(CommandLine.arguments.dropFirst(2))).run()
    case "handshakes": try await Handshakes(Arguments(CommandLine.arguments.dropFirst(2))).run()
    default:
        throw Usage(
            """
            mailsonde-bench lookups --server ADDRESS:PORT --names FILE [--in-flight N] [--count N]
                                    [--waves N] [--beside 0|1] [--cache N] [--adapts 0|1]
            mailsonde-bench message --folder FOLDER [--count N]
            mailsonde-bench handshakes --port N --ca-file PEM [--count N] [--at-once N] [--bare 0|1]
            mailsonde-bench dkim --folder FOLDER --key FILE [--size N] [--count N]
            """)
    }
} catch {
    let message = Array("\(error)\n".utf8)
    _ = write(2, message, message.count)
    exit(2)
}
