extension Configuration {
    /// What `mailsonde config example` prints: every key, explained. It loads without a problem.
    package static let example = """
        # mailsonde.yaml: what `mailsonde monitor mailsonde.yaml` probes, and how often.
        # Lengths of time carry their unit: 30s 5m 1h 400d. Relative paths start at this file.
        # `mailsonde config check mailsonde.yaml` names every mistake with its line and column.

        # Name servers to ask; without this the system's (/etc/resolv.conf).
        #resolver: {servers: [127.0.0.1:53, "[::1]:53"], timeout: 3s}

        # Where Prometheus scrapes /metrics and where the pages are. There is no login: stay on loopback, or put a
        # proxy with one in front.
        listen: 127.0.0.1:9725
        # Who may POST /-/reload: loopback, anywhere or nowhere. SIGHUP always works.
        reload_from: loopback

        # Every result is kept in a SQLite file (`history: off` keeps nothing).
        history: {path: mailsonde.sqlite, keep: 400d}

        # For probes that do not say otherwise.
        defaults: {interval: 5m, timeout: 30s}

        # How many probes may run at the same time.
        max_running: 32

        # What we call ourselves in EHLO; without this the name of this host.
        #ehlo_name: probe.example.org
        # Trust exactly these roots instead of the system's.
        #ca_file: roots.pem
        # Dial there instead, as curl's --connect-to: HOST:PORT:ADDRESS:PORT; an empty HOST or PORT matches all.
        #connect_to: ["mail.example.org:25:127.0.0.1:2525"]

        # Block lists that audits ask about mail hosts, senders and domains: `default` stands for the usual ones,
        # `allow:ZONE` is a list of good addresses, `blocklists: off` asks nobody.
        blocklists: [default]

        # Whole audits: records, mail hosts, ports, certificates, policies.
        domains:
          # A DKIM key cannot be found without its selector: name those in use, so that a missing one is noticed.
          - {domain: example.org, dkim_selectors: [s1, s2], interval: 1h}
          # Its mail leaves by these addresses: are they named in its SPF record?
          #- {domain: example.net, sender_ips: [192.0.2.25, "2001:db8::25"]}
          # Asks the mail servers more, rarely: whom they take as sender and recipient (never DATA), what they accept in
          # TLS (none, weak or all), whether these addresses exist.
          #- {domain: mail.example.com, behaviour: true, accepts: weak, recipients: [postmaster@mail.example.com], interval: 1d}
          # Many domains from a file, one a line, # begins a comment:
          #- {file: domains.txt, interval: 1d}

        # Ports of a host, on each of its addresses, IPv4 and IPv6.
        # Services: smtp submission submissions imap imaps pop3 pop3s
        ports:
          - {name: mail-host, host: mail.example.org, services: [smtp, submission, submissions, imaps]}

        # Messages sent on schedule and looked for in a mailbox. After `deadline` a message counts as lost.
        # A password stands in a file (password_file) or an environment variable (password_env), never here.
        #roundtrips:
        #  - name: office-to-cloud
        #    interval: 10m
        #    deadline: 5m
        #    late_after: 1m               # counts as late from here on, though it arrives
        #    from:
        #      address: probe@example.org
        #      server: mail.example.org
        #      port: 587                    # 587: STARTTLS, 465: TLS from the start
        #      user: probe@example.org
        #      password_file: /etc/mailsonde/probe
        #      dkim:                        # sign the messages here; otherwise the server may
        #        domain: example.org          # that of the address where it is left out
        #        selector: probe
        #        key_file: /etc/mailsonde/probe.pem   # RSA or Ed25519, PEM
        #    to:
        #      address: probe@example.net
        #      protocol: imap               # imap imaps pop3 pop3s
        #      server: imap.example.net
        #      port: 993
        #      user: probe@example.net
        #      password_env: PROBE_PASSWORD

        # What /probe?target=HOST&module=NAME means, beside the modules that are there anyway: audit smtp
        # smtp_starttls submission submissions imap imaps pop3 pop3s.
        modules:
          our_mx: {probe: port, service: smtp, require_tls: true, timeout: 20s}

        # What checks weigh here, instead of what their pages say: off, info, notice, warning, error, critical.
        #severities: {spf.softfail-all: notice, mx.single-host: off}
        # Findings that are known and borne until the end of a day; they do not count. `*` stands for anything.
        # The same two keys make a file for `mailsonde audit --baseline`.
        #accept:
        #  - {check: "tls.*", subject: "old.example.org*", until: 2027-03-01, at_most: error, reason: replaced in March}
        """
}
