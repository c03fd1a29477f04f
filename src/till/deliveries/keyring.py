"""The secrets that an app's deliveries are signed with, as they are at a moment."""

from till.db.port import Tx
from till.deliveries.signature import Secrets
from till.keys import Sealer

SEALED = """
    SELECT secret, previous_secret, previous_until, compat_previous FROM apps WHERE client_id = :client_id
"""


async def secrets_of(tx: Tx, client_id: str, *, sealer: Sealer, at: int) -> Secrets:
    """The app's secret, and the one before it while a rotation overlaps at the moment `at`."""
    current, previous, until, is_compat = (await tx.fetch(SEALED, client_id=client_id))[0]
    overlaps = previous is not None and until is not None and at < until
    return Secrets(
        current=sealer.unseal(bytes(current), about=client_id),
        previous=sealer.unseal(bytes(previous), about=client_id) if overlaps else None,
        compat_previous=overlaps and bool(is_compat),
    )
