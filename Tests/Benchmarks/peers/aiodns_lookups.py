"""aiodns: COUNT look-ups, 1,000 at once. Arguments: ADDRESS:PORT QUESTIONS COUNT"""
import asyncio
import itertools
import resource
import sys
import time
import warnings

import aiodns

warnings.simplefilter("ignore")
(host, port), path, count = sys.argv[1].split(":"), sys.argv[2], int(sys.argv[3])
questions = [line.split() for line in itertools.islice(open(path), count)]


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def main():
    resolver = aiodns.DNSResolver(nameservers=[host], udp_port=int(port), tcp_port=int(port), timeout=5, tries=3)
    waiting = iter(questions)
    failures = 0

    async def worker():
        nonlocal failures
        for name, kind in waiting:
            try:
                await resolver.query(name, kind)
            except aiodns.error.DNSError as error:
                # 1 no data, 4 no such name: answers, as good as any
                failures += error.args[0] not in (1, 4)

    began, before = time.monotonic(), cpu()
    await asyncio.gather(*(worker() for _ in range(1000)))
    print(f"lookups={len(questions)} seconds={time.monotonic() - began:.3f} cpu={cpu() - before:.3f} failures={failures}")


asyncio.run(main())
