"""Requests of many megabytes: for the texts in them only, and so many at once as the memory holds."""

import base64
import json
import os
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from theme_asking import add, b64, read

from till.dialect.body import parse_json
from till.errors import Unreadable
from till.web import texts
from till.web.large import MOST_OF_ALL, MOST_OF_ONE, Load
from till.web.texts import must_be_texts

THEMES = frozenset({"read_themes", "write_themes"})


@pytest.mark.parametrize(
    ("raw", "outside"),
    [
        (b"", 0),
        (b"[1, 2]", 6),
        (b'{"a":"bcd"}', 7),
        (rb'["a\"b", "\\", "\\\"c"]', 12),
        (b'["never ended', 3),
        (b'["never ended\\"', 3),
        (b'"\\\\', 2),
    ],
)
def test_what_stands_outside_of_strings_is_counted(raw, outside):
    must_be_texts(raw, outside)
    if outside:
        with pytest.raises(Unreadable):
            must_be_texts(raw, outside - 1)


def batch(theme, text):
    path = f"/themes/{theme['shopThemeId']}/assets"
    return path, {"assets": [{"assetName": "assets/long.css", "context": text}]}


def test_a_long_body_is_taken_for_its_texts_and_not_for_its_structure(till):
    theme = add(till)
    path, body = batch(theme, 'a "quoted" \\ word\n' * 200_000)
    assert till.post(path, body).status == 200
    for junk in (b"[" + b"[]," * 900_000 + b"[]]", b'{"assets":[' + b'{"a":"b"},' * 300_000 + b"{}]}"):
        reply = till.post(path, junk)
        assert (reply.status, reply.json["code"]) == (400, "unreadable")
        assert "beside the texts" in reply.json["error"]


def test_a_long_body_that_is_nested_deep_is_refused(till):
    path, _ = batch(add(till), "")
    body = b'{"assets":' + b"[" * 900 + b'"a"' + b"]" * 900 + b',"long":"' + b"a" * 3_000_000 + b'"}'
    reply = till.post(path, body)
    assert (reply.status, reply.json["code"]) == (400, "unreadable")


def test_long_requests_wait_for_those_of_the_same_shop_and_give_back_what_they_held(till):
    theme, mine = add(till), till.token
    path, body = batch(theme, "a\n" * 1_500_000)
    scales, other = till.parts.api._lent.scales, till.found("other")
    with Load(scales) as load:
        load.grow(till.shop.id, MOST_OF_ONE)
        reply = till.post(path, body)
        assert (reply.status, reply.headers["retry-after"]) == (429, "5")
        assert till.post(path, {"assets": []}).status == 200
        till.token = till.install(other, scopes=THEMES)
        assert till.post(*batch(add(till), "b\n" * 1_500_000)).status == 200
        with Load(scales) as more:
            more.grow(0, MOST_OF_ALL - MOST_OF_ONE)
            assert till.post(*batch(theme, "b\n" * 1_500_000)).status == 429
    till.token = mine
    assert till.post(path, body, idempotency_key="k").status == 200
    again = till.post(path, body, idempotency_key="k")
    assert (again.status, again.headers["idempotency-replayed"]) == (200, "true")
    longer = json.loads(json.dumps(body))
    longer["assets"][0]["context"] += "b"
    assert till.post(path, longer, idempotency_key="k").status == 422
    assert till.get(f"/themes/{theme['shopThemeId']}/package").status == 200
    assert not scales._held.total()


def put_large(till, theme, name, content, encoding=None):
    asset = {"context": content, "encoding": encoding}
    path = f"/themes/{theme['shopThemeId']}/assets?assetName={name}"
    reply = till.put(path, {"asset": asset})
    assert reply.status == 200, reply.body


