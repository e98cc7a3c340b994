"""checkdmarc: the first COUNT domains, DNS alone. Arguments: ADDRESS:PORT DOMAINS COUNT"""
import inspect
import itertools
import logging
import resource
import sys
import time

import checkdmarc
import dns.resolver

logging.disable(logging.CRITICAL)
(host, port), path, count = sys.argv[1].split(":"), sys.argv[2], int(sys.argv[3])
domains = [line.strip() for line in itertools.islice(open(path), count)]
# It makes resolvers of its own in places: all of them shall ask our server.
dns.resolver.Resolver.port = property(lambda self: int(port), lambda self, value: None)
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers = [host]
dns.resolver.default_resolver = resolver


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


options = {"skip_tls": True, "nameservers": [host], "resolver": resolver, "timeout": 2.0, "wait": 0.0}
known = inspect.signature(checkdmarc.check_domains).parameters
began, before = time.monotonic(), cpu()
results = checkdmarc.check_domains(domains, **{key: value for key, value in options.items() if key in known})
results = results if isinstance(results, list) else [results]
found = sum(1 for result in results if isinstance(result.get("dmarc"), dict) and result["dmarc"].get("record"))
print(f"domains={len(results)} with_dmarc={found} seconds={time.monotonic() - began:.3f} cpu={cpu() - before:.3f}")
