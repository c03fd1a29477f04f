"""What is left of people where no order leads to it: deleted orders, kept answers, the words of a search."""

from collections.abc import Sequence
from functools import partial

import msgspec

from till.clock import DAY, SECOND
from till.customers.keys import email_key, phone_key
from till.db.port import Database, Dialect, Row, Tx
from till.privacy import traces
from till.privacy.person import Subject

STRIDE = 2_000
WINDOW = 600 * SECOND
# Answers are kept for a day (till.web.kept), and forgotten every ten minutes.
KEPT = DAY + 2 * WINDOW
NEEDLES = 100
LAST = "SELECT event_number FROM counters WHERE shop_id = :shop_id"
# Changes that hold some text, of what is no longer there: an order that was deleted, a wish that was told.
SWEEP = """
    SELECT c.number, c.resource_id, c.payload FROM changes c
    WHERE c.shop_id = :shop_id AND c.number > :after AND c.number <= :upto AND {about}
        AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.shop_id = c.shop_id AND o.id = c.resource_id)
    ORDER BY c.number
"""
# SQLite keeps the words of rows that were replaced until their segments are merged; a negative number
# begins to merge them all, a positive one goes on, at most so many pages at once.
MERGE = "INSERT INTO order_terms (order_terms, rank) VALUES ('merge', :pages)"
PAGES = 200
# The first only ends a merge that was under way, the second takes all segments there are; one more is for
# what writers began meanwhile.
PASSES = 3
TURNED = "SELECT total_changes()"


async def forget_deleted(db: Database, subject: Subject, *, shop_id: int, but: int | None) -> list[int]:
    """Forget what deleted orders of somebody told, and earlier wishes, but for the change `but`.

    Answers the orders that it found. Looks at all that was ever told in the shop, a stride at a time.
    """
    rows = await db.read(lambda tx: tx.fetch(LAST, shop_id=shop_id))
    last = rows[0][0] if rows else 0
    found: list[int] = []
    for after in range(0, last, STRIDE):
        stride = partial(_stride, subject=subject, shop_id=shop_id, after=after)
        for number, resource_id, payload in await db.read(stride, heavy=True):
            if number == but or not _tells_of(msgspec.json.decode(payload), subject):
                continue
            await db.write(
                partial(_forget, shop_id=shop_id, number=number, resource_id=resource_id), shop_id=shop_id
            )
            found.append(resource_id)
    return sorted(set(found))


async def forget_answers(db: Database, needles: Sequence[str], *, shop_id: int, at: int) -> None:
    """Forget people in the answers kept for Idempotency-Keys that hold one of `needles`."""
    for first in range(0, len(needles), NEEDLES):
        some = needles[first : first + NEEDLES]
        # A clock that ran ahead may have kept some for later than now.
        for since in range(at - KEPT, at + WINDOW, WINDOW):
            look = partial(
                traces.answers_about, shop_id=shop_id, needles=some, since=since, until=since + WINDOW
            )
            rows = await db.read(look, heavy=True)
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


async def _stride(tx: Tx, *, subject: Subject, shop_id: int, after: int) -> list[Row]:
    keys = (*subject.emails, *subject.phones)
    needles = [*(f'"{each}"' for each in subject.ids), *(key.decode() for key in keys)]
    needles += [each for each in (subject.person.email, subject.person.phone) if each]
    return await tx.fetch(
        SWEEP.format(about=traces.HOLDS[tx.dialect].format("c.payload")),
        shop_id=shop_id,
        after=after,
        upto=after + STRIDE,
        needles=msgspec.json.encode(sorted(set(needles))).decode(),
    )


def _tells_of(told: dict[str, dict[str, object]], subject: Subject) -> bool:
    """True of a payload about this person, and of none about another who has the same word somewhere."""
    for thing in told.values():
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
