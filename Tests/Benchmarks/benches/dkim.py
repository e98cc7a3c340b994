"""DKIM: one message of 12 kB verified again and again, RSA with 2048 bits, without the DNS."""
import subprocess

from room import HERE, Contender, find

TITLE = "DKIM signatures verified (rsa-sha256, 2048 bits, 12 kB)"


def contenders(room):
    folder = room.folder / "dkim"
    folder.mkdir(exist_ok=True)
    key = folder / "key.pem"
    if not key.exists():
        if not find("openssl"):
            return []
        subprocess.run(["openssl", "genrsa", "-traditional", "-out", key, "2048"], check=True, capture_output=True)
    count, few = (5_000, 200) if room.quick else (20_000, 500)
    found = [Contender("mailsonde", [room.bench, "dkim", "--folder", folder, "--key", key, "--count", count], count, "message")]
    python = room.python("dkim")
    if python:
        found.append(Contender("dkimpy", [python, HERE / "dkim_peer.py", folder, str(few)], few, "message"))
    return found
