// Scanning: many domains by the DNS alone, one JSON object a line, in memory that does not grow with their number.
//
// A thread reads and parses the list (``EntryQueue``, ``ListParser``), a fixed number of workers examine one domain
// each at a time, in waves of questions (``DomainExamination``), and another thread writes whole lines, in the order of
// the list or as they come (``LineSink``). ``FinishedLines`` finds out what an earlier run has left to do.
//
// Left out: ports, certificates and policy files (Probes), and where the answers come from (any `Resolver`).
