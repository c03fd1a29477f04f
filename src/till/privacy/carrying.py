"""Carrying out what is due: one small transaction after the other, each of which may be done again.

    scheduled ──due──▶ erasing ──all forgotten──▶ erased ──looked at again──▶ at rest

A process that dies in the midst leaves a wish that is still due; whoever looks next begins where that one
was, for what is forgotten already stays so.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from msgspec.structs import replace

from till.clock import SECOND
from till.db.port import Database, Row, Tx
from till.orders.journal import system
from till.orders.store import OrderNotFound, Orders, unpack
from till.privacy import person, sweeping, topics, traces, wishes
from till.privacy.forgetting import forgotten
from till.privacy.person import Subject
from till.privacy.wishes import Kind, Stage, Wish, Wishes
from till.shops.store import Shops

AT_ONCE = 100
# So often what came while it was carried out is gone through as well, before the next time goes on.
ROUNDS = 10
# An attempt that was under way may still write down what its receiver answered.
AFTER_FLIGHT = 900 * SECOND


async def carry_out(db: Database, *, at: int, mint: Callable[[], int]) -> int:
    """Do all that is due at `at`; answers how many wishes were looked at.

    Any number of processes may do this at once. A wish that fails is left due, and keeps no other waiting.
    """
    seen: set[int] = set()
    failed: list[Exception] = []
    removed = False
    while True:
        rows = await db.read(partial(wishes.due, at=at, most=AT_ONCE + len(seen)))
        fresh = [wish for wish in rows if wish.id not in seen]
        if not fresh:
            break
        for wish in fresh:
            seen.add(wish.id)
            try:
                removed |= await _Deed(db, wish.shop_id, wish.id, at, mint).done()
            except Exception as error:  # noqa: BLE001 - one wish must not keep the others waiting
                failed.append(error)
    if removed:
        await sweeping.scrub(db)
    if failed:
        raise failed[0]
    return len(seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """How orders of a shop are forgotten: those of `subject`, or anybody's where there is none.

    What lost its people since the moment `since` is not done again.
    """

    shop_id: int
    at: int
    mint: Callable[[], int]
    subject: Subject | None = None
    since: int | None = None

    async def orders(self, db: Database, orders: Iterable[int]) -> None:
        """Take the people out of orders, each in a transaction of its own that has its shop to itself."""
        for order_id in orders:
            if not await db.read(partial(self._is_done, order_id)):
                await db.write(partial(self._one, order_id), shop_id=self.shop_id)

    async def _one(self, order_id: int, tx: Tx) -> None:
        """Take the people out of an order and of what it left behind, if it is not another's."""
        orders = Orders(tx, await Shops(tx).get(self.shop_id))
        try:
            old = unpack(await orders.get(order_id))
        except OrderNotFound:  # deleted meanwhile; what it left is swept up
            return
        if self.subject is None or self.subject.owns(old):
            await orders.change(old, partial(forgotten, at=self.at), by=system(self.mint))
            await traces.forget_order(tx, shop_id=self.shop_id, order_id=order_id)

    async def _is_done(self, order_id: int, tx: Tx) -> bool:
        """True of an order that lost its people since then, and was not changed after that."""
        if self.since is None:
            return False
        try:
            order = unpack(await Orders(tx, await Shops(tx).get(self.shop_id)).get(order_id))
        except OrderNotFound:
            return True
        erased_at = order.erased_at
        return erased_at is not None and erased_at >= self.since and erased_at == order.updated_at


