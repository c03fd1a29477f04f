"""Letting go of what no theme needs: publications, versions and sketches that are old, unused files."""

from functools import partial
from itertools import islice

from till import clock
from till.clock import Clock
from till.db.port import Database, Row, Tx
from till.themes import sketches, statements
from till.themes.manifest import unpack

# So many versions of a theme are kept, and those that one of the publications kept names beside them.
KEPT = 50
# So many publications of a shop are kept, the live changes of what visitors see among them.
PUBLICATIONS = 50
# So many are let go of in one transaction, which the shop waits for.
AT_ONCE = 200


async def sweep(db: Database, *, now: Clock = clock.now) -> int:
    """Sweep every shop; answers how many files went. May be run at any time, and in several processes."""
    shops = await db.read(lambda tx: tx.fetch(statements.SHOPS), heavy=True)
    return sum([await sweep_shop(db, shop_id, now=now) for (shop_id,) in shops])


async def sweep_shop(db: Database, shop_id: int, *, now: Clock = clock.now) -> int:
    """The same for one shop.

    What is in use is read without holding anybody up. What was put in since can only be named by versions
    that were not read, so that these alone are looked at before a file goes.
    """
    old = partial(sketches.forget, shop_id=shop_id, before=now() - sketches.KEPT_FOR)
    await db.write(old, shop_id=shop_id)
    while await db.write(partial(_forget_publications, shop_id=shop_id), shop_id=shop_id) == AT_ONCE:
        pass
    outlived = await db.read(partial(_outlived, shop_id=shop_id), heavy=True)
    for theme_id, number in outlived:
        await db.write(partial(_forget, shop_id=shop_id, theme_id=theme_id, number=number), shop_id=shop_id)
    seen, unused = await db.read(partial(_survey, shop_id=shop_id), heavy=True)
    waiting, gone = iter(unused), 0
    while some := list(islice(waiting, AT_ONCE)):
        work = partial(_remove, shop_id=shop_id, digests=some, seen=seen, at=now())
        gone += await db.write(work, shop_id=shop_id)
    return gone


async def _forget_publications(tx: Tx, *, shop_id: int) -> int:
    """Let go of the oldest publications beyond those that are kept; answers how many went."""
    kept = {"shop_id": shop_id, "kept": PUBLICATIONS, "most": AT_ONCE}
    return len(await tx.fetch(statements.FORGET_PUBLICATIONS, **kept))


async def _outlived(tx: Tx, *, shop_id: int) -> list[Row]:
    return await tx.fetch(statements.OUTLIVED, shop_id=shop_id, kept=KEPT)


async def _forget(tx: Tx, *, shop_id: int, theme_id: int, number: int) -> None:
    """Let a version go, unless it is shown or was published by now."""
    await tx.execute(statements.REMOVE_VERSION, shop_id=shop_id, theme_id=theme_id, number=number)


async def _survey(tx: Tx, *, shop_id: int) -> tuple[set[tuple[int, int]], list[bytes]]:
    """The versions there are, and the files that none of them refers to."""
    seen: set[tuple[int, int]] = set()
    used: set[bytes] = set()
    for theme_id, number in await tx.fetch(statements.ALL_VERSIONS, shop_id=shop_id):
        used |= await _digests(tx, shop_id, theme_id, number)
        seen.add((theme_id, number))
    digests = {bytes(row[0]) for row in await tx.fetch(statements.ALL_BLOBS, shop_id=shop_id)}
    return seen, sorted(digests - used)


async def _remove(tx: Tx, *, shop_id: int, digests: list[bytes], seen: set[tuple[int, int]], at: int) -> int:
    if await _is_installing(tx, shop_id, at=at):
        return 0
    rows: list[Row] = await tx.fetch(statements.ALL_VERSIONS, shop_id=shop_id)
    since = [(theme_id, number) for theme_id, number in rows if (theme_id, number) not in seen]
    used = {digest for place in since for digest in await _digests(tx, shop_id, *place)}
    gone = [digest for digest in digests if digest not in used]
    for digest in gone:
        await tx.execute(statements.REMOVE_BLOB, shop_id=shop_id, digest=digest)
    return len(gone)


async def _is_installing(tx: Tx, shop_id: int, *, at: int) -> bool:
    """True while somebody installs a package, whose files are kept before a version names them.

    Who lost the lease finds what was swept meanwhile missing, and keeps it again (till.themes.installing).
    """
    return bool(await tx.fetch(statements.INSTALLED_NOW, shop_id=shop_id, at=at))


async def _digests(tx: Tx, shop_id: int, theme_id: int, number: int) -> set[bytes]:
    rows = await tx.fetch(statements.MANIFEST, shop_id=shop_id, theme_id=theme_id, number=number)
    return {entry.sha256 for row in rows for entry in unpack(bytes(row[0])).values()}
