// DNS: names, addresses, records, messages and zones as values, and what an answer means for mail. Everything that
// asks the DNS asks through ``Resolver`` or ``Knowledge``; a ``Zone`` of text answers like a server would.
//
// Left out: sockets and caches (Networking/Resolving), validating DNSSEC, and any judgement of what was answered.
