"""The filters of list and count, and the SQL they come to (rulings.md §6.1)."""

from typing import Annotated, Any, TypeAlias

from msgspec import UNSET, Struct, UnsetType

from till import clock
from till.db.port import Dialect
from till.dialect import lists, readers
from till.dialect.readers import Note
from till.dialect.words import words
from till.orders import terms
from till.orders.state import FINANCIAL, FULFILLMENT, STATES, matching
from till.orders.words import FinancialStatus, FulfillmentStatus, State

Unset: TypeAlias = UnsetType
Text: TypeAlias = Annotated[str | Unset, readers.text(255, shortest=1, nullable=False)]
Time: TypeAlias = Annotated[int | Unset, readers.time(nullable=False, since=clock.EARLIEST)]
List: TypeAlias = Annotated[tuple[str, ...] | Unset, lists.comma_list(250)]

UNPAID = (FinancialStatus.AUTHORIZED, FinancialStatus.PARTIALLY_PAID)
STATUS_WORDS: dict[str, tuple[State, ...]] = {"any": STATES} | {str(s): (s,) for s in STATES}
FINANCIAL_WORDS: dict[str, tuple[FinancialStatus, ...]] = {
    "any": FINANCIAL,
    "unpaid": UNPAID,
} | {str(word): (word,) for word in FINANCIAL}
FULFILLMENT_WORDS: dict[str, tuple[FulfillmentStatus | None, ...]] = {
    "any": FULFILLMENT,
    "shipped": (FulfillmentStatus.FULFILLED,),
    "unshipped": (None,),
    "unfulfilled": (None, FulfillmentStatus.PARTIAL),
} | {str(word): (word,) for word in FulfillmentStatus}


COUNTED = {"status", "financial_status", "fulfillment_status", "created_at_min", "created_at_max"}


class OrderFilter(Struct, kw_only=True, frozen=True, rename="camel", omit_defaults=True):
    """Which orders of a shop are meant; what is UNSET does not narrow."""

    ids: Annotated[List, Note(additive=True, about="Only the orders with these ids.")] = UNSET
    status: Annotated[
        tuple[str, ...] | Unset,
        lists.word_list(STATUS_WORDS),
        Note(additive=True, about="Where orders are in their life; `any` without it."),
    ] = UNSET
    financial_status: Annotated[
        tuple[str, ...] | Unset,
        lists.word_list(FINANCIAL_WORDS),
        Note(about="How far they are paid; `unpaid` is authorized or partially paid."),
    ] = UNSET
    fulfillment_status: Annotated[
        tuple[str, ...] | Unset,
        lists.word_list(FULFILLMENT_WORDS),
        Note(about="How far they are shipped; `unfulfilled` is nothing or a part."),
    ] = UNSET
    created_at_min: Annotated[Time, Note(additive=True, about="Created at this moment or later.")] = UNSET
    created_at_max: Annotated[Time, Note(additive=True, about="Created in this second or earlier.")] = UNSET
    updated_at_min: Annotated[Time, Note(additive=True, about="Changed at this moment or later.")] = UNSET
    updated_at_max: Annotated[Time, Note(additive=True, about="Changed in this second or earlier.")] = UNSET
    processed_at_min: Annotated[Time, Note(additive=True, about="Processed at this moment or later.")] = UNSET
    processed_at_max: Annotated[Time, Note(additive=True, about="Processed in this second or earlier.")] = (
        UNSET
    )
    source_name: Annotated[Text, Note(additive=True, about="Only of this channel.")] = UNSET
    source_identifier: Annotated[Text, Note(additive=True, about="Known to its channel by exactly this.")] = (
        UNSET
    )
    customer_id: Annotated[Text, Note(additive=True, about="Of the customer with this id.")] = UNSET
    email: Annotated[Text, Note(additive=True, about="Of this e-mail address, in any case.")] = UNSET
    tag: Annotated[Text, Note(additive=True, about="With exactly this tag, in any case.")] = UNSET
    name: Annotated[Text, Note(additive=True, about="Named `#1001`, or `1001` for short.")] = UNSET
    q: Annotated[
        Text, Note(additive=True, about="Holding words that begin with each of these, in any field.")
    ] = UNSET

    def statuses(self) -> tuple[int, ...] | None:
        """The packed statuses that pass, or None when all do."""
        if self.status is self.financial_status is self.fulfillment_status is UNSET:
            return None
        return matching(
            _of(self.status, STATUS_WORDS, STATES),
            _of(self.financial_status, FINANCIAL_WORDS, FINANCIAL),
            _of(self.fulfillment_status, FULFILLMENT_WORDS, FULFILLMENT),
        )

    def only_counted(self) -> bool:
        """True when nothing narrows but what is kept in counters: statuses and creation."""
        return all(
            getattr(self, name) is UNSET for name in OrderFilter.__struct_fields__ if name not in COUNTED
        )


