"""Webhooks as a client of the API subscribes to them, and what a shop owes, as the store has it."""

from inside import ORDERS

APPS = ORDERS | {"write_apps"}
HERE = "http://127.0.0.1:9999/hooks"
ROWS = (
    "SELECT id, state, form, address, replay_of, event_number FROM deliveries WHERE shop_id = :s ORDER BY id"
)


def subscribe(till, topic="orders/create", address=HERE, token=None, **more):
    body = {"webhook": {"address": address, "topic": topic} | more}
    reply = till.post("/app/webhooks", body, token=token)
    assert reply.status == 201, reply.body
    return f"/app/webhooks/{reply.json['webhook']['id']}"


def owed(till):
    return [tuple(row) for row in till.rows(ROWS, s=till.shop.id)]


def log(till, path, query=""):
    reply = till.get(f"{path}/deliveries{query}")
    assert reply.status == 200, reply.body
    return reply.json["deliveries"]


def end(till, state, *ids):
    """Let deliveries end, as the engine would."""
    sql = "UPDATE deliveries SET state = :state, attempts = 8, ended_at = created_at WHERE shop_id = :s"

    async def work(tx):
        for each in ids or [None]:
            only = "" if each is None else " AND id = :id"
            more = {} if each is None else {"id": bytes.fromhex(each.replace("-", ""))}
            await tx.execute(sql + only, state=state, s=till.shop.id, **more)

    till.write(work)
