"""Memory: the most that the monitor's process took, with 200 probes under way at once."""
import sys

from room import HERE, Contender

TITLE = "200 probes with STARTTLS at once, all waiting for the greeting"


def contenders(room):
    responder = room.responder()
    if not responder:
        return []
    found = []
    blackbox = room.tool("prometheus-blackbox-exporter", "prometheus-blackbox-exporter")
    for name, binary, note in [("mailsonde", room.mailsonde, "goal 60 MB"), ("blackbox", blackbox, "")]:
        if binary:
            found.append(Contender(
                name, [sys.executable, HERE / "peers" / "probes.py", name, binary, responder, "silent", 200, 400, room.folder],
                400, "probe", note))
    return found
