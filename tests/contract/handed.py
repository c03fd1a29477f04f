"""What the tests of handing over orders share: the event of one, its moves of money, what is refused."""

import json

import pytest

from builders import SHOP, a_line, an_order
from till.errors import Invalid
from till.orders.wire.answer import show
from till.orders.wire.event import tell

TWO = [a_line(id="1", quantity=2), a_line(id="2")]


def told(order):
    return json.loads(tell(order, SHOP, show(order, SHOP)))["order"]


def a_move(kind, amount=None, **more):
    return {"kind": kind} | ({} if amount is None else {"amount": amount}) | more


def moves(order):
    """The ledger: kinds, minor units, and the place of the transaction that each follows."""
    ids = [each.id for each in order.transactions]
    return [
        (str(each.kind), each.amount, ids.index(each.parent_id) if each.parent_id else None)
        for each in order.transactions
    ]


def faults(**order):
    """The fields that are refused."""
    with pytest.raises(Invalid) as refused:
        an_order(**order)
    return dict(refused.value.fields)
