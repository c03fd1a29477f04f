"""Two who push at once, and a server that dies in the midst: each file is one of theirs, and none is torn."""

import asyncio
import json
import random
import threading
import time
import urllib.error
import urllib.request

import pytest
from theme_asking import add, read

from running import seed, serve

FILES = [f"assets/{number:02}.css" for number in range(20)]
KILLS = 4


async def push(till, theme, who, names, *, if_match=None):
    """Push all of `names` in one batch."""
    assets = [{"assetName": name, "context": f"/* {who} {name} */"} for name in names]
    if if_match is not None:
        assets = [each | {"ifMatch": if_match[each["assetName"]]} for each in assets]
    return await till.ask("POST", f"/themes/{theme['shopThemeId']}/assets", {"assets": assets})


def texts(till, theme):
    return {name: read(till, theme, name).json["asset"]["context"] for name in FILES}


def test_of_two_who_push_at_once_the_last_wins_and_each_batch_is_whole(till):
    theme = add(till)

    async def both():
        return await asyncio.gather(*(push(till, theme, who, FILES) for who in ("ada", "bob") * 4))

    replies = till.run(both())
    assert [each.status for each in replies] == [200] * 8
    shown = texts(till, theme)
    assert shown in ({name: f"/* {who} {name} */" for name in FILES} for who in ("ada", "bob"))


def test_of_two_who_saw_the_same_one_wins_each_file_and_the_other_learns_of_it(till):
    theme = add(till)
    first = till.run(push(till, theme, "first", FILES)).json["assets"]
    seen = {each["assetName"]: each["checksum"] for each in first}
    halves = {"ada": FILES[:12], "bob": FILES[8:]}

    async def both():
        return await asyncio.gather(
            *(push(till, theme, who, names, if_match=seen) for who, names in halves.items())
        )

    ada, bob = till.run(both())
    assert sorted([ada.status, bob.status]) == [200, 412]
    winner, late = ("ada", bob) if ada.status == 200 else ("bob", ada)
    assert set(late.json["errors"]) == set(FILES[8:12])
    expected = {name: f"/* first {name} */" for name in FILES}
    expected |= {name: f"/* {winner} {name} */" for name in halves[winner]}
    assert texts(till, theme) == expected


def test_single_files_of_two_pushers_are_never_torn(till):
    theme = add(till)
    sizes = {"ada": 40_000, "bob": 90_000}

    async def one(who):
        path = f"/themes/{theme['shopThemeId']}/assets?assetName={FILES[0]}"
        body = {"asset": {"context": who * sizes[who]}}
        return await till.ask("PUT", path, body)

    async def many():
        return await asyncio.gather(*(one(who) for who in ("ada", "bob") * 10))

    assert {each.status for each in till.run(many())} == {200}
    assert read(till, theme, FILES[0]).json["asset"]["context"] in {who * sizes[who] for who in sizes}


def ask(server, token, method, path, body=None):
    """The JSON of an answer; None where the server was killed before it came."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"X-Genstore-Access-Token": token, "Content-Type": "application/json"}
    request = urllib.request.Request(f"{server.url}/api/202412{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return None


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_batch_is_whole_or_absent_however_the_server_is_killed(tmp_path, request, engine):
    place, arguments, key = tmp_path / "data", (), {}
    if engine == "postgresql":
        place, arguments = request.getfixturevalue("postgres").create_database(), ("--data", tmp_path)
        key = {"key": tmp_path}
    shop = seed(place, scopes="write_themes", **key)
    token, theme, done, chance = shop.accessToken, None, 0, random.Random("batch")
    for cycle in range(KILLS + 1):
        with serve(place, *arguments, "--no-work") as server:
            if theme is None:
                theme = ask(server, token, "POST", "/themes", {"theme": {"shopThemeName": "T"}})["theme"]
            at = f"/themes/{theme['shopThemeId']}"
            shown = ask(server, token, "GET", f"{at}/assets")
            texts = {
                ask(server, token, "GET", f"{at}/assets?assetName={name}")["asset"]["context"][:12]
                for name in FILES
                if name in {each["assetName"] for each in shown["assets"]}
            }
            assert len(texts) <= 1, "a batch was torn"
            assert cycle == 0 or texts, "what was acknowledged is gone"
            assert not texts or int(next(iter(texts)).split()[1]) >= done
            themes = ask(server, token, "GET", "/themes")["themes"]
            assert [each["isCurrent"] for each in themes].count(True) == 1
            if cycle == KILLS:
                break
            last = [done]
            writer = threading.Thread(target=write, args=(server, token, at, last), daemon=True)
            writer.start()
            until = time.monotonic() + 60
            while last[0] == done and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(chance.uniform(0.01, 0.2))
            server.kill()
            writer.join()
            done = last[0]


def write(server, token, at, last):
    """Batch after batch, each with a number that is in all of its files, until the server is gone."""
    number = last[0]
    while True:
        number += 1
        text = f"/* {number:08} */" + "x" * 5_000
        assets = [{"assetName": name, "context": f"{text}{name}"} for name in FILES]
        if ask(server, token, "POST", f"{at}/assets", {"assets": assets}) is None:
            return
        last[0] = number
