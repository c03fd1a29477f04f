"""People with unmistakable words all over a shop, and where to look for such words."""

import asyncio
import json
import time

import apsw

from builders import a_line
from inside import ORDERS
from steps import at, done, now, ship
from till.privacy.carrying import carry_out

SCOPES = ORDERS | {
    "write_customers",
    "read_customers",
    "write_apps",
    "read_shops",
    "read_fulfillments",
    "write_fulfillments",
}
PATIENCE = 60


class Marked:
    """Somebody whose every word holds `mark`, and whose telephone numbers begin with `digits`."""

    def __init__(self, mark, digits, customer_id):
        self.mark, self.digits = mark, digits
        self.id = customer_id  # the channel's own, which stays

    def word(self, name):
        return f"{self.mark}{name}"

    def email(self, name="mail"):
        return f"{self.mark}{name}@{self.mark}host.example"

    def phone(self, last="00"):
        return f"+{self.digits[:1]} ({self.digits[1:4]}) {self.digits[4:]}-{last}"

    def address(self, name):
        texts = (
            "firstName",
            "lastName",
            "name",
            "company",
            "address1",
            "address2",
            "city",
            "province",
            "zip",
        )
        told = {each: self.word(f"{name}{each}") for each in texts}
        return told | {
            "phone": self.phone("01"),
            "country": self.word("land"),
            "countryCode": "CA",
            "provinceCode": "ON",
        }

    def customer(self, **more):
        told = {"id": self.id, "email": self.email(), "phone": self.phone()}
        told |= {each: self.word(f"c{each.lower()}") for each in ("firstName", "lastName", "note", "tags")}
        told["addresses"] = [self.address("ca")]
        return told | {"defaultAddress": self.address("cd")} | more

    def order(self, **more):
        told = {
            "lineItems": [a_line(quantity=3)],
            "customer": self.customer(),
            "email": self.email("order"),
            "phone": self.phone("02"),
            "note": self.word("onote"),
            "tags": self.word("otag"),
            "i18n": json.dumps({"language": self.word("language")}),
            "shippingAddress": self.address("sa"),
            "billingAddress": self.address("ba"),
        }
        return told | more

    @property
    def marks(self):
        """What must be found nowhere once they are erased."""
        return (self.mark, self.digits, self.phone("")[:-1])


def live(till, who):
    """A life full of the person: orders of every kind, moved on and on; answers the orders that are left."""
    first = till.create(**who.order())
    note = done(
        till.post(f"{at(first)}/timeline", {"note": {"text": who.word("said"), "author": who.word("author")}})
    )
    done(till.put(f"{at(first)}/timeline/{note['id']}", {"note": {"text": who.word("saidanew")}}))
    till.put(at(first), {"order": {"email": who.email("new"), "note": who.word("newnote")}})
    told = {"transaction": {"kind": "sale", "message": who.word("money"), "gateway": "cash"}}
    done(till.post(f"{at(first)}/transactions", told))
    tracking = {"trackingNumber": who.word("track"), "trackingUrl": f"https://t.example/{who.word('url')}"}
    done(ship(till, first, 2, trackingCompany="UPS", message=who.word("shipped"), **tracking))
    line = {"lineItemId": first["lineItems"][0]["id"], "quantity": 1}
    reason = {"rightsReason": who.word("why")}
    refunded = {"orderId": first["id"], "lineItems": [line | reason], "note": who.word("refund")}
    done(till.post("/refunds", {"refund": refunded}))
    units = [line | {"reason": who.word("small"), "note": who.word("unit")}]
    back = done(till.post(f"{at(first)}/returns", {"return": {"lineItems": units, "note": who.word("ret")}}))
    done(till.post(f"/returns/{back['id']}/decline", {"reason": who.word("late")}))
    second = till.create(**who.order(customer=None, email=who.email(), phone=who.phone()))
    deleted = till.create(**who.order())
    assert till.run(till.ask("DELETE", at(deleted))).status == 200
    return [now(till, first), now(till, second)]


def erase(till, who, **body):
    reply = till.post(f"/customers/{who.id}/redact", body)
    assert reply.status == 200, reply.body
    return reply.json["erasure"]


def carry(till):
    """Do what is due by the server's clock, as its own chore does."""
    parts = till.parts
    return till.run(carry_out(parts.db, at=parts.api._lent.clock(), mint=parts.lease.minter))


def settle(till, holds):
    """Let the server go on until something holds."""
    ends = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < ends
        till.run(asyncio.sleep(0.02))


def rows_of(till):
    """Every row of every table, as pairs of the table and the bytes of all its columns."""
    columns = till.run(till.parts.db.read(_columns))
    found = []
    for table, name in columns:
        if table == "order_terms" and till.parts.db.dialect == "sqlite":
            continue
        column = f"{name}::text" if name == "terms" else f'"{name}"'
        found += [(table, _bytes(row[0])) for row in till.rows(f"SELECT {column} FROM {table}")]
    return found


async def _columns(tx):
    if tx.dialect == "sqlite":
        tables = await tx.fetch(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            " AND (name NOT LIKE 'order_terms_%') AND name NOT LIKE 'sqlite_%'"
        )
        found = []
        for (table,) in tables:
            found += [
                (table, row[1]) for row in await tx.fetch(f"SELECT * FROM pragma_table_info('{table}')")
            ]
        return found
    sql = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    return [(str(table), str(name)) for table, name in await tx.fetch(sql)]


def _bytes(value):
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else str(value).encode()


def tables_with(till, marks):
    """The tables that hold one of some marks, each with how many of its values do."""
    found = {}
    for table, value in rows_of(till):
        if any(mark.encode() in value for mark in marks):
            found[table] = found.get(table, 0) + 1
    return found


def words_of(folder):
    """All words in the search table of SQLite, those of rows that are gone too."""
    connection = apsw.Connection(str(folder / "till.db"), flags=apsw.SQLITE_OPEN_READONLY)
    connection.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('main', 'order_terms', 'row')")
    found = {row[0] for row in connection.execute("SELECT term FROM temp.vocabulary")}
    connection.close()
    return found


def files_with(folder, marks):
    """The files of a SQLite database that hold one of some marks, with how often."""
    found = {}
    for path in sorted(folder.iterdir()):
        count = sum(path.read_bytes().count(mark.encode()) for mark in marks)
        if path.is_file() and count:
            found[path.name] = count
    return found
