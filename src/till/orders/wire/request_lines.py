"""From what a request says of lines, discounts, taxes, shipping and terms to the parts of an order."""

from collections import Counter

from msgspec import UnsetType

from till.orders import totals
from till.orders.parts import (
    DiscountAllocation,
    DiscountApplication,
    DiscountCode,
    LineItem,
    PaymentTerms,
    ShippingLine,
    StatedLine,
    TaxLine,
)
from till.orders.wire.line_fields import (
    DiscountAllocationIn,
    DiscountApplicationIn,
    DiscountCodeIn,
    LineItemIn,
    PaymentTermsIn,
    ShippingLineIn,
    TaxLineIn,
)
from till.orders.wire.reading import Amounts, Mint, said, same_named
from till.orders.words import DiscountType

Maybe = UnsetType | None
MOST_TAXES = 20  # each of an order's is spread over all of its lines


def to_lines(sent: tuple[LineItemIn, ...], amounts: Amounts, mint: Mint) -> tuple[LineItem, ...]:
    """The line items; an id is kept where no other line of the order has it (rulings.md §4.3)."""
    often = Counter(said(line.id) for line in sent)
    found = []
    for index, line in enumerate(sent):
        own = said(line.id)
        line_id = own if own and often[own] == 1 else str(mint())
        found.append(_line(line, amounts, line_id, f"order.lineItems[{index}]", mint))
    return tuple(found)


def _line(sent: LineItemIn, amounts: Amounts, line_id: str, path: str, mint: Mint) -> LineItem:
    for name, wire in (
        ("current_quantity", "currentQuantity"),
        ("fulfillable_quantity", "fulfillableQuantity"),
    ):
        if said(getattr(sent, name), 0) > sent.quantity:
            amounts.problems[f"{path}.{wire}"] = ["is more than the line's quantity"]
    return LineItem(
        **same_named(
            sent,
            LineItem,
            id=line_id,
            price=amounts.of(sent.price, f"{path}.price", amounts.currency),
            total_discount=amounts(sent.total_discount, f"{path}.totalDiscount") or 0,
            tax_lines=to_taxes(sent.tax_lines, amounts, path),
            shipping_lines=to_shipping(sent.shipping_lines, amounts, mint, path),
            allocations=_allocations(sent.discount_allocations, amounts, path),
            stated=StatedLine(**same_named(sent, StatedLine)),
        )
    )


def to_taxes(sent: tuple[TaxLineIn, ...] | Maybe, amounts: Amounts, path: str) -> tuple[TaxLine, ...]:
    """The tax lines of what stands at `path`."""
    if len(said(sent, ())) > MOST_TAXES:
        amounts.problems[f"{path}.taxLines"] = [f"must hold at most {MOST_TAXES}"]
    return tuple(
        TaxLine(
            title=said(each.title),
            rate=said(each.rate),
            price=amounts.of(each.price, f"{path}.taxLines[{index}].price", amounts.currency),
        )
        for index, each in enumerate(said(sent, ())[:MOST_TAXES])
    )


def to_shipping(
    sent: tuple[ShippingLineIn, ...] | Maybe, amounts: Amounts, mint: Mint, path: str
) -> tuple[ShippingLine, ...]:
    """The shipping lines of what stands at `path`; nothing is off a price that stands alone."""
    found = []
    for index, each in enumerate(said(sent, ())):
        at = f"{path}.shippingLines[{index}]"
        price = amounts.of(each.price, f"{at}.price", amounts.currency)
        discounted = amounts(each.discounted_price, f"{at}.discountedPrice")
        if discounted is not None and discounted > price:
            amounts.problems[f"{at}.discountedPrice"] = ["is more than the price"]
        found.append(
            ShippingLine(
                **same_named(
                    each,
                    ShippingLine,
                    id=said(each.id) or str(mint()),
                    price=price,
                    discounted_price=price if discounted is None else discounted,
                    tax_lines=to_taxes(each.tax_lines, amounts, at),
                )
            )
        )
    return tuple(found)


def _allocations(
    sent: tuple[DiscountAllocationIn, ...] | Maybe, amounts: Amounts, path: str
) -> tuple[DiscountAllocation, ...]:
    return tuple(
        DiscountAllocation(
            amount=amounts.of(each.amount, f"{path}.discountAllocations[{index}].amount", amounts.currency),
            application=said(each.discount_application_index, 0),
        )
        for index, each in enumerate(said(sent, ()))
    )


def to_applications(sent: tuple[DiscountApplicationIn, ...] | Maybe) -> tuple[DiscountApplication, ...]:
    return tuple(DiscountApplication(**same_named(each, DiscountApplication)) for each in said(sent, ()))


def to_codes(
    sent: tuple[DiscountCodeIn, ...] | Maybe, lines: tuple[LineItem, ...], amounts: Amounts
) -> tuple[DiscountCode, ...]:
    """The codes; of a percentage the amount is its rate, unless that is told apart as in answers."""
    return tuple(
        _code(code, lines, amounts, f"order.discountCodes[{index}].amount")
        for index, code in enumerate(said(sent, ()))
    )


def _code(sent: DiscountCodeIn, lines: tuple[LineItem, ...], amounts: Amounts, path: str) -> DiscountCode:
    kind, rate = said(sent.type, DiscountType.FIXED_AMOUNT), said(sent.rate)
    if kind is not DiscountType.PERCENTAGE or rate is not None:
        amount = amounts.of(sent.amount, path, amounts.currency)
        return DiscountCode(code=sent.code, amount=amount, type=kind, rate=rate)
    if sent.amount > 100:
        amounts.problems[path] = ["is a percentage and must be at most 100"]
    amount = totals.code_amount(kind, sent.amount, lines)
    return DiscountCode(code=sent.code, amount=amount, type=kind, rate=sent.amount)


def to_terms(
    sent: tuple[PaymentTermsIn, ...] | Maybe, more: tuple[PaymentTermsIn, ...] | Maybe, amounts: Amounts
) -> tuple[PaymentTerms, ...]:
    """What is to be paid, each in a currency of its own."""
    first = said(sent, ())
    places = (
        ["order.paymentTerms"] if len(first) == 1 else [f"order.paymentTerms[{n}]" for n in range(len(first))]
    )
    places += [f"order.morePaymentTerms[{n}]" for n in range(len(said(more, ())))]
    return tuple(
        _terms(each, amounts, at) for each, at in zip((*first, *said(more, ())), places, strict=True)
    )


def _terms(sent: PaymentTermsIn, amounts: Amounts, path: str) -> PaymentTerms:
    currency = said(sent.currency, amounts.currency)
    return PaymentTerms(
        **same_named(
            sent,
            PaymentTerms,
            amount=amounts.of(sent.amount, f"{path}.amount", currency),
            currency=currency,
            name=said(sent.payment_terms_name),
        )
    )
