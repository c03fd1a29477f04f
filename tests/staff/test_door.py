"""Signing in and out, and what sessions live through, on both stores."""

import asyncio
import time

import pytest
from argon2 import PasswordHasher

from staffing import NOON, PASSWORD, Asking
from till.staff.door import COOKIE, Door, Entry, WrongCredentials
from till.staff.invitations import InvitationNotFound, Kind
from till.staff.passwords import BadPassword
from till.staff.person import Role
from till.staff.sessions import Sessions
from till.staff.store import People
from till.staff.throttle import TooManyAttempts


def test_a_set_up_link_makes_the_owner_of_all_shops_and_works_once(place):
    shops = [place.found(handle) for handle in ("corner", "market")]
    first, second = place.link(), place.link()
    visitor = place.who(place.accept(first))
    assert [(each.shop, each.role) for each in visitor.memberships] == [(one, Role.OWNER) for one in shops]
    assert (visitor.person.email, visitor.person.name) == ("ada@example.com", "Ada Byron")
    for token in (first, second):  # the other was for whoever comes first
        with pytest.raises(InvitationNotFound):
            place.accept(token, "eve@example.com")


def test_of_two_who_come_with_one_link_at_once_one_gets_in(place):
    token = place.link()
    entries = [Entry(email=f"p{n}@example.com", password=PASSWORD, name="P") for n in range(2)]

    async def both():
        comings = (place.door.accept(Asking(), token, entry) for entry in entries)
        return await asyncio.gather(*comings, return_exceptions=True)

    outcomes = place.run(both())
    assert sorted(type(each) for each in outcomes if not isinstance(each, str)) == [InvitationNotFound]
    assert len(place.rows("SELECT id FROM people")) == 1


@pytest.mark.parametrize(("age", "good"), [({"hours": 71}, True), ({"days": 3}, False)])
def test_a_link_is_good_for_three_days(place, age, good):
    token = place.link()
    place.later(**age)
    if good:
        assert place.accept(token)
    else:
        with pytest.raises(InvitationNotFound):
            place.accept(token)


def test_an_invitation_is_for_one_shop_and_one_address(place):
    shop, _ = place.found("corner"), place.found("market")
    token = place.link(Kind.STAFF, shop, "bob@example.com")
    visitor = place.who(place.accept(token, "eve@example.com"))
    assert visitor.person.email == "bob@example.com"  # whatever was typed
    assert [(each.shop.handle, each.role) for each in visitor.memberships] == [("corner", Role.STAFF)]


def test_who_has_an_account_proves_it_before_an_invitation_adds_to_it(place):
    corner, market = place.found("corner"), place.found("market")
    old = place.person(kind=Kind.STAFF, shop=corner)
    token = place.link(Kind.OWNER, market, "ada@example.com")
    with pytest.raises(WrongCredentials):
        place.accept(token, password="eight green kettles")
    new = place.accept(token)
    assert [each.shop.handle for each in place.who(new).memberships] == ["corner", "market"]
    assert place.who(old) is None  # rights changed, so all earlier sessions ended


def test_a_new_password_ends_all_sessions_and_the_old_password(place):
    place.found("corner")
    old = place.person()
    new = place.accept(place.link(Kind.RESET, email="ada@example.com"), password="nine yellow kettles")
    assert (place.who(old), place.who(new).person.email) == (None, "ada@example.com")
    with pytest.raises(WrongCredentials):
        place.sign_in()
    assert place.sign_in(password="nine yellow kettles")


@pytest.mark.parametrize(
    "password",
    ["short", "x" * 257, "aaaaaaaaaaaaaaaa", "Password1234", "ada@example.com", "my ada@example.com"],
)
def test_a_poor_password_is_not_taken_and_the_link_stays(place, password):
    token = place.link()
    with pytest.raises(BadPassword):
        place.accept(token, password=password)
    assert place.accept(token, password="é" * 3 + "abcdefghi")


