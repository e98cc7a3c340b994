"""Has a monitor probe the responder again and again by /probe, and tells what that cost it.

  probes.py SUBJECT BINARY RESPONDER WORK AT_ONCE COUNT FOLDER

SUBJECT is mailsonde or blackbox, WORK greeting, starttls or silent, AT_ONCE how many are asked for at a time. What is
counted is the CPU time of the monitor's process while it answered, from /proc, after a warming-up; the responder and
the one who asks cost it nothing. Prints cpu= seconds= failures= median= (of a probe, in seconds) and memory= (KiB).
"""
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time

MODULES = """
modules:
  greeting:
    prober: tcp
    timeout: 20s
    tcp:
      preferred_ip_protocol: ip4
      query_response:
        - expect: "^220 ([^ ]+) ESMTP (.+)$"
        - send: "EHLO prober\\r"
        - expect: "^250 8BITMIME"
        - send: "QUIT\\r"
  starttls:
    prober: tcp
    timeout: 20s
    tcp:
      preferred_ip_protocol: ip4
      query_response:
        - expect: "^220 ([^ ]+) ESMTP (.+)$"
        - send: "EHLO prober\\r"
        - expect: "^250-STARTTLS"
        - expect: "^250 8BITMIME"
        - send: "STARTTLS\\r"
        - expect: "^220"
        - starttls: true
        - send: "EHLO prober\\r"
        - expect: "^250 8BITMIME"
        - send: "QUIT\\r"
      tls_config:
        server_name: 127.0.0.1
        ca_file: {ca}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Subject:
    """A monitor of its own, on a free port, ended by its pid."""

    def __init__(self, kind, binary, folder):
        self.port = free_port()
        self.log = open(folder / f"{kind}.log", "wb")
        if kind == "mailsonde":
            path = folder / "mailsonde.yaml"
            path.write_text(f"listen: 127.0.0.1:{self.port}\nhistory: off\nca_file: {folder}/ca.pem\n"
                            "ehlo_name: prober.test\nresolver: {servers: ['127.0.0.1:9']}\n")
            command = [binary, "monitor", str(path)]
        else:
            path = folder / "blackbox.yml"
            path.write_text(MODULES.replace("{ca}", f"{folder}/ca.pem"))
            command = [binary, f"--config.file={path}", f"--web.listen-address=127.0.0.1:{self.port}",
                       "--log.level=error"]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, cwd=folder)
        limit = time.monotonic() + 20
        while time.monotonic() < limit:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        raise SystemExit(f"{kind} does not listen: see {folder}/{kind}.log")

    @property
    def cpu(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1])
        return 0

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()


def ask(connection, request):
    """One request on a connection that is kept: the body, or None where the answer is no 200."""
    connection.sendall(request)
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), None)
    while len(body) < length if length is not None else not body.endswith(b"0\r\n\r\n"):
        more = connection.recv(65536)
        if not more:
            return None
        body += more
    return body if b" 200 " in lines[0] else None


def drive(port, path, at_once, count):
    """Seconds of each probe, and how many did not pass."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    left, seconds, failures, lock = [count], [], [0], threading.Lock()

    def work():
        with socket.create_connection(("127.0.0.1", port), 60) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                with lock:
                    if left[0] == 0:
                        return
                    left[0] -= 1
                began = time.perf_counter()
                body = ask(connection, request)
                took = time.perf_counter() - began
                with lock:
                    seconds.append(took)
                    if body is None or b"\nprobe_success 1" not in body:
                        failures[0] += 1

    threads = [threading.Thread(target=work) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds, failures[0] + count - len(seconds)


def main():
    kind, binary, responder, work, at_once, count, folder = sys.argv[1:]
    folder, at_once, count = pathlib.Path(folder), int(at_once), int(count)
    command = [responder, "--threads", "256"]
    if work == "starttls" or work == "silent":
        command += ["--certificate", folder / "chain.pem", "--key", folder / "key.pem"]
    if work == "silent":
        command += ["--silent-seconds", "1"]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    port = int(server.stdout.readline())
    subject = Subject(kind, binary, folder)
    try:
        module = {"greeting": ("smtp", "greeting")}.get(work, ("smtp_starttls", "starttls"))[kind == "blackbox"]
        path = f"/probe?target=127.0.0.1:{port}&module={module}"
        if work != "silent":
            drive(subject.port, path, at_once, max(20, count // 10))
        cpu, began = subject.cpu, time.monotonic()
        seconds, failures = drive(subject.port, path, at_once, count)
        took = time.monotonic() - began
        print(f"cpu={subject.cpu - cpu:.3f} seconds={took:.3f} failures={failures} "
              f"median={statistics.median(seconds):.6f} memory={subject.memory}")
    finally:
        subject.end()
        server.stdin.close()
        server.wait(10)


main()
