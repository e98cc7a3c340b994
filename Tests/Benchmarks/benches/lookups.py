"""Look-ups: what sending, receiving, matching and giving back an answer costs, 1,000 in flight."""
from room import HERE, Contender

TITLE = "Look-ups, 1,000 in flight on loopback"


def contenders(room):
    count = 50_000 if room.quick else 200_000
    few = count // 20
    questions = str(room.world / "questions.txt")
    found = []
    bare = room.compiled("bare.c")
    if bare:
        found.append(Contender("bare C (sendmmsg)", [
            bare, "--server", room.address, "--names", questions, "--in-flight", "1000", "--count", str(count)],
            count, "look-up"))
    found.append(Contender("mailsonde's resolver", [
        room.bench, "lookups", "--server", room.address, "--names", questions, "--in-flight", "1000", "--count", str(count)],
        count, "look-up", "goal 1.5"))
    dnsperf = room.tool("dnsperf", "dnsperf")
    if dnsperf:
        host, port = room.address.split(":")
        found.append(Contender("dnsperf -q 1000", [
            dnsperf, "-s", host, "-p", port, "-d", room.part("questions.txt", count), "-q", "1000", "-c", "16"],
            count, "look-up"))
    for module, name in [("aiodns", "aiodns (Python, c-ares)"), ("dns", "dnspython (asyncio)")]:
        python = room.python(module)
        if python:
            script = HERE / "peers" / {"aiodns": "aiodns_lookups.py", "dns": "dnspython_lookups.py"}[module]
            found.append(Contender(name, [python, script, room.address, questions, str(few)], few, "look-up"))
    return found
