"""Somebody who works on a theme: a served shop, a token, a folder with files of a theme, `till theme dev`."""

import contextlib
import json
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from running import PATIENCE, start, till

SCOPES = "read_themes,write_themes,read_orders,write_orders"
SMALL = {
    "layout/theme.liquid": "<!doctype html><html lang=en><head><title>{{ page_title }}</title>\r\n"
    "{{ 'base.css' | asset_url | stylesheet_tag }}{{ content_for_header }}</head>\r\n"
    "<body><main>{{ content_for_layout }}</main></body></html>",
    "templates/index.json": '{"sections": {"top": {"type": "hero"}}, "order": ["top"]}',
    "sections/hero.liquid": "<h1>{{ section.settings.title }}</h1>\n{% schema %}\n"
    '{"name": "Hero", "settings": [{"type": "text", "id": "title", "label": "Title", "default": "Hello"}]}\n'
    "{% endschema %}",
    "assets/base.css": "h1 { color: rgb(1, 2, 3) }\n",
    "assets/dot.png": bytes(range(256)),
    "config/settings_schema.json": '[{"name": "theme_info", "theme_name": "Small", "theme_version": "1.0"}]',
}


def write(folder, files):
    """Put files into a folder; None takes one away."""
    for name, content in files.items():
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())


class Themer:
    """A developer of themes with a folder, at a server."""

    def __init__(self, url, token, folder, files=None):
        self.url, self.folder = url, Path(folder)
        self.known = {"TILL_URL": url, "TILL_TOKEN": token} if url else {}
        self.folder.mkdir(exist_ok=True)
        self.write(SMALL if files is None else files)

    def write(self, files):
        write(self.folder, files)

    def read(self, name):
        return (self.folder / name).read_bytes()

    def run(self, *arguments, **more):
        return till("theme", *arguments, check=False, cwd=self.folder, **(self.known | more))

    def says(self, *arguments, **more):
        done = self.run(*arguments, **more)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def json(self, *arguments, **more):
        return json.loads(self.says(*arguments, "--json", **more))

    def refused(self, *arguments, code=1, **more):
        """What it says on standard error when it ends with that exit code."""
        done = self.run(*arguments, **more)
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stderr


class Dev:
    """A `till theme dev --json` at work: `url`, and all that it has said."""

    def __init__(self, process):
        self.process, self.said = process, []
        self._more = threading.Condition()
        threading.Thread(target=self._hear, daemon=True).start()
        self.url = self.until(lambda said: said)[0]["url"]

    def _hear(self):
        with contextlib.suppress(ValueError):  # closed by the test
            for line in self.process.stdout:
                with self._more:
                    self.said.append(json.loads(line))
                    self._more.notify_all()

    def until(self, fits, seconds=PATIENCE):
        """Wait until what was said fits."""
        with self._more:
            fine = self._more.wait_for(lambda: fits(self.said) or self.process.poll() is not None, seconds)
            assert fine, self.said
            assert fits(self.said), (self.said, self.process.poll(), self.process.stderr.read())
        return self.said

    def saved(self, name, count=1):
        """Wait until it has said so often that the file was saved; answers what it said last."""
        told = self.until(lambda said: sum(name in each.get("saved", ()) for each in said) >= count)
        return [each for each in told if name in each.get("saved", ())][-1]

    def get(self, path, **headers):
        """Status, headers and text of a page."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, headers=sent)
        try:
            with urllib.request.urlopen(request, timeout=60) as reply:
                return reply.status, reply.headers, reply.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.headers, refused.read().decode()

    def stop(self):
        """Stop it as Ctrl-C does; answers the exit code, and how long that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE), time.monotonic() - began


@contextlib.contextmanager
def developing(folder, *arguments, **known):
    """`till theme dev` in a folder, on a free port unless one is named."""
    options = [] if "--port" in arguments else ["--port", "0"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = start("theme", "dev", "--json", *options, *arguments, cwd=folder, **pipes, **known)
    try:
        yield Dev(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()
