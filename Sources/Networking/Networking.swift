// Networking: connections to mail servers with STARTTLS and implicit TLS, what was seen of TLS, deadlines, and the
// DNS resolver on sockets. It is the only room of the program proper that imports NIO, and no NIO type leaves it.
//
// Left out: what is said on a connection (Probes/Sessions), what certificates mean (Probes/Certificates), and any
// decision on what was seen (Judgement). Errors here are facts of the network; Probes translate them.
