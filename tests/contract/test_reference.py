"""The reference page in a real browser, and the files it is made of."""

import hashlib
import re
import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

import browsers
from till import reference
from till.oauth.described import BESIDE
from till.slices import ENDPOINTS

ROOT = Path(__file__).parent.parent.parent
STATIC = ROOT / "src" / "till" / "static"


@pytest.fixture(scope="module")
def browser():
    with browsers.browser() as opened:
        yield opened


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_shows_every_operation_and_asks_nobody_else(browser, server, scheme):
    page = browser.new_page(color_scheme=scheme, viewport={"width": 1200, "height": 1600})
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{server.url}/docs")
    page.wait_for_selector(".opblock")
    shown = page.locator(".opblock-summary-path").evaluate_all(
        "all => all.map(each => each.getAttribute('data-path'))"
    )
    assert sorted(shown) == sorted([*(f"/api/202412{each.path}" for each in ENDPOINTS), *BESIDE])
    for group in sorted({each.group for each in ENDPOINTS}):
        first = page.locator(f"#operations-tag-{group} ~ div .opblock").first
        summary = first.locator(".opblock-summary-control")
        summary.click()
        first.locator(".responses-table").first.wait_for()
        summary.click()
    back = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (back == "rgb(28, 32, 34)") is (scheme == "dark")
    page.close()
    strangers = [url for url in asked if not url.startswith((server.url + "/", "data:", "blob:"))]
    assert (strangers, said) == ([], [])


def test_a_token_that_is_given_to_the_page_lets_it_ask_the_server(browser, server):
    page = browser.new_page()
    page.goto(f"{server.url}/docs#/Orders/countOrders")
    page.wait_for_selector(".opblock")
    page.click(".btn.authorize")
    page.fill(".auth-container input", server.app.accessToken)
    page.click(".auth-btn-wrapper .authorize")
    page.click(".btn-done")
    page.locator("#operations-Orders-countOrders .btn.execute").click()
    status = page.locator("#operations-Orders-countOrders .live-responses-table .response-col_status").last
    status.wait_for()
    assert status.inner_text().startswith("200")
    page.close()


def test_every_file_is_sent_with_its_type_its_age_and_a_strict_policy(server):
    for path, file in reference.files().items():
        with urllib.request.urlopen(f"{server.url}/static/{path}") as answer:
            body, headers = answer.read(), answer.headers
        assert body == file.body
        assert headers["content-type"] == file.kind
        assert headers["cache-control"] == (reference.FOR_GOOD if "/" in path else reference.ASK_AGAIN)
        assert headers["content-security-policy"].startswith("default-src 'self'")
        again = urllib.request.Request(
            f"{server.url}/static/{path}", headers={"If-None-Match": headers["etag"]}
        )
        with pytest.raises(urllib.error.HTTPError, match="304"):
            urllib.request.urlopen(again)


@pytest.mark.parametrize(
    "path", ["/static/none.js", "/static/README.md", "/static/../pages.py", "/static/%2e%2e/pages.py"]
)
def test_no_other_file_is_served(server, path):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(server.url + path)


def test_the_vendored_files_are_the_published_ones_and_have_their_licence():
    told = (STATIC / "README.md").read_text(encoding="utf-8")
    (folder,) = (each for each in STATIC.iterdir() if each.is_dir())
    for name, digest in re.findall(r"`([\w.-]+)` \| `([0-9a-f]{64})`", told):
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert "Apache License" in (folder / "LICENSE").read_text(encoding="utf-8")


def test_the_wheel_holds_every_file_that_is_served(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {path.relative_to(ROOT / "src").as_posix() for path in STATIC.rglob("*") if path.is_file()}
    assert wanted <= names
