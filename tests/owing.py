"""Webhooks as a client of the API subscribes to them, and what a shop owes, as the store has it."""

from inside import ORDERS

APPS = ORDERS | {"write_apps"}
HERE = "http://127.0.0.1:9999/hooks"
ROWS = (
    "SELECT id, state, form, address, replay_of, event_number FROM deliveries WHERE shop_id = :s ORDER BY id"
)
ENDS = {3: "exhausted", 4: "blocked", 5: "cancelled"}


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
    """Let deliveries end, as the engine would, each after eight attempts."""
    sql = "UPDATE deliveries SET state = :state, attempts = 8, ended_at = created_at WHERE shop_id = :s"
    count = (
        "INSERT INTO delivery_counts (shop_id, subscription_id, hour, outcome, bucket, n, micros)"
        " SELECT shop_id, subscription_id, created_at / 3600000000, '{}', -1, {} * count(*), 0"
        " FROM deliveries"
        " WHERE shop_id = :s AND form NOT LIKE 'test%'{}"
        " GROUP BY shop_id, subscription_id, created_at / 3600000000"
        " ON CONFLICT (shop_id, subscription_id, hour, outcome, bucket)"
        " DO UPDATE SET n = delivery_counts.n + excluded.n"
    )
    counted = {"retried": 7} | ({ENDS[state]: 1} if state in ENDS else {})

    async def work(tx):
        for each in ids or [None]:
            only = "" if each is None else " AND id = :id"
            more = {} if each is None else {"id": bytes.fromhex(each.replace("-", ""))}
            await tx.execute(sql + only, state=state, s=till.shop.id, **more)
            for outcome, n in counted.items():
                await tx.execute(count.format(outcome, n, only), s=till.shop.id, **more)

    till.write(work)
