"""From the transactions that a request tells to the ledger of an order, which must add up."""

from collections import Counter

from till.money import spell
from till.orders.movements import Transaction
from till.orders.pay import MANUAL
from till.orders.wire.past_fields import PastTransactionIn
from till.orders.wire.reading import Amounts, Mint, said
from till.orders.words import TransactionKind as Kind
from till.orders.words import TransactionStatus

HOLDS, PAYMENTS = "authorization", "sale or capture"
OF = {Kind.CAPTURE: HOLDS, Kind.VOID: HOLDS, Kind.REFUND: PAYMENTS}
MAKES = {Kind.AUTHORIZATION: HOLDS, Kind.SALE: PAYMENTS, Kind.CAPTURE: PAYMENTS}


class LedgerReader:
    """Books transactions one after the other: captures of what was held, refunds of what was paid.

    One without a date was made at the order's, `made`; money that nobody says when it was held lapses
    counting from `at`, when the request came. `names` are the order's gateways.
    """

    def __init__(self, amounts: Amounts, mint: Mint, names: tuple[str, ...], *, made: int, at: int) -> None:
        self._amounts = amounts
        self._mint = mint
        self._gateway = next(iter(names), MANUAL)
        self._made = made
        self._at = at
        self._booked: dict[str, Transaction] = {}
        self._ids: dict[str, str] = {}
        self._left: dict[str, dict[str, int]] = {HOLDS: {}, PAYMENTS: {}}
        self._open: dict[str, dict[str, None]] = {HOLDS: {}, PAYMENTS: {}}

    def read(self, sent: tuple[PastTransactionIn, ...]) -> tuple[Transaction, ...]:
        """The ledger; ids are kept where no other transaction of the order has the same."""
        often = Counter(said(each.id) for each in sent)
        for index, each in enumerate(sent):
            own: str | None = said(each.id)
            is_own = own is not None and often[own] == 1
            self._book(each, own if is_own and own else str(self._mint()), f"order.transactions[{index}]")
            if own is not None:
                self._ids[own] = next(reversed(self._booked)) if is_own else ""
        return tuple(self._booked.values())

    def _book(self, sent: PastTransactionIn, own: str, path: str) -> None:
        self._amounts.must_be_own(sent.currency, f"{path}.currency")
        parent = self._parent(sent, path)
        status = said(sent.status, TransactionStatus.SUCCESS)
        moves = status is TransactionStatus.SUCCESS
        amount = self._amount(sent, parent, path, moves=moves)
        for value, name in ((sent.created_at, "createdAt"), (sent.processed_at, "processedAt")):
            if said(value, 0) > self._at:
                self._amounts.problems[f"{path}.{name}"] = ["is in the future"]
        made = said(sent.created_at, self._made)
        undated = sent.kind is Kind.AUTHORIZATION and said(sent.created_at) is None
        held = self._booked.get(parent or "")
        booked = Transaction(
            id=own,
            kind=sent.kind,
            amount=amount,
            gateway=said(sent.gateway) or (held.gateway if held else self._gateway),
            created_at=made,
            parent_id=parent,
            status=status,
            processed_at=said(sent.processed_at, self._at if undated else None),
            authorization=said(sent.authorization, held.authorization if held else None),
            channel_trx_no=said(sent.channel_trx_no),
            message=said(sent.message),
        )
        self._booked[own] = booked
        if moves:
            self._move(booked)

    def _parent(self, sent: PastTransactionIn, path: str) -> str | None:
        """The transaction that this one follows; the only one that it can, where none is named."""
        named, of = said(sent.parent_id), OF.get(sent.kind)
        wrong = None
        if of is None:
            wrong = f"is not for a {sent.kind}, which follows nothing" if named is not None else None
        elif named is None:
            found = self._open[of]
            if len(found) == 1:
                return next(iter(found))
            wrong = (
                f"is required: there are {len(found)} of which this could be a {sent.kind}"
                if found
                else (f"is required: no {of} with anything left stands before it")
            )
        else:
            parent = self._ids.get(named)
            if parent in self._left[of]:
                return parent
            wrong = f"is the id of no successful {of} before it"
        if wrong:
            self._amounts.problems[f"{path}.parentId"] = [wrong]
        return None

    def _amount(self, sent: PastTransactionIn, parent: str | None, path: str, *, moves: bool) -> int:
        amount: int | None = self._amounts(sent.amount, f"{path}.amount")
        left = None if parent is None else self._left[OF[sent.kind]][parent]
        if amount is None:
            if left is None and sent.kind not in OF:
                self._amounts.problems[f"{path}.amount"] = ["is required"]
            return left or 0
        wrong = None
        if moves and left is not None and amount > left:
            wrong = f"must be at most {spell(left, self._amounts.currency)}, which is left of {parent}"
        elif moves and left is not None and sent.kind is Kind.VOID and amount != left:
            wrong = f"must be {spell(left, self._amounts.currency)}: a void lets go of all that is left"
        if wrong:
            self._amounts.problems[f"{path}.amount"] = [wrong]
        return amount

    def _move(self, booked: Transaction) -> None:
        """Take what it moved off its parent, and let others follow it."""
        of, makes = OF.get(booked.kind), MAKES.get(booked.kind)
        if of is not None and booked.parent_id is not None:
            self._left[of][booked.parent_id] -= booked.amount
            if self._left[of][booked.parent_id] <= 0:
                self._open[of].pop(booked.parent_id, None)
        if makes is not None:
            self._left[makes][booked.id] = booked.amount
            if booked.amount:
                self._open[makes][booked.id] = None
