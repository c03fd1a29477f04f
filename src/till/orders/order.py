"""An order as it stands: what it is made of, what happened to it, and the statuses that follow."""

from __future__ import annotations

from functools import cached_property

from msgspec.structs import replace

from till.customers.customer import Address, Customer
from till.orders import ledger
from till.orders.movements import Fulfillment, Refund, Return, ReturnedUnits, Transaction
from till.orders.parts import (
    DiscountApplication,
    DiscountCode,
    LineItem,
    PaymentTerms,
    ShippingLine,
    TaxLine,
)
from till.orders.tally import Tally, tallies
from till.orders.words import (
    CancelReason,
    FinancialStatus,
    FulfillmentStatus,
    LineStatus,
    ReturnStatus,
    State,
)
from till.value import Value

NOT_YET_PAID = {FinancialStatus.PENDING, FinancialStatus.AUTHORIZED}
MOST_RETURN = (ReturnStatus.REQUESTED, ReturnStatus.OPEN, ReturnStatus.RECEIVED)


class Stated(Value, kw_only=True, frozen=True):
    """What the channel stated about the order (rulings.md §4.3).

    Statuses and what is outstanding stand until a command touches them. The current totals are where
    counting starts; a cancellation ends them. `cancelled`: it was cancelled where it came from.
    """

    total_line_items_price: int | None = None
    total_discounts: int | None = None
    subtotal_price: int | None = None
    total_tax: int | None = None
    total_price: int | None = None
    total_shipping_price: int | None = None
    total_outstanding: int | None = None
    total_weight: int | None = None
    current_total_discounts: int | None = None
    current_subtotal_price: int | None = None
    current_total_tax: int | None = None
    current_total_price: int | None = None
    financial_status: FinancialStatus | None = None
    fulfillment_status: FulfillmentStatus | None = None
    cancelled: bool = False

    def after_money(self) -> Stated:
        """What still stands once money moved here."""
        return replace(self, financial_status=None, total_outstanding=None)

    def after_cancel(self) -> Stated:
        """What still stands once the order was cancelled here; unpaid is no status of a cancelled order."""
        unpaid = self.financial_status in NOT_YET_PAID
        return replace(
            self,
            financial_status=None if unpaid else self.financial_status,
            total_outstanding=None,
            current_total_discounts=None,
            current_subtotal_price=None,
            current_total_tax=None,
            current_total_price=None,
        )


