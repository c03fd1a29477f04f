"""What is left of people where no order of theirs leads to it: what was told, kept answers, words."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import msgspec

from till.clock import DAY, SECOND
from till.customers.keys import email_key, phone_key
from till.db.port import Database, Dialect, Row, Tx
from till.privacy import traces
from till.privacy.person import Subject

STRIDE = 500
WINDOW = 600 * SECOND
# Answers are kept for a day (till.web.kept), and forgotten every ten minutes.
KEPT = DAY + 2 * WINDOW
NEEDLES = 100
LAST = "SELECT event_number FROM counters WHERE shop_id = :shop_id"
CHANGES = """
    SELECT c.number, c.resource_id, c.payload,
        EXISTS (SELECT 1 FROM orders o WHERE o.shop_id = c.shop_id AND o.id = c.resource_id)
    FROM changes c WHERE c.shop_id = :shop_id AND c.number > :after AND c.number <= :upto ORDER BY c.number
"""
# What tells of a shop has the shop's own address, and what tells of a wish is of no order.
SHOP, WISHES = "shop", ("customerRedact", "customerDataRequest")
NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
# SQLite keeps the words of rows that were replaced until their segments are merged; a negative number
# begins to merge them all, a positive one goes on, at most so many pages at once.
MERGE = "INSERT INTO order_terms (order_terms, rank) VALUES ('merge', :pages)"
PAGES = 200
# The first only ends a merge that was under way, the second takes all segments there are; one more is for
# what writers began meanwhile.
PASSES = 3
TURNED = "SELECT total_changes()"


@dataclass(frozen=True, slots=True)
class Swept:
    """What was found of somebody in all that was told up to the change `upto`.

    `gone` are orders that are there no more, `others` those that are, and told of them once.
    """

    upto: int
    gone: frozenset[int]
    others: frozenset[int]


async def last_change(tx: Tx, *, shop_id: int) -> int:
    """The number of the last event of a shop; no change has a greater one."""
    rows = await tx.fetch(LAST, shop_id=shop_id)
    return rows[0][0] if rows else 0


async def forget_told(
    db: Database, subject: Subject, *, shop_id: int, after: int, but: int | None, own: Container[int]
) -> Swept:
    """Forget what was told of somebody after the change `after`, but in the change `but`.

    Looks at all that was told in the shop, a stride at a time: what deleted orders told, what other orders
    told when they had their e-mail address, and earlier wishes. Orders that are their `own` are left out of
    what it answers.
    """
    upto = await db.read(partial(last_change, shop_id=shop_id))
    look = _Look.of(subject)
    gone, others = set[int](), set[int]()
    for first in range(after, upto, STRIDE):
        last = min(first + STRIDE, upto)
        rows = await db.read(partial(changes_after, shop_id=shop_id, after=first, upto=last), heavy=True)
        for number, resource_id, payload, is_there in rows:
            told = None if number == but else look.told(payload)
            if told is None:
                continue
            if traces.tells(payload):
                place = {"shop_id": shop_id, "number": number, "resource_id": resource_id}
                await db.write(partial(_forget, **place), shop_id=shop_id)
            if resource_id not in own and told.keys().isdisjoint(WISHES):
                (others if is_there else gone).add(resource_id)
    return Swept(upto, frozenset(gone), frozenset(others))


async def is_told_after(tx: Tx, subject: Subject, *, shop_id: int, after: int, but: int | None) -> bool:
    """True where something personal of somebody was told after a change, or too much to look through here."""
    upto = await last_change(tx, shop_id=shop_id)
    if upto - after > STRIDE:
        return True
    look = _Look.of(subject)
    rows = await changes_after(tx, shop_id=shop_id, after=after, upto=upto)
    return any(row[0] != but and look.told(row[2]) is not None and traces.tells(row[2]) for row in rows)


async def changes_after(tx: Tx, *, shop_id: int, after: int, upto: int) -> list[Row]:
    """The number, resource and payload of changes, and whether an order of that id is there."""
    return await tx.fetch(CHANGES, shop_id=shop_id, after=after, upto=upto)


async def forget_answers(
    db: Database, needles: Sequence[str], *, shop_id: int, at: int, subject: Subject | None = None
) -> None:
    """Forget people in the answers kept for Idempotency-Keys that hold one of `needles`.

    Where there is a `subject`, only in those that tell of them.
    """
    look = None if subject is None else _Look.of(subject)
    for first in range(0, len(needles), NEEDLES):
        some = needles[first : first + NEEDLES]
        # A clock that ran ahead may have kept some for later than now.
        for since in range(at - KEPT, at + WINDOW, WINDOW):
            find = partial(
                traces.answers_about, shop_id=shop_id, needles=some, since=since, until=since + WINDOW
            )
            rows = await db.read(find, heavy=True)
            if look is not None:
                rows = [row for row in rows if row[3] and look.told(row[3]) is not None]
            if rows:
                await db.write(partial(_forget_answers, rows=rows, shop_id=shop_id), shop_id=shop_id)


async def scrub(db: Database) -> None:
    """Leave nothing of what was removed in the files themselves, as far as that is ours to do.

    PostgreSQL's vacuum does so in its own time.
    """
    if db.dialect is Dialect.SQLITE:
        for _ in range(PASSES):
            if not await _merge_all(db):
                break
    await db.scrub()


async def _merge_all(db: Database) -> bool:
    """Merge all segments of the words of orders, bit by bit; False where there was nothing to do."""
    pages = -PAGES
    while await db.write(partial(_merge, pages=pages)) > 1:
        pages = PAGES
    return pages == PAGES


async def _merge(tx: Tx, *, pages: int) -> int:
    """Merge some pages of the words of orders; answers how many rows that wrote: one is none."""
    before = (await tx.fetch(TURNED))[0][0]
    await tx.execute(MERGE, pages=pages)
    return int((await tx.fetch(TURNED))[0][0] - before)


@dataclass(frozen=True, slots=True)
class _Look:
    """Somebody, and what a payload that tells of them holds, however it was written there.

    To look for that is much cheaper than to decode: ids stand between quotes, e-mail addresses are compared
    without their case, telephone numbers by their digits, whatever stands between them.
    """

    subject: Subject
    ids: tuple[bytes, ...]
    emails: tuple[str, ...]
    phones: tuple[bytes, ...]

    @classmethod
    def of(cls, subject: Subject) -> Self:
        return cls(
            subject,
            tuple(map(msgspec.json.encode, sorted(subject.ids))),
            tuple(msgspec.json.encode(each.decode())[1:-1].decode() for each in sorted(subject.emails)),
            tuple(sorted(subject.phones)),
        )

    def told(self, payload: bytes) -> dict[str, Any] | None:
        """What a payload tells, if that is of them; else None."""
        payload = bytes(payload)
        if not (
            any(each in payload for each in self.ids)
            or (self.emails and self._has_email(payload.decode().casefold()))
            or (self.phones and self._has_phone(payload.translate(None, NO_DIGITS)))
        ):
            return None
        told = msgspec.json.decode(payload)
        return told if isinstance(told, dict) and _tells_of(told, self.subject) else None

    def _has_email(self, text: str) -> bool:
        return any(each in text for each in self.emails)

    def _has_phone(self, digits: bytes) -> bool:
        return any(each in digits for each in self.phones)


def _tells_of(told: dict[str, Any], subject: Subject) -> bool:
    """True of a payload about this person, and of none about another who has the same word somewhere."""
    for name, thing in told.items():
        if name == SHOP or not isinstance(thing, dict):
            continue
        customer = thing.get("customer")
        if isinstance(customer, dict):
            if customer.get("id") is not None:
                return str(customer["id"]) in subject.ids
            if _is_theirs(customer, subject):
                return True
        if _is_theirs(thing, subject):
            return True
    return False


def _is_theirs(thing: dict[str, object], subject: Subject) -> bool:
    email, phone = thing.get("email"), thing.get("phone")
    has_email = isinstance(email, str) and email_key(email) in subject.emails
    return has_email or (isinstance(phone, str) and phone_key(phone) in subject.phones)


async def _forget(tx: Tx, *, shop_id: int, number: int, resource_id: int) -> None:
    await traces.forget_change(tx, shop_id=shop_id, number=number)
    await traces.forget_attempts(tx, shop_id=shop_id, resource_id=resource_id)


async def _forget_answers(tx: Tx, *, rows: Sequence[Row], shop_id: int) -> None:
    await traces.forget_answers(tx, rows, shop_id=shop_id)
