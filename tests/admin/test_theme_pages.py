"""The pages of themes without a browser: what they do, for whom, and what they refuse."""

import io
import json
import re
import time
import urllib.request
import zipfile

import pytest

from admin_hall import Plain
from theme_pages import HOME, add, cards, send
from till.admin.uploads import read
from till.errors import TooLarge, Unreadable

SMALL = {
    "layout/theme.liquid": "{{ content_for_header }}{{ content_for_layout }}",
    "templates/index.liquid": "Hi",
}

pytestmark = pytest.mark.usefixtures("room")


@pytest.fixture
def bob(served):
    return served.bob


def zipped(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


def multipart(fields, files=()):
    """A form with files as a browser sends it: its type and its body."""
    lines = []
    for name, value in fields.items():
        lines += [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()]
    for name, file_name, content in files:
        head = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
        lines += [head.encode(), b"Content-Type: application/zip\r\n\r\n", content, b"\r\n"]
    return b"".join([*lines, b"--b--\r\n"])


def upload(bob, content, *, csrf=None, name="", file_name="small.zip"):
    fields = {"csrf": bob.form(HOME) if csrf is None else csrf, "name": name}
    body = multipart(fields, [("file", file_name, content)])
    own = {"Origin": bob.url, "Sec_Fetch_Site": "same-origin"}
    return bob.ask("POST", f"{HOME}/upload", raw=body, Content_Type="multipart/form-data; boundary=b", **own)


def downloaded(bob, theme_id):
    cookies = "; ".join(f"{name}={value}" for name, value in bob.cookies.items())
    request = urllib.request.Request(f"{bob.url}{HOME}/{theme_id}/package", headers={"Cookie": cookies})
    with urllib.request.urlopen(request, timeout=30) as reply:
        assert reply.headers["content-type"] == "application/zip"
        archive = zipfile.ZipFile(io.BytesIO(reply.read()))
    return {name: archive.read(name).decode() for name in archive.namelist()}


def settled(bob, theme_id):
    end = time.monotonic() + 30
    while cards(bob)[theme_id][1] == "Being installed":
        assert time.monotonic() < end, "the package is not installed"
        time.sleep(0.1)
    return cards(bob)[theme_id]


def test_a_zip_becomes_a_draft_and_comes_back_as_it_was(bob):
    before = set(cards(bob))
    reply = upload(bob, zipped(SMALL), file_name="C:\\work\\small shop.zip")
    assert (reply.status, reply.headers["location"]) == (303, HOME)
    (made,) = set(cards(bob)) - before
    assert settled(bob, made) == ("small shop", "Draft")
    page = bob.get(f"{HOME}/{made}/code").text
    assert all(f'data-name="{name}"' in page for name in SMALL)
    assert downloaded(bob, made) == SMALL
    asked = bob.ask("POST", f"{HOME}/{made}/delete", {"csrf": bob.form(HOME), "name": ""})
    assert asked.status == 303
    assert made not in cards(bob)


def test_a_zip_that_is_none_says_so_in_the_list(bob):
    before = set(cards(bob))
    assert upload(bob, b"no zip at all", name="Broken").status == 303
    (made,) = set(cards(bob)) - before
    assert settled(bob, made) == ("Broken", "Not installed")
    assert 'class="wrong"' in bob.get(HOME).text
    assert bob.get(f"{HOME}/{made}/editor").status == 422


@pytest.mark.parametrize(
    ("content", "csrf", "status"), [(b"", None, 422), (b"x", "wrong", 403), (b"x", "", 403)]
)
def test_an_upload_is_refused(bob, content, csrf, status):
    before = cards(bob)
    assert upload(bob, content, csrf=csrf).status == status
    assert cards(bob) == before


def test_what_visitors_see_is_not_deleted(bob):
    live = next(number for number, (_, stands) in cards(bob).items() if stands == "Live")
    reply = bob.ask("POST", f"{HOME}/{live}/delete", {"csrf": bob.form(HOME), "name": ""})
    assert reply.status == 422
    assert "what visitors see" in reply.text


def test_rolling_back_twice_from_one_page_is_done_once(bob):
    def live():
        return next(number for number, (_, stands) in cards(bob).items() if stands == "Live")

    def seen():
        return re.search(r'name="seen" value="([^"]+)"', bob.get(HOME).text)[1]

    def back(seen):
        return bob.ask("POST", f"{HOME}/rollback", {"csrf": bob.form(HOME), "seen": seen})

    before = live()
    made = [add(bob, "Then"), add(bob, "Now")]
    for each in made:
        assert bob.ask("POST", f"{HOME}/{each}/publish", {"csrf": bob.form(HOME)}).status == 303
    page = seen()
    assert back(page).status == 303
    again = back(page)
    assert (again.status, live()) == (422, made[0])
    assert "somebody published or rolled back meanwhile" in again.text
    assert (back(seen()).status, live()) == (303, before)


def test_names_and_copies(bob):
    made = add(bob, "First")
    csrf = bob.form(HOME)
    assert bob.ask("POST", f"{HOME}/{made}/rename", {"csrf": csrf, "name": "Second"}).status == 303
    assert bob.ask("POST", f"{HOME}/{made}/rename", {"csrf": csrf, "name": " "}).status == 422
    assert bob.ask("POST", f"{HOME}/{made}/duplicate", {"csrf": csrf}).status == 303
    names = [name for name, _ in cards(bob).values()]
    assert "Second" in names
    assert "Second (copy)" in names


@pytest.mark.parametrize("beneath", ["editor", "code", "versions", "preview", "package", "publish"])
def test_pages_are_for_members_who_signed_in(served, bob, beneath):
    live = next(number for number, (_, stands) in cards(bob).items() if stands == "Live")
    assert Plain(served.url).get(f"{HOME}/{live}/{beneath}").status == 303
    assert bob.get(f"/admin/market/themes/{live}/{beneath}").status == 404
    assert bob.get(f"{HOME}/123/{beneath}").status == 404
    assert bob.get(f"{HOME}/none/{beneath}").status == 404


def test_a_preview_is_on_the_storefronts_own_host(bob):
    made = add(bob, "Seen")
    reply = bob.get(f"{HOME}/{made}/preview")
    assert reply.status == 303
    assert re.match(r"http://corner\.store\.localhost:\d+/\?till_preview=ey", reply.headers["location"])


def test_the_editor_frames_that_host_only_and_runs_its_own_scripts(bob):
    made = add(bob, "Framed")
    policy = bob.get(f"{HOME}/{made}/editor").headers["content-security-policy"]
    assert re.search(r"frame-src http://corner\.store\.localhost:\d+(;|$)", policy)
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in bob.get(HOME).headers["content-security-policy"]


def test_a_save_is_one_version_or_nothing(bob):
    made = add(bob, "Saved")
    base = f"{HOME}/{made}"
    csrf = bob.form(HOME)
    read_one = json.loads(bob.get(f"{base}/file?name=templates/cart.json").text)
    file = {
        "name": "templates/cart.json",
        "text": read_one["text"] + "\n",
        "ifMatch": read_one["checksum"],
    }
    new = {"name": "snippets/new.liquid", "text": "{{ shop.name }}", "ifMatch": ""}
    wrong = {"name": "snippets/bad.liquid", "text": "{% if %}", "ifMatch": ""}
    many = [{"name": f"snippets/{number}.liquid", "ifMatch": "x"} for number in range(201)]
    assert send(bob, f"{base}/files", {"csrf": csrf, "gone": many}).status == 400
    stale = send(bob, f"{base}/files", {"csrf": csrf, "gone": many[:200]})
    assert (stale.status, len(stale.said["stale"])) == (412, 50)
    refused = send(bob, f"{base}/files", {"csrf": csrf, "files": [file, new, wrong]})
    assert refused.status == 422
    assert "snippets/bad.liquid" in refused.said["fields"]
    assert json.loads(bob.get(f"{base}/file?name=templates/cart.json").text) == read_one
    saved = send(bob, f"{base}/files", {"csrf": csrf, "files": [file, new]})
    assert (saved.status, saved.said["version"]) == (200, 2)
    again = send(bob, f"{base}/files", {"csrf": csrf, "files": [file]})
    assert again.status == 412
    assert "somebody changed it" in again.said["message"]
    gone = {"name": "snippets/new.liquid", "ifMatch": saved.said["checksums"]["snippets/new.liquid"]}
    assert send(bob, f"{base}/files", {"csrf": csrf, "gone": [gone]}).said["version"] == 3
    assert bob.get(f"{base}/file?name=snippets/new.liquid").status == 404


@pytest.mark.parametrize(
    ("changed", "headers", "status"),
    [
        ({"csrf": "wrong"}, {}, 403),
        ({}, {"Origin": "http://elsewhere.example", "Sec_Fetch_Site": "cross-site"}, 403),
        ({}, {"Content_Type": "text/plain"}, 415),
        ({"more": 1}, {}, 400),
        ({"files": [{"name": "../x", "text": "", "ifMatch": ""}]}, {}, 422),
        ({"files": [{"name": "layout/theme.liquid", "text": "", "ifMatch": "00"}]}, {}, 412),
    ],
)
def test_a_save_is_refused_as_json(bob, changed, headers, status):
    live = next(number for number, (_, stands) in cards(bob).items() if stands == "Live")
    reply = send(bob, f"{HOME}/{live}/files", {"csrf": bob.form(HOME)} | changed, **headers)
    assert reply.status == status
    assert reply.said["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b",
        b"--b\r\n",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1',
        b"--b\r\nContent-Type: text/plain\r\n\r\n1\r\n--b--",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--b--',
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\x00\r\n--b--',
        multipart({f"f{index}": 1 for index in range(30)}),
        multipart({"a": 1})[:-7] + multipart({"a": 1}),
    ],
)
def test_a_form_with_files_that_is_none_is_refused(body):
    with pytest.raises(Unreadable):
        read(body, b"b")


def test_a_form_with_files_is_read_byte_for_byte():
    content = b"\r\n--\r\nb--b\x00\xff\r\n"
    found = read(multipart({"a": "ä"}, [("file", "x.zip", content)]), b"b")
    assert found.fields == {"a": "ä"}
    assert found.files == {"file": ("x.zip", content)}
    with pytest.raises(TooLarge):
        read(multipart({"a": "x" * 20_000}), b"b")
