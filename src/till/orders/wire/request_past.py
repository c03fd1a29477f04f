"""From what a request says of shipments and refunds that were made elsewhere to those of an order."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from msgspec import UnsetType

from till.orders.movements import FulfilledUnits, Fulfillment, Reason, Refund, RefundedUnits, Tracking
from till.orders.order import Order
from till.orders.parts import LineItem
from till.orders.wire.fields import OrderIn
from till.orders.wire.past_fields import PastFulfillmentIn, PastRefundIn, PastRefundUnitsIn, PastUnitsIn
from till.orders.wire.reading import Amounts, Mint, said, same_named
from till.orders.words import FulfillmentState, RefundStatus, RestockType
from till.orders.worth import Worth, worths

FULFILLMENT_TIMES = {"created_at": "createdAt", "updated_at": "updatedAt", "fulfill_time": "fulfillTime"}
REFUND_TIMES = {
    "create_time": "createTime",
    "update_time": "updateTime",
    "processed_time": "processedTime",
}


class Past:
    """Reads what happened to the lines of one order; `at` is when the request came."""

    def __init__(
        self, sent: OrderIn, lines: tuple[LineItem, ...], amounts: Amounts, mint: Mint, *, at: int
    ) -> None:
        self._at = at
        self._amounts = amounts
        self._mint = mint
        self._lines = {line.id: line for line in lines}
        self._often = Counter(said(line.id) for line in sent.line_items)
        self._ids = {
            own: line.id for told, line in zip(sent.line_items, lines, strict=True) if (own := said(told.id))
        }
        self._variants: dict[str, list[LineItem]] = {}
        for line in lines:
            self._variants.setdefault(line.variant_id, []).append(line)

    def fulfillments(self, sent: tuple[PastFulfillmentIn, ...], *, made: int) -> tuple[Fulfillment, ...]:
        """The shipments; one without a date is as old as the order, which was `made` then."""
        often = Counter(said(each.fulfill_id) for each in sent)
        shipped: Counter[str] = Counter()
        found = []
        for index, each in enumerate(sent):
            path = f"order.fulfillments[{index}]"
            self._must_be_past(each, FULFILLMENT_TIMES, path)
            status = said(each.status, FulfillmentState.SUCCESS)
            created = said(each.created_at, made)
            counted = shipped if status is FulfillmentState.SUCCESS else Counter[str]()
            found.append(
                Fulfillment(
                    id=self._own_id(each.fulfill_id, often),
                    status=status,
                    created_at=created,
                    updated_at=said(each.updated_at, created),
                    number=index + 1,
                    units=self._units(said(each.line_items, ()), counted, f"{path}.lineItems"),
                    tracking=Tracking(
                        number=said(each.tracking_number),
                        company=said(each.tracking_company),
                        url=said(each.tracking_url),
                    ),
                    location_id=said(each.location_id),
                    message=said(each.message),
                    fulfilled_at=said(each.fulfill_time),
                    born=True,
                )
            )
        return tuple(found)

    def _must_be_past(self, sent: PastFulfillmentIn | PastRefundIn, times: dict[str, str], path: str) -> None:
        for name, wire in times.items():
            if said(getattr(sent, name), 0) > self._at:
                self._amounts.problems[f"{path}.{wire}"] = ["is in the future"]

    def _own_id(self, told: str | UnsetType | None, often: Counter[str | None]) -> str:
        """The id that was told, where nothing else of the order has it; else a new one."""
        own: str | None = said(told)
        return own if own and often[own] == 1 else str(self._mint())

    def _units(
        self, sent: tuple[PastUnitsIn, ...], shipped: Counter[str], path: str
    ) -> tuple[FulfilledUnits, ...]:
        found = []
        for index, each in enumerate(sent):
            at = f"{path}[{index}]"
            line = self._line(each, at)
            if line is None:
                continue
            quantity = said(each.quantity, line.quantity)
            self._must_fit(line, quantity, shipped, f"{at}.quantity")
            own = said(each.id) if said(each.line_item_id) else None
            found.append(FulfilledUnits(id=own or str(self._mint()), line_id=line.id, quantity=quantity))
        return tuple(found)

    def _must_fit(self, line: LineItem, quantity: int, moved: Counter[str], path: str) -> None:
        """Count the units of a line that moved; no more may than there are."""
        moved[line.id] += quantity
        if moved[line.id] > line.quantity:
            self._amounts.problems[path] = [
                f"makes {moved[line.id]} units of a line item that has {line.quantity}"
            ]

    def _line(self, sent: PastUnitsIn | PastRefundUnitsIn, path: str) -> LineItem | None:
        """The line that is meant: by its id as the request gave it, else by its variant."""
        named = said(sent.line_item_id, said(sent.id))
        if said(sent.line_item_id) is None and isinstance(sent, PastUnitsIn) and said(sent.variant_id):
            return self._of_variant(sent, path)
        wrong = None
        if named is None:
            wrong = "is required"
        elif named not in self._ids:
            wrong = "is no line item of this order"
        elif self._often[named] > 1:
            wrong = "is the id of several line items: give each its own"
        if wrong:
            self._amounts.problems[f"{path}.lineItemId"] = [wrong]
            return None
        return self._lines[self._ids[named]]

    def _of_variant(self, sent: PastUnitsIn, path: str) -> LineItem | None:
        """The one line that has this variant."""
        product = said(sent.product_id)
        named = self._variants.get(said(sent.variant_id), [])
        found = [line for line in named if product in (None, line.product_id)]
        if len(found) == 1:
            return found[0]
        self._amounts.problems[f"{path}.lineItemId"] = [
            f"is required: {len(found) or 'no'} line items have this variant"
        ]
        return None

    def refunds(self, sent: tuple[PastRefundIn, ...], order: Order) -> tuple[Refund, ...]:
        """The refunds of `order`, which has none yet."""
        often = Counter(said(each.refund_id) for each in sent)
        gone: Counter[str] = Counter()
        whole = worths(order)
        found = []
        for index, each in enumerate(sent):
            path = f"order.refunds[{index}]"
            self._amounts.must_be_own(each.currency, f"{path}.currency")
            self._must_be_past(each, REFUND_TIMES, path)
            done = RefundStatus(said(each.status, RefundStatus.DONE)) is RefundStatus.DONE
            before = gone if done else gone.copy()
            units = tuple(self._refunded(said(each.line_items, ()), whole, before, path))
            found.append(self._refund(each, order, units, self._own_id(each.refund_id, often), path))
        return tuple(found)

    def _refund(
        self, sent: PastRefundIn, order: Order, units: tuple[RefundedUnits, ...], own: str, path: str
    ) -> Refund:
        shipping = self._shipping(sent, path)
        value = sum(order.worth_of(unit.subtotal, unit.tax) for unit in units) + shipping
        amount = self._amounts(sent.amount, f"{path}.amount")
        if amount is None:
            amount = value
        made = said(sent.create_time, said(sent.processed_time, order.created_at))
        status = RefundStatus(said(sent.status, RefundStatus.DONE))
        processed = said(sent.processed_time, made if status is RefundStatus.DONE else None)
        return Refund(
            **same_named(
                sent,
                Refund,
                id=own,
                amount=amount,
                status=status,
                units=units,
                shipping=shipping,
                # A stated current total is without what was given back before.
                reduction=0 if order.stated.current_total_price is not None else max(value, amount),
                created_at=made,
                updated_at=said(sent.update_time, made),
                processed_at=processed,
                born=True,
            )
        )

    def _shipping(self, sent: PastRefundIn, path: str) -> int:
        """How much of it was for shipping, by either name."""
        nested = said(sent.shipping)
        places: Iterable[tuple[Decimal | UnsetType | None, str]] = (
            (None if nested is None else nested.amount, f"{path}.shipping.amount"),
            (sent.total_refund_shipping_price, f"{path}.totalRefundShippingPrice"),
        )
        told = [found for value, at in places if (found := self._amounts(value, at)) is not None]
        if len(set(told)) > 1:
            self._amounts.problems[f"{path}.totalRefundShippingPrice"] = [
                "says otherwise than shipping.amount"
            ]
        return told[0] if told else 0

    def _refunded(
        self, sent: tuple[PastRefundUnitsIn, ...], whole: dict[str, Worth], gone: Counter[str], path: str
    ) -> Iterable[RefundedUnits]:
        for index, each in enumerate(sent):
            at = f"{path}.lineItems[{index}]"
            line = self._line(each, at)
            if line is None:
                continue
            quantity, first = said(each.quantity, line.quantity), gone[line.id]
            self._must_fit(line, quantity, gone, f"{at}.quantity")
            subtotal, tax = whole[line.id].share(first, quantity)
            told = self._amounts(each.subtotal, f"{at}.subtotal")
            told_tax = self._amounts(each.total_tax, f"{at}.totalTax")
            own = said(each.id) if said(each.line_item_id) else None
            yield RefundedUnits(
                id=own or str(self._mint()),
                line_id=line.id,
                quantity=quantity,
                subtotal=subtotal if told is None else told,
                tax=tax if told_tax is None else told_tax,
                restock=said(each.restock_type, RestockType.NO_RESTOCK),
                reason=Reason(text=said(each.rights_reason), type=said(each.rights_reason_type, 0)),
                location_id=said(each.location_id),
            )
