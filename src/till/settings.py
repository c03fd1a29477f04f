"""Every setting of the server with its default and its sentence; the only reader of the environment."""

import ipaddress
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from till.errors import Invalid
from till.shop import Fidelity

PREFIX = "TILL_"
# What commands read that talk to a server, or check a signature, and have no settings of their own.
OF_CLIENTS = frozenset({"TILL_URL", "TILL_TOKEN", "TILL_SECRET"})
# The names in till.webhooks.subscription, which lies above this.
SCHEDULES = ("genstore8", "shopify4h", "long")
STOREFRONTS = ("local", "open", "closed")
FLAGS = (bool, bool | None)
SHORTEST_BUDGET, LONGEST_BUDGET = 1, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Read from TILL_… variables and overridden by options of the command line."""

    data: Path = field(
        default=Path("till-data"),
        metadata={"sentence": "Folder for the SQLite database and for the key that secrets are sealed with."},
    )
    database: str | None = field(
        default=None,
        metadata={
            "sentence": "URL of a PostgreSQL database, postgresql://…; without it Till stores in SQLite."
        },
    )
    key: str | None = field(
        default=None,
        metadata={
            "sentence": "The sealing key as 64 hex characters, where it shall not lie in the data folder."
        },
    )
    host: str = field(default="127.0.0.1", metadata={"sentence": "Address to listen on."})
    port: int = field(default=8080, metadata={"sentence": "Port to listen on; 0 takes a free one."})
    workers: int = field(
        default=1, metadata={"sentence": "Serving processes; more than one needs PostgreSQL."}
    )
    base_domain: str | None = field(
        default=None,
        metadata={"sentence": "A domain whose first label names the shop, e.g. shops.example.com."},
    )
    fidelity: Fidelity = field(
        default=Fidelity.TYPED,
        metadata={
            "sentence": "How scalars are written: typed, or documented (strings, as the samples print them)."
        },
    )
    max_body: int = field(
        default=2_000_000,
        metadata={"sentence": "Longest request body in bytes; longer ones are refused with 413."},
    )
    body_timeout: float = field(
        default=20.0, metadata={"sentence": "Seconds within which a request body must have arrived."}
    )
    header_timeout: float = field(
        default=10.0, metadata={"sentence": "Seconds within which the head of a request must have arrived."}
    )
    stop_timeout: float = field(
        default=30.0, metadata={"sentence": "Seconds that a stop waits for requests that were accepted."}
    )
    work: bool = field(
        default=True, metadata={"sentence": "Deliver webhooks in this process; else `till work` does, apart."}
    )
    schedule: str = field(
        default="genstore8",
        metadata={
            "sentence": "When failed webhooks are tried again, where a subscription does not say: "
            "genstore8, shopify4h or long."
        },
    )
    allow: str = field(
        default="",
        metadata={
            "sentence": "Private networks that webhooks may be sent to, as CIDR, e.g. 10.20.0.0/16,fd12::/48."
        },
    )
    plain_http: bool = field(
        default=False,
        metadata={
            "sentence": "Send webhooks to http:// addresses, too; a server on loopback does, unless "
            "TILL_LOCAL_WEBHOOKS is 0."
        },
    )
    local_webhooks: bool | None = field(
        default=None,
        metadata={
            "sentence": "Send webhooks to this machine itself, there to http:// too; where it is not said, a "
            "server on a loopback address does, others and `till work` do not."
        },
    )
    nat64: bool = field(
        default=False,
        metadata={"sentence": "Send webhooks through NAT64 (64:ff9b::/96), where there is one."},
    )
    ca_file: str | None = field(
        default=None,
        metadata={
            "sentence": "File with certificates of authorities to trust beside the system's, for webhooks."
        },
    )
    delivery_timeout: float = field(
        default=10.0,
        metadata={
            "sentence": "Seconds that a receiver has for its whole answer; a subscription may say another."
        },
    )
    keep_delivered_days: int = field(
        default=7, metadata={"sentence": "Days that delivered webhooks are kept in the log."}
    )
    keep_failed_days: int = field(
        default=30,
        metadata={"sentence": "Days that webhooks which came to nothing are kept, and can be sent again."},
    )
    keep_requests_days: int = field(
        default=7, metadata={"sentence": "Days that the requests of apps are kept in their log."}
    )
    proxies: str = field(
        default="127.0.0.1,::1",
        metadata={
            "sentence": "Addresses and networks of proxies whose X-Forwarded-Proto and X-Forwarded-For are "
            "believed, e.g. 127.0.0.1,10.0.0.0/8."
        },
    )
    plain_sign_in: bool = field(
        default=False,
        metadata={
            "sentence": "Let people sign in over plain http from other machines, too: whoever listens on the "
            "way then has their passwords."
        },
    )
    storefront: str = field(
        default="local",
        metadata={
            "sentence": "Whom storefronts are open to: local (whoever reaches a server that listens on a "
            "loopback address), open (everybody) or closed; a preview link always lets in."
        },
    )
    storefront_domain: str = field(
        default="",
        metadata={
            "sentence": "A domain of its own for storefronts, at {shop}.DOMAIN; without it they stand at "
            "{shop}.store.localhost."
        },
    )
    dev: bool = field(
        default=False,
        metadata={
            "sentence": "Development mode: a clock that can be set, chaos for webhooks, shops at a call; "
            "only on a loopback address."
        },
    )

    @property
    def is_local(self) -> bool:
        """True when only this machine can reach the server: it listens on a loopback address."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def from_environment(environment: Mapping[str, str], **options: Any) -> Settings:
    """The settings; options that are not None win. `Invalid` names an unknown or unreadable one."""
    known = {each.name: each for each in fields(Settings)}
    values: dict[str, Any] = {}
    for variable, text in environment.items():
        if not variable.startswith(PREFIX) or variable.startswith("TILL_TEST_") or variable in OF_CLIENTS:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in known:
            listed = ", ".join(sorted(PREFIX + each.upper() for each in known))
            raise Invalid(f"{variable} is not a setting of Till; the settings are {listed}.")
        values[name] = _read(variable, text, known[name])
    values |= {name: value for name, value in options.items() if value is not None}
    return _checked(Settings(**values))


