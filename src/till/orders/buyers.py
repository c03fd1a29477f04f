"""The customers of orders: who bought is found or made, and what they came to is kept, with the order."""

from msgspec.structs import replace

from till.customers.customer import Purchase, Standing
from till.customers.store import Customers
from till.db.port import Tx
from till.orders import ledger
from till.orders.journal import By
from till.orders.order import Order
from till.shop import Shop


async def met(tx: Tx, shop: Shop, order: Order, by: By) -> tuple[Order, Standing | None]:
    """A new order with its customer, and what they have come to with it; None where nobody is known."""
    purchase = Purchase(
        order_id=order.id,
        customer=order.customer,
        email=order.email,
        phone=order.phone,
        address=order.shipping_address or order.billing_address,
        accepts_marketing=order.buyer_accepts_marketing,
        currency=order.currency,
        spent=ledger.net(order.transactions),
        created_at=order.created_at,
        at=order.updated_at,
    )
    found = await Customers(tx, shop).meet(purchase, by.mint)
    if found is None:
        return order, None
    return replace(order, customer_id=found.id, customer=found.customer, email=found.email), found.standing


async def counted_again(tx: Tx, shop: Shop, old: Order, new: Order) -> Standing | None:
    """What the customer has come to with the change; None where no payload would show it."""
    if new.customer_id is None:
        return None
    more = ledger.net(new.transactions) - ledger.net(old.transactions)
    if new.customer is None and not more:
        return None
    return await Customers(tx, shop).count(
        new.customer_id, spent=more, currency=new.currency, at=new.updated_at
    )


async def left(tx: Tx, shop: Shop, order: Order, *, at: int) -> None:
    """Take a deleted order off what its customer came to."""
    if order.customer_id is not None:
        spent = ledger.net(order.transactions)
        await Customers(tx, shop).leave(
            order.customer_id, order_id=order.id, spent=spent, currency=order.currency, at=at
        )