@dataclass(frozen=True, slots=True)
class _Deed:
    """One wish, carried as far as it can be at `at`."""

    db: Database
    shop_id: int
    wish_id: int
    at: int
    mint: Callable[[], int]

    async def done(self) -> bool:
        """Go on with the wish; True where something was removed that may still lie in a file."""
        wish = await self.db.read(lambda tx: Wishes(tx, self.shop_id).get(self.wish_id))
        if wish is not None and wish.state is Stage.SCHEDULED:
            keys = await self._keys(wish)
            wish = await self.db.write(partial(self._begin, keys), shop_id=self.shop_id)
        if wish is None:
            return False
        if wish.state is Stage.ERASING:
            await self._erase(wish)
            return True
        if wish.next_at is not None and wish.next_at <= self.at:
            await self._look_again(wish)
            return True
        return False

    async def _begin(self, keys: list[Row], tx: Tx) -> Wish | None:
        """The wish as it is; one that is due is told to the apps, unless its customer bought meanwhile."""
        found = Wishes(tx, self.shop_id)
        wish = await found.get(self.wish_id)
        if wish is None or wish.state is not Stage.SCHEDULED or wish.due_at > self.at:
            return wish
        customer = await person.known(tx, shop_id=self.shop_id, number=wish.customer)
        if customer is None:
            ended = replace(wish, state=Stage.ERASED, reason=None, ended_at=self.at, next_at=None)
            return await found.put(ended)
        last = await person.last_order_at(tx, customer.id, shop_id=self.shop_id)
        due_at = wishes.due_at(requested_at=wish.requested_at, last_order_at=last, forced=wish.forced)
        if due_at > self.at:
            await found.put(replace(wish, due_at=due_at, next_at=due_at))
            return None
        shop = await Shops(tx).get(self.shop_id)
        subject = person.subject_of(customer, keys)
        orders = [order.id for order in await person.owned_by(tx, subject, shop)]
        number = await topics.tell_redact(tx, shop, subject, orders, at=self.at)
        begun = replace(wish, state=Stage.ERASING, next_at=self.at, change_number=number)
        return await found.put(begun)

    async def _keys(self, wish: Wish) -> list[Row]:
        keys = partial(person.keys_of, shop_id=self.shop_id, number=wish.customer)
        return await self.db.read(keys, heavy=True)

    async def _erase(self, wish: Wish) -> None:
        """Forget all that is there, and what came meanwhile; where that never ends, the next time goes on."""
        known, upto = None, 0
        for _ in range(ROUNDS):
            subject = await self._subject(wish)
            # Whom it knows by more than before, it looks for anew.
            upto = upto if subject == known else 0
            known, upto = subject, await self._round(wish, subject, upto)
            if await self.db.write(partial(self._end, wish, upto), shop_id=self.shop_id):
                return

    async def _subject(self, wish: Wish) -> Subject:
        customer = await self.db.read(partial(person.known, shop_id=self.shop_id, number=wish.customer))
        if customer is None:
            raise LookupError(f"customer {wish.customer} of erasure {wish.id} is not there")
        return person.subject_of(customer, await self._keys(wish))

    async def _round(self, wish: Wish, subject: Subject, after: int) -> int:
        """Forget their orders, and what was told after a change; answers the change it came to."""
        shop_id, since = self.shop_id, wish.next_at
        find = partial(person.orders_of, subject=subject, shop_id=shop_id)
        orders = await self.db.read(find, heavy=True)
        forgetting = Forgetting(shop_id=shop_id, at=self.at, mint=self.mint, subject=subject, since=since)
        await forgetting.orders(self.db, orders)
        shop = await self.db.read(lambda tx: Shops(tx).get(self.shop_id))
        owned = await self.db.read(partial(person.owned_by, subject=subject, shop=shop), heavy=True)
        own = {order.id for order in owned}
        swept = await sweeping.forget_told(
            self.db, subject, shop_id=shop_id, after=after, but=wish.change_number, own=own
        )
        named = person.needles_of(own | swept.gone, subject.id)
        await sweeping.forget_answers(self.db, named, shop_id=shop_id, at=self.at)
        named = [str(each) for each in sorted(swept.others)]
        await sweeping.forget_answers(self.db, named, shop_id=shop_id, at=self.at, subject=subject)
        return swept.upto

    async def _end(self, wish: Wish, upto: int, tx: Tx) -> bool:
        """Empty the row and remove the keys, unless something came of them that is not forgotten yet.

        One transaction that has the shop to itself, so that nothing comes between looking and emptying; all
        that was told up to a change was looked through before.
        """
        customer = await person.known(tx, shop_id=self.shop_id, number=wish.customer)
        found = Wishes(tx, self.shop_id)
        now = await found.get(wish.id)
        if customer is None or now is None or now.state is not Stage.ERASING:
            return True
        keys = await person.keys_of(tx, shop_id=self.shop_id, number=wish.customer)
        subject = person.subject_of(customer, keys)
        for order in await person.owned_by(tx, subject, await Shops(tx).get(self.shop_id)):
            if forgotten(order, at=self.at) is not order:
                return False
        told = partial(sweeping.is_told_after, tx, subject, shop_id=self.shop_id, after=upto)
        if await told(but=wish.change_number):
            return False
        await person.remove_keys(tx, customer, keys, shop_id=self.shop_id)
        await person.clear(tx, shop_id=self.shop_id, number=customer.number, at=self.at)
        ended = replace(now, state=Stage.ERASED, reason=None, ended_at=self.at)
        await found.put(replace(ended, next_at=self.at + AFTER_FLIGHT))
        return True

    async def _look_again(self, wish: Wish) -> None:
        """Look once more at what was under way; and once nobody is owed it any more, at what was told."""
        if wish.change_number is None:
            return
        number = wish.change_number
        if wish.kind is Kind.ERASURE:
            told = partial(topics.orders_told, shop_id=self.shop_id, number=number)
            for order_id in await self.db.read(told):
                work = partial(traces.forget_attempts, shop_id=self.shop_id, resource_id=order_id)
                await self.db.write(work, shop_id=self.shop_id)
        await self.db.write(partial(self._forget_told, wish), shop_id=self.shop_id)

    async def _forget_told(self, wish: Wish, tx: Tx) -> None:
        """Forget what was told of a wish if it is time; else say when to look again."""
        told_at = wish.ended_at or wish.requested_at
        place = {"shop_id": self.shop_id, "number": wish.change_number or 0}
        is_owed = await topics.is_owed(tx, resource_id=wish.customer, **place)
        least, most = told_at + wishes.TOLD_LEAST, told_at + wishes.TOLD_MOST
        over = self.at >= most or (self.at >= least and not is_owed)
        if over:
            await topics.forget_told(tx, **place)
            await traces.forget_attempts(tx, shop_id=self.shop_id, resource_id=wish.customer)
        next_at = None if over else max(least, self.at + wishes.LOOK_AGAIN)
        await Wishes(tx, self.shop_id).put(replace(wish, next_at=next_at))
