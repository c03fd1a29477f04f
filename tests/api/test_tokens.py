"""What a token is good for: until it ends or its person leaves; and an app as a whole (genstore.md §2)."""

import asyncio
import base64
import dataclasses

import msgspec
import pytest

from builders import a_line
from inside import inside
from till import clock, keys
from till.apps import tokens
from till.slices import ENDPOINTS
from till.web.api import Api
from till.web.call import Answer
from till.web.endpoint import endpoint

BODY = {"order": {"lineItems": [a_line()]}}
DAY = clock.DAY


class Ticking:
    """A clock that a test turns."""

    def __init__(self):
        self.ahead = 0

    def __call__(self):
        return clock.now() + self.ahead


@pytest.fixture
def ticking():
    return Ticking()


@pytest.fixture
def till(run, store, ticking):
    with inside(run, now=ticking, **store) as server:
        yield server


def installation_of(till):
    sql = "SELECT id FROM installations WHERE shop_id = :shop_id AND client_id = :client_id"
    return till.rows(sql, shop_id=till.shop.id, client_id=till.client_id)[0][0]


def minted(till, kind, **more):
    more = {"shop_id": till.shop.id, "installation_id": installation_of(till), "at": clock.now()} | more
    return till.write(lambda tx: tokens.mint(tx, kind=kind, **more))


def person(till, *, person_id=7, member=True):
    async def work(tx):
        await tx.execute(
            "INSERT INTO people (id, email, name, created_at) VALUES (:id, :email, 'Ada', 1)",
            id=person_id,
            email=f"{person_id}@example.com",
        )
        if member:
            await tx.execute(
                "INSERT INTO memberships (shop_id, person_id, role, created_at) VALUES (:s, :p, 'staff', 1)",
                s=till.shop.id,
                p=person_id,
            )

    till.write(work)
    return person_id


def soon(till, status, token):
    """PostgreSQL servers believe what they saw for up to a second."""
    for _ in range(30):
        if till.get("/orders/count", token=token).status == status:
            return True
        till.run(asyncio.sleep(0.1))
    return False


def basic(client_id, secret):
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def test_a_token_that_ends_is_refused_from_its_end_on_though_it_was_just_seen(till, ticking):
    token = minted(till, tokens.Kind.ONLINE, expires_at=clock.now() + DAY)
    assert till.get("/orders/count", token=token).status == 200
    ticking.ahead = DAY - 60 * clock.SECOND
    assert till.get("/orders/count", token=token).status == 200
    ticking.ahead = DAY
    refused = till.get("/orders/count", token=token)
    assert (refused.status, refused.json["code"]) == (401, "invalid_token")
    assert "expired" in refused.json["error"]


def test_a_token_without_an_end_stays(till, ticking):
    token = minted(till, tokens.Kind.OFFLINE)
    ticking.ahead = 3_650 * DAY
    assert till.get("/orders/count", token=token).status == 200


def test_the_token_of_a_person_dies_with_the_membership_and_with_the_account(till):
    for number, sql in enumerate(
        (
            "DELETE FROM memberships WHERE shop_id = :shop_id AND person_id = :id",
            "UPDATE people SET deactivated_at = 1 WHERE id = :id AND id <> :shop_id",
        )
    ):
        who = person(till, person_id=100 + number)
        token = minted(till, tokens.Kind.ONLINE, person_id=who, expires_at=clock.now() + DAY)
        assert till.get("/orders/count", token=token).status == 200
        till.write(lambda tx, sql=sql, who=who: tx.execute(sql, shop_id=till.shop.id, id=who))
        assert soon(till, 401, token)


def test_the_token_of_somebody_who_is_no_member_is_no_token(till):
    who = person(till, member=False)
    assert soon(till, 401, minted(till, tokens.Kind.ONLINE, person_id=who, expires_at=clock.now() + DAY))


def test_tokens_are_revoked_of_a_person_of_a_code_and_of_an_installation(till):
    who = person(till)
    mine = minted(till, tokens.Kind.ONLINE, person_id=who, expires_at=clock.now() + DAY)
    coded = minted(till, tokens.Kind.OFFLINE, code=b"a code")
    till.write(lambda tx: tokens.revoke_of_person(tx, who, at=1, shop_id=till.shop.id + 1))
    assert till.get("/orders/count", token=mine).status == 200
    till.write(lambda tx: tokens.revoke_of_person(tx, who, at=1, shop_id=till.shop.id))
    assert soon(till, 401, mine)
    till.write(lambda tx: tokens.revoke_of_code(tx, b"another code", at=1))
    assert till.get("/orders/count", token=coded).status == 200
    till.write(lambda tx: tokens.revoke_of_code(tx, b"a code", at=1))
    assert soon(till, 401, coded)
    whole = {"shop_id": till.shop.id, "installation_id": installation_of(till)}
    assert till.get("/orders/count").status == 200
    till.write(lambda tx: tokens.revoke_of_installation(tx, **whole, at=1))
    assert soon(till, 401, till.token)


def test_of_offline_tokens_fifty_live_and_the_oldest_give_way(till):
    made = [minted(till, tokens.Kind.OFFLINE, at=number) for number in range(1, 53)]
    sql = "SELECT digest FROM tokens WHERE kind = 'offline' AND revoked_at IS NULL"
    assert {bytes(row[0]) for row in till.rows(sql)} == {keys.digest(token) for token in made[2:]}
    assert till.get("/orders/count").status == 200, "the custom app's own token is none of them"


