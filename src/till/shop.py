"""A shop: one merchant's store, its currency, its time zone and the rules that it chose."""

import re
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from msgspec import Struct

from till.errors import Invalid
from till.money import digits_of

HANDLE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")


class Fidelity(StrEnum):
    """How scalars are written: typed, or as the strings of the published samples (rulings.md §2.2)."""

    TYPED = "typed"
    DOCUMENTED = "documented"


class Totals(StrEnum):
    """What becomes of a sent total that disagrees with the computed one (rulings.md §4.2)."""

    STATED = "stated"
    STRICT = "strict"


class CancelPolicy(StrEnum):
    """When an order may be cancelled (rulings.md §5.3)."""

    DOCUMENTED = "documented"
    STRICT = "strict"


class Rate(StrEnum):
    """The plan of a shop: size of the token bucket @ tokens a second (genstore.md §5)."""

    DEFAULT = "40@2"
    BASIC = "40@4"
    STANDARD = "200@20"
    ADVANCED = "400@40"
    OFF = "off"

    @classmethod
    def of(cls, text: str) -> "Rate":
        """The plan that a name or a size and refill say; ValueError names those there are."""
        word = text.strip().lower()
        for rate in cls:
            if word in (rate.plan, rate.value):
                return rate
        known = ", ".join(rate.plan if rate is cls.OFF else f"{rate.plan} ({rate.value})" for rate in cls)
        raise ValueError(f"{text!r} is no rate plan: give one of {known}")

    @property
    def plan(self) -> str:
        """What the plan is called: default, basic, standard, advanced or off."""
        return self.name.lower()

    @property
    def size(self) -> int:
        return 0 if self is Rate.OFF else int(self.partition("@")[0])

    @property
    def refill(self) -> int:
        """Tokens that come back in a second."""
        return 0 if self is Rate.OFF else int(self.partition("@")[2])


class Settings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a merchant may choose; every field has the platform's own behaviour as its default."""

    rate: Rate = Rate.DEFAULT
    totals: Totals = Totals.STATED
    cancel_policy: CancelPolicy = CancelPolicy.DOCUMENTED
    unique_source_identifier: bool = False
    auto_close: bool = False


class Shop(Struct, frozen=True, kw_only=True):
    id: int
    handle: str
    currency: str
    timezone: str
    settings: Settings = Settings()
    rendering: int = 1  # rises when what an order's answer shows of the shop changes

    def change(
        self, *, currency: str | None = None, timezone: str | None = None, **settings: object
    ) -> "Shop":
        """The shop with other settings; `Invalid` names what cannot be."""
        shop = msgspec.structs.replace(
            self,
            currency=currency or self.currency,
            timezone=timezone or self.timezone,
            settings=msgspec.structs.replace(self.settings, **settings),
        ).checked()
        if shop.shown_by != self.shown_by:
            shop = msgspec.structs.replace(shop, rendering=self.rendering + 1)
        return shop

    @property
    def shown_by(self) -> tuple[object, ...]:
        """What of the shop an order's answer depends on."""
        return (self.timezone, self.settings.cancel_policy)

    def checked(self) -> "Shop":
        """This shop, if it may exist."""
        if not HANDLE.match(self.handle):
            raise Invalid(
                f"The handle {self.handle!r} cannot be a host name: use a-z, 0-9 and -, at most 63.",
                fields={"handle": ["must be letters a-z, digits and inner hyphens, at most 63"]},
            )
        digits_of(self.currency, field="currency")
        if self.timezone not in _zones():
            raise Invalid(
                f"The time zone {self.timezone!r} is not known: give an IANA name such as Europe/London.",
                fields={"timezone": ["is not an IANA time zone"]},
            )
        ZoneInfo(self.timezone)
        return self


@cache
def _zones() -> frozenset[str]:
    """All time zones: looked up once, for it takes a walk through their folders."""
    return frozenset(available_timezones())
