"""Audit: one domain with three mail hosts, seven ports each; everything that can be asked, TLS from end to end."""
import atexit
import os
import shutil
import subprocess
import sys

from room import HERE, Contender, Server, find, say

TITLE = "A whole audit: three mail hosts, seven ports each, behaviour, all that TLS accepts"
DOMAIN = "audit.test"
HOSTS = {f"127.77.0.1{n}": f"mx{n}.{DOMAIN}" for n in (1, 2, 3)}
STARTTLS = {25: "smtp", 587: "smtp", 143: "imap", 110: "pop3"}
IMPLICIT = [465, 993, 995]


def contenders(room):
    if os.geteuid() != 0:
        say("ports below 1024 of loopback are needed, and with them root: left out")
        return []
    folder = room.folder / "audit"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    certificate, ca = certificates(folder)
    name_server = Server(folder, zone(folder))
    atexit.register(name_server.end)
    hosts = [f"{address}={name}" for address, name in HOSTS.items()]
    mail_hosts = subprocess.Popen([sys.executable, HERE / "mail_hosts.py", certificate, *hosts], stdout=subprocess.PIPE)
    atexit.register(mail_hosts.kill)
    if mail_hosts.stdout.readline().strip() != b"ready":
        say("the mail hosts do not start, perhaps because something listens there: left out")
        return []
    at = f"127.0.0.1:{name_server.port}"
    python, scanner = room.python("checkdmarc"), room.tool("sslscan", "sslscan")
    if not python or not scanner:
        return []
    script = folder / "peers.sh"
    script.write_text("set -e\n" + " ".join(
        [str(python), str(HERE / "peers" / "checkdmarc_audit.py"), at, DOMAIN, str(ca), *hosts]) + "\n" + scans(scanner, folder))
    audit = [room.mailsonde, "audit", DOMAIN, "--json", "--fail-on", "never", "--resolver", at, "--ca-file", ca]
    # Every check there is; `all` asks for each suite and group besides, which no check needs.
    checked = ["--behaviour", "--accepts", "weak"]
    asked = ["--behaviour", "--accepts", "all"]
    return [
        Contender("checkdmarc and sslscan", ["/bin/sh", script], 1, "audit"),
        Contender("mailsonde audit, all checks", audit + checked, 1, "audit", "goal 0.1"),
        Contender("mailsonde audit, all that can be asked", audit + asked, 1, "audit"),
        Contender("mailsonde audit as usual", audit, 1, "audit"),
    ]


def scans(scanner, folder):
    lines = []
    for address, name in HOSTS.items():
        for port, protocol in STARTTLS.items():
            lines.append(f"{scanner} --starttls-{protocol} --sni-name={name} {address}:{port}")
        lines += [f"{scanner} --sni-name={name} {address}:{port}" for port in IMPLICIT]
    # A scan that saw nothing is no peer.
    return "".join(f"{line} > {folder}/scan\ngrep -q '^Accepted\\|^Preferred' {folder}/scan\n" for line in lines)


def certificates(folder):
    """A root, and one certificate for all hosts with its key in front."""
    def openssl(*words):
        subprocess.run([find("openssl"), *words], cwd=folder, check=True, capture_output=True)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "30",
            "-subj", "/CN=Bench root")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "host.key", "-out", "host.csr", "-subj", f"/CN=mx1.{DOMAIN}")
    (folder / "names").write_text("subjectAltName=" + ",".join(f"DNS:{name}" for name in HOSTS.values()) + "\n")
    openssl("x509", "-req", "-in", "host.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30",
            "-extfile", "names", "-out", "host.pem")
    both = folder / "both.pem"
    both.write_text((folder / "host.key").read_text() + (folder / "host.pem").read_text())
    return both, folder / "ca.pem"


def zone(folder):
    lines = [
        "$TTL 3600", ". SOA ns. root. 1 7200 3600 1209600 3600", ". NS ns.", "ns. A 127.0.0.1",
        f"{DOMAIN}. A 127.77.0.11",
        f'{DOMAIN}. TXT "v=spf1 mx include:_spf.{DOMAIN} -all"', f'_spf.{DOMAIN}. TXT "v=spf1 ip4:127.77.0.0/24 -all"',
        f'_dmarc.{DOMAIN}. TXT "v=DMARC1; p=reject; rua=mailto:dmarc@{DOMAIN}"',
        f'_smtp._tls.{DOMAIN}. TXT "v=TLSRPTv1; rua=mailto:tls@{DOMAIN}"',
    ]
    for preference, (address, name) in enumerate(HOSTS.items(), 1):
        lines += [f"{DOMAIN}. MX {preference}0 {name}.", f"{name}. A {address}",
                  f"{'.'.join(reversed(address.split('.')))}.in-addr.arpa. PTR {name}."]
    path = folder / "root.zone"
    path.write_text("\n".join(lines) + "\n")
    return path
