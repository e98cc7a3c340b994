"""Mail hosts to audit: ports 25, 587, 465, 143, 993, 110 and 995 on each ADDRESS, with STARTTLS, until ended.

    mail_hosts.py CERTIFICATE ADDRESS=NAME…

Prints "ready" when all ports listen. It takes postmaster and abuse of any domain below `test` and nobody else.
"""
import asyncio
import logging
import re
import ssl
import sys

EXTENSIONS = ["PIPELINING", "SIZE 52428800", "8BITMIME", "ENHANCEDSTATUSCODES"]
LIMIT = 200


class Session:
    """One connection: the lines of a protocol, and TLS in between where the client asks for it."""

    def __init__(self, name, context, implicit, reader, writer):
        self.name, self.context, self.secured = name, context, implicit
        self.reader, self.writer = reader, writer

    async def say(self, *lines):
        self.writer.write("".join(line + "\r\n" for line in lines).encode())
        await self.writer.drain()

    async def start_tls(self):
        # What came in clear behind the command is none of TLS (CVE-2011-0411).
        self.reader._buffer.clear()
        await self.writer.start_tls(self.context)
        self.secured = True

    async def lines(self):
        for _ in range(LIMIT):
            line = await asyncio.wait_for(self.reader.readline(), 30)
            if not line:
                return
            yield line.decode("latin-1").strip()


class SMTP(Session):
    submission = False

    def capabilities(self):
        more = [] if self.secured else ["STARTTLS"]
        if self.submission and self.secured:
            more += ["AUTH PLAIN LOGIN"]
        words = [self.name] + EXTENSIONS + more
        return [f"250{' ' if word is words[-1] else '-'}{word}" for word in words]

    async def serve(self):
        await self.say(f"220 {self.name} ESMTP")
        async for line in self.lines():
            verb = line.upper()
            if verb.startswith("EHLO"):
                await self.say(*self.capabilities())
            elif verb.startswith("STARTTLS") and not self.secured:
                await self.say("220 2.0.0 ready")
                await self.start_tls()
            elif verb.startswith(("HELO", "RSET", "NOOP")):
                await self.say("250 2.0.0 Ok")
            elif verb.startswith("MAIL"):
                await self.say("530 5.7.0 Authentication required" if self.submission else "250 2.1.0 Ok")
            elif verb.startswith("RCPT"):
                taken = re.fullmatch(r"RCPT TO:<(POSTMASTER|ABUSE)(@[^@]*\.TEST)?>.*", verb)
                await self.say("250 2.1.5 Ok" if taken else "550 5.1.1 no such user here")
            elif verb.startswith(("VRFY", "EXPN")):
                await self.say("502 5.5.1 not here")
            elif verb.startswith("QUIT"):
                await self.say("221 2.0.0 Bye")
                return
            else:
                await self.say("503 5.5.1 not now")


class Submission(SMTP):
    submission = True


class IMAP(Session):
    def capabilities(self):
        return "IMAP4rev1 " + ("AUTH=PLAIN" if self.secured else "STARTTLS LOGINDISABLED")

    async def serve(self):
        await self.say(f"* OK [CAPABILITY {self.capabilities()}] {self.name} ready")
        async for line in self.lines():
            tag, _, command = line.partition(" ")
            command = command.upper()
            if command == "CAPABILITY":
                await self.say(f"* CAPABILITY {self.capabilities()}", f"{tag} OK done")
            elif command == "STARTTLS" and not self.secured:
                await self.say(f"{tag} OK begin")
                await self.start_tls()
            elif command == "LOGOUT":
                await self.say("* BYE", f"{tag} OK done")
                return
            else:
                await self.say(f"{tag} NO not here")


class POP3(Session):
    async def serve(self):
        await self.say(f"+OK {self.name} ready")
        async for line in self.lines():
            command = line.upper()
            if command == "CAPA":
                await self.say("+OK", "TOP", "UIDL", "SASL PLAIN" if self.secured else "STLS", ".")
            elif command == "STLS" and not self.secured:
                await self.say("+OK begin")
                await self.start_tls()
            elif command == "QUIT":
                await self.say("+OK bye")
                return
            else:
                await self.say("-ERR not here")


PORTS = {25: (SMTP, False), 587: (Submission, False), 465: (Submission, True), 143: (IMAP, False), 993: (IMAP, True),
         110: (POP3, False), 995: (POP3, True)}


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1])
    for word in sys.argv[2:]:
        address, _, name = word.partition("=")
        for port, (kind, implicit) in PORTS.items():
            async def serve(reader, writer, kind=kind, implicit=implicit, name=name):
                try:
                    await kind(name, context, implicit, reader, writer).serve()
                except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError, ValueError):
                    pass
                finally:
                    writer.close()
            await asyncio.start_server(serve, address, port, ssl=context if implicit else None)
    print("ready", flush=True)
    await asyncio.Event().wait()


# It warns when a client leaves without the end of TLS being said.
logging.getLogger("asyncio").setLevel(logging.ERROR)
asyncio.run(main())