def test_a_password_is_the_same_however_its_accents_are_typed(place):
    place.accept(place.link(), password="caf\u00e9 au lait noir")
    assert place.sign_in(password="cafe\u0301 au lait noir")


def test_signing_in_makes_a_new_session_each_time_and_never_adopts_a_planted_one(place):
    first = place.person()
    again = place.sign_in(asking=Asking({COOKIE: first}))
    assert again != first
    assert place.who(first) is None  # the browser's session before is gone
    planted = "p" * 43
    cookie = place.sign_in(asking=Asking({COOKIE: planted}))
    assert (cookie != planted, place.who(planted)) == (True, None)
    assert place.who(again) is not None  # another browser's stays


def test_only_a_digest_of_a_cookie_and_of_a_link_is_stored(place):
    token = place.link()
    cookie = place.accept(token)
    for table in ("people", "sessions", "invitations"):
        stored = repr([tuple(row) for row in place.rows(f"SELECT * FROM {table}")])
        assert [each for each in (token, cookie, PASSWORD) if each in stored] == []
    assert place.rows("SELECT password FROM people")[0][0].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_signing_out_ends_the_session_on_the_server(place):
    cookie = place.person()
    place.run(place.door.sign_out(Asking({COOKIE: cookie})))
    assert place.who(cookie) is None


def test_a_session_ends_after_twelve_idle_hours(place):
    cookie = place.person()
    for _ in range(3):
        place.later(hours=11, minutes=59)
        assert place.who(cookie) is not None
    place.later(hours=12)
    assert place.who(cookie) is None


def test_a_session_ends_after_seven_days_however_busy(place):
    cookie = place.person()
    for _ in range(14):
        assert place.who(cookie) is not None
        place.later(hours=11, minutes=59)
    assert place.now - NOON < 7 * 86_400_000_000
    assert place.who(cookie) is not None
    place.later(minutes=14)
    assert place.who(cookie) is None


@pytest.mark.parametrize("change", ["deactivate", "remove", "leave"])
def test_whoever_is_sent_away_is_signed_out(place, change):
    shop = place.found("corner")
    cookie = place.person()

    async def work(tx):
        people = People(tx)
        if change == "deactivate":
            await people.deactivate("ada@example.com", at=place.now)
        elif change == "remove":
            await people.remove("ada@example.com")
        else:
            await people.leave(await people.find("ada@example.com"), shop)

    place.write(work)
    assert place.who(cookie) is None
    if change == "leave":
        assert place.who(place.sign_in()).memberships == ()
        return
    with pytest.raises(WrongCredentials) as wrong:
        place.sign_in()
    with pytest.raises(WrongCredentials) as unknown:
        place.sign_in("nobody@example.com")
    assert wrong.value.message == unknown.value.message
    place.write(lambda tx: People(tx).reactivate("ada@example.com")) if change == "deactivate" else None
    assert bool(change == "deactivate" and place.sign_in()) is (change == "deactivate")


def test_five_failures_are_free_then_waits_double_and_the_right_password_must_wait_too(place):
    place.person()
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            place.sign_in(password="wrong wrong wrong")
    waits = []
    for _ in range(12):
        with pytest.raises(TooManyAttempts) as held:
            place.sign_in()
        waits.append(held.value.retry_after)
        place.later(seconds=held.value.retry_after)
        with pytest.raises(WrongCredentials):
            place.sign_in(password="wrong wrong wrong")
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
    place.later(seconds=900)
    assert place.sign_in()
    with pytest.raises(WrongCredentials):  # and all is forgotten
        place.sign_in(password="wrong wrong wrong")
    assert place.sign_in()


