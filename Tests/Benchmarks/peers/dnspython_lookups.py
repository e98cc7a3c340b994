"""dnspython: COUNT look-ups over asyncio, 100 at once. Arguments: ADDRESS:PORT QUESTIONS COUNT"""
import asyncio
import itertools
import resource
import sys
import time

import dns.asyncresolver
import dns.exception
import dns.resolver

(host, port), path, count = sys.argv[1].split(":"), sys.argv[2], int(sys.argv[3])
questions = [line.split() for line in itertools.islice(open(path), count)]


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def main():
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = [host]
    resolver.port = int(port)
    waiting = iter(questions)
    failures = 0

    async def worker():
        nonlocal failures
        for name, kind in waiting:
            try:
                await resolver.resolve(name + ".", kind)
            except (dns.resolver.NoAnswer, dns.resolver.NXDOMAIN):
                pass
            except dns.exception.DNSException:
                failures += 1

    began, before = time.monotonic(), cpu()
    await asyncio.gather(*(worker() for _ in range(100)))
    print(f"lookups={len(questions)} seconds={time.monotonic() - began:.3f} cpu={cpu() - before:.3f} failures={failures}")


asyncio.run(main())
