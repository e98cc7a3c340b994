"""checkdmarc: one domain with TLS and STARTTLS of its mail hosts. Arguments: ADDRESS:PORT DOMAIN CA ADDRESS=NAME…"""
import inspect
import logging
import os
import socket
import sys

(host, port), domain, ca = sys.argv[1].split(":"), sys.argv[2], sys.argv[3]
hosts = {name: address for address, name in (word.split("=") for word in sys.argv[4:])}
os.environ["SSL_CERT_FILE"] = ca

import checkdmarc  # noqa: E402  it reads SSL_CERT_FILE
import dns.resolver  # noqa: E402

logging.disable(logging.CRITICAL)
# It makes resolvers of its own in places, and asks the system for hosts: all of them shall know our world.
dns.resolver.Resolver.port = property(lambda self: int(port), lambda self, value: None)
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers = [host]
dns.resolver.default_resolver = resolver
ask_system = socket.getaddrinfo
socket.getaddrinfo = lambda name, *rest, **more: ask_system(hosts.get(name, name), *rest, **more)

options = {"nameservers": [host], "resolver": resolver, "timeout": 2.0, "check_mx_tls": True}
known = inspect.signature(checkdmarc.check_domains).parameters
result = checkdmarc.check_domains([domain], **{key: value for key, value in options.items() if key in known})
result = result[0] if isinstance(result, list) else result
secured = [h["hostname"] for h in result["mx"]["hosts"] if h.get("starttls")]
if len(secured) != len(hosts):
    raise SystemExit(f"it did not see STARTTLS on every host: {result['mx']}")
