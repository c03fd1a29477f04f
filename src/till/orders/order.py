"""An order and its life: every command returns a new order, or is refused."""

from __future__ import annotations

from msgspec.structs import replace

from till.orders import ledger
from till.orders.parts import (
    Address,
    Customer,
    DiscountCode,
    Fulfillment,
    LineItem,
    PaymentTerms,
    Refund,
    Transaction,
    Value,
)
from till.orders.words import (
    CancelReason,
    FinancialStatus,
    FulfillmentStatus,
    LineStatus,
    State,
)

NOT_YET_PAID = {FinancialStatus.PENDING, FinancialStatus.AUTHORIZED}


class Stated(Value, kw_only=True, frozen=True):
    """What the channel stated about the order; each stands until a command touches it (rulings.md §4.3)."""

    total_line_items_price: int | None = None
    total_discounts: int | None = None
    subtotal_price: int | None = None
    total_tax: int | None = None
    total_price: int | None = None
    total_outstanding: int | None = None
    total_weight: int | None = None
    current_total_discounts: int | None = None
    current_subtotal_price: int | None = None
    current_total_tax: int | None = None
    current_total_price: int | None = None
    financial_status: FinancialStatus | None = None
    fulfillment_status: FulfillmentStatus | None = None

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


class Order(Value, kw_only=True, frozen=True):
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
    buyer_accepts_marketing: bool = False
    taxes_included: bool = False
    duties_included: bool = False
    payment_gateway_names: tuple[str, ...] = ()
    payment_terms: PaymentTerms | None = None
    discount_codes: tuple[DiscountCode, ...] = ()
    fulfillments: tuple[Fulfillment, ...] = ()
    shipping_address: Address | None = None
    billing_address: Address | None = None
    customer: Customer | None = None
    transactions: tuple[Transaction, ...] = ()
    refunds: tuple[Refund, ...] = ()
    payable: int = 0  # what was to be paid before any cancellation; the money statuses measure against it
    stated: Stated = Stated()

    @property
    def name(self) -> str:
        return f"#{self.number}"

    @property
    def state(self) -> State:
        if self.cancelled_at is not None:
            return State.CANCELLED
        return State.OPEN if self.closed_at is None else State.CLOSED

    @property
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
        if taken:
            whole = taken >= self.payable
            return FinancialStatus.PAID if whole else FinancialStatus.PARTIALLY_PAID
        if ledger.authorized(self.transactions):
            return FinancialStatus.AUTHORIZED
        if self.transactions:
            return FinancialStatus.VOIDED
        return FinancialStatus.PENDING

    @property
    def fulfillment_status(self) -> FulfillmentStatus | None:
        """What was stated, else what the lines add up to."""
        if self.stated.fulfillment_status is not None:
            return self.stated.fulfillment_status
        statuses = {self.line_status(line) for line in self.line_items}
        if statuses == {LineStatus.FULFILLED}:
            return FulfillmentStatus.FULFILLED
        if statuses & {LineStatus.FULFILLED, LineStatus.PARTIAL}:
            return FulfillmentStatus.PARTIAL
        return None

    def line_status(self, line: LineItem) -> LineStatus | None:
        if line.stated.fulfillment_status is not None:
            return line.stated.fulfillment_status
        whole = self.stated.fulfillment_status is FulfillmentStatus.FULFILLED
        return LineStatus.FULFILLED if whole else None

    def current_quantity(self, line: LineItem) -> int:
        """What stands of a line: as stated, else nothing of a cancelled order and all of another."""
        if line.stated.current_quantity is not None:
            return line.stated.current_quantity
        return 0 if self.cancelled_at is not None else line.quantity

    def fulfillable_quantity(self, line: LineItem) -> int:
        """What can still be shipped of a line."""
        if line.stated.fulfillable_quantity is not None:
            return line.stated.fulfillable_quantity
        if self.line_status(line) is LineStatus.FULFILLED:
            return 0
        return self.current_quantity(line)

    def edit(self, edit: Edit, *, at: int) -> Order:
        """Change contact, note, tags and addresses; the same order when nothing differs."""
        changed = replace(
            self,
            note=edit.note,
            tags=edit.tags,
            email=edit.email,
            phone=edit.phone,
            shipping_address=edit.shipping_address,
            billing_address=edit.billing_address,
            buyer_accepts_marketing=edit.buyer_accepts_marketing,
        )
        return self if changed == self else changed.changed(at)

    def changed(self, at: int) -> Order:
        """This order as its next version; time never runs backwards for one order."""
        return replace(self, version=self.version + 1, updated_at=max(at, self.updated_at))


class Edit(Value, kw_only=True, frozen=True):
    """The fields that `PUT` may change, as they shall be (rulings.md §5.1)."""

    note: str | None
    tags: str | None
    email: str | None
    phone: str | None
    shipping_address: Address | None
    billing_address: Address | None
    buyer_accepts_marketing: bool
