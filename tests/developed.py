"""A sample app at work before a real server, and a merchant at a browser that shows no pages."""

import base64
import contextlib
import hmac
import html
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import requests

from following import led_on
from running import PATIENCE, answer, environment
from till.testing.ports import free_port

EXAMPLES = Path(__file__).parents[1] / "examples"
PROGRAMS = {"python": [sys.executable, "app.py"], "node": ["node", "app.mjs"]}
FRAME = re.compile(r'<iframe[^>]* src="([^"]*)"')
PASSWORD = "four words in a row"


class Form(HTMLParser):
    """The fields of the form that is posted to `action`, boxes as they are ticked."""

    def __init__(self, text, action):
        super().__init__()
        self.action, self.inside, self.fields = action, False, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "form":
            self.inside = told.get("action") == self.action
        elif tag == "input" and self.inside and "name" in told:
            ticked = told.get("type") != "checkbox" or "checked" in told
            self.fields += [(told["name"], told.get("value", ""))] if ticked else []


class Merchant:
    """The owner, signed in; follows redirects as a browser does."""

    def __init__(self, url, session=None):
        self.url = url
        self.session = session or requests.Session()

    def set_up(self, link):
        """Become the owner by the first link of all."""
        self._fill(link, "/admin/set-up", name="Ada Byron")
        return self

    def sign_in(self):
        self._fill(f"{self.url}/admin/sign-in", "/admin/sign-in")
        return self

    def _fill(self, link, path, **told):
        asked = self.session.get(link, timeout=PATIENCE)
        fields = dict(Form(asked.text, path).fields) | told
        done = self.post(path, fields | {"email": "owner@example.com", "password": PASSWORD})
        assert done.status_code == 200, done.text
        assert "till" in "".join(self.session.cookies.keys()), asked.text

    def post(self, path, fields):
        headers = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"}
        done = self.session.post(self.url + path, fields, headers=headers, timeout=PATIENCE)
        if 'http-equiv="refresh"' not in done.text:
            return done
        return self.session.get(urljoin(self.url, led_on(done.text)), timeout=PATIENCE)

    def open(self, install_url):
        """What the app's address in the admin leads to."""
        return self.session.get(install_url, timeout=PATIENCE)

    def decide(self, install_url, decision="accept"):
        """Answer the page of consent; what that leads to."""
        asked = self.open(install_url)
        path = install_url.removeprefix(self.url)
        fields = Form(asked.text, path).fields
        assert asked.status_code == 200, asked.text
        assert fields, asked.text
        return self.post(path, [*fields, ("decision", decision)])

    def frame(self, install_url):
        """The address in the frame of an embedded app."""
        return html.unescape(FRAME.search(self.open(install_url).text)[1])


@dataclass
class Sample:
    """A copy of a sample app, linked and running; `said` is what it printed."""

    language: str
    folder: Path
    place: list
    server: str
    port: int
    secret: str = ""
    client_id: str = ""
    said: list = field(default_factory=list)
    process: subprocess.Popen = None

    @property
    def url(self):
        return f"http://localhost:{self.port}"

    @property
    def kept(self):
        """What the app keeps of the shop, None where it forgot it."""
        return json.loads((self.folder / "shops.json").read_text()).get("demo")

    def say(self, old, new):
        path = self.folder / "genstore.app.toml"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    def link(self, url=None):
        told = answer("app", "link", self.folder, "--write", "--url", url or self.server, *self.place)
        self.client_id, self.secret = told["clientId"], told.get("clientSecret", self.secret)
        return told

    def start(self, variables=None):
        """Run it; its shops are at this server, or wherever `variables` lead."""
        self.said.clear()
        own = {"CLIENT_ID": self.client_id, "CLIENT_SECRET": self.secret, "APP_URL": self.url}
        variables = {"GENSTORE": self.server} if variables is None else variables
        self.process = subprocess.Popen(
            PROGRAMS[self.language],
            cwd=self.folder,
            env=environment(**own | variables),
            stdout=subprocess.PIPE,
            text=True,
        )
        threading.Thread(target=self._listen, args=(self.process.stdout,), daemon=True).start()
        self.heard(lambda told: "url" in told)

    def heard(self, is_it):
        """Wait until it prints something like this."""
        until = time.monotonic() + PATIENCE
        while not (found := [told for told in self.said if is_it(told)]):
            assert time.monotonic() < until, self.said
            assert self.process.poll() is None
            time.sleep(0.02)
        return found[-1]

    def told(self, topic):
        """Wait until it logs a webhook."""
        return self.heard(lambda told: told.get("topic") == topic)

    def soon(self, is_so):
        until = time.monotonic() + PATIENCE
        while not is_so(self.kept):
            assert time.monotonic() < until, self.kept
            time.sleep(0.02)

    def webhook(self, topic, payload, *, secret=None, name=None):
        """Send it one as the platform does; answers the status."""
        body = json.dumps(payload).encode()
        key = (self.secret if secret is None else secret).encode()
        headers = {
            "X-Genstore-Topic": topic,
            "X-Genstore-Shop-Domain": "demo.genmystore.com",
            "X-Genstore-Webhook-Id": name or os.urandom(8).hex(),
            "X-Genstore-Hmac-Sha256": base64.b64encode(hmac.digest(key, body, "sha256")).decode(),
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("POST", "/webhooks", body, headers)
            reply = connection.getresponse()
            reply.read()
            return reply.status

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _listen(self, stdout):
        with stdout:
            for line in stdout:
                self.said.append(json.loads(line))


def copied(language, folder, place, server):
    """A copy of a sample whose file names a free port."""
    port = free_port()
    shutil.copytree(EXAMPLES / f"app_{language}", folder, ignore=shutil.ignore_patterns("__pycache__"))
    sample = Sample(language, folder, place, server, port)
    text = (folder / "genstore.app.toml").read_text()
    (folder / "genstore.app.toml").write_text(re.sub(r"localhost:\d+", f"localhost:{port}", text))
    return sample
