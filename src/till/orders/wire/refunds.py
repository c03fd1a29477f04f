"""Refunds on the wire (genstore.md §7.12)."""

from typing import Annotated

import msgspec
from msgspec import UNSET

from till.clock import iso
from till.dialect import readers
from till.dialect.body import Problems, invalid
from till.money import spell
from till.orders.movements import Reason, Refund, RefundedUnits, Transaction
from till.orders.order import Order
from till.orders.quote import RefundWish, WantedUnits
from till.orders.wire.kinds import Amount, Flag, Id, In, Line, Text, Unset
from till.orders.wire.money import TransactionOut, show_transaction
from till.orders.wire.out import Additive, Money, Out, Time
from till.orders.wire.reading import Amounts, said
from till.orders.wire.shipping import UnitsIn, line_named
from till.orders.words import RefundStatus, RestockType
from till.shop import Shop

Kind = Annotated[int | Unset | None, readers.whole(0, 1_000)]


class RefundUnitsIn(UnitsIn, kw_only=True, frozen=True):
    restock_type: Annotated[RestockType | Unset | None, readers.one_of(RestockType)] = UNSET
    rights_reason: Line = UNSET
    rights_reason_type: Kind = UNSET
    location_id: Id = UNSET


class RefundShippingIn(In, kw_only=True, frozen=True):
    amount: Amount = UNSET
    full_refund: Flag = UNSET


class RefundTransactionIn(In, kw_only=True, frozen=True):
    parent_id: Annotated[str, readers.identifier(nullable=False)]
    amount: Amount = UNSET


class RefundIn(In, kw_only=True, frozen=True):
    """A refund of units, shipping or an amount; what it comes to is worked out where it is left out."""

    order_id: Annotated[str, readers.identifier(nullable=False)]
    line_items: tuple[RefundUnitsIn, ...] | Unset | None = UNSET
    shipping: RefundShippingIn | Unset | None = UNSET
    amount: Amount = UNSET
    note: Text = UNSET
    rights_type: Kind = UNSET
    transactions: tuple[RefundTransactionIn, ...] | Unset | None = UNSET
    return_id: Id = UNSET
    status: Annotated[int | Unset | None, readers.whole(0, 1)] = UNSET


class RefundRequest(In, kw_only=True, frozen=True):
    refund: RefundIn


class ReviewIn(In, kw_only=True, frozen=True):
    """The decision on a refund, or another note: status 1 gives the money back, 2 declines."""

    status: Annotated[int | Unset | None, readers.whole(1, 2)] = UNSET
    note: Text = UNSET
    refund_id: Id = UNSET


class ReviewRequest(In, kw_only=True, frozen=True):
    refund: ReviewIn


class RefundedVariantOut(Out, kw_only=True, frozen=True):
    product_id: str
    variant_id: str


class RefundUnitsOut(Out, kw_only=True, frozen=True):
    id: Annotated[str, Additive]
    line_item_id: str
    line_item: RefundedVariantOut
    quantity: int
    subtotal: Money
    total_tax: Money
    rights_reason: str | None
    rights_reason_type: int
    restock_type: Annotated[RestockType, Additive]
    location_id: Annotated[str | None, Additive]


class RefundShippingOut(Out, kw_only=True, frozen=True):
    amount: Money


class RefundOut(Out, kw_only=True, frozen=True):
    refund_id: str
    id: Annotated[str, Additive]
    order_id: Annotated[str, Additive]
    customer_id: str | None
    status: Annotated[int, Additive]
    line_items: tuple[RefundUnitsOut, ...]
    amount: Money
    currency: Annotated[str, Additive]
    shipping: RefundShippingOut
    rights_type: int
    note: str | None
    return_id: Annotated[str | None, Additive]
    transactions: Annotated[tuple[TransactionOut, ...], Additive]
    create_time: Time
    update_time: Time
    processed_time: Annotated[Time | None, Additive]


class RefundAnswer(Out, kw_only=True, frozen=True):
    refund: RefundOut


class RefundsAnswer(Out, kw_only=True, frozen=True):
    refunds: tuple[RefundOut, ...]


class SuggestedOut(Out, kw_only=True, frozen=True):
    kind: str
    parent_id: str
    amount: Money
    currency: str
    gateway: str
    processed_at: Time


class QuoteOut(Out, kw_only=True, frozen=True):
    """What a refund would come to."""

    order_id: str
    line_items: tuple[RefundUnitsOut, ...]
    amount: Money
    currency: str
    shipping: RefundShippingOut
    maximum_refundable: Money
    transactions: tuple[SuggestedOut, ...]


class QuoteAnswer(Out, kw_only=True, frozen=True):
    refund: QuoteOut


