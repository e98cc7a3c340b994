"""A verified TLS handshake and the first line behind it, beside NIOSSL alone."""
import sys

from room import HERE, Contender

TITLE = "Verified handshakes (TLS 1.3, ECDSA P-256), the first line heard"


def contenders(room):
    responder = room.responder()
    if not responder:
        return []
    count = 2_000 if room.quick else 5_000
    return [
        Contender(
            name,
            [sys.executable, HERE / "peers" / "handshakes.py", responder, room.folder, room.bench, "--count", count,
             "--at-once", 4, "--bare", bare],
            count, "handshake", note)
        for name, bare, note in [("bare NIOSSL", 1, ""), ("mailsonde", 0, "goal 1.2")]
    ]
