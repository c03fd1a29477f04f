"""What an app that left a shop no longer needs: what was sent to it, and what it asked."""

from till.db.port import Row, Tx
from till.deliveries.given import IDS, both, given

AT_ONCE = 200
# What ended. What is still under way, such as the word that it was uninstalled, is left to its end.
ENDED = """
    SELECT id, event_number, form, resource_id FROM deliveries
    WHERE shop_id = :shop_id AND installation_id = :installation_id AND state >= 2 ORDER BY id LIMIT :most
"""
REMOVE_ATTEMPTS = both(
    "DELETE FROM attempts WHERE (shop_id, delivery_id) IN (SELECT g.shop_id, g.id FROM {given} g)", IDS
)
REMOVE = both("DELETE FROM deliveries WHERE (shop_id, id) IN (SELECT g.shop_id, g.id FROM {given} g)", IDS)
# All deliveries of an event are of one resource.
REMOVE_FORM = """
    DELETE FROM event_forms WHERE shop_id = :shop_id AND number = :number AND form = :form
        AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.shop_id = :shop_id
            AND d.resource_id = :resource_id AND d.event_number = :number AND d.form = :form)
"""
REQUESTS = "SELECT id FROM request_log WHERE shop_id = :shop_id AND client_id = :client_id LIMIT :most"
REMOVE_REQUEST = "DELETE FROM request_log WHERE shop_id = :shop_id AND client_id = :client_id AND id = :id"
ANSWERS = """
    SELECT target, key FROM kept_answers WHERE shop_id = :shop_id AND installation_id = :installation_id
    LIMIT :most
"""
REMOVE_ANSWER = """
    DELETE FROM kept_answers
    WHERE shop_id = :shop_id AND installation_id = :installation_id AND target = :target AND key = :key
"""


async def forget_app(tx: Tx, *, shop_id: int, installation_id: int, client_id: str) -> bool:
    """Remove some of what was kept of an installation that is over; True while there may be more.

    To be called in a transaction each until it answers False. Whoever else was sent the same keeps it;
    what was counted of deliveries and calls stays.
    """
    rows = await tx.fetch(ENDED, shop_id=shop_id, installation_id=installation_id, most=AT_ONCE)
    await _remove(tx, rows, shop_id=shop_id)
    requests = await tx.fetch(REQUESTS, shop_id=shop_id, client_id=client_id, most=AT_ONCE)
    for (request_id,) in requests:
        await tx.execute(REMOVE_REQUEST, shop_id=shop_id, client_id=client_id, id=request_id)
    answers = await tx.fetch(ANSWERS, shop_id=shop_id, installation_id=installation_id, most=AT_ONCE)
    for target, key in answers:
        place = {"installation_id": installation_id, "target": target, "key": key}
        await tx.execute(REMOVE_ANSWER, shop_id=shop_id, **place)
    return AT_ONCE in (len(rows), len(requests), len(answers))


async def _remove(tx: Tx, rows: list[Row], *, shop_id: int) -> None:
    if not rows:
        return
    ids = given({"shop_id": shop_id, "id": bytes(row[0])} for row in rows)
    await tx.execute(REMOVE_ATTEMPTS[tx.dialect], given=ids)
    await tx.execute(REMOVE[tx.dialect], given=ids)
    for number, form, resource_id in sorted({(row[1], row[2], row[3]) for row in rows if row[2]}):
        place = {"shop_id": shop_id, "number": number, "form": form}
        await tx.execute(REMOVE_FORM, resource_id=resource_id, **place)
