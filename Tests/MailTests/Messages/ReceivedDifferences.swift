/// What another author reads of Received fields otherwise than we do.
enum ReceivedDifferences {
    static let known: [KnownDifferences.Entry] = [
        (
            "4 rdns", "localhost", "-",
            "a name in front of the address is what the client’s address led to, “localhost” too"
        ),
        (
            "13 date", "2003-02-07T18:18:12Z", "1910-07-03T02:15:31Z",
            "the form of ctime(), with the year behind the time"
        ),
        (
            "15 rdns", "localhost", "-",
            "a name in front of the address is what the client’s address led to, “localhost” too"
        ),
        ("25 with", "MAPI", "-", "the word behind “with” is kept though no register has it"),
        ("28 id", "EE/20-30863-33CE1054", "EE", "the identifier goes on behind its “/”"),
        ("29 id", "8B/57-16227-3764EB44", "8B", "the identifier goes on behind its “/”"),
        ("29 with", "ECSTREAM", "-", "the word behind “with” is kept though no register has it"),
        ("30 id", "52/92-02454-89FBA054", "52", "the identifier goes on behind its “/”"),
        ("32 with", "BSMTP", "SMTP", "“local-bsmtp” is batched SMTP"),
        ("33 with", "BSMTP", "SMTP", "“local-bsmtp” is batched SMTP"),
        ("50 rdns", "one.develooper.com", "-", "it stands behind the user that identd told: IDENT:user@name"),
        ("54 rdns", "-", "unknown.domain", "in angle brackets it is the server’s word for “none”"),
        (
            "64 ip", "213.228.0.169", "-",
            "the address stands behind the user that identd or a login told: user@address"
        ),
        (
            "86 ip", "207.213.27.129", "-",
            "the address stands behind the user that identd or a login told: user@address"
        ),
        (
            "87 ip", "80.167.158.170", "-",
            "the address stands behind the user that identd or a login told: user@address"
        ),
        (
            "97 ip", "200.69.254.217", "-",
            "the address stands behind the user that identd or a login told: user@address"
        ),
        (
            "116 ip", "64.253.199.166", "-",
            "the address stands behind the user that identd or a login told: user@address"
        ),
        (
            "119 ip", "93.124.107.183", "-",
            "the address stands behind the user that identd or a login told: user@address"
        ),
        (
            "67 date", "2003-02-12T22:22:21Z", "2003-02-12T14:22:21Z",
            "PST and PDT are eight and seven hours behind (RFC 5322 §4.3)"
        ),
        ("69 date", "2003-02-20T23:13:20Z", "-", "the date is there; only the “;” before it is missing"),
        (
            "78 rdns", "localhost", "-",
            "a name in front of the address is what the client’s address led to, “localhost” too"
        ),
        (
            "89 date", "2003-03-27T02:43:24Z", "1903-03-27T02:43:24Z",
            "two digits of a year below 50 are of this century (RFC 5322 §4.3)"
        ),
        (
            "90 date", "2004-02-27T22:16:56Z", "1904-02-27T22:16:56Z",
            "two digits of a year below 50 are of this century (RFC 5322 §4.3)"
        ),
        ("94 with", "TCP", "-", "the word behind “with” is kept though no register has it"),
        ("95 with", "BSMTP", "SMTP", "BSMTP is what stands there"),
        (
            "117 date", "2005-11-13T14:50:12Z", "1915-01-13T02:15:33Z",
            "the form of ctime(), with the year behind the time"
        ),
        (
            "118 date", "2005-11-13T15:38:52Z", "1916-01-12T14:55:33Z",
            "the form of ctime(), with the year behind the time"
        ),
        (
            "120 rdns", "localhost", "-",
            "a name in front of the address is what the client’s address led to, “localhost” too"
        ),
        ("123 by", "alpha", "uid", "“by uid 7791” tells a user; the host is the first “by”"),
        ("123 with", "qmail-scanner-1.14", "-", "the word behind “with” is kept though no register has it"),
        ("125 from", "Unknown/Local", "Unknown", "the word goes on behind its “/”"),
        (
            "126 rdns", "localhost", "-",
            "a name in front of the address is what the client’s address led to, “localhost” too"
        ),
        (
            "127 rdns", "localhost", "-",
            "a name in front of the address is what the client’s address led to, “localhost” too"
        ),
        (
            "128 date", "2003-03-20T09:06:43Z", "1903-03-20T09:06:43Z",
            "two digits of a year below 50 are of this century (RFC 5322 §4.3)"
        ),
        (
            "131 rdns", "localhost", "-",
            "a name in front of the address is what the client’s address led to, “localhost” too"
        ),
        ("133 with", "Novell_GroupWise", "-", "the word behind “with” is kept though no register has it"),
        ("136 with", "qmail-scanner-1.24", "-", "the word behind “with” is kept though no register has it"),
        (
            "144 date", "2020-04-02T07:53:55Z", "2020-04-02T07:53:00Z",
            "a fraction of a second leaves the seconds as they are"
        ),
        ("148 with", "Thrift", "-", "the word behind “with” is kept though no register has it"),
        ("151 from", "4124973-137966-3089@be2.maropost.com", "-", "it is what stands there, in brackets"),
        (
            "151 date", "2018-09-14T18:36:56Z", "1915-02-10T12:59:46Z",
            "the form of ctime(), with the year behind the time"
        ),
        (
            "152 rdns", "localhost", "-",
            "a name in front of the address is what the client’s address led to, “localhost” too"
        ),
        ("153 for", "address", "-", "it is what stands there, though it has no “@”"),
        ("155 cipher", "-", "AES256-GCM-SHA384", "the “with” before it is the end of a longer word"),
        ("157 with", "MAPI", "-", "the word behind “with” is kept though no register has it"),
        (
            "163 date", "2006-06-02T15:15:21Z", "2006-06-02T08:15:21Z",
            "PST and PDT are eight and seven hours behind (RFC 5322 §4.3)"
        ),
        ("165 from", "-", "network", "“invoked from network” names no host"),
        ("167 with", "ECARTIS", "-", "the word behind “with” is kept though no register has it"),
        ("170 with", "Internet Mail Service", "-", "the word behind “with” is kept though no register has it"),
        ("171 from", "-", "userid", "“from userid 1002” names no host"),
        ("175 with", "NNFMP", "-", "the word behind “with” is kept though no register has it"),
        ("176 with", "NNFMP", "-", "the word behind “with” is kept though no register has it"),
        ("177 with", "NNFMP", "-", "the word behind “with” is kept though no register has it"),
    ]
}
