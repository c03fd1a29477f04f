"""What the tests of both editors of themes share: requests held back, and somebody else at the same files."""

import re


def holding(page, pattern="**/files"):
    """What the page asks for from now on, its saves unless told, each held back until the test lets it go."""
    held = []

    def hold(route):
        held.append(route)

    page.route(pattern, hold)
    return held


def holds(page, held, count):
    """Wait until so many are held back."""
    while len(held) < count:
        page.wait_for_timeout(20)


def losing(page):
    """From now on the page's saves are done, and it gets no answer."""

    def lose(route):
        assert route.fetch().ok
        route.abort()

    page.route("**/files", lose)


def kept(page, name):
    """A file of the theme that the page edits, as it is kept."""
    return page.request.get(f"{_base(page)}/file?name={name}").json()


def meanwhile(page, name, text):
    """Somebody else saves this text as the file, or deletes it."""
    base = _base(page)
    mark = {"name": name, "ifMatch": kept(page, name)["checksum"]}
    change = {"gone": [mark]} if text is None else {"files": [{**mark, "text": text}]}
    csrf = page.locator("[data-csrf]").get_attribute("data-csrf")
    headers = {"Origin": re.match(r"https?://[^/]+", base)[0], "Sec-Fetch-Site": "same-origin"}
    reply = page.request.post(f"{base}/files", data={"csrf": csrf, **change}, headers=headers)
    assert reply.ok, reply.text()


def _base(page):
    return page.url.partition("#")[0].rpartition("/")[0]