def to_wish(sent: RefundIn, order: Order) -> RefundWish:
    """The refund that is asked for, in minor units of the order's currency."""
    problems: Problems = {}
    amounts = Amounts(order.currency, problems)
    shipping = said(sent.shipping)
    units = tuple(
        _wanted(each, order, f"refund.lineItems[{index}]", problems)
        for index, each in enumerate(said(sent.line_items, ()))
    )
    wanted = tuple(
        (each.parent_id, amounts(each.amount, f"refund.transactions[{index}].amount") or 0)
        for index, each in enumerate(said(sent.transactions, ()))
    )
    amount = amounts(sent.amount, "refund.amount")
    if amount is None and wanted:
        amount = sum(share for _, share in wanted)
    wish = RefundWish(
        units=units,
        shipping=None if shipping is None else amounts(shipping.amount, "refund.shipping.amount"),
        all_shipping=shipping is not None and said(shipping.full_refund, default=False),
        amount=amount,
        note=said(sent.note),
        rights_type=said(sent.rights_type, _rights_type(sent, units)),
        wanted=wanted,
        return_id=said(sent.return_id),
        review=said(sent.status, 1) == RefundStatus.REVIEW,
    )
    if problems:
        raise invalid(problems)
    return wish


def _rights_type(sent: RefundIn, units: tuple[WantedUnits, ...]) -> int:
    """1 where only money goes back, 2 where goods came back too."""
    goods = said(sent.return_id) is not None or any(each.restock is RestockType.RETURN for each in units)
    return 2 if goods else 1


def _wanted(sent: RefundUnitsIn, order: Order, at: str, problems: Problems) -> WantedUnits:
    line_id = line_named(sent, at, problems)
    tally = order.tallies.get(line_id)
    return WantedUnits(
        line_id=line_id,
        quantity=said(sent.quantity, max(1, tally.refundable) if tally else 1),
        restock=said(sent.restock_type, RestockType.NO_RESTOCK),
        reason=Reason(text=said(sent.rights_reason), type=said(sent.rights_reason_type, 0)),
        location_id=said(sent.location_id),
    )


def show_refund(order: Order, each: Refund, shop: Shop) -> RefundOut:
    booked = order.transactions
    return RefundOut(
        refund_id=each.id,
        id=each.id,
        order_id=str(order.id),
        customer_id=order.customer_id or (order.customer.id if order.customer else None),
        status=int(each.status),
        line_items=show_units(order, each.units),
        amount=spell(each.amount, order.currency),
        currency=order.currency,
        shipping=RefundShippingOut(amount=spell(each.shipping, order.currency)),
        rights_type=each.rights_type,
        note=each.note,
        return_id=each.return_id,
        transactions=tuple(
            show_transaction(order, booked[order.places[one] - 1], shop)
            for one in each.transaction_ids
            if one in order.places
        ),
        create_time=iso(each.created_at, shop.timezone),
        update_time=iso(each.updated_at, shop.timezone),
        processed_time=None if each.processed_at is None else iso(each.processed_at, shop.timezone),
    )


def tell_refunds(old: Order | None, new: Order, shop: Shop) -> dict[str, bytes]:
    """What `refunds/create` tells: the refund that was made or decided, not the whole order."""
    if old is None or old.refunds == new.refunds:
        return {}
    known = {each.id: each.status for each in old.refunds}
    told = [each for each in new.refunds if known.get(each.id) != each.status]
    return (
        {"refunds/create": msgspec.json.encode({"refund": show_refund(new, told[-1], shop)})} if told else {}
    )


def show_units(order: Order, units: tuple[RefundedUnits, ...]) -> tuple[RefundUnitsOut, ...]:
    return tuple(
        RefundUnitsOut(
            id=unit.id,
            line_item_id=unit.line_id,
            line_item=RefundedVariantOut(
                product_id=order.lines[unit.line_id].product_id,
                variant_id=order.lines[unit.line_id].variant_id,
            ),
            quantity=unit.quantity,
            subtotal=spell(unit.subtotal, order.currency),
            total_tax=spell(unit.tax, order.currency),
            rights_reason=unit.reason.text,
            rights_reason_type=unit.reason.type,
            restock_type=unit.restock,
            location_id=unit.location_id,
        )
        for unit in units
    )


def show_quote(
    order: Order, draft: Refund, backs: tuple[Transaction, ...], most: int, shop: Shop
) -> QuoteOut:
    """What `draft` would come to, with the transactions that would give it back."""
    return QuoteOut(
        order_id=str(order.id),
        line_items=show_units(order, draft.units),
        amount=spell(draft.amount, order.currency),
        currency=order.currency,
        shipping=RefundShippingOut(amount=spell(draft.shipping, order.currency)),
        maximum_refundable=spell(most, order.currency),
        transactions=tuple(_suggested(order, back, shop) for back in backs),
    )


def _suggested(order: Order, back: Transaction, shop: Shop) -> SuggestedOut:
    return SuggestedOut(
        kind="suggested_refund",
        parent_id=back.parent_id or "",
        amount=spell(back.amount, order.currency),
        currency=order.currency,
        gateway=back.gateway,
        processed_at=iso(back.created_at, shop.timezone),
    )
