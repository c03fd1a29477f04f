"""Which passwords are taken, and how many are looked at at once."""

import asyncio
import threading

import pytest
from argon2 import PasswordHasher

from till.staff.passwords import (
    AT_ONCE,
    COMMONEST,
    MOST_WAITING,
    BadPassword,
    Passwords,
    TooManyAtOnce,
    checked,
)

EMAIL = "ada.byron@example.com"


@pytest.mark.parametrize(
    "password", ["twelve chars", "x" * 252 + "yzab", "パスワードは十二文字です。", "ada@example.net 7 plums"]
)
def test_what_is_long_and_not_the_first_guess_is_taken(password):
    assert checked(password, email=EMAIL) == password


@pytest.mark.parametrize(
    "password",
    [
        "eleven char",
        "x" * 253 + "yzab",
        EMAIL,
        EMAIL.upper(),
        f"{EMAIL}1",
        "abababababababab",
        "111111111111",
        *sorted(COMMONEST)[:3],
        "ADMINISTRATOR",
    ],
)
def test_what_others_try_first_is_not(password):
    with pytest.raises(BadPassword) as refusal:
        checked(password, email=EMAIL)
    assert list(refusal.value.fields) == ["password"]


def test_every_word_of_the_list_could_have_been_chosen():
    assert {each for each in COMMONEST if len(each) < 12 or each != each.casefold()} == set()


class Watched(PasswordHasher):
    """Knows how many work at the same time."""

    def __init__(self):
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.now = self.most = 0
        self.lock, self.gate = threading.Lock(), threading.Event()

    def hash(self, password, **more):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.gate.wait(60)
        with self.lock:
            self.now -= 1
        return super().hash(password, **more)


def test_few_work_at_once_many_wait_and_more_are_told_to_come_again(run):
    hasher = Watched()
    passwords = Passwords(hasher)

    async def flood():
        asked = [asyncio.ensure_future(passwords.hash(f"password {n}")) for n in range(MOST_WAITING + 6)]
        async with asyncio.timeout(20):
            while hasher.now < AT_ONCE:  # noqa: ASYNC110 - threads count it
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)  # for one too many
        hasher.gate.set()
        return await asyncio.gather(*asked, return_exceptions=True)

    kinds = [type(each) for each in run(flood())]
    assert (kinds.count(str), kinds.count(TooManyAtOnce)) == (MOST_WAITING, 6)
    assert hasher.most == AT_ONCE
    assert isinstance(run(passwords.hash("password")), str)  # and the seats are free again
    passwords.close()


@pytest.mark.parametrize("stored", [None, "", "no hash at all", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"])
def test_what_is_no_hash_proves_nothing(run, stored):
    passwords = Passwords()
    assert run(passwords.proves("seven green kettles", stored)) is False
    passwords.close()