class Order(Value, kw_only=True, frozen=True, dict=True):
    """The aggregate root: one row, one version."""

    id: int
    number: int
    version: int = 1
    currency: str
    presentment_currency: str
    created_at: int
    updated_at: int
    processed_at: int
    line_items: tuple[LineItem, ...]
    confirmed_at: int | None = None
    paid_at: int | None = None  # when it first became paid
    closed_at: int | None = None
    cancelled_at: int | None = None
    cancel_reason: CancelReason | None = None
    restock: bool = False
    note: str | None = None
    tags: str | None = None
    email: str | None = None
    phone: str | None = None
    source_name: str | None = None
    source_identifier: str | None = None
    market_id: str | None = None
    user_id: str | None = None
    app: str | None = None
    type: int = 1
    payment_type: str | None = None
    i18n: str | None = None
    convert_rate: str | None = None
    buyer_accepts_marketing: bool = False
    taxes_included: bool = False
    duties_included: bool = False
    payment_gateway_names: tuple[str, ...] = ()
    payment_terms: tuple[PaymentTerms, ...] = ()
    discount_codes: tuple[DiscountCode, ...] = ()
    discount_applications: tuple[DiscountApplication, ...] = ()
    shipping_lines: tuple[ShippingLine, ...] = ()
    tax_lines: tuple[TaxLine, ...] = ()
    shipping_address: Address | None = None
    billing_address: Address | None = None
    customer: Customer | None = None
    customer_id: str | None = None  # of the shop's customer that it was linked to
    transactions: tuple[Transaction, ...] = ()
    fulfillments: tuple[Fulfillment, ...] = ()
    refunds: tuple[Refund, ...] = ()
    returns: tuple[Return, ...] = ()
    payable: int = 0  # what was to be paid when it was placed; the money statuses measure against it
    stated: Stated = Stated()
    erased_at: int | None = None  # when the personal data in it was erased last (till.privacy)

    @property
    def name(self) -> str:
        return f"#{self.number}"

    @property
    def state(self) -> State:
        if self.cancelled_at is not None:
            return State.CANCELLED
        return State.OPEN if self.closed_at is None else State.CLOSED

    @cached_property
    def lines(self) -> dict[str, LineItem]:
        """The line items, by their ids."""
        return {line.id: line for line in self.line_items}

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each transaction in the ledger, from 1, by its id."""
        return {each.id: place for place, each in enumerate(self.transactions, 1)}

    @cached_property
    def tallies(self) -> dict[str, Tally]:
        """The units of each line, by the line's id."""
        return tallies(self.line_items, self.fulfillments, self.refunds, self.returns)

    @cached_property
    def reduction(self) -> int:
        """What the total fell by: refunds that are done, and goods that came back (semantics.md §1.4)."""
        by_refund = sum(each.reduction for each in self.refunds if each.is_done)
        return by_refund + sum(self.worth_of(unit.subtotal, unit.tax) for unit in self.received_back)

    @property
    def received_back(self) -> list[ReturnedUnits]:
        """The units of all returns, with what came in of them."""
        return [unit for each in self.returns for unit in each.units]

    def worth_of(self, subtotal: int, tax: int) -> int:
        """What is paid for a subtotal and its tax, which may be within it."""
        return subtotal if self.taxes_included else subtotal + tax

    @cached_property
    def financial_status(self) -> FinancialStatus:
        """What was stated, else what the ledger says; what nobody paid is voided by a cancellation."""
        if self.stated.financial_status is not None:
            return self.stated.financial_status
        status = self._ledger_status()
        is_void = self.cancelled_at is not None and status in NOT_YET_PAID
        return FinancialStatus.VOIDED if is_void else status

    def _ledger_status(self) -> FinancialStatus:
        """The table of semantics.md §2.2, first match."""
        taken, back = ledger.received(self.transactions), ledger.refunded(self.transactions)
        if back:
            whole = back >= taken
            return FinancialStatus.REFUNDED if whole else FinancialStatus.PARTIALLY_REFUNDED
        if taken >= self.payable - self.reduction and any(True for _ in ledger.payments(self.transactions)):
            return FinancialStatus.PAID
        if taken:
            return FinancialStatus.PARTIALLY_PAID
        if ledger.authorized(self.transactions):
            return FinancialStatus.AUTHORIZED
        return FinancialStatus.VOIDED if ledger.was_held(self.transactions) else FinancialStatus.PENDING

    @cached_property
    def fulfillment_status(self) -> FulfillmentStatus | None:
        """What was stated, else what the lines add up to; what was never shipped and is gone counts not."""
        if self.stated.fulfillment_status is not None:
            return self.stated.fulfillment_status
        statuses = {self.line_status(line) for line in self.line_items if self._counts(line)}
        if statuses == {LineStatus.FULFILLED}:
            return FulfillmentStatus.FULFILLED
        if statuses & {LineStatus.FULFILLED, LineStatus.PARTIAL}:
            return FulfillmentStatus.PARTIAL
        return None

    def _counts(self, line: LineItem) -> bool:
        """False for a line of which nothing was shipped and nothing is left to ship."""
        status, tally = self.line_status(line), self.tallies[line.id]
        return status is not LineStatus.NOT_ELIGIBLE and (status is not None or tally.unshipped > 0)

    def line_status(self, line: LineItem) -> LineStatus | None:
        """What was stated, else how much of the line was shipped; a cancellation changes nothing about it."""
        if line.stated.fulfillment_status is not None:
            return line.stated.fulfillment_status
        tally = self.tallies[line.id]
        is_there = tally.shipped or tally.unshipped or tally.current
        if is_there and self.stated.fulfillment_status is FulfillmentStatus.FULFILLED:
            return LineStatus.FULFILLED
        if not tally.shipped:
            return None
        return LineStatus.PARTIAL if tally.unshipped else LineStatus.FULFILLED

    def current_quantity(self, line: LineItem) -> int:
        """What stands of a line: nothing of a cancelled order, unless its channel said otherwise."""
        gone = self._is_gone(line.stated.current_quantity)
        return 0 if gone else self.tallies[line.id].current

    def fulfillable_quantity(self, line: LineItem) -> int:
        """What can still be shipped of a line."""
        gone = self._is_gone(line.stated.fulfillable_quantity)
        return 0 if gone else self.tallies[line.id].unshipped

    def _is_gone(self, stated: int | None) -> bool:
        """True where the cancellation left nothing, as it does unless the channel stated a quantity."""
        return self.cancelled_at is not None and not (self.stated.cancelled and stated is not None)

    @property
    def return_status(self) -> ReturnStatus | None:
        """The most pressing status among the returns that are not over (semantics.md §2.5)."""
        found = {each.status for each in self.returns}
        return next((status for status in MOST_RETURN if status in found), None)

    def changed(self, at: int) -> Order:
        """This order as its next version; time never runs backwards for one order."""
        return replace(self, version=self.version + 1, updated_at=max(at, self.updated_at))
