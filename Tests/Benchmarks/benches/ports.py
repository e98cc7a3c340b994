"""Port probes asked for by /probe: CPU of the monitor's process a probe, and the median latency one at a time."""
import sys

from room import HERE, Contender

TITLE = "Port probes by /probe, the same responder"


def contenders(room):
    responder = room.responder()
    blackbox = room.tool("prometheus-blackbox-exporter", "prometheus-blackbox-exporter")
    if not responder or not blackbox:
        return []
    count = 1_000 if room.quick else 4_000
    found = []
    # The ratio is to the first of a table: each piece of work is a table of its own.
    for work, goal in [("greeting", "goal 3"), ("starttls", "goal 2.2")]:
        for at_once in (8, 1):
            words = {"greeting": "greeting, EHLO, QUIT", "starttls": "the same with STARTTLS, verified"}[work]
            title = f"{words}, {at_once} at a time"
            for name, binary, note in [("mailsonde", room.mailsonde, ""), ("blackbox", blackbox, goal)]:
                found.append(Contender(
                    f"{name}: {title}",
                    [sys.executable, HERE / "peers" / "probes.py", name, binary, responder, work, at_once, count, room.folder],
                    count, "probe", note if at_once > 1 else "goal 2 in latency" if note else "", group=title))
    return found
