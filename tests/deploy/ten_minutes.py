"""Runs the lines of docs/operate.md that lead to two servers and two workers, as they stand there, with free ports in place of
the usual ones, and registers somebody on the way between all of them.

    ten_minutes.py REPOSITORY BINARY WORK POSTGRES-URL POSTGRES-BIN
"""

import os
import pathlib
import quopri
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse

repository, binary, work = (pathlib.Path(argument) for argument in sys.argv[1:4])
postgres, programs = urllib.parse.urlsplit(sys.argv[4]), pathlib.Path(sys.argv[5])
manual = repository / "docs/operate.md"
sys.path.append(str(repository / "tests"))
from person import Person


def lines():
    """The manual's own lines, one script."""
    told = manual.read_text().split("<!-- ten-minutes:begin -->")[1].split("<!-- ten-minutes:end -->")[0]
    return "\n".join(re.findall(r"^```sh\n(.*?)^```$", told, re.M | re.S))


def free_ports(count):
    servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in servers]
    for server in servers:
        server.close()
    return ports


def psql(sql):
    """What an operator's machine has not: the roles and the database of another test on this server."""
    environment = {"PGPASSWORD": postgres.password}
    login = ["-h", postgres.hostname, "-p", str(postgres.port), "-U", postgres.username, "-d", "postgres"]
    return subprocess.run([programs / "psql", "-qc", sql, *login], env=environment, capture_output=True, check=False)


def forget():
    for sql in ("DROP DATABASE IF EXISTS chancery WITH (FORCE)", "DROP ROLE IF EXISTS chancery", "DROP ROLE IF EXISTS chancery_owner"):
        psql(sql)


def process_with(word, group):
    """The process of this group that was started with this word."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_text().split("\0")
            if word in words and os.getpgid(int(folder.name)) == group:
                return int(folder.name)
        except (FileNotFoundError, ProcessLookupError):
            continue
    raise AssertionError(f"no process with {word}")


def mailed_link():
    """The path of the one mailed link, as soon as a worker has written the mail."""
    for _ in range(600):
        for mail in sorted(work.glob("work-*/mail/*.eml")):
            found = re.search(rb"/l/[0-9a-z]+", quopri.decodestring(mail.read_bytes()))
            if found:
                return found[0].decode()
        time.sleep(0.05)
    sys.exit("no mail came")


def story(ports):
    """Each step at another server than the one before; whoever is signed in at one is so at both."""
    balancer, first, second = ports["8000"], ports["8081"], ports["8082"]
    ada = Person(f"http://localhost:{balancer}")
    ada.register(first, second, "ada@example.org")
    ada.follow(first, balancer, mailed_link())
    for port in (first, second, balancer):
        status, _, page = ada.ask(port, "/account")
        assert status == 200 and "Lovelace" in page, page
        assert ada.ask(port, "/health/ready")[0] == 200
    return ada


def main():
    usual = ["5432", "4222", "8000", "8081", "8082", "9481", "9482", "9483", "9484"]
    ports = {"5432": str(postgres.port)} | dict(zip(usual[1:], map(str, free_ports(len(usual) - 1))))
    script = re.sub(rf"\b({'|'.join(usual)})\b", lambda found: ports[found[1]], lines())
    # Who runs this needs no rights of root's: the throw-away server lets its superuser in by a password.
    sudo = 'sudo() { shift 2; PGHOST=$host PGPORT=$port PGUSER=$user PGPASSWORD=$password PGDATABASE=postgres "$@"; }\n'
    (work / "bin").mkdir()
    (work / "bin/chancery").symlink_to(binary)
    environment = {
        "PATH": f"{work}/bin:{programs}:{os.environ['PATH']}",
        "HOME": str(work),
        "manual": str(manual),
        "host": postgres.hostname,
        "port": str(postgres.port),
        "user": postgres.username,
        "password": postgres.password,
    }
    forget()
    # One group, so that all that it leaves running ends with it.
    with open(work / "said", "w", encoding="utf-8") as said:
        shell = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", sudo + script],
            env=environment, cwd=work, stdout=said, stderr=said, start_new_session=True,
        )
    try:
        try:
            status = shell.wait(timeout=120)
        except subprocess.TimeoutExpired:
            status = "no end"
        logs = lambda: "\n".join(f"--- {log.name}\n{log.read_text()}" for log in sorted(work.glob("*.log")) + [work / "said"])
        assert status == 0, f"{status}\n{logs()}"
        try:
            ada = story({name: int(port) for name, port in ports.items()})
            # One of two servers goes, and nobody notices.
            os.kill(process_with("serve-1", shell.pid), signal.SIGKILL)
            answers = {ada.ask(int(ports["8000"]), "/account")[0] for _ in range(20)}
            assert answers == {200}, answers
        except AssertionError as failure:
            sys.exit(f"{failure}\n{logs()}")
    finally:
        pid = work / "nginx.pid"
        if pid.exists():
            os.kill(int(pid.read_text()), signal.SIGTERM)
        os.killpg(shell.pid, signal.SIGTERM)
        for _ in range(200):
            try:
                os.killpg(shell.pid, 0)
            except ProcessLookupError:
                break
            time.sleep(0.05)
        forget()


main()