def test_a_large_file_is_told_in_parts_and_whole(till):
    theme, picture = add(till), os.urandom(3_000_001)
    words = 'a { b: "\u00e9\U0001f600\u2028 \\ <c>\x01\t" }\n' * 70_000
    put_large(till, theme, "assets/a.png", b64(picture), "base64")
    put_large(till, theme, "assets/a.css", words)
    for fidelity in ("typed", "documented"):
        found = read(till, theme, "assets/a.png", x_genstore_fidelity=fidelity)
        assert found.json["asset"]["context"] == b64(picture)
        assert found.parts > 5
        assert int(found.headers["content-length"]) == len(found.body)
        small = read(till, theme, "layout/theme.liquid", x_genstore_fidelity=fidelity)
        assert (found.json["asset"].keys(), small.parts) == (small.json["asset"].keys(), 1)
        found = read(till, theme, "assets/a.css", x_genstore_fidelity=fidelity)
        assert int(found.headers["content-length"]) == len(found.body)
        assert found.json["asset"]["context"] == words
    older = till.get(f"/decoration/assets/{theme['shopThemeId']}?asset=assets/a.css")
    assert older.json["shopAssert"]["context"] == words
    known = read(till, theme, "assets/a.png", if_none_match=older.headers["etag"])
    assert known.status == 200
    assert read(till, theme, "assets/a.png", if_none_match=known.headers["etag"]).status == 304


def test_only_so_many_large_files_are_read_at_once(till):
    theme, scales = add(till), till.parts.api._lent.scales
    put_large(till, theme, "assets/a.png", b64(os.urandom(3_000_000)), "base64")
    with Load(scales) as load:
        load.grow(till.shop.id, MOST_OF_ONE - 2_000_000)
        reply = read(till, theme, "assets/a.png")
        assert (reply.status, reply.headers["retry-after"]) == (429, "5")
        assert read(till, theme, "layout/theme.liquid").status == 200
    assert read(till, theme, "assets/a.png").status == 200
    assert not scales._held.total()


PIECES = st.sampled_from(["a" * 9, '"', "\\", "\n", "\u00e9", "\U0001f600", "\u2028", "\x01", "/"])


@given(st.lists(st.lists(PIECES, max_size=30).map("".join), max_size=3), st.booleans(), st.randoms())
def test_long_texts_are_read_as_short_ones_are(words, ascii_only, chance):
    value = {"a": [*words, 1.5, None], **{word: word for word in words}}
    raw = json.dumps(value, ensure_ascii=ascii_only).encode()
    if chance.random() < 0.3:
        at = chance.randrange(len(raw))
        raw = raw[:at] + chance.choice([b'"', b"\\", b"\x01", b"\xff"]) + raw[at + 1 :]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(texts, "LONG", 14)
        assert said(texts.parse_texts, raw) == said(parse_json, raw)


def said(work, raw):
    try:
        return work(raw)
    except Unreadable:
        return None


@pytest.mark.parametrize("wrong", ["QUE=QUE=" * 40_000, "A" * 400_001, "é" * 300_000, "QUE \n" * 90_000])
def test_what_is_no_base64_is_refused_however_long_it_is(wrong):
    with pytest.raises(ValueError, match=r"\w"):
        texts.decoded(wrong)


@pytest.mark.parametrize("word", ["\u0436", "\\", '"', "a\n", "\U0001f600"])
def test_texts_of_escapes_are_cut_too(word, monkeypatch):
    text = word * 2_000_000
    raw, lengths, read = json.dumps([text]).encode(), [], texts.msgspec.json.decode
    monkeypatch.setattr(
        texts.msgspec.json, "decode", lambda some, **more: (lengths.append(len(some)), read(some, **more))[1]
    )
    assert texts.parse_texts(raw) == [text]
    assert max(lengths) <= texts.LONG + 2


@pytest.mark.parametrize("work", ["decoded", "parse_texts", "digest_of"])
def test_long_texts_let_others_run_meanwhile(work):
    text = base64.b64encode(os.urandom(3 << 18)).decode() * 40
    given = json.dumps({"a": [text]}).encode() if work == "parse_texts" else text

    def gap():
        """The part of the time of the work during which this thread did not run, at most at once."""
        doing = threading.Thread(target=getattr(texts, work), args=(given,))
        began = last = time.perf_counter()
        longest = 0.0
        doing.start()
        while doing.is_alive():
            time.sleep(0.0005)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
        return longest / (last - began)

    assert min(gap() for _ in range(5)) < 0.5
