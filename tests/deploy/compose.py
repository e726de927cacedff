"""Runs what compose.yaml describes, without containers: its command lines, its probes, and the files that `prepare` made,
with addresses and paths of this machine in place of those among containers.

    compose.py REPOSITORY BINARY SECRETS WORK POSTGRES-URL POSTGRES-BIN
"""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse

import yaml

repository, binary, secrets, work = (pathlib.Path(argument) for argument in sys.argv[1:5])
postgres, programs = urllib.parse.urlsplit(sys.argv[5]), pathlib.Path(sys.argv[6])
here = repository / "docs/deploy/compose"
services = yaml.safe_load((here / "compose.yaml").read_text())["services"]
running = []
# What nginx puts on the disk for a while.
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


# Drawn together, so that no two are the same.
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(16)]
free_ports = [server.getsockname()[1] for server in held]
for server in held:
    server.close()


class Place:
    """Where a service is on this machine."""

    def __init__(self, name):
        self.name, self.port, self.metrics = name, free_ports.pop(), free_ports.pop()
        self.data = work / name
        self.data.mkdir(mode=0o700)

    def here(self, text):
        """What is said of the service's container, said of this machine."""
        for inside, outside in [
            ("/run/secrets", secrets),
            ("/var/lib/chancery", self.data),
            ("/keys", work / "keys"),
            ("0.0.0.0:8080", f"127.0.0.1:{self.port}"),
            ("0.0.0.0:9464", f"127.0.0.1:{self.metrics}"),
            ("127.0.0.1/8080", f"127.0.0.1/{self.port}"),
            ("127.0.0.1/9464", f"127.0.0.1/{self.metrics}"),
        ]:
            text = text.replace(inside, str(outside))
        return text

    def command(self):
        return [binary, *(self.here(argument) for argument in services[self.name]["command"])]

    def start(self):
        log = open(work / f"{self.name}.log", "w", encoding="utf-8")
        running.append(subprocess.Popen(self.command(), env={}, cwd=self.data, stdout=log, stderr=log))
        return running[-1]

    def is_healthy(self):
        _, *probe = services[self.name]["healthcheck"]["test"]
        probed = subprocess.run([self.here(word) for word in probe], capture_output=True, check=False)
        return probed.returncode == 0

    def until_healthy(self):
        process = self.start()
        until(f"{self.name} is healthy", self.is_healthy, process)
        return process


def until(what, holds, process):
    for _ in range(600):
        if holds():
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    logs = "\n".join(log.read_text() for log in sorted(work.glob("*.log")))
    sys.exit(f"never: {what}\n{logs}")


def replace(path, *pairs):
    text = path.read_text()
    for old, new in pairs:
        assert old in text, f"{path.name} has no {old}"
        text = text.replace(old, new)
    path.write_text(text)


def psql(sql):
    environment = {"PGPASSWORD": postgres.password}
    login = ["-h", postgres.hostname, "-p", str(postgres.port), "-U", postgres.username, "-d", "postgres"]
    run = subprocess.run([programs / "psql", "-qv", "ON_ERROR_STOP=1", *login, "-c", sql], env=environment, check=False)
    assert run.returncode == 0, sql


def database():
    """As PostgreSQL's image makes it."""
    owner = (secrets / "owner.password").read_text()
    psql(f"CREATE ROLE chancery_owner LOGIN SUPERUSER PASSWORD '{owner}'")
    psql("CREATE DATABASE chancery OWNER chancery_owner")
    script = work / "roles.sh"
    shutil.copy(here / "roles.sh", script)
    replace(script, ("/run/secrets", str(secrets)))
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PGHOST": postgres.hostname,
        "PGPORT": str(postgres.port),
        "PGPASSWORD": owner,
        "POSTGRES_USER": "chancery_owner",
        "POSTGRES_DB": "chancery",
    }
    subprocess.run(["sh", script], env=environment, check=True)


def main():
    address = f"{postgres.hostname}:{postgres.port}"
    nats = free_ports.pop()
    replace(secrets / "owner.url", ("@postgres/", f"@{address}/"))
    replace(secrets / "chancery.toml", ("@postgres/", f"@{address}/"), ("@nats:4222", f"@127.0.0.1:{nats}"))
    replace(secrets / "nats.conf", ("port: 4222", f"listen: 127.0.0.1:{nats}"), ('"/data"', f'"{work}/stream"'))
    for folder in ("keys/master", "keys/credentials"):
        (work / folder).mkdir(mode=0o700, parents=True)

    database()
    log = open(work / "nats.log", "w", encoding="utf-8")
    running.append(subprocess.Popen(["nats-server", "--config", secrets / "nats.conf"], stdout=log, stderr=log))
    places = {name: Place(name) for name, service in services.items() if service["image"].startswith("localhost/")}
    migrated = subprocess.run(places["migrate"].command(), env={}, cwd=work, capture_output=True, text=True, check=False)
    assert migrated.returncode == 0, migrated.stderr
    started = {name: places[name].until_healthy() for name in ("serve-1", "serve-2", "work-1", "work-2")}

    balancer, configuration = free_ports.pop(), work / "balancer.conf"
    shutil.copy(here / "nginx.conf", configuration)
    replace(
        configuration,
        ("serve-1:8080", f"127.0.0.1:{places['serve-1'].port}"),
        ("serve-2:8080", f"127.0.0.1:{places['serve-2'].port}"),
        ("listen 8443", f"listen 127.0.0.1:{balancer}"),
        ("/run/secrets", str(secrets)),
        ("/tmp/nginx.pid", f"{work}/balancer.pid"),
        ("/dev/stderr", f"{work}/balancer.log"),
        # An ordinary user may not write where Debian's nginx does.
        ("http {", "http {" + "".join(f" {kind}_temp_path {work}/balancer-{kind};" for kind in TEMPORARY)),
    )
    command = ["nginx", "-c", configuration, "-e", work / "balancer.log", "-g", "daemon off;"]
    running.append(subprocess.Popen(command))

    def ask(path):
        url = f"https://login.example.org:{balancer}{path}"
        trust = ["--resolve", f"login.example.org:{balancer}:127.0.0.1", "--cacert", secrets / "tls.pem"]
        asked = subprocess.run(
            ["curl", "-sS", "-o", work / "page", "-w", "%{http_code}", *trust, url], capture_output=True, text=True, check=False
        )
        return asked.stdout

    until("the page behind the balancer", lambda: ask("/login") == "200", running[-1])
    # One of two servers goes, and nobody notices.
    started["serve-2"].kill()
    started["serve-2"].wait()
    answers = {ask("/login") for _ in range(20)}
    assert answers == {"200"}, answers


try:
    main()
finally:
    for process in reversed(running):
        process.terminate()
    for process in reversed(running):
        process.wait()
