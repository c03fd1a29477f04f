"""The door of a server whose clock a test sets, and requests as the door looks at them."""

from till.clock import DAY, SECOND
from till.ids import Minter
from till.shop import Shop
from till.shops.store import Shops
from till.staff.door import COOKIE, FORM_COOKIE, Door, Entry
from till.staff.invitations import Invitation, Invitations, Kind

PASSWORD = "seven green kettles"
NOON = 20_000 * DAY


class Asking:
    """A request to a page, as the door looks at it."""

    def __init__(self, cookies=(), *, scheme="http", host="127.0.0.1:8080", address="192.0.2.7", **headers):
        self.scope = {"scheme": scheme, "client": (address, 5000)}
        self.cookies = dict(cookies)
        self.headers = {"host": host} | {name.replace("_", "-"): value for name, value in headers.items()}


class Place:
    """The door of a server, and what a test does at it."""

    def __init__(self, run, db, passwords):
        self.run, self.db, self.now = run, db, NOON
        self.mint = Minter(3)
        self.door = Door(db=db, clock=lambda: self.now, mint=self.mint, passwords=passwords)
        self.form = {FORM_COOKIE: "form"}

    def write(self, work):
        return self.run(self.db.write(work))

    def rows(self, sql, **params):
        return self.run(self.db.read(lambda tx: tx.fetch(sql, **params)))

    def found(self, handle):
        shop = Shop(id=self.mint(), handle=handle, currency="USD", timezone="UTC")
        return self.write(lambda tx: Shops(tx).add(shop, at=self.now))

    def link(self, kind=Kind.OWNER, shop=None, email=None):
        """The token of a new invitation."""
        offered = Invitation(kind=kind, shop_id=shop.id if shop else None, email=email)
        return self.write(lambda tx: Invitations(tx).add(offered, at=self.now))

    def person(self, email="ada@example.com", *, password=PASSWORD, **offered):
        """Let somebody in by an invitation; answers the cookie."""
        return self.accept(self.link(email=email, **offered), email, password)

    def accept(self, token, email="ada@example.com", password=PASSWORD, asking=None):
        entry = Entry(email=email, password=password, name="Ada Byron")
        return self.run(self.door.accept(asking or Asking(), token, entry))

    def sign_in(self, email="ada@example.com", password=PASSWORD, asking=None):
        """Sign in; answers the new cookie."""
        return self.run(self.door.sign_in(asking or Asking(), Entry(email=email, password=password)))

    def who(self, cookie, **asking):
        return self.run(self.door.visitor(Asking({COOKIE: cookie}, **asking)))

    def later(self, **span):
        seconds = span.get("seconds", 0) + 60 * span.get("minutes", 0) + 3_600 * span.get("hours", 0)
        self.now += seconds * SECOND + span.get("days", 0) * DAY
