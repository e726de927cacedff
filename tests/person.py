"""A person's browser, as far as a test needs one: forms, cookies, and the check that a person is there."""

import hashlib
import html.parser
import http.client
import http.cookies
import json
import urllib.parse

PASSWORD = "Correct horse 7 battery!"


class Form(html.parser.HTMLParser):
    """The fields of a page's form that posts to `action`, as they are."""

    def __init__(self, page, action):
        super().__init__()
        self.action, self.inside, self.fields = action, False, {}
        self.feed(page)
        assert self.fields, f"no form to {action}:\n{page}"

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.inside = given.get("action") == self.action
        if self.inside and tag == "input" and given.get("name") and given.get("type") not in ("checkbox", "radio"):
            self.fields[given["name"]] = given.get("value") or ""

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "form"


class Person:
    """A browser that may be led to another server at each request."""

    def __init__(self, origin):
        self.origin, self.cookies = origin, http.cookies.SimpleCookie()

    def ask(self, port, path, fields=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"Host": "localhost", "Cookie": "; ".join(f"{name}={one.value}" for name, one in self.cookies.items())}
        body = None
        if fields is not None:
            body = urllib.parse.urlencode(fields)
            headers |= {"Origin": self.origin, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("GET" if fields is None else "POST", path, body, headers)
        answer = connection.getresponse()
        for cookie in answer.headers.get_all("set-cookie") or []:
            self.cookies.load(cookie)
        return answer.status, answer.headers.get("location", ""), answer.read().decode()

    def register(self, ask_at, post_at, email):
        """Fills in "Create an account" and sends it."""
        _, _, page = self.ask(ask_at, "/register")
        typed = {"first_name": "Ada", "last_name": "Lovelace", "email": email, "confirm_email": email}
        form = solved(Form(page, "/register").fields) | typed | {"mail_language": "en", "privacy": "on"}
        status, location, page = self.ask(post_at, "/register", form)
        assert (status, location) == (303, "/check-mail"), page

    def follow(self, ask_at, post_at, link):
        """Opens a mailed link and sets the password."""
        _, _, page = self.ask(ask_at, link)
        form = Form(page, link).fields | {"new_password": PASSWORD, "confirm_password": PASSWORD, "privacy": "on"}
        status, location, page = self.ask(post_at, link, form)
        assert (status, location) == (303, "/account?done=welcome"), page


def solved(fields):
    """What the page's script does to show that a person is here."""
    challenge = json.loads(fields["challenge"])
    right = lambda number: hashlib.sha256(f"{challenge['salt']}{number}".encode()).hexdigest() == challenge["challenge"]
    return fields | {"pow": str(next(number for number in range(challenge["maxnumber"] + 1) if right(number)))}
