"""The benchmark room: builds, prepares, runs in turn, prints.

A bench is a file in benches/ with `TITLE` and `contenders(room)`, which gives a list of Contender: a name, a command,
how many units of work that is, and what a unit is called. The first of them is what the others are compared with.
A contender's CPU time is what the system counts for its process and children, unless it prints cpu=SECONDS itself
(then imports and set-up are not counted); seconds=, failures=, median= (of a unit, in seconds) and memory= (KiB) are read
in the same way, and so is a JSON object with cpu_microseconds_each.
"""
import argparse
import dataclasses
import importlib.util
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE.parent.parent


@dataclasses.dataclass
class Contender:
    name: str
    command: list
    units: int
    unit: str
    # What stands behind the ratio in the table: "goal 1.5".
    note: str = ""
    # Contenders of one group are compared with the first of it.
    group: str = ""


@dataclasses.dataclass
class Run:
    seconds: float
    cpu: float
    memory: int
    failures: int
    # Of one unit, in seconds; 0 where the contender does not say.
    median: float = 0


def say(text):
    print(text, file=sys.stderr, flush=True)


def find(program):
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return shutil.which(program, path=path)


class Server:
    """Knot DNS, or NSD, on a free port of loopback, in a folder of its own; ended by its pid."""

    def __init__(self, folder, zone):
        self.folder = folder / "server"
        (self.folder / "run").mkdir(parents=True, exist_ok=True)
        self.port = self.free_port()
        if find("knotd"):
            command = self.knot(zone)
        elif find("nsd"):
            command = self.nsd(zone)
        else:
            raise SystemExit("neither knotd nor nsd is here: apt-get install knot")
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, cwd=self.folder)
        self.wait()

    @staticmethod
    def free_port():
        for _ in range(50):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
                udp.bind(("127.0.0.1", 0))
                port = udp.getsockname()[1]
                try:
                    tcp.bind(("127.0.0.1", port))
                    return port
                except OSError:
                    continue
        raise SystemExit("no free port on loopback")

    def knot(self, zone):
        configuration = self.folder / "knot.conf"
        configuration.write_text(f"""
server:
    rundir: "{self.folder}/run"
    listen: [ 127.0.0.1@{self.port} ]
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: info
database:
    storage: "{self.folder}/db"
template:
  - id: default
    zonefile-sync: -1
    journal-content: none
zone:
  - domain: .
    file: "{zone}"
""")
        return [find("knotd"), "-c", str(configuration)]

    def nsd(self, zone):
        configuration = self.folder / "nsd.conf"
        configuration.write_text(f"""
server:
    ip-address: 127.0.0.1@{self.port}
    server-count: 1
    username: ""
    chroot: ""
    pidfile: "{self.folder}/run/nsd.pid"
    xfrdfile: "{self.folder}/run/xfrd.state"
    zonelistfile: "{self.folder}/run/zone.list"
    database: ""
remote-control:
    control-enable: no
zone:
    name: "."
    zonefile: "{zone}"
""")
        return [find("nsd"), "-d", "-c", str(configuration)]

    def wait(self):
        query = bytes.fromhex("12340100000100000000000000000600") + b"\x01"
        limit = time.monotonic() + 120
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(0.2)
            while time.monotonic() < limit:
                if self.process.poll() is not None:
                    raise SystemExit("the server ended:\n" + (self.folder / "log").read_text(errors="replace")[-2000:])
                try:
                    udp.sendto(query, ("127.0.0.1", self.port))
                    if udp.recv(512)[3] & 15 == 0:
                        return
                except OSError:
                    pass
                time.sleep(0.2)
        raise SystemExit("the server does not answer")

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


