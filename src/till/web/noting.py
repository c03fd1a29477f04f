"""What is known of a request by the time it is answered, and where that is taken down."""

from functools import lru_cache

from msgspec import Struct

from till.caller import Caller
from till.web.call import CURRENT, Request
from till.web.endpoint import Endpoint
from till.web.large import Load
from till.web.masking import masked
from till.web.recent import Entry, Owner
from till.web.seats import Seat
from till.web.services import Services

# What stands for a path, and for a version, that are not there: nothing is counted under a name from outside.
UNMATCHED, UNKNOWN = "unmatched", "unknown"


class Progress(Struct):
    """What is known of a request so far, for headers, log and metrics; `scope` is what let it in."""

    request: Request
    seat: Seat
    load: Load
    is_noted: bool = True
    is_timed: bool = True
    template: str = UNMATCHED
    version: str = CURRENT
    caller: Caller | None = None
    scope: str | None = None
    rate: str | None = None
    code: str | None = None

    def found(self, endpoint: Endpoint) -> None:
        """Take over what the endpoint declares."""
        self.template, self.is_noted, self.is_timed = endpoint.path, endpoint.noted, not endpoint.live

    def admitted(self, caller: Caller, endpoint: Endpoint) -> None:
        """Note which of the scopes that would have done the caller was let in by."""
        self.scope = _used(caller.scopes, endpoint.scopes)


@lru_cache(maxsize=4096)
def _used(granted: frozenset[str], wanted: frozenset[str]) -> str | None:
    return min(granted & wanted, default=None)


@lru_cache(maxsize=4096)
def _owner(shop_id: int, client_id: str) -> Owner:
    """One pair for all requests of an app, so that no collector looks at one for each."""
    return shop_id, client_id


def note(lent: Services, progress: Progress, status: int, seconds: float) -> None:
    """Take down a request that was answered: in the log, the metrics, and what its app did.

    A caller that has no shop, and a request without a caller, are in no app's figures.
    """
    request, caller = progress.request, progress.caller
    ms = round(seconds * 1_000, 2)
    has_shop = caller is not None and not caller.whole_app
    lent.metrics.request(request.method, progress.template, status, seconds)
    lent.log.line(
        "request",
        requestId=request.id,
        method=request.method,
        path=progress.template,
        status=status,
        ms=ms,
        shop=caller.shop.handle if caller is not None and has_shop else None,
        clientId=None if caller is None else caller.client_id,
    )
    if caller is None or not has_shop:
        return
    entry = Entry(
        owner=_owner(caller.shop.id, caller.client_id),
        at=lent.clock(),
        kind="request",
        method=request.method,
        target=masked(request.path, request.query, progress.template),
        status=status,
        ms=ms,
        code=progress.code,
        id=request.id,
        path=progress.template,
        version=progress.version,
        scope=progress.scope,
        micros=round(seconds * 1_000_000) if progress.is_timed else None,
        is_logged=progress.is_noted,
    )
    lent.tally.note(entry)
    if progress.is_noted:
        lent.recent.note(entry)
