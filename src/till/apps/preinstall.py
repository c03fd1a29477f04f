"""Apps that every shop has from its founding on: no browser, so the code is sent (genstore.md §2.3)."""

from collections.abc import Callable

from till.apps import codes
from till.apps.app import Grant
from till.apps.codes import Code
from till.apps.life import Life
from till.apps.store import Apps
from till.db.port import Tx
from till.shop import Shop

# Who installs them.
BY = "till"


async def preinstall(tx: Tx, shop: Shop, *, at: int, mint: Callable[[], int]) -> None:
    """Install in a new shop what whoever runs the server put into all, with all that each asks for.

    Each is sent its code as `app/authorizationCodeGranted`, to the address that its configuration names.
    """
    life = Life(tx, shop, BY, at, mint)
    for app in await Apps(tx).preinstalled():
        installed = await life.install(app, Grant(scopes=app.scopes, protected=app.protected))
        code = Code(
            shop_id=shop.id,
            installation_id=installed.id,
            person_id=None,
            redirect_url=None,
            challenge=None,
            online=False,
            expires_at=at + codes.SENT_LIFE,
        )
        await life.tell_code(installed, await codes.mint(tx, code, at=at))
