"""Asking a server for themes, as its own tests do."""

import base64


def b64(content):
    return base64.b64encode(content).decode()


def add(till, name="Small"):
    reply = till.post("/themes", {"theme": {"shopThemeName": name}})
    assert reply.status == 201, reply.body
    return reply.json["theme"]


def put(till, theme, name, text, **headers):
    path = f"/themes/{theme['shopThemeId']}/assets?assetName={name}"
    return till.put(path, {"asset": {"context": text}}, **headers)


def batch(till, theme, *assets, delete=()):
    body = {"assets": list(assets), "delete": [{"assetName": name} for name in delete]}
    return till.post(f"/themes/{theme['shopThemeId']}/assets", body)


def read(till, theme, name, **headers):
    return till.get(f"/themes/{theme['shopThemeId']}/assets?assetName={name}", **headers)


def delete(till, path):
    return till.run(till.ask("DELETE", path))