def test_tokens_are_stored_as_digests_only(till):
    token = minted(till, tokens.Kind.OFFLINE)
    stored = [bytes(row[0]) for row in till.rows("SELECT digest FROM tokens")]
    assert keys.digest(token) in stored
    assert not any(token.encode() in each or bytes.fromhex(token) in each for each in stored)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_token_may_come_as_a_bearer(till, scheme):
    assert till.get("/orders/count", token="", authorization=f"{scheme} {till.token}").status == 200


def test_two_tokens_must_be_the_same(till):
    same = till.get("/orders/count", authorization=f"Bearer {till.token}")
    assert same.status == 200
    other = till.install(till.shop)
    differing = till.get("/orders/count", authorization=f"Bearer {other}")
    assert (differing.status, differing.json["code"]) == (401, "invalid_token")
    assert "different" in differing.json["error"]


def test_another_scheme_is_nobodys_token(till):
    assert till.get("/orders/count", authorization="Basic abc").status == 200, "a proxy's own"
    for said in (till.token, f"Token {till.token}", "Bearer", "Bearer ", f"Bearer {till.token} x"):
        assert till.get("/orders/count", token="", authorization=said).status == 401, said


class Told(msgspec.Struct):
    """What the endpoint of this test answers."""

    told: str


@endpoint("GET", "/app/told", "Tell who asks", scopes=frozenset({"read_apps"}), answers=Told, whole_app=True)
async def tell(call):
    who = "app" if call.caller.whole_app else call.caller.shop.handle
    return Answer(msgspec.json.encode(Told(f"{who} {call.caller.client_id} {call.caller.shop.id}")))


@pytest.fixture
def telling(till):
    till.parts.api = Api((*ENDPOINTS, tell), till.parts.api._lent)
    return till


def test_an_app_may_ask_for_itself_with_its_own_credentials(telling):
    said = telling.get("/app/told", token="", authorization=basic(telling.client_id, "a client secret"))
    assert (said.status, said.json["told"]) == (200, f"app {telling.client_id} 0")
    token = telling.install(telling.shop, scopes=frozenset({"read_apps"}))
    assert telling.get("/app/told", token=token).json["told"].startswith("demo ")
    both = telling.get("/app/told", token=token, authorization=basic(telling.client_id, "a client secret"))
    assert both.json["told"].startswith("demo "), "a token names one shop, and wins"


@pytest.mark.parametrize(
    "said",
    [
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Basic " + base64.b64encode(b"%zz:%ff").decode(),
        basic("NOBODY", "a client secret"),
        basic("no\0body", "a client secret"),
        basic("", ""),
    ],
)
def test_other_credentials_are_refused(telling, said):
    refused = telling.get("/app/told", token="", authorization=said)
    assert (refused.status, refused.json["code"]) == (401, "invalid_client")


@pytest.mark.parametrize("secret", ["", "a client secre", "a client secret ", "A client secret", "%00"])
def test_a_wrong_secret_is_refused(telling, secret):
    said = basic(telling.client_id, secret)
    assert telling.get("/app/told", token="", authorization=said).json["code"] == "invalid_client"


def test_a_whole_app_has_a_bucket_of_its_own(telling):
    said = basic(telling.client_id, "a client secret")
    used = [
        telling.get("/app/told", token="", authorization=said).headers["x-genstore-shop-api-rate-limit"]
        for _ in range(3)
    ]
    assert used == ["1/40", "2/40", "3/40"]
    telling.install(telling.shop)
    another = telling.get("/app/told", token="", authorization=basic(telling.client_id, "a client secret"))
    assert another.headers["x-genstore-shop-api-rate-limit"] == "1/40"


@pytest.mark.parametrize("each", [each for each in ENDPOINTS if not each.whole_app], ids=lambda each: each.id)
def test_a_whole_app_reaches_nothing_else(run, tmp_path, each):
    """The handler is replaced by one that would tell, so that nothing but the gate keeps it out."""
    reached = []

    async def handler(*_, **__):
        reached.append(each.id)
        return Answer(b"{}")

    with inside(run, folder=tmp_path, url=None) as till:
        till.parts.api = Api((dataclasses.replace(each, handler=handler),), till.parts.api._lent)
        said = basic(till.client_id, "a client secret")
        reply = till.run(till.ask(each.method, each.path, token="", authorization=said))
        assert (reply.status, reply.json["code"], reached) == (401, "invalid_token", [])


def test_both_secrets_are_good_while_one_follows_the_other(telling, ticking):
    until = clock.now() + DAY
    sealed = telling.parts.api._lent.sealer.seal("the next secret", about=telling.client_id)
    sql = """UPDATE apps SET previous_secret = secret, secret = :sealed, previous_until = :until
        WHERE client_id = :client_id"""
    telling.write(lambda tx: tx.execute(sql, sealed=sealed, until=until, client_id=telling.client_id))

    def status(secret):
        said = basic(telling.client_id, secret)
        return telling.get("/app/told", token="", authorization=said).status

    assert [status("the next secret"), status("a client secret"), status("another")] == [200, 200, 401]
    ticking.ahead = DAY
    assert [status("the next secret"), status("a client secret")] == [200, 401]
