"""Requests of many megabytes: for the texts in them only, and so many at once as the memory holds."""

import json

import pytest
from theme_asking import add

from till.errors import Unreadable
from till.web.large import MOST_OF_ALL, MOST_OF_ONE, Load, must_be_texts

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