def _of(words: Any, table: dict[str, tuple[Any, ...]], everything: tuple[Any, ...]) -> Any:
    if words is UNSET:
        return everything
    return {each for word in words for each in table[word]}


class Where(Struct):
    """A condition on `orders` and its parameters."""

    clauses: list[str]
    params: dict[str, Any]
    by_update: bool = False

    def add(self, clause: str, **params: Any) -> None:
        self.clauses.append(clause)
        self.params.update(params)

    @property
    def sql(self) -> str:
        return " AND ".join(self.clauses)


RANGES = (
    ("created_at_min", "created_at >= :created_at_min"),
    ("created_at_max", "created_at <= :created_at_max"),
    ("updated_at_min", "updated_at >= :updated_at_min"),
    ("updated_at_max", "updated_at <= :updated_at_max"),
    ("processed_at_min", "processed_at >= :processed_at_min"),
    ("processed_at_max", "processed_at <= :processed_at_max"),
    ("source_name", "source_name = :source_name"),
)
FOUND_BY_WORDS = {
    Dialect.SQLITE: "id IN (SELECT rowid FROM order_terms WHERE order_terms MATCH :match)",
    Dialect.POSTGRESQL: "id IN (SELECT id FROM order_terms"
    " WHERE shop_id = :shop_id AND terms @@ CAST(:match AS tsquery))",
}
# A time names a whole second, but what Till wrote itself has microseconds: the second counts whole.
UP_TO = {"created_at_max", "updated_at_max", "processed_at_max"}


def where(wanted: OrderFilter, *, shop_id: int, dialect: Dialect, personal: bool, since: int | None) -> Where:
    """The condition that `wanted` comes to for one shop.

    `personal` says that words of protected fields may be searched; `since` is the moment before
    whose creation nothing is shown (the 60-day window).
    """
    found = Where(clauses=["shop_id = :shop_id"], params={"shop_id": shop_id})
    statuses = wanted.statuses()
    if statuses is not None:
        found.add(f"status IN ({', '.join(map(str, statuses)) or 'NULL'})")
    for name, clause in RANGES:
        value = getattr(wanted, name)
        if value is not UNSET:
            found.add(clause, **{name: value + 999_999 if name in UP_TO else value})
            found.by_update |= name.startswith("updated_at")
    if wanted.ids is not UNSET:
        ids = sorted({int(each) for each in wanted.ids if each.isdigit() and len(each) < 17})
        named = {f"id_{index}": each for index, each in enumerate(ids)}
        found.add(f"id IN ({', '.join(f':{name}' for name in named) or 'NULL'})", **named)
    if since is not None:
        found.add("created_at >= :since", since=since)
    match = _match(wanted, shop_id=shop_id, dialect=dialect, personal=personal)
    if match == "":
        found.add("shop_id IS NULL")
    elif match is not None:
        found.add(FOUND_BY_WORDS[dialect], match=match)
    return found


EXACT = (
    ("source_identifier", "s"),
    ("customer_id", "c"),
    ("email", "e"),
    ("tag", "t"),
    ("name", "n"),
)


def _match(wanted: OrderFilter, *, shop_id: int, dialect: Dialect, personal: bool) -> str | None:
    """The full-text expression: None when no word is asked for, empty when none can match."""
    prefix = terms.shop_prefix(shop_id)
    parts = [
        _word(prefix + terms.exact(kind, _named(name, value)), dialect, start=False)
        for name, kind in EXACT
        if (value := getattr(wanted, name)) is not UNSET
    ]
    if wanted.q is not UNSET:
        asked = words(wanted.q)
        if not asked:
            return ""
        groups = (terms.PUBLIC, terms.PROTECTED) if personal else (terms.PUBLIC,)
        either = {Dialect.SQLITE: " OR ", Dialect.POSTGRESQL: " | "}[dialect]
        for word in asked:
            options = [_word(prefix + group + word, dialect, start=True) for group in groups]
            parts.append(f"({either.join(options)})")
    both = {Dialect.SQLITE: " AND ", Dialect.POSTGRESQL: " & "}[dialect]
    return both.join(parts) if parts else None


def _named(name: str, value: str) -> str:
    """An order is named `#1001`, and found by `1001` too."""
    return f"#{value.removeprefix('#')}" if name == "name" else value


def _word(word: str, dialect: Dialect, *, start: bool) -> str:
    if dialect is Dialect.SQLITE:
        return f'"{word}"*' if start else f'"{word}"'
    return f"'{word}':*" if start else f"'{word}'"
