"""Headers: one of 20 fields read again and again, with Received, dates and addresses typed, without the DNS."""
import sys

from room import HERE, Contender

TITLE = "Headers of 20 fields read (Received, dates and addresses typed)"


def contenders(room):
    folder = room.folder / "message"
    folder.mkdir(exist_ok=True)
    count, few = (20_000, 200) if room.quick else (200_000, 1_000)
    return [
        Contender("mailsonde", [room.bench, "message", "--folder", folder, "--count", count], count, "message"),
        Contender("python email", [sys.executable, HERE / "message_peer.py", folder, str(few)], few, "message"),
    ]
