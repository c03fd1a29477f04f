"""The small rules that everything stands on: keys, shops, scopes, page tokens, the token bucket."""

import stat

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from till import keys
from till.apps import scope
from till.apps.app import App, Installation, admit
from till.apps.throttle import Bucket
from till.caller import Protected
from till.clock import SECOND, iso, micros, moment
from till.dialect.pages import BadPageToken, PageTokens, Position, link
from till.errors import Invalid, Refusal, Throttled
from till.settings import Settings, from_environment
from till.shop import Fidelity, Rate, Shop

SHOP = Shop(id=1, handle="demo", currency="USD", timezone="UTC")
APP = App(client_id="C" * 32, name="N", scopes=frozenset({"read_orders"}), partner=False)


def test_a_token_has_256_bits_and_only_its_digest_tells_nothing_of_it():
    tokens = {keys.mint_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(bytes.fromhex(token)) for token in tokens} == {32}
    assert len({keys.digest(token) for token in tokens}) == 100
    assert len(keys.mint_client_id()) == 32
    assert keys.mint_client_id().upper() != keys.mint_client_id()


def test_a_sealed_secret_opens_for_its_owner_with_its_key_only():
    sealer = keys.Sealer(b"k" * 32)
    sealed = sealer.seal("secret", about="app")
    assert b"secret" not in sealed
    assert sealer.unseal(sealed, about="app") == "secret"
    with pytest.raises(keys.WrongKey):
        sealer.unseal(sealed, about="other app")
    with pytest.raises(keys.WrongKey):
        keys.Sealer(b"K" * 32).unseal(sealed, about="app")


def test_the_key_is_made_once_and_is_for_its_owner_alone(tmp_path):
    path = tmp_path / "till.key"
    key = keys.load_key(path)
    assert keys.load_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("abcd\n")
    with pytest.raises(ValueError, match="64 hex"):
        keys.load_key(path)


@pytest.mark.parametrize("handle", ["", "A", "-a", "a-", "a.b", "a_b", "x" * 64, "ä"])
def test_a_handle_must_be_able_to_name_a_host(handle):
    with pytest.raises(Invalid):
        Shop(id=1, handle=handle, currency="USD", timezone="UTC").checked()


def test_a_shop_refuses_what_cannot_be_and_renders_anew_in_another_zone():
    with pytest.raises(Invalid, match="Mars/Olympus"):
        SHOP.change(timezone="Mars/Olympus")
    with pytest.raises(Invalid, match="'DOGE'"):
        SHOP.change(currency="DOGE")
    assert SHOP.change(timezone="Asia/Tokyo").rendering == SHOP.rendering + 1
    assert SHOP.change(rate=Rate.OFF).rendering == SHOP.rendering
    assert (Rate.STANDARD.size, Rate.STANDARD.refill) == (200, 20)


def test_a_merchants_own_app_sees_all_and_a_partners_what_it_was_granted():
    own = Installation(id=1, shop_id=1, client_id="C", scopes=APP.scopes)
    caller = admit(own, SHOP, partner=False, fidelity=Fidelity.TYPED)
    assert caller.all_orders
    assert caller.hidden == frozenset()
    granted = Installation(
        id=1, shop_id=1, client_id="C", scopes=APP.scopes, protected=frozenset({Protected.NAME})
    )
    caller = admit(granted, SHOP, partner=True, fidelity=Fidelity.DOCUMENTED)
    assert not caller.all_orders
    assert caller.hidden == {Protected.EMAIL, Protected.PHONE, Protected.ADDRESS}
    assert caller.fidelity is Fidelity.DOCUMENTED


def test_scopes_are_read_from_either_spelling_and_unknown_ones_are_named():
    assert scope.parse("read_orders, write_orders") == scope.parse("[read_orders,write_orders]")
    assert scope.spell(scope.parse("write_orders,read_orders")) == "read_orders,write_orders"
    with pytest.raises(scope.UnknownScope, match="did you mean 'read_orders'"):
        scope.parse("read_order")


