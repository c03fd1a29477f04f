"""Passwords: which are taken, how they are hashed (argon2id as OWASP advises), and proven in a thread."""

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NoReturn, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from till.errors import Invalid, Unavailable

T = TypeVar("T")
SHORTEST, LONGEST = 12, 256
FEWEST_KINDS = 5
# OWASP's Password Storage Cheat Sheet: argon2id, 19 MiB, two passes, one lane.
TIME_COST, MEMORY_KIB, LANES = 2, 19 * 1024, 1
AT_ONCE = 2
MOST_WAITING = 64
# The commonest of at least twelve characters in published leaks, but for those with few kinds of them.
COMMONEST = frozenset(
    """
    123456789012 1234567890123 12345678901234 123456789123 1234567891011 1234567890qwerty
    0987654321qwerty password1234 password12345 password123456 passwordpassword password123! passw0rd1234
    passw0rd123! p@ssw0rd1234 p@ssword1234 qwertyuiop12 qwertyuiop123 qwertyuiop[] qwertyuiopasdf
    qwertyuiopasdfghjkl qwerty123456 qwerty1234567 qwerty12345678 qwertyqwerty qwerty123qwerty 1qaz2wsx3edc
    1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i q1w2e3r4t5y6 zaq12wsxcde3 zaq1xsw2cde3 asdfghjkl123
    asdfghjklzxcvbnm zxcvbnm12345 zxcvbnmasdfghjkl abcdefghijkl abcdefghijklm abcdefghijklmnop
    abcdefghijklmnopqrstuvwxyz abc123abc123 abcd1234abcd letmeinletmein letmein12345 iloveyou1234
    iloveyouforever loveyouforever
    administrator administrator1 admin1234567 adminadminadmin welcome12345 welcome123456 changeme1234
    changemechangeme correcthorsebatterystaple trustno1trustno1 sunshine1234 princess1234 football1234
    baseball1234 superman1234 michaeljordan liverpool1234 manchesterunited dragon123456 monkey123456
    master123456 shadow123456 secret123456 secretsecret sekretsekret test12345678 testtesttest default12345
    """.split()  # noqa: SIM905 - a list of words is read more easily as words
)


class BadPassword(Invalid):
    """The password is too short, too long, or too easily guessed."""


class TooManyAtOnce(Unavailable):
    """More passwords wait to be looked at than can be soon."""


def checked(password: str, *, email: str) -> str:
    """A password that may be set, in the form that is hashed; `BadPassword` says what is wrong with it."""
    found = normal(password)
    if not SHORTEST <= len(found) <= LONGEST:
        _refuse(f"A password has {SHORTEST} to {LONGEST} characters: a few words in a row are easily kept.")
    plain = found.casefold()
    if plain in (email, email.partition("@")[0]) or email in plain:
        _refuse("The password holds the e-mail address, which is the first that others try: choose another.")
    if len(set(plain)) < FEWEST_KINDS or plain in COMMONEST:
        _refuse("This password is among the first that others try: choose another.")
    return found


def normal(password: str) -> str:
    """One spelling of what may be typed in several (NFC), bounded so that nothing long is ever hashed."""
    return unicodedata.normalize("NFC", password[: LONGEST * 4])


@dataclass(slots=True)
class Passwords:
    """Hashes and proves, at most two at once, for each takes 19 MiB and tens of milliseconds."""

    hasher: PasswordHasher = field(
        default_factory=lambda: PasswordHasher(
            time_cost=TIME_COST, memory_cost=MEMORY_KIB, parallelism=LANES, hash_len=32, salt_len=16
        )
    )
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(AT_ONCE, thread_name_prefix="till-password")
    )
    _waiting: int = 0
    _nobodys: str = ""

    async def hash(self, password: str) -> str:
        """What is stored of a password that `checked` let pass."""
        return await self._run(lambda: self.hasher.hash(password))

    async def proves(self, password: str, stored: str | None) -> bool:
        """Whether it is the password that `stored` was made of; takes as long where nothing is stored."""
        return await self._run(lambda: self._matches(normal(password), stored))

    def is_outdated(self, stored: str) -> bool:
        """Whether a stored hash was made with other parameters than today's."""
        return self.hasher.check_needs_rehash(stored)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _matches(self, password: str, stored: str | None) -> bool:
        if not self._nobodys:  # whoever comes first pays for it, known or not
            self._nobodys = self.hasher.hash(secrets.token_hex(32))
        try:
            self.hasher.verify(stored or self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise TooManyAtOnce("Too many sign in at this moment: try again in a few seconds.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def _refuse(sentence: str) -> NoReturn:
    raise BadPassword(sentence, fields={"password": [sentence]})