def _read(variable: str, text: str, known: Field[Any]) -> Any:
    default: Any = known.default
    if known.type in FLAGS:
        return _flag(variable, text)
    kind = str if default is None else type(default)
    try:
        return kind(text) if kind is not type(Path()) else Path(text)
    except ValueError:
        raise Invalid(
            f"{variable} is {text!r}, which is no {kind.__name__}: give one like {default}."
        ) from None


def _flag(variable: str, text: str) -> bool:
    word = text.strip().lower()
    if word not in ("1", "true", "yes", "0", "false", "no", ""):
        raise Invalid(f"{variable} is {text!r}: give 1 for yes, or 0 for no.")
    return word in ("1", "true", "yes")


def _checked(settings: Settings) -> Settings:
    if not 0 <= settings.port <= 65_535:
        raise Invalid(f"The port {settings.port} is not one: give 0 to 65535.")
    if settings.workers < 1:
        raise Invalid("There must be at least one worker.")
    if settings.workers > 1 and settings.database is None:
        raise Invalid(
            "SQLite is served by one process: leave --workers at 1, or give --database postgresql://… ."
        )
    if settings.schedule not in SCHEDULES:
        raise Invalid(f"There is no schedule {settings.schedule!r}: give one of {', '.join(SCHEDULES)}.")
    if not SHORTEST_BUDGET <= settings.delivery_timeout <= LONGEST_BUDGET:
        raise Invalid(
            f"A receiver gets {SHORTEST_BUDGET} to {LONGEST_BUDGET} s, not {settings.delivery_timeout:g}."
        )
    if settings.ca_file is not None and not Path(settings.ca_file).is_file():
        raise Invalid(
            f"There is no file {settings.ca_file}: give one with certificates, or leave TILL_CA_FILE out."
        )
    if min(settings.keep_delivered_days, settings.keep_failed_days) < 1:
        raise Invalid("Webhooks are kept in the log for a day at least.")
    if settings.keep_requests_days < 1:
        raise Invalid("Requests are kept in their log for a day at least.")
    _check_storefront(settings)
    if settings.dev:
        _check_development(settings)
    return settings


def _check_storefront(settings: Settings) -> None:
    if settings.storefront not in STOREFRONTS:
        raise Invalid(f"TILL_STOREFRONT is {settings.storefront!r}: give one of {', '.join(STOREFRONTS)}.")
    domain = settings.storefront_domain.lower().strip(".")
    base = (settings.base_domain or "").lower().strip(".")
    if domain and (domain in ("localhost", base) or base.endswith(f".{domain}")):
        raise Invalid(
            f"TILL_STOREFRONT_DOMAIN is {domain}, where the API and the admin are: give one apart from them."
        )


def _check_development(settings: Settings) -> None:
    if not settings.is_local:
        raise Invalid(
            "Development mode lets whoever reaches the server set its clock and found shops, and "
            f"{settings.host} can be reached from outside: leave --host at 127.0.0.1, or leave --dev."
        )
    if settings.workers > 1:
        raise Invalid("Development mode has one clock, and so one process: leave --workers at 1.")
