"""A secret is rotated while webhooks go out: each one verifies, by the rule that is published."""

import base64
import hashlib
import hmac
import time

from fault_clients import OrderLog, at_work

from asking import ask
from receiver import Receiver
from running import answer, serve, where

# Long enough that the command ends well before, on a busy machine too.
GRACE = 20
PATIENCE = 60
# A changed secret is signed with within a second; this is wide, for a busy machine.
SLACK = 2.5


def mac(secret, content):
    return base64.b64encode(hmac.digest(secret.encode(), content, hashlib.sha256)).decode()


def signed_by(received, secrets):
    """Which of the named secrets the platform's own header was made with, and which the standard one."""
    content = b"%b.%b." % tuple(
        received.header(name).encode() for name in ("webhook-id", "webhook-timestamp")
    )
    own = {
        name
        for name, secret in secrets.items()
        if received.header("x-genstore-hmac-sha256") == mac(secret, received.body)
    }
    standard = {
        name
        for name, secret in secrets.items()
        if f"v1,{mac(secret, content + received.body)}" in received.header("webhook-signature").split()
    }
    return own, standard


def wait_until(moment):
    time.sleep(max(0.0, moment - time.time()))


def test_27_every_webhook_verifies_while_a_secret_is_rotated_under_traffic(stocked, copied):
    shop, log, at = stocked.shop, OrderLog(), where(copied)
    with Receiver() as receiver, serve(copied) as server:
        for topic in ("orders/create", "orders/update"):
            told = {"webhook": {"topic": topic, "address": receiver.url(f"/{topic}")}}
            assert ask(server.url, "/app/webhooks", shop.accessToken, told)[0] == 201
        with at_work(server.url, shop.accessToken, log, "rotation", count=2, pause=0.005):
            receiver.wait_for(50, seconds=PATIENCE)
            began = time.time()
            fresh = answer("app", "rotate-secret", shop.clientId, "--grace", f"{GRACE}s", *at)
            rotated = time.time()
            wait_until(rotated + GRACE + SLACK + 1)
            seen = len(receiver.seen())
            receiver.wait_for(seen + 50, seconds=PATIENCE)
        ended = time.time()
    secrets = {"old": shop.clientSecret, "new": fresh["clientSecret"]}
    stages = {"before": [], "overlap": [], "after": []}
    for each in receiver.seen():
        own, standard = signed_by(each, secrets)
        assert own, "the platform's own signature verifies with neither secret"
        assert standard, "no standard signature verifies with either secret"
        signed_at = int(each.header("webhook-timestamp"))
        if each.at < began:
            stages["before"].append((own, standard))
        elif rotated + SLACK < signed_at and each.at < began + GRACE:
            stages["overlap"].append((own, standard))
        elif signed_at > rotated + GRACE + SLACK:
            stages["after"].append((own, standard))
    assert all(each == ({"old"}, {"old"}) for each in stages["before"])
    assert all(each == ({"old"}, {"old", "new"}) for each in stages["overlap"])
    assert all(each == ({"new"}, {"new"}) for each in stages["after"])
    assert all(stages.values()), {name: len(found) for name, found in stages.items()}
    rate = len(receiver.seen()) / (ended - began)
    print(f"\n{len(receiver.seen())} webhooks, about {rate:.0f} a second, 0 that verify with neither secret")