def test_an_app_needs_a_name_and_a_scope():
    assert APP.checked() == APP
    changes = (
        {"name": " "},
        {"name": "a\nb"},
        {"scopes": frozenset()},
        {"client_id": "C"},
        {"handle": "A b"},
    )
    for change in (*changes, {"embedded": True}, {"application_url": "http://app.example.com"}):
        with pytest.raises(Invalid):
            msgspec.structs.replace(APP, **change).checked()


@given(st.lists(st.integers(0, 5 * SECOND), max_size=200))
def test_a_bucket_never_lets_more_through_than_its_size_and_what_flowed_back(gaps):
    bucket, at, let = Bucket(at=0), 0, 0
    for gap in gaps:
        at += gap
        taken = bucket.take(size=40, refill=2, at=at)
        if taken is None:
            assert bucket.wait(size=40, refill=2, at=at) >= 1
        else:
            bucket, let = taken, let + 1
            assert 0 < bucket.used <= 40
    assert let <= 40 + at / SECOND * 2


def test_a_clock_that_steps_back_neither_fills_nor_empties_a_bucket():
    bucket = Bucket(used=40, at=100 * SECOND)
    assert bucket.take(size=40, refill=2, at=0) is None
    assert bucket.now(refill=2, at=0) == bucket
    assert bucket.give_back().used == 39
    assert Bucket().give_back().used == 0
    assert bucket.wait(size=40, refill=2, at=100 * SECOND) == 1


def test_a_page_token_is_read_back_and_a_forged_one_is_refused():
    tokens = PageTokens(b"key")
    position = Position(list="orders/1/2", key=(5, 6), filters={"q": "x"}, limit=7)
    token = tokens.write(position)
    assert tokens.read(token, of="orders/1/2") == position
    for wrong in ("", "x", token[:-1], token[:-2] + "AA", "ü"):
        with pytest.raises(BadPageToken):
            tokens.read(wrong, of="orders/1/2")
    with pytest.raises(BadPageToken):
        tokens.read(token, of="orders/1/3")
    with pytest.raises(BadPageToken):
        PageTokens(b"other").read(token, of="orders/1/2")


def test_a_link_names_previous_before_next():
    assert link("http://h/p", {"next": "n", "previous": "p"}, limit="5") == (
        '<http://h/p?pageToken=p&limit=5>; rel="previous", <http://h/p?pageToken=n&limit=5>; rel="next"'
    )


@given(st.datetimes().map(lambda naive: naive.replace(tzinfo=moment(0).tzinfo)))
def test_a_moment_is_kept_to_the_microsecond(given_moment):
    assert moment(micros(given_moment)) == given_moment


def test_times_are_spelled_with_the_offset_of_their_moment():
    winter, summer = 1_199_980_800 * SECOND, 1_719_835_200 * SECOND
    assert iso(winter, "America/New_York") == "2008-01-10T11:00:00-05:00"
    assert iso(summer, "America/New_York") == "2024-07-01T08:00:00-04:00"


def test_a_refusals_code_is_its_name():
    assert BadPageToken("x").code == "bad_page_token"
    assert Refusal("x").code == "refusal"
    assert Throttled("x", retry_after=3).retry_after == 3


def test_settings_are_read_from_the_environment_and_options_win():
    found = from_environment(
        {"TILL_PORT": "1", "TILL_FIDELITY": "documented", "HOME": "/"}, port=2, host=None
    )
    assert (found.port, found.host, found.fidelity) == (2, "127.0.0.1", Fidelity.DOCUMENTED)
    assert from_environment({}) == Settings()
    for word, local in (("1", True), ("0", False), ("no", False)):
        assert from_environment({"TILL_LOCAL_WEBHOOKS": word}).local_webhooks is local


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TILL_PROT", "1"),
        ("TILL_PORT", "x"),
        ("TILL_PORT", "70000"),
        ("TILL_WORKERS", "0"),
        ("TILL_WORKERS", "2"),
        ("TILL_FIDELITY", "exact"),
        ("TILL_LOCAL_WEBHOOKS", "perhaps"),
    ],
)
def test_a_setting_that_is_unknown_or_cannot_be_stops_the_start(variable, value):
    with pytest.raises(Invalid):
        from_environment({variable: value})
