#!/usr/bin/env python3
"""What Python's email package, with its modern policy, takes to read the header that `mailsonde-bench message` left in a
folder: every field, and Received, dates and addresses as far as it types them.

    message_peer.py FOLDER [COUNT]

Prints one JSON object.
"""
import email.parser
import email.policy
import json
import pathlib
import resource
import sys

folder = pathlib.Path(sys.argv[1])
count = int(sys.argv[2]) if len(sys.argv) > 2 else 300
octets = (folder / "message.eml").read_bytes()
parser = email.parser.BytesHeaderParser(policy=email.policy.default)


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def read():
    fields = 0
    for name, value in parser.parsebytes(octets).items():
        fields += 1
        getattr(value, "addresses", None)
        getattr(value, "datetime", None)
        str(value)
    return fields


fields = read()
before = cpu()
for _ in range(count):
    read()
each = (cpu() - before) / count * 1e6
print(json.dumps({"program": "python email", "messages": count, "fields": fields, "cpu_microseconds_each": round(each, 3)}))