def certificates(folder):
    """An authority of our own (ca.pem) and the certificate of responder.test and 127.0.0.1 (chain.pem, key.pem)."""
    if (folder / "chain.pem").exists():
        return
    extensions = folder / "extensions"
    extensions.write_text("subjectAltName=DNS:responder.test,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    for words in [
        ["req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=bench CA", "-days", "3000",
         "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign"],
        ["req", *curve, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=responder.test"],
        ["x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "90",
         "-extfile", "extensions", "-out", "chain.pem"],
    ]:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


class Room:
    def __init__(self, given):
        self.given = given
        self.quick = given.quick
        self.folder = pathlib.Path(given.folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.domains = given.domains or (5_000 if given.quick else 100_000)
        self.rounds = given.rounds or (3 if given.quick else 5)
        self.may_install = not os.environ.get("MAILSONDE_NO_INSTALL")
        self._server = None
        self._python = None
        self._world = None
        self.mailsonde = given.mailsonde
        self.bench = given.bench

    # What is measured

    def build(self):
        if self.mailsonde and self.bench:
            return
        flags = subprocess.run([PACKAGE / "Sources/release-flags"], capture_output=True, text=True, check=True).stdout.split()
        say("Building (release) …")
        for product in ["mailsonde", "mailsonde-bench"]:
            subprocess.run(["swift", "build", "-c", "release", "--product", product, *flags], cwd=PACKAGE, check=True, stdout=sys.stderr)
        where = subprocess.run(
            ["swift", "build", "-c", "release", "--show-bin-path"], cwd=PACKAGE, check=True, capture_output=True, text=True)
        path = pathlib.Path(where.stdout.strip())
        self.mailsonde = self.mailsonde or str(path / "mailsonde")
        self.bench = self.bench or str(path / "mailsonde-bench")

    # What it is measured with

    @property
    def world(self):
        """The folder of the world: root.zone, domains.txt, truth.jsonl, questions.txt."""
        if self._world is None:
            self._world = self.folder / f"world-{self.domains}-{self.given.seed}"
            if not (self._world / "questions.txt").exists():
                say(f"Making a world of {self.domains} domains …")
                subprocess.run([sys.executable, HERE / "world.py", "--domains", str(self.domains), "--seed",
                                str(self.given.seed), "--into", self._world], check=True)
        return self._world

    @property
    def server(self):
        if self._server is None:
            say("Starting the authoritative server …")
            self._server = Server(self.folder, self.world / "root.zone")
        return self._server

    @property
    def address(self):
        return f"127.0.0.1:{self.server.port}"

    def tool(self, program, package):
        """A program of the system, installed where that is allowed; None where it is missing."""
        if not find(program):
            self.install(package)
        if not find(program):
            say(f"{program} is missing (Debian: {package}): left out")
        return find(program)

    def install(self, package):
        if self.may_install and os.geteuid() == 0 and find("apt-get"):
            say(f"Installing {package} …")
            subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", package], stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})

    def python(self, *modules):
        """A Python with these modules of PyPI, in an environment of its own; None where that cannot be had."""
        folder = self.folder / "venv"
        python = folder / "bin" / "python"
        packages = {"dns": "dnspython", "dkim": "dkimpy"}
        if self._python is None:
            if not python.exists() and self.may_install:
                subprocess.run([sys.executable, "-m", "venv", folder], check=False, stdout=subprocess.DEVNULL)
            self._python = str(python) if python.exists() else sys.executable
        for module in modules:
            look = [self._python, "-c", f"import {module}"]
            if subprocess.run(look, capture_output=True).returncode == 0:
                continue
            if self.may_install and self._python == str(python):
                say(f"Installing {packages.get(module, module)} …")
                subprocess.run([self._python, "-m", "pip", "install", "-q", packages.get(module, module)], check=False,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if subprocess.run(look, capture_output=True).returncode != 0:
                say(f"{module} is missing (PyPI): left out")
                return None
        return self._python

    def compiled(self, source, *libraries):
        """A C program of this folder; None where it does not compile."""
        compiler = find("cc") or find("clang") or find("gcc")
        if not compiler:
            say("there is no C compiler: left out")
            return None
        program = self.folder / pathlib.Path(source).stem
        flags = [f"-l{library}" for library in libraries]
        if subprocess.run([compiler, "-O2", "-pthread", "-o", program, HERE / source, *flags]).returncode != 0:
            say(f"{source} does not compile: left out")
            return None
        return str(program)

    def responder(self):
        """The mail server that says as little as it can, and its certificates in the folder; None where that is not to be."""
        if not os.path.exists("/usr/include/openssl/ssl.h"):
            self.install("libssl-dev")
        if not find("openssl"):
            say("openssl is missing: left out")
            return None
        certificates(self.folder)
        return self.compiled("peers/responder.c", "ssl", "crypto")

    def part(self, name, count):
        """The first lines of a file of the world, as a file."""
        path = self.folder / f"{pathlib.Path(name).stem}-{count}.txt"
        with open(self.world / name) as source, open(path, "w") as target:
            for _, line in zip(range(count), source):
                target.write(line)
        return str(path)

    def close(self):
        if self._server:
            self._server.end()


# Running

def run(contender, folder):
    output = folder / "output"
    errors = folder / "errors"
    with open(output, "wb") as out, open(errors, "wb") as err:
        began = time.monotonic()
        process = subprocess.Popen([str(word) for word in contender.command], stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
    facts = {}
    with open(output, "rb") as out:
        out.seek(max(0, os.path.getsize(output) - 4096))
        tail = out.read().decode(errors="replace").strip().splitlines()
    last = tail[-1] if tail else ""
    if last.startswith("{"):
        told = json.loads(last)
        facts["cpu"] = told["cpu_microseconds_each"] * contender.units / 1e6
        last = ""
    for word in last.split():
        key, _, value = word.partition("=")
        try:
            facts[key] = float(value)
        except ValueError:
            pass
    if process.returncode != 0:
        say(f"{contender.name}: status {process.returncode}: {errors.read_text(errors='replace').strip()[-300:]}")
        return None
    return Run(
        seconds=facts.get("seconds", seconds), cpu=facts.get("cpu", usage.ru_utime + usage.ru_stime),
        memory=int(facts.get("memory", usage.ru_maxrss)), failures=int(facts.get("failures", 0)),
        median=facts.get("median", 0))


def measure(bench, room):
    contenders = bench.contenders(room)
    if not contenders:
        return
    results = [[] for _ in contenders]
    for turn in range(room.rounds + 1):
        # Round 0 warms up and is not counted. The order turns, so that nobody always runs first.
        order = list(range(len(contenders)))
        order = order[turn % len(order):] + order[:turn % len(order)]
        for index in order:
            one = run(contenders[index], room.folder)
            say(f"{bench.TITLE}: round {turn} {contenders[index].name}: " + (f"{one.seconds:.2f} s, {one.cpu:.2f} s CPU" if one else "failed"))
            if turn > 0:
                results[index].append(one)
    table(bench, contenders, results)


def table(bench, contenders, results):
    def each(index):
        return [r.cpu / contenders[index].units if r else None for r in results[index]]

    firsts = {}
    rows = []
    for index, contender in enumerate(contenders):
        reference = each(firsts.setdefault(contender.group, index))
        runs = [r for r in results[index] if r]
        if not runs:
            rows.append([contender.name, "failed", "", "", "", "", ""])
            continue
        ratios = [a / b for a, b in zip(each(index), reference) if a and b]
        rows.append([
            contender.name, f"{contender.units} {contender.unit}s",
            f"{statistics.median(contender.units / r.seconds for r in runs):,.0f}",
            f"{statistics.median(r.cpu for r in runs) / contender.units * 1e6:,.1f}",
            f"{statistics.median(ratios):.2f}" if ratios else "",
            f"{max(r.memory for r in runs) / 1024:,.0f}",
            "; ".join(filter(None, [contender.note, latency(runs), f"{max(r.failures for r in runs)} failed" if any(r.failures for r in runs) else ""])),
        ])
    head = ["", "work", "a second", "µs CPU each", "ratio", "MiB", ""]
    widths = [max(len(row[column]) for row in [head] + rows) for column in range(len(head))]
    print(f"\n{bench.TITLE} ({room_words(len(results[0]))}; the ratio is the median of each round's, in CPU, to the first)\n")
    for row in [head] + rows:
        cells = [row[0].ljust(widths[0]), row[1].ljust(widths[1])]
        cells += [row[c].rjust(widths[c]) for c in range(2, 6)] + [row[6]]
        print("  ".join(cells).rstrip())
    sys.stdout.flush()


def latency(runs):
    """The median of the medians, where there are any."""
    told = [r.median for r in runs if r.median]
    return f"median {statistics.median(told) * 1e3:.2f} ms" if told else ""


def room_words(rounds):
    return f"{rounds} round" + ("" if rounds == 1 else "s")


def benches(names):
    found = sorted((HERE / "benches").glob("*.py"))
    chosen = [path for path in found if not names or path.stem in names]
    unknown = set(names) - {path.stem for path in found}
    if unknown:
        raise SystemExit(f"no such bench: {', '.join(sorted(unknown))}; there are {', '.join(p.stem for p in found)}")
    sys.modules["room"] = sys.modules[__name__]
    for path in chosen:
        spec = importlib.util.spec_from_file_location(f"bench_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield module


def main():
    parser = argparse.ArgumentParser(prog="Tests/Benchmarks/run", description="Runs the benchmarks.")
    parser.add_argument("bench_names", nargs="*", metavar="BENCH", help="only these (default: all in benches/)")
    parser.add_argument("--quick", action="store_true", help="less work: 5,000 domains, 3 rounds")
    parser.add_argument("--domains", type=int, help="domains of the world (default 100000)")
    parser.add_argument("--rounds", type=int, help="rounds that count (default 5)")
    parser.add_argument("--seed", type=int, default=1, help="of the world")
    parser.add_argument("--folder", default=os.path.join(tempfile.gettempdir(), "mailsonde-benchmarks"), help="for the world, the server, the peers")
    parser.add_argument("--mailsonde", help="this binary instead of building one")
    parser.add_argument("--bench", help="this mailsonde-bench instead of building one")
    given = parser.parse_args()
    room = Room(given)
    modules = list(benches(given.bench_names))
    room.build()
    print(f"{os.cpu_count()} cores, {os.uname().machine}, Linux {os.uname().release}")
    try:
        for module in modules:
            measure(module, room)
    finally:
        room.close()


if __name__ == "__main__":
    main()
