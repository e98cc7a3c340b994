// Mail: what stands in mail and in the records about it, read into values. Messages: header fields, dates, addresses,
// and the journey that Received fields tell. Records: SPF, DKIM keys, DMARC, MTA-STS, TLS reporting and BIMI, each with
// its problems by column, and the look-ups that find them, over `Knowledge`.
//
// Left out: conversations with servers (Probes), evaluating SPF for a sender, verifying signatures, bodies beyond their
// octets, and whether something is good or bad (Judgement).
