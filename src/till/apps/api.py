"""What an installed app may ask and do about its own installation (genstore.md §2.7)."""

from typing import Annotated, Any

import msgspec
from msgspec import Struct

from till.apps import topics
from till.apps.history import BY_APP
from till.apps.life import Life
from till.dialect.nothing import NothingAnswer, NothingIn
from till.dialect.schemas import StringAlways
from till.shop import Fidelity
from till.web.call import Answer, Call
from till.web.endpoint import endpoint, endpoints_of

WRITE = frozenset({"write_apps"})
GROUP = "Apps"
ITSELF = "The app itself"


class ScopesAnswer(Struct, frozen=True, rename="camel"):
    """What the installation was granted; the documented profile has it in brackets, in a string."""

    access_scopes: Annotated[tuple[str, ...], StringAlways]


def scopes_example() -> dict[str, Any]:
    return {"accessScopes": ["read_orders", "write_orders"]}


@endpoint(
    "GET",
    "/oauth2/access_scopes",
    "List the scopes that the app was granted",
    scopes=topics.READ,
    answers=ScopesAnswer,
    shows=scopes_example,
    group=GROUP,
)
async def list_access_scopes(call: Call) -> Answer:
    scopes = sorted(call.caller.scopes)
    shown = f"[{','.join(scopes)}]" if call.fidelity is Fidelity.DOCUMENTED else scopes
    # What comes late about another installation is told from what concerns this one (rulings.md §7.3).
    whose = ("x-till-installation", str(call.caller.installation_id))
    return Answer(msgspec.json.encode({"accessScopes": shown}), (whose,))


@endpoint(
    "DELETE",
    "/oauth2/uninstall",
    "Uninstall the app from the shop",
    scopes=WRITE,
    answers=NothingAnswer,
    shows=dict,
    body_required=False,
    alone=True,
    group=GROUP,
)
async def uninstall_app(call: Call, body: NothingIn) -> Answer:  # noqa: ARG001 - documented as an empty object
    """Its tokens are dead from here on; the app is told by `app/uninstalled`."""
    life = Life(call.tx, call.caller.shop, BY_APP, call.at, call.mint)
    await life.uninstall(call.caller.client_id, note=ITSELF)
    return Answer(b"{}")


ENDPOINTS = endpoints_of(globals())
