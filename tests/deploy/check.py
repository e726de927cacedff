"""Holds the files for operators against what they speak of: the program's command line, and each other.

    check.py REPOSITORY BINARY SECRETS     SECRETS is what docs/deploy/compose/prepare made

With BLESS=1 in the environment it writes docs/alerts.md anew.
"""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

import compose_spec
import yaml

repository, binary, secrets = (pathlib.Path(argument) for argument in sys.argv[1:4])
deploy, monitoring = repository / "docs/deploy", repository / "docs/monitoring"
# Flags of commands; every other one is a setting.
OWN = {"--no-workers", "--jobs"}
troubles = []


def program(arguments):
    """The program's answer, in an environment that tells it nothing."""
    return subprocess.run([binary, *arguments], env={}, cwd=secrets, capture_output=True, text=True, check=False)


def accepted(where, command):
    """The program itself reads a command line, then the settings of it, by its own rules."""
    command = [argument.replace("/run/secrets", str(secrets)) for argument in command]
    said = program([*command, "--help"])
    if said.returncode != 0:
        troubles.append(f"{where}: {said.stderr.strip()}")
        return
    settings = [argument for argument in command[1:] if argument not in OWN]
    said = program(["settings", "--json", *settings])
    if said.returncode != 0:
        troubles.append(f"{where}: {said.stderr.strip()}")
        return
    print(f"{where}: {command[0]} with {sum(1 for one in json.loads(said.stdout) if one['origin'] == 'flag')} settings by flag")


def compose():
    text = (deploy / "compose/compose.yaml").read_text()
    # Merges of merges are YAML's business; what comes of them is held against the specification.
    parsed = compose_spec.PyCompose.from_json(json.dumps(yaml.safe_load(text)))
    parsed.validate()
    services = parsed.to_dict()["services"]
    for name, service in services.items():
        if service["image"].startswith("localhost/chancery:"):
            accepted(f"compose.yaml, {name}", service["command"])
        if ":" not in service["image"]:
            troubles.append(f"compose.yaml, {name}: an image without a version")
    counts = {kind: sum(1 for name in services if name.startswith(kind)) for kind in ("serve-", "work-")}
    if counts != {"serve-": 2, "work-": 2}:
        troubles.append(f"compose.yaml: not two servers and two workers: {counts}")
    keys = {name for name, service in services.items() if "credentials-key" in json.dumps(service.get("volumes"))}
    if keys != {"serve-1", "serve-2"}:
        troubles.append(f"compose.yaml: who has the key of passwords: {keys}")
    version = re.search(r'^version = "(.*)"', (repository / "Cargo.toml").read_text(), re.M)[1]
    images = {service["image"] for service in services.values() if "chancery" in service["image"]}
    if images != {f"localhost/chancery:{version}"}:
        troubles.append(f"compose.yaml: images {images} are not of version {version}")


def units():
    for path in sorted((deploy / "systemd").glob("*.service")):
        [line] = re.findall(r"^ExecStart=(.*)$", path.read_text(), re.M)
        line = line.replace("%d", str(secrets)).replace("%i", "8080").replace("%%", "%")
        executable, *command = shlex.split(line)
        if executable != "/usr/local/bin/chancery":
            troubles.append(f"{path.name}: runs {executable}")
        accepted(path.name, command)


def image():
    text = (deploy / "Containerfile").read_text()
    toolchain = re.search(r"rust:([0-9.]+)-", text)[1]
    wanted = re.search(r'^rust-version = "(.*)"', (repository / "Cargo.toml").read_text(), re.M)[1]
    if toolchain != wanted:
        troubles.append(f"Containerfile: Rust {toolchain}, and Cargo.toml asks for {wanted}")
    [command] = re.findall(r"^CMD (.*)$", text, re.M)
    accepted("Containerfile", json.loads(command))


def rights():
    """The example's account of NATS has the rights of the manual, which the tests of NATS run with, and no others."""
    subjects = lambda text: sorted(re.findall(r'"((?:chancery|\$JS|_INBOX)[^"]*)"', text))
    manual = (repository / "docs/operate.md").read_text()
    manual = manual[manual.index("\n```nats\n") :].split("```")[1]
    example = (secrets / "nats.conf").read_text()
    if subjects(manual) != subjects(example):
        troubles.append("compose/prepare: the account's rights are not those of docs/operate.md")


def alerts():
    groups = yaml.safe_load((monitoring / "alerts.yml").read_text())["groups"]
    page = [
        "# Alerts",
        "",
        "<!-- Made from monitoring/alerts.yml: run tests/run --only deploy with BLESS=1 in the environment. -->",
        "",
        "What each alert of [alerts.yml](monitoring/alerts.yml) means, and what to do. *page* is for at once, *ticket* for the",
        "next working day. Nothing of this is needed for people to sign in; it is how you hear of trouble before they do.",
    ]
    tests = yaml.safe_load((repository / "tests/deploy/alerts.test.yml").read_text())["tests"]
    expected = [sample for test in tests for asked in test["promql_expr_test"] for sample in asked["exp_samples"]]
    fired = {re.search(r'alertname="(\w+)"', sample["labels"])[1] for sample in expected}
    names = {rule["alert"] for group in groups for rule in group["rules"]}
    if fired != names:
        troubles.append(f"alerts.test.yml: what fires there is not what there is: {sorted(fired ^ names)}")
    for group in groups:
        page += ["", f"## {group['name'].removeprefix('chancery-').capitalize()}"]
        for rule in group["rules"]:
            name, said = rule["alert"], rule["annotations"]
            if said["runbook"] != f"docs/alerts.md#{name.lower()}":
                troubles.append(f"alerts.yml, {name}: its runbook leads elsewhere")
            page += ["", f"### {name}", ""]
            page += [f"{said['summary']} (*{rule['labels']['severity']}*). {said['meaning']}", "", f"**What to do:** {said['action']}"]
    page = "\n".join(page) + "\n"
    path = repository / "docs/alerts.md"
    if os.environ.get("BLESS"):
        path.write_text(page)
    elif not path.exists() or path.read_text() != page:
        troubles.append("docs/alerts.md has drifted from monitoring/alerts.yml: run tests/run --only deploy with BLESS=1")


for check in (compose, units, image, rights, alerts):
    check()
if troubles:
    sys.exit("\n".join(troubles))
