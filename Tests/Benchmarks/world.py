#!/usr/bin/env python3
"""Makes a world of synthetic mail domains: one zone for an authoritative server, the list of domains, the truth about
each, and questions for bulk look-ups. The same seed makes the same world.

    world.py --domains 100000 --seed 1 --into FOLDER

FOLDER/root.zone       everything below ".", so that no question is refused
FOLDER/domains.txt     a domain a line
FOLDER/truth.jsonl     what the zone says of each domain, in the same order
FOLDER/questions.txt   "name TYPE" a line, in no order
"""
import argparse
import base64
import json
import os
import random

SELECTORS = ["default", "dkim", "mail", "s1", "s2", "k1", "selector1", "selector2", "google", "key1"]


def der(tag, content):
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def rsa_key(rng, bits):
    """A SubjectPublicKeyInfo with a random modulus: the form of a key, not one to sign with."""
    modulus = rng.getrandbits(bits) | 1 | 1 << (bits - 1)
    number = b"\0" + modulus.to_bytes(bits // 8, "big")
    key = der(0x30, der(0x02, number) + der(0x02, b"\x01\x00\x01"))
    algorithm = der(0x30, bytes.fromhex("06092a864886f70d010101") + b"\x05\x00")
    return base64.b64encode(der(0x30, algorithm + der(0x03, b"\0" + key))).decode()


def quoted(text):
    """A TXT record's strings, at most 255 octets each."""
    pieces = [text[i : i + 255] for i in range(0, len(text), 255)] or [""]
    return " ".join('"' + p.replace("\\", "\\\\").replace('"', '\\"') + '"' for p in pieces)


class World:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.lines = []
        self.next_address = 0
        self.keys = [rsa_key(self.rng, 1024) for _ in range(8)] + [rsa_key(self.rng, 2048) for _ in range(40)]
        self.providers = []

    def add(self, name, kind, data):
        self.lines.append(f"{name}. {kind} {data}")

    def txt(self, name, text):
        self.add(name, "TXT", quoted(text))

    def host(self, name, v6=True, reverse=True, forward=True):
        """An address or two, with names in the reverse zone."""
        self.next_address += 1
        n = self.next_address
        v4 = f"11.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}"
        self.add(name, "A", v4)
        addresses = [v4]
        back = name if forward else "elsewhere." + name
        if reverse:
            self.add(".".join(reversed(v4.split("."))) + ".in-addr.arpa", "PTR", back + ".")
        if v6:
            self.add(name, "AAAA", f"2a00:1:2:3::{n >> 16:x}:{n & 0xffff:x}")
            addresses.append(f"2a00:1:2:3::{n >> 16:x}:{n & 0xffff:x}")
            digits = "2a00000100020003" + f"{0:08x}" + f"{n:08x}"
            if reverse:
                self.add(".".join(reversed(digits)) + ".ip6.arpa", "PTR", back + ".")
        return addresses

    def make_providers(self, count):
        for i in range(count):
            base = f"provider{i}.test"
            hosts = [f"mx{k}.{base}" for k in range(1, self.rng.randint(2, 4) + 1)]
            for host in hosts:
                self.host(host, v6=self.rng.random() < 0.6)
            blocks = [f"_netblocks{k}.{base}" for k in range(1, self.rng.randint(0, 4) + 1)]
            ranges = [f"ip4:12.{i}.{k}.0/24" for k in range(self.rng.randint(1, 6))]
            self.txt(f"_spf.{base}", " ".join(["v=spf1"] + [f"include:{b}" for b in blocks] + ranges + ["~all"]))
            for block in blocks:
                nets = [f"ip4:13.{i}.{self.rng.randint(0, 255)}.0/24" for _ in range(self.rng.randint(2, 10))]
                self.txt(block, " ".join(["v=spf1"] + nets + ["~all"]))
            self.txt(f"dkim.{base}", "v=DKIM1; k=rsa; p=" + self.keys[i % len(self.keys)])
            takes_reports = self.rng.random() < 0.8
            if takes_reports:
                self.txt(f"*._report._dmarc.{base}", "v=DMARC1")
            self.providers.append((base, hosts, 1 + len(blocks)))

    def provider(self):
        # A few have most of the customers.
        return self.providers[min(int(self.rng.expovariate(1 / 6)), len(self.providers) - 1)]

    def domain(self, number):
        rng = self.rng
        name = f"d{number:06d}.test"
        truth = {"domain": name, "exists": True, "mx": [], "spf": [], "dmarc": [], "dkim": {}, "mta_sts": [], "tls_rpt": []}
        if rng.random() < 0.02:
            truth["exists"] = False
            return name, truth
        base, hosts, _ = self.provider()
        self.mail_hosts(name, truth, hosts)
        for text in self.spf(name, base, truth["mx"] == [[0, "."]]):
            self.txt(name, text)
            truth["spf"].append(text)
        for k in range(rng.choice([0, 0, 1, 1, 2, 3])):
            self.txt(name, f"site-verification-{k}={rng.getrandbits(128):032x}")
        for text in self.dmarc(name, base):
            self.txt("_dmarc." + name, text)
            truth["dmarc"].append(text)
        if rng.random() < 0.45:
            for selector in rng.sample(SELECTORS, rng.choice([1, 1, 2])):
                place = f"{selector}._domainkey.{name}"
                if rng.random() < 0.3:
                    self.add(place, "CNAME", f"dkim.{base}.")
                    truth["dkim"][selector] = "alias"
                else:
                    text = "v=DKIM1; k=rsa; " + ("t=y; " if rng.random() < 0.03 else "") + "p=" + rng.choice(self.keys)
                    self.txt(place, text)
                    truth["dkim"][selector] = text
        if rng.random() < 0.08:
            text = f"v=STSv1; id={rng.getrandbits(40)};"
            self.txt("_mta-sts." + name, text)
            truth["mta_sts"].append(text)
        if rng.random() < 0.08:
            text = f"v=TLSRPTv1; rua=mailto:tls@{name}"
            self.txt("_smtp._tls." + name, text)
            truth["tls_rpt"].append(text)
        # The name is there even where it has none of the records above.
        self.add(name, "CAA", '0 issue "ca.test"')
        return name, truth

    def mail_hosts(self, name, truth, hosts):
        kind = self.rng.random()
        if kind < 0.70:
            for k, host in enumerate(hosts):
                truth["mx"].append([10 * (k + 1), host])
        elif kind < 0.86:
            for k in range(self.rng.choice([1, 1, 2])):
                host = f"mail{k}.{name}"
                self.host(host, v6=self.rng.random() < 0.3, reverse=self.rng.random() < 0.9, forward=self.rng.random() < 0.9)
                truth["mx"].append([10 * (k + 1), host])
        elif kind < 0.91:
            truth["mx"].append([0, "."])
        elif kind < 0.95:
            self.host(name, v6=False)  # without MX, by its own address
        elif kind < 0.96:
            truth["mx"].append([10, f"gone.{name}"])
        elif kind < 0.975:
            self.add(f"alias.{name}", "CNAME", hosts[0] + ".")
            truth["mx"].append([10, f"alias.{name}"])
        # otherwise there is no way in
        for preference, host in truth["mx"]:
            self.add(name, "MX", f"{preference} {host.rstrip('.')}.")

    def spf(self, name, base, takes_no_mail):
        rng = self.rng
        if takes_no_mail:
            return ["v=spf1 -all"] if rng.random() < 0.8 else []
        kind = rng.random()
        end = rng.choice(["~all", "~all", "-all", "-all", "?all"])
        if kind < 0.55:
            return [f"v=spf1 include:_spf.{base} {end}"]
        if kind < 0.70:
            return [f"v=spf1 mx a ip4:14.{rng.randint(0, 255)}.{rng.randint(0, 255)}.{rng.randint(0, 255)} include:_spf.{base} {end}"]
        if kind < 0.76:
            more = rng.sample(self.providers, min(6, len(self.providers)))
            return [" ".join(["v=spf1", "mx"] + [f"include:_spf.{b}" for b, _, _ in more] + [end])]
        if kind < 0.79:
            return [rng.choice([
                f"v=spf1 inclde:_spf.{base} {end}", f"v=spf1 ip4:300.1.2.3 {end}", f"v=spf1 include:_spf.{base} {end} mx",
                f"v=spf1 ip4:14.1.2.3 include: {end}", f"v=spf1 include:nothing.{base} {end}", "v=spf1 +all",
            ])]
        if kind < 0.81:
            return [f"v=spf1 include:_spf.{base} {end}", f"v=spf1 mx {end}"]
        if kind < 0.85:
            return [f"v=spf1 redirect=_spf.{base}"]
        return []

    def dmarc(self, name, base):
        rng = self.rng
        kind = rng.random()
        rua = rng.choice([f"; rua=mailto:dmarc@{name}", f"; rua=mailto:d@{base}", ""])
        if kind < 0.36:
            return []
        if kind < 0.64:
            return [f"v=DMARC1; p=none{rua}"]
        if kind < 0.79:
            return [f"v=DMARC1; p=quarantine; pct=50{rua}"]
        if kind < 0.95:
            return [f"v=DMARC1; p=reject; sp=reject; adkim=s; aspf=s{rua}"]
        if kind < 0.97:
            return [f"v=DMARC1; p=none{rua}", "v=DMARC1; p=reject"]
        return [rng.choice(["v=DMARC1; p=nothing", "v=DMARC1 p=reject", f"v=DMARC1; p=reject; rua=dmarc@{name}"])]

    def questions(self, names, count):
        rng = self.rng
        kinds = [("", "MX"), ("", "TXT"), ("_dmarc.", "TXT"), ("", "A"), ("_mta-sts.", "TXT"), ("_smtp._tls.", "TXT"), ("_domainkey.", "TXT"), ("", "SOA")]
        return [f"{prefix}{name} {kind}" for prefix, kind, name in ((*rng.choice(kinds), rng.choice(names)) for _ in range(count))]


def make(folder, domains, seed, questions):
    os.makedirs(folder, exist_ok=True)
    world = World(seed)
    world.make_providers(max(8, min(60, domains // 100)))
    with open(os.path.join(folder, "domains.txt"), "w") as names_file, open(os.path.join(folder, "truth.jsonl"), "w") as truths:
        names = []
        for number in range(domains):
            name, truth = world.domain(number)
            names.append(name)
            names_file.write(name + "\n")
            truths.write(json.dumps(truth, separators=(",", ":")) + "\n")
    with open(os.path.join(folder, "root.zone"), "w") as zone:
        zone.write("$ORIGIN .\n$TTL 3600\n")
        zone.write(". SOA ns1.test. hostmaster.test. 1 7200 900 1209600 3600\n. NS ns1.test.\n. NS ns2.test.\n")
        zone.write("ns1.test. A 11.255.0.1\nns2.test. A 11.255.0.2\n")
        zone.write("\n".join(world.lines) + "\n")
    with open(os.path.join(folder, "questions.txt"), "w") as file:
        file.write("\n".join(world.questions(names, questions)) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--domains", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--questions", type=int, default=200_000)
    parser.add_argument("--into", required=True)
    given = parser.parse_args()
    make(given.into, given.domains, given.seed, given.questions)


if __name__ == "__main__":
    main()
