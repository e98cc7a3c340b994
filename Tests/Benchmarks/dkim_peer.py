#!/usr/bin/env python3
"""What dkimpy takes to verify the message that `mailsonde-bench dkim` left in a folder.

    dkim_peer.py FOLDER [COUNT]

Needs dkimpy (Debian: python3-dkim). Prints one JSON object; the key comes from the folder, no DNS is asked.
"""
import json
import pathlib
import resource
import sys

import dkim

folder = pathlib.Path(sys.argv[1])
count = int(sys.argv[2]) if len(sys.argv) > 2 else 500
message = (folder / "message.eml").read_bytes()
record = (folder / "record.txt").read_bytes()


def key(name, timeout=5):
    return record


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if not dkim.verify(message, dnsfunc=key):
    sys.exit("dkimpy does not verify the message")
before = cpu()
for _ in range(count):
    dkim.verify(message, dnsfunc=key)
each = (cpu() - before) / count * 1e6
print(json.dumps({"program": "dkimpy", "messages": count, "octets": len(message), "cpu_microseconds_each": round(each, 3)}))
