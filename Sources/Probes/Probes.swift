// Probes: from a target to observations. Everything that speaks to a mail server as a client lives here: the
// sessions in SMTP, IMAP and POP3, the probe of a port, the round trip of a test message, and the examination
// that says which probe runs, in what order, how many at once, and by when.
//
// It leaves judging to Judgement: a probe says what it saw. It leaves schedules to Monitor. It opens no socket
// itself: connections, TLS and the clock of deadlines are Networking's.
