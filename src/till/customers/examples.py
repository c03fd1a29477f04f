"""Examples for the description of the API: what is answered of customers."""

from typing import Any

import msgspec

from till.clock import EPOCH, micros
from till.customers.customer import Address, Known, Profile, Standing
from till.customers.wire import show

AT = micros(EPOCH.replace(year=2026, month=3, day=14, hour=15, minute=9, second=26))
ADA = Known(
    number=300_157_930_096_874,
    id="207119551",
    created_at=AT,
    updated_at=AT,
    last_order_id=300_157_930_096_875,
    standing=Standing(orders_count=1, total_spent=13_032, currency="USD"),
    profile=Profile(
        first_name="Ada",
        last_name="Bell",
        email="ada@example.com",
        phone="+16135550100",
        tags="gift, vip",
        verified_email=True,
        addresses=(
            Address(
                id="300157930096876",
                first_name="Ada",
                last_name="Bell",
                address1="12 Mill Lane",
                city="Ottawa",
                province_code="ON",
                country_code="CA",
                zip="K2P0V6",
            ),
        ),
    ),
)


def _shown() -> Any:
    return msgspec.to_builtins(show(ADA, "America/New_York"))


def customer() -> dict[str, Any]:
    return {"customer": _shown()}


def customers() -> dict[str, Any]:
    return {"customers": [_shown()]}
