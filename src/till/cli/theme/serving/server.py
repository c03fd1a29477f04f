"""Runs the storefront of a folder: the port, the fence, the watcher, and the draft that follows."""

import asyncio
import contextlib
import socket
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

import uvicorn

from till import clock
from till.cli.remote import Remote
from till.cli.theme.folder import Choice, Folder
from till.cli.theme.serving.changes import Watcher
from till.cli.theme.serving.following import Follower
from till.cli.theme.serving.hub import Hub
from till.cli.theme.serving.painted import Manner, Painted
from till.cli.theme.serving.standing import FolderSource, NotingFence, OrderDoor
from till.cli.theme.serving.telling import Teller
from till.cli.theme.serving.workbench import Workbench
from till.fence.crew import UNSTARTED, Replaced
from till.storefront.held import HeldCarts
from till.storefront.parts import Parts
from till.storefront.shipped import Catalogue
from till.storefront.site import Site
from till.storefront.stock import world_of

STOP_WITHIN = 1
# Names that lead a browser to this machine, whoever says so; a page elsewhere cannot have them.
LOCAL = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What `till theme dev` was asked for; `orders` is the Till server that takes them."""

    folder: Folder
    catalogue: Catalogue
    manner: Manner
    choose: Callable[[], Choice]
    teller: Teller
    orders: Remote | None = None
    follower: Follower | None = None
    poll: bool = False


async def serve(setting: Setting, listening: socket.socket, on_ready: Callable[[], None]) -> None:
    """Serve until a signal says stop."""
    hub, teller = Hub(), setting.teller
    async with NotingFence(noticed=_replaced(teller)) as fence, asyncio.TaskGroup() as tasks:
        bench = Workbench(setting.folder, fence, hub)
        shop = world_of(setting.catalogue.raw).shop
        site = Site(
            Parts(
                source=FolderSource(bench, shop.currency, "UTC"),
                carts=HeldCarts(OrderDoor(setting.orders)),
                catalogue=lambda: setting.catalogue,
                fence=fence,
                now=clock.now,
                failed=lambda path, error: teller.warn(f"{path} failed: {type(error).__name__}: {error}"),
            )
        )
        painted = Painted(partial(site.serve, "dev"), hub, setting.manner, teller.faults)
        config = uvicorn.Config(
            _for_here(painted, listening),
            loop="uvloop",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=STOP_WITHIN,
        )
        watcher = Watcher(setting.folder, setting.choose, teller.warn, poll=setting.poll or None)
        beside = [fence.warm(), _watch(watcher, bench, setting)]
        beside += [setting.follower.follow()] if setting.follower is not None else []
        running = [tasks.create_task(each) for each in beside]
        try:
            await _Server(config, hub, on_ready).serve([listening])
        finally:
            for task in running:
                task.cancel()


async def _watch(watcher: Watcher, bench: Workbench, setting: Setting) -> None:
    async for contents in watcher.changes():
        began = time.perf_counter()
        told, faults = await bench.saved(contents)
        setting.teller.saved(contents, told, faults, time.perf_counter() - began)
        if setting.follower is not None:
            setting.follower.saved()


def _for_here(
    painted: Painted, listening: socket.socket
) -> Callable[[Any, Any, Any], Coroutine[Any, Any, None]]:
    """The pages for who asked for this machine; another name might be a trick of a page elsewhere."""
    is_near = listening.getsockname()[0] in ("127.0.0.1", "::1")

    async def serve_here(scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1").lower()
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
        if is_near and name not in LOCAL and not name.endswith(".localhost"):
            await send({"type": "http.response.start", "status": 421, "headers": []})
            await send({"type": "http.response.body", "body": b"Ask for 127.0.0.1 or localhost."})
            return
        await painted(scope, receive, send)

    return serve_here


def _replaced(teller: Teller) -> Callable[[Replaced], None]:
    def notice(replaced: Replaced) -> None:
        if replaced.kind == UNSTARTED:
            teller.warn(f"Renderers cannot be started: {replaced.detail}.")
        elif replaced.kind not in ("worn", "cancelled"):
            teller.warn(f"A renderer was ended and replaced: {replaced.kind}.")

    return notice


class _Server(uvicorn.Server):
    """Uvicorn, which tells when it is ready, and lets go of the pages that listen when it stops."""

    def __init__(self, config: uvicorn.Config, hub: Hub, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._hub, self._on_ready = hub, on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._hub.end()
        with contextlib.suppress(asyncio.CancelledError):
            await super().shutdown(sockets)
