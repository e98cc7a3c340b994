import ArgumentParser

/// The command line. A command is a file of its own, named after it; what they share stands in `CommonOptions`,
/// `Standard` (the streams) and `ExitStatus`.
///
/// It leaves out everything else: it reads arguments, calls the rooms, and prints what Rendering makes of the result.
struct Mailsonde: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mailsonde",
        abstract: "Tells whether mail arrives, how long it takes, and what stands in its way.",
        discussion: """
            Exit status: 0 pass, 1 warnings, 2 errors found, 3 could not tell, 64 wrong usage or configuration; \
            --fail-on says from which severity on it is not 0.
            """,
        version: Version.number,
        subcommands: [
            AuditCommand.self, DoctorCommand.self, MonitorCommand.self, ScanCommand.self, RoundTripCommand.self,
            ExplainCommand.self,
            ConfigCommand.self, SchemaCommand.self, DiffCommand.self,
            DNSCommand.self, SPFCommand.self, MTASTSCommand.self, TLSCommand.self,
            DemoCommand.self, RecordCommand.self, DMARCCommand.self, MessageCommand.self,
        ])
}
