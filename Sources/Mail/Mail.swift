// Mail: what stands in mail and in the records about it, read into values. Messages: header fields, dates, addresses,
// and the journey that Received fields tell. Records: SPF, DKIM keys, DMARC, MTA-STS, TLS reporting and BIMI, each with
// its problems by column, and the look-ups that find them, over `Knowledge`. Authentication: check_host(), DKIM
// signatures verified and made, ARC chains validated, DMARC.
//
// Left out: conversations with servers (Probes), sealing with ARC, and whether something is good or bad (Judgement).
