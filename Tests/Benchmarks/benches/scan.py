"""Scan: domains looked at and judged, a line of JSON each; duration and memory too."""
from room import HERE, Contender

TITLE = "Domains examined by DNS"


def contenders(room):
    count = room.domains
    few = 100 if room.quick else 300
    output = str(room.folder / "scan.jsonl")
    found = [Contender("mailsonde scan", [
        "/bin/sh", "-c", 'rm -f "$2"; exec "$0" scan "$1" --output "$2" --resolver "$3" --quiet', room.mailsonde,
        str(room.world / "domains.txt"), output, room.address], count, "domain", "goal 250 µs")]
    python = room.python("checkdmarc")
    if python:
        found.append(Contender("checkdmarc", [
            python, HERE / "peers" / "checkdmarc_scan.py", room.address, str(room.world / "domains.txt"), str(few)],
            few, "domain"))
    return found
