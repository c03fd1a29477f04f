"""What the storefront of a folder stands on: its themes, where its orders go, and what its renders told."""

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar

from msgspec.structs import replace

from till import money
from till.cli.remote import Refused, Remote, Unreachable
from till.cli.theme.serving.painted import rendered
from till.cli.theme.serving.workbench import Workbench
from till.errors import Invalid, Unavailable
from till.fence.crew import Part
from till.fence.limits import Breached
from till.fence.pool import Fence
from till.liquid.engine import Rendered
from till.liquid.faults import Fault
from till.storefront.ports import Front, Placed, Shown
from till.storefront.visit import Visit

T = TypeVar("T")

# There is one shop, and one theme in it.
SHOP, THEME = 1, 1
ROLE = "development"


class OrderRefused(Invalid):
    """The Till server takes no such order."""


class NoServer(Invalid):
    """There is no Till server that could make an order."""


class FolderSource:
    """The one theme of the one shop, as it is on the workbench now."""

    def __init__(self, bench: Workbench, currency: str, timezone: str) -> None:
        self._bench = bench
        self._front = Front(id=SHOP, handle="dev", currency=currency, timezone=timezone)

    async def front(self, handle: str) -> Front | None:  # noqa: ARG002 - whatever it is called, it is this one
        return self._front

    async def theme(self, front: Front, theme_id: int | None) -> Shown | None:  # noqa: ARG002 - there is one
        bench = self._bench
        return Shown(id=THEME, name=bench.name, key=bench.key, bundle=bench.bundle, role=ROLE)

    async def asset(self, front: Front, digest: str) -> bytes | None:  # noqa: ARG002 - there is one shop
        return self._bench.asset(digest)


class NotingFence(Fence):
    """A fence whose renders show where sections failed, and tell the page at hand what was wrong."""

    async def run(self, job: str, parts: Sequence[Part], kind: type[T], *, lane: str = "") -> T:
        told = [
            Part(replace(part.value, marks=True)) if isinstance(part.value, Visit) else part for part in parts
        ]
        try:
            found = await super().run(job, told, kind, lane=lane)
        except Breached as breach:
            if kind is Rendered:
                rendered([Fault(breach.file or "the page", breach.line, "limit", breach.message)])
            raise
        if isinstance(found, Rendered):
            rendered(found.faults, found.spent)
        return found


class OrderDoor:
    """Places orders at a Till server, as any client of its API does."""

    def __init__(self, remote: Remote | None) -> None:
        self._remote = remote

    async def __call__(self, front: Front, body: dict[str, Any], key: str) -> Placed:  # noqa: ARG002 - likewise
        if self._remote is None:
            raise NoServer(
                "There is no Till server that could make the order: set TILL_URL and TILL_TOKEN, and start "
                "till theme dev again."
            )
        return await asyncio.to_thread(_place, self._remote, body, key)


def _place(remote: Remote, body: dict[str, Any], key: str) -> Placed:
    own = Remote(remote.url, remote.token, key=key)
    try:
        order = own.write("POST", "/orders", body)["order"]
    except Refused as refused:
        raise OrderRefused(f"{remote.url} did not take the order: {refused}") from None
    except Unreachable as unreachable:
        raise Unavailable(f"The order was not made: {unreachable.message}") from None
    currency = str(order["currency"])
    return Placed(
        id=int(order["id"]),
        name=str(order["name"]),
        total=money.parse(str(order["totalPrice"]), currency),
        currency=currency,
    )