def test_an_account_that_is_not_there_is_held_up_just_the_same(place):
    place.person()
    said = {}
    for email in ("ada@example.com", "nobody@example.com"):
        said[email] = []
        for _ in range(8):
            with pytest.raises((WrongCredentials, TooManyAttempts)) as refusal:
                place.sign_in(email, "wrong wrong wrong", Asking(address=email))
            said[email].append((type(refusal.value), refusal.value.message))
    assert said["ada@example.com"] == said["nobody@example.com"]
    names = [row[0] for row in place.rows("SELECT name FROM sign_in_failures")]
    assert not any("@" in name for name in names if name.startswith("account"))


def test_many_accounts_from_one_address_are_held_up_too(place):
    for n in range(30):
        with pytest.raises(WrongCredentials):
            place.sign_in(f"p{n}@example.com", asking=Asking(address=f"2001:db8::{n + 1:x}"))
    with pytest.raises(TooManyAttempts):
        place.sign_in("another@example.com", asking=Asking(address="2001:db8::ffff"))
    with pytest.raises(WrongCredentials):
        place.sign_in("another@example.com", asking=Asking(address="2001:db8:0:1::1"))


def test_many_tries_at_once_are_no_more_than_one_after_another(place):
    place.person()

    async def all_at_once():
        entry = Entry(email="ada@example.com", password="wrong wrong wrong")
        return await asyncio.gather(
            *(place.door.sign_in(Asking(), entry) for _ in range(20)), return_exceptions=True
        )

    kinds = [type(each) for each in place.run(all_at_once())]
    assert (kinds.count(WrongCredentials), kinds.count(TooManyAttempts)) == (5, 15)


def test_a_wrong_password_takes_as_long_where_nobody_is_there(place):
    place.person()
    place.sign_in()

    def took(email):
        """Seconds of a processor: those of the clock are shared with whatever else runs here."""
        began = time.process_time()
        with pytest.raises(WrongCredentials):
            place.sign_in(email, "wrong wrong wrong", Asking(address=email))
        return time.process_time() - began

    pairs = [(took("ada@example.com"), took("nobody@example.com")) for _ in range(4)]
    there, nowhere = map(min, zip(*pairs, strict=True))
    assert 0.4 < there / nowhere < 2.5
    assert nowhere > 0.005  # the argon2 of nobody's password was really worked out


def test_a_hash_of_older_parameters_is_renewed_at_the_next_sign_in(place):
    place.person()
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    person_id = place.rows("SELECT id FROM people")[0][0]
    place.write(lambda tx: People(tx).set_password(person_id, weak))
    place.sign_in()
    stored = place.rows("SELECT password FROM people")[0][0]
    assert (stored != weak, "m=19456,t=2,p=1" in stored) == (True, True)
    place.sign_in()
    assert place.rows("SELECT password FROM people")[0][0] == stored


def test_what_had_its_time_is_forgotten(place):
    cookie = place.person()
    with pytest.raises(WrongCredentials):
        place.sign_in("nobody@example.com")
    place.later(days=40)
    place.run(place.door.forget_old())
    tables = ("sessions", "invitations", "sign_in_failures")
    assert [place.rows(f"SELECT COUNT(*) FROM {table}")[0][0] for table in tables] == [0, 0, 0]
    assert place.run(place.db.read(lambda tx: Sessions(tx).find(cookie, at=NOON))) is None


def test_all_processes_share_sessions_and_failures(place, passwords):
    another = Door(db=place.db, clock=lambda: place.now, mint=place.mint, passwords=passwords)
    cookie = place.person()
    assert place.run(another.visitor(Asking({COOKIE: cookie}))).person.email == "ada@example.com"
    entry = Entry(email="ada@example.com", password="wrong wrong wrong")
    for n in range(5):
        with pytest.raises(WrongCredentials):
            place.run((another if n % 2 else place.door).sign_in(Asking(), entry))
    for door in (another, place.door):
        with pytest.raises(TooManyAttempts):
            place.run(door.sign_in(Asking(), entry))
    place.run(another.sign_out(Asking({COOKIE: cookie})))
    assert place.who(cookie) is None
