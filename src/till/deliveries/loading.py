"""All that is needed to send what was claimed, in one statement: bytes, addresses, secrets, the past."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from till.clock import SECOND
from till.db.port import Database, Row, StoreUnavailable, Tx
from till.deliveries.claims import Claim
from till.deliveries.delivery import ASTRAY, GONE, Past
from till.deliveries.envelope import Envelope, headers
from till.deliveries.given import IDS, both, given
from till.deliveries.keyring import secrets_of
from till.deliveries.lanes import options_of
from till.deliveries.outcome import Post
from till.deliveries.schedule import schedule_of
from till.deliveries.signature import Secrets
from till.errors import Refusal
from till.keys import Sealer
from till.webhooks.forms import TEST
from till.webhooks.subscription import Options, Schedule

DOMAIN = "genmystore.com"
API_VERSION = "202412"
# A secret that was changed by another process is signed with after this.
REMEMBERED = SECOND
MOST_REMEMBERED = 4_096

WORDS = ", ".join(f"'{word}'" for word in sorted(ASTRAY))
LOAD = both(
    f"""
    SELECT d.shop_id, d.id, d.topic, d.resource_id, d.address, d.ordered, d.created_at, d.failures, s.since,
        s.options, s.failing_since, s.warned, i.client_id, h.handle, c.id, c.occurred_at, c.resource_version,
        CASE WHEN d.form = '' THEN COALESCE(e.payload, c.payload) ELSE f.payload END,
        CASE WHEN d.failures = 0 THEN 0 ELSE (SELECT COUNT(*) FROM attempts a
            WHERE a.shop_id = d.shop_id AND a.delivery_id = d.id AND a.error IN ({WORDS})) END,
        CASE WHEN d.failures = 0 THEN NULL ELSE (SELECT MIN(a.started_at) FROM attempts a
            WHERE a.shop_id = d.shop_id AND a.delivery_id = d.id AND a.status = {GONE}) END,
        d.form, s.secret
    FROM {{given}} g
    JOIN deliveries d ON d.shop_id = g.shop_id AND d.id = g.id
    JOIN subscriptions s ON s.shop_id = d.shop_id AND s.id = d.subscription_id
    LEFT JOIN installations i ON i.shop_id = d.shop_id AND i.id = d.installation_id
    JOIN shops h ON h.id = d.shop_id
    LEFT JOIN events e ON e.shop_id = d.shop_id AND e.number = d.event_number
    LEFT JOIN changes c ON c.shop_id = e.shop_id AND c.number = e.change_number
    LEFT JOIN event_forms f ON f.shop_id = d.shop_id AND f.number = d.event_number AND f.form = d.form
    """,
    IDS,
)


class Parcel(Struct, frozen=True, kw_only=True):
    """A claimed delivery, ready to be sent; `body` is None where the event's bytes are gone for good.

    `is_failing` says that its subscription had failed since it last succeeded, `fault` why it cannot be
    sent, in one sentence, where something of ours is broken.
    """

    claim: Claim
    topic: str
    resource_id: int
    address: str
    ordered: bool
    past: Past
    schedule: Schedule
    options: Options
    client_id: str
    shop_domain: str
    event_id: bytes
    triggered_at: int
    resource_version: int
    secrets: Secrets
    body: bytes | None
    is_failing: bool
    is_test: bool = False
    fault: str | None = None

    def post(self, *, at: int, timeout: float) -> Post:
        """The request of the attempt that begins at `at`, signed."""
        body = self.body or b""
        envelope = Envelope(
            topic=self.topic,
            shop_domain=self.shop_domain,
            shop_id=self.claim.shop_id,
            api_version=API_VERSION,
            delivery_id=self.claim.id,
            event_id=self.event_id,
            triggered_at=self.triggered_at,
            resource_version=self.resource_version,
            attempt=self.claim.attempt,
            secrets=self.secrets,
            at=at,
            gap=self.claim.gap,
            test=self.is_test,
            own=tuple(self.options.headers.items()),
        )
        return Post(
            address=self.address,
            headers=headers(envelope, body),
            body=body,
            timeout=self.options.timeout or timeout,
        )


class Loader:
    """Loads parcels, and remembers the apps' secrets for a second."""

    def __init__(self, db: Database, sealer: Sealer, *, usual: Schedule) -> None:
        self._db = db
        self._sealer = sealer
        self._usual = usual
        self._secrets: dict[str, tuple[int, Secrets]] = {}

    async def load(self, claims: Sequence[Claim], *, at: int) -> list[Parcel]:
        """What was claimed, in that order, less what was deleted meanwhile."""

        async def work(tx: Tx) -> dict[tuple[int, bytes], Parcel]:
            found = {}
            rows = await tx.fetch(
                LOAD[tx.dialect], given=given({"shop_id": each.shop_id, "id": each.id} for each in claims)
            )
            for row in rows:
                key = (row[0], bytes(row[1]))
                found[key] = await self._made(tx, claimed[key], row, at)
            return found

        claimed = {each.key: each for each in claims}
        loaded = await self._db.read(work)
        return [loaded[each.key] for each in claims if each.key in loaded]

    async def _made(self, tx: Tx, claim: Claim, row: Row, at: int) -> Parcel:
        """A parcel, whatever is wrong with what it is made of: one that is spoilt must not hold up others."""
        try:
            secrets = self._last_secret(row) or await self._secrets_of(tx, row[12], at)
            return self._parcel(claim, row, secrets, options_of(row[9]))
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this one's alone
            spoilt = self._parcel(claim, row, Secrets(current=""), Options())
            return msgspec.structs.replace(spoilt, fault=_why(error))

    def _last_secret(self, row: Row) -> Secrets | None:
        """What an app that has gone signed with at that moment."""
        if row[21] is None:
            return None
        return Secrets(current=self._sealer.unseal(bytes(row[21]), about=row[12]))

    async def _secrets_of(self, tx: Tx, client_id: str, at: int) -> Secrets:
        known = self._secrets.get(client_id)
        if known is not None and 0 <= at - known[0] < REMEMBERED:
            return known[1]
        found = await secrets_of(tx, client_id, sealer=self._sealer, at=at)
        if len(self._secrets) >= MOST_REMEMBERED:
            self._secrets.clear()
        self._secrets[client_id] = (at, found)
        return found

    def _parcel(self, claim: Claim, row: Row, secrets: Secrets, options: Options) -> Parcel:
        topic, resource_id, address, ordered, created_at, failures, since = row[2:9]
        failing_since, warned, client_id, handle, event_id, triggered_at, version, body, astray, gone_at = (
            row[10:20]
        )
        return Parcel(
            claim=claim,
            topic=topic,
            resource_id=resource_id,
            address=address,
            ordered=bool(ordered),
            past=Past(failures=failures, since=max(created_at, since), astray=astray, gone_at=gone_at),
            schedule=schedule_of(topic, options.schedule, self._usual),
            options=options,
            client_id=client_id or "",
            shop_domain=f"{handle}.{DOMAIN}",
            # An example that is sent as a test is told by no change.
            event_id=claim.id if event_id is None else bytes(event_id),
            triggered_at=triggered_at or created_at,
            resource_version=version or 0,
            secrets=secrets,
            body=None if body is None else bytes(body),
            is_failing=failing_since is not None or warned > 0,
            is_test=row[20].startswith(TEST),
        )


def _why(error: Exception) -> str:
    what = "It could not be made ready"
    if isinstance(error, Refusal):
        return f"{what}: {error.message}"
    if isinstance(error, msgspec.MsgspecError):
        return f"{what}, for the options of its subscription cannot be read: {error}."
    if isinstance(error, LookupError):
        return f"{what}, for its app is no longer there."
    return f"{what}: {type(error).__name__}: {error}."
