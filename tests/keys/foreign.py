"""A security key that others made (soft-webauthn), at the real binary: it is only touched and verifies nobody, so it signs in
after the password, and is refused as a passkey.

    foreign.py BINARY     run by the Python of a venv with what tests/keys/tools.txt names
"""

import html
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode

from soft_webauthn import SoftWebauthnDevice

sys.path.append(str(pathlib.Path(__file__).parent.parent))
from person import PASSWORD, Form, Person

EMAIL = "ada@example.org"
# A mail is looked for so often, twenty times a second.
TIMES = 400


def unpacked(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def packed(octets):
    return urlsafe_b64encode(octets).decode().rstrip("=")


def asked(question):
    """What a page asks, as a browser hands it on."""
    options = json.loads(question)
    options["challenge"] = unpacked(options["challenge"])
    if "user" in options:
        options["user"]["id"] = unpacked(options["user"]["id"])
    return {"publicKey": options}


def answered(credential):
    """What a browser posts of a key's answer."""
    response = {name: packed(value) for name, value in credential["response"].items()}
    id = packed(credential["rawId"])
    return json.dumps({"id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {}})


class Story:
    def __init__(self, port, mails):
        self.port, self.mails, self.origin, self.passed = port, mails, f"http://localhost:{port}", 0

    def done(self, what):
        self.passed += 1
        print(f"ok: {what}")

    def question(self, person, path):
        """A page that asks a key, and what it asks."""
        status, location, page = person.ask(self.port, path)
        assert status == 200, (status, location, page)
        return page, asked(html.unescape(re.search(r'data-question="([^"]*)"', page)[1]))

    def posted(self, person, page, action, credential):
        return person.ask(self.port, action, Form(page, action).fields | {"security_key": answered(credential)})

    def link(self):
        """The path of the one mailed link."""
        developer = Person(self.origin)
        _, location, _ = developer.ask(self.port, self.mails)
        for _ in range(TIMES):
            _, _, page = developer.ask(self.port, location)
            if found := re.search(r'href="(/dev/mail/[^"]+)"', page):
                return re.search(r"/l/[0-9a-z]+", developer.ask(self.port, found[1])[2])[0]
            time.sleep(0.05)
        raise AssertionError("no mail came")

    def past_password(self):
        person = Person(self.origin)
        page = person.ask(self.port, "/login")[2]
        page = person.ask(self.port, "/login", Form(page, "/login").fields | {"name": EMAIL})[2]
        form = Form(page, "/login/password").fields | {"password": PASSWORD}
        status, location, page = person.ask(self.port, "/login/password", form)
        assert (status, location) == (303, "/login/verify"), page
        return person

    def run(self):
        ada, key, other = Person(self.origin), SoftWebauthnDevice(), SoftWebauthnDevice()
        ada.register(self.port, self.port, EMAIL)
        ada.follow(self.port, self.port, self.link())

        for kind in ("passkey", "device"):
            page, options = self.question(ada, f"/account/security/key?key={kind}")
            made = SoftWebauthnDevice().create(options, self.origin)
            status, _, page = self.posted(ada, page, "/account/security/key", made)
            assert status == 422 and "unable to verify who uses it" in page, page
            self.done(f"it is refused as a passkey ({kind})")

        page, options = self.question(ada, "/account/security/key?key=second")
        made = key.create(options, self.origin)
        status, location, page = self.posted(ada, page, "/account/security/key", made)
        assert status == 303 and location.startswith("/account/security?done=added"), page
        self.done("it is added as a key after the password")

        person = self.past_password()
        page, options = self.question(person, "/login/verify?method=key")
        other.cred_init(key.rp_id, key.user_handle)
        other.credential_id = key.credential_id
        status, _, page = self.posted(person, page, "/login/verify", other.get(options, self.origin))
        assert status == 422 and "not accepted" in page, page
        self.done("another key under its name is refused")
        page, options = self.question(person, "/login/verify?method=key")
        signed = key.get(options, self.origin)
        status, location, page = self.posted(person, page, "/login/verify", signed)
        assert (status, location) == (303, "/account"), page
        assert person.ask(self.port, "/account")[0] == 200
        self.done("after the password it signs in")

        person = self.past_password()
        page, _ = self.question(person, "/login/verify?method=key")
        status, _, page = self.posted(person, page, "/login/verify", signed)
        assert status == 422 and "not accepted" in page, page
        self.done("its answer counts once")

        stranger = Person(self.origin)
        page = stranger.ask(self.port, "/login")[2]
        question = stranger.ask(self.port, "/login/passkey/question", Form(page, "/login/passkey/question").fields)[2]
        signed = key.get(asked(question), self.origin)
        status, _, page = self.posted(stranger, page, "/login/passkey", signed)
        assert status == 422 and "This passkey was not accepted" in page, page
        assert stranger.ask(self.port, "/account")[0] == 303
        self.done("without the password it signs nobody in")


def main():
    with tempfile.TemporaryDirectory() as work, open(f"{work}/log", "w+", encoding="utf-8") as log:
        # The program refuses variables that name no setting, such as those of the other tests.
        served = subprocess.Popen(
            [sys.argv[1], "serve", "--data", f"{work}/data", "--hash-memory", "64KiB", "--listen", "127.0.0.1:0", "--log-level", "warn"],
            env={}, stdout=subprocess.PIPE, stderr=log, text=True,
        )
        try:
            greeting = ""
            for line in served.stdout:
                greeting += line
                if line.startswith("ready at "):
                    break
            mails, port = re.search(r"/dev/mail\?key=\S+", greeting), re.search(r"ready at \S+:(\d+)", greeting)
            assert mails and port, greeting
            story = Story(int(port[1]), mails[0])
            story.run()
            print(f"{story.passed} passed, 0 failed")
        except BaseException:
            log.seek(0)
            print(log.read(), file=sys.stderr)
            raise
        finally:
            served.terminate()
            served.wait()


main()
