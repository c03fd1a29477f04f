"""An order in the words of its model: as the server shows it, and as it must be."""


def same(got, right):
    """Say what differs, and nothing else."""
    wrong = {name: (each, right[name]) for name, each in got.items() if each != right[name]}
    assert not wrong, "\n".join(f"{name} is {its}, not {want}" for name, (its, want) in wrong.items())


def shown(talk):
    """What the server says, in the model's words."""
    order, ids = talk.order, [each["id"] for each in talk.ledger]
    lines = [line["id"] for line in order["lineItems"]]
    return {
        "version": order["version"],
        "note": order["note"],
        "financialStatus": order["financialStatus"],
        "fulfillmentStatus": order["fulfillmentStatus"],
        "returnStatus": order["returnStatus"],
        "totalPrice": talk.minor(order["totalPrice"]),
        "currentTotalPrice": talk.minor(order["currentTotalPrice"]),
        "totalOutstanding": talk.minor(order["totalOutstanding"]),
        "life": [bool(order[name]) for name in ("confirmedAt", "closedAt", "cancelledAt")],
        "lines": [
            (line["currentQuantity"], line["fulfillableQuantity"], line["fulfillmentStatus"])
            for line in order["lineItems"]
        ],
        "ledger": [
            (
                each["kind"],
                talk.minor(each["amount"]),
                each["status"] == "success",
                ids.index(each["parentId"]) if each["parentId"] else None,
            )
            for each in talk.ledger
        ],
        "shipments": [
            (
                each["status"] == "success",
                {lines.index(unit["lineItemId"]): unit["quantity"] for unit in each["lineItems"]},
                each["trackingNumber"],
            )
            for each in talk.shipments
        ],
        "refunds": [
            (
                each["status"],
                talk.minor(each["amount"]),
                talk.minor(each["shipping"]["amount"]),
                {
                    lines.index(unit["lineItemId"]): (unit["quantity"], talk.minor(unit["subtotal"]))
                    for unit in each["lineItems"]
                },
            )
            for each in talk.refunds
        ],
        "returns": [
            (
                each["status"],
                {
                    lines.index(u["lineItemId"]): (
                        u["quantity"],
                        u["receivedQuantity"],
                        u["refundedQuantity"],
                    )
                    for u in each["lineItems"]
                },
            )
            for each in talk.returns
        ],
    }


def wanted(model):
    lines, status = model.delivery
    return {
        "version": model.version,
        "note": model.note,
        "financialStatus": model.status,
        "fulfillmentStatus": status,
        "returnStatus": model.return_status,
        "totalPrice": model.total,
        "currentTotalPrice": model.current,
        "totalOutstanding": model.outstanding,
        "life": [model.confirmed, model.closed, model.cancelled],
        "lines": [(model.standing(n), model.to_ship(n), each) for n, each in enumerate(lines)],
        "ledger": [(each["kind"], each["amount"], each["good"], each["parent"]) for each in model.ledger],
        "shipments": [(each["live"], each["units"], each["tracking"]) for each in model.shipments],
        "refunds": [
            (
                each["status"],
                each["amount"],
                each["shipping"],
                {n: (count, each["worths"][n][0]) for n, (count, _) in each["units"].items()},
            )
            for each in model.refunds
        ],
        "returns": [
            (each["status"], {n: (u["asked"], u["got"], u["refunded"]) for n, u in each["units"].items()})
            for each in model.returns
        ],
    }
