"""Starts the responder with TLS from the first octet, has the bench shake hands with it, and passes on what it prints.

  handshakes.py RESPONDER FOLDER BENCH WORDS…
"""
import subprocess
import sys

responder, folder, bench, *words = sys.argv[1:]
server = subprocess.Popen(
    [responder, "--threads", "64", "--certificate", f"{folder}/chain.pem", "--key", f"{folder}/key.pem", "--implicit", "1"],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
try:
    port = server.stdout.readline().decode().strip()
    command = [bench, "handshakes", "--port", port, "--ca-file", f"{folder}/ca.pem", *words]
    status = subprocess.run(command).returncode
finally:
    server.stdin.close()
    server.wait(10)
sys.exit(status)
