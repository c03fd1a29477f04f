"""A customer as their row holds them."""

from typing import Any

import msgspec

from till.customers.customer import Address, CustomerState, Known, Profile, Standing
from till.db.port import Row

PROFILE = Profile.__struct_fields__
COLUMNS = (
    "number, id, created_at, updated_at, last_order_id, orders_count, total_spent, currency, "
    + ", ".join(PROFILE)
)
WIDTH = COLUMNS.count(",") + 1
LISTS: dict[str, Any] = {"addresses": tuple[Address, ...], "tax_exemptions": tuple[str, ...]}
FLAGS = ("verified_email", "tax_exempt")


def values(profile: Profile) -> dict[str, Any]:
    """The columns of a profile: lists as JSON, flags as numbers, gaps as NULL."""
    found = {name: getattr(profile, name) for name in PROFILE}
    for name in LISTS:
        found[name] = msgspec.json.encode(found[name]).decode() if found[name] else None
    for name in FLAGS:
        found[name] = None if found[name] is None else int(found[name])
    return found


def known(row: Row) -> Known:
    """The customer of a row of `COLUMNS`, which may go on behind them."""
    number, customer_id, created_at, updated_at, last_order_id, count, spent, currency = row[:8]
    found = dict(zip(PROFILE, row[8:WIDTH], strict=True))
    for name, kind in LISTS.items():
        found[name] = () if found[name] is None else msgspec.json.decode(found[name], type=kind)
    for name in FLAGS:
        found[name] = None if found[name] is None else bool(found[name])
    found["state"] = None if found["state"] is None else CustomerState(found["state"])
    return Known(
        number=number,
        id=customer_id,
        created_at=created_at,
        updated_at=updated_at,
        last_order_id=last_order_id,
        standing=Standing(orders_count=count, total_spent=spent, currency=currency),
        profile=Profile(**found),
    )
