"""Reads a JSON body: strictly as JSON, leniently as values; every problem is found and named at once."""

import difflib
import json
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from types import UnionType
from typing import Annotated, Any, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT, UNSET, Struct

from till.dialect.readers import Note, Reader, Unfit
from till.errors import Invalid, Unreadable

S = TypeVar("S", bound=Struct)
Problems = dict[str, list[str]]

DEEPEST = 64
# A real wholesale order had 1,114 lines; a body of the longest size holds about this many.
MOST_OBJECTS = 5_000
# A body of nothing but faults must cost no more than a good one: the rest is not looked at.
MOST_PROBLEMS = 100
LONGEST_NAME = 64


class Shape(Struct, frozen=True):
    """How one kind of request object is read: by wire name, the attribute and its reader."""

    of: type[Struct]
    fields: dict[str, tuple[str, "Reader | Nested"]]
    required: tuple[str, ...]
    additive: frozenset[str]
    about: dict[str, str]


class Nested(Struct, frozen=True):
    """An object, or a list of them, inside another."""

    shape: Shape
    many: bool
    nullable: bool
    least: int = 0
    single: bool = False


class _NotJson(ValueError):
    pass


def parse_json(raw: bytes) -> Any:
    """The value of a JSON text in UTF-8; numbers with a point are exact decimals.

    Raises `Unreadable` for what is no JSON: NaN, a repeated name, another encoding, nesting too
    deep, bytes after the end.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"The body is not UTF-8 (byte {error.start}): send JSON in UTF-8.") from None
    if text.startswith("\ufeff"):
        raise Unreadable("The body begins with a byte order mark: send JSON without it.")
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise Unreadable(f"The body is nested too deep: at most {DEEPEST} levels.") from None
    except _NotJson as error:
        raise Unreadable(str(error)) from None
    except json.JSONDecodeError as error:
        raise Unreadable(
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from None
    except ValueError:
        raise Unreadable("The body holds a number with too many digits.") from None
    if "\\u" in text:
        _no_half_characters(value)
    return value


def _no_half_characters(value: Any) -> None:
    try:
        msgspec.json.encode(value)
    except (UnicodeEncodeError, RecursionError):
        raise Unreadable("The body holds half of a surrogate pair, which is no character.") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        # `add` answers None, which is what makes the first name of its kind pass by.
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise _NotJson(f"The body names {twice[:LONGEST_NAME]!r} twice in one object: name it once.")
    return found


def _no_constant(word: str) -> NoReturn:
    raise _NotJson(f"The body holds {word}, which is no JSON number.")


def _decimal(digits: str) -> Decimal:
    found = Decimal(digits) if len(digits) <= 64 else None
    # No double is outside these bounds; what is would overflow arithmetic further on.
    if found is None or (found and not -400 < found.adjusted() < 400):
        raise _NotJson("The body holds a number with too many digits.")
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_decimal)


@lru_cache(maxsize=256)
def shape_of(kind: type[Struct]) -> Shape:
    """The shape that the annotations of `kind` declare."""
    hints = get_type_hints(kind, include_extras=True)
    infos = msgspec.structs.fields(kind)
    notes = {info.encode_name: _note(hints[info.name]) for info in infos}
    fields = {info.encode_name: (info.name, _reader(hints[info.name])) for info in infos}
    others = {other: name for name, note in notes.items() for other in note.also}
    return Shape(
        of=kind,
        fields=fields | {other: fields[name] for other, name in others.items()},
        required=tuple(info.encode_name for info in infos if info.default is NODEFAULT),
        additive=frozenset(name for name, note in notes.items() if note.additive) | others.keys(),
        about={name: note.about for name, note in notes.items()}
        | {other: f"The same as {name}." for other, name in others.items()},
    )


def _notes(hint: Any) -> tuple[Any, ...]:
    return get_args(hint)[1:] if get_origin(hint) is Annotated else ()


def _note(hint: Any) -> Note:
    return next((extra for extra in _notes(hint) if isinstance(extra, Note)), Note())


def _reader(hint: Any) -> Reader | Nested:
    for extra in _notes(hint):
        if isinstance(extra, Reader):
            return extra
    bare = get_args(hint)[0] if _notes(hint) else hint
    options = get_args(bare) if get_origin(bare) in (Union, UnionType) else (bare,)
    for option in options:
        if get_origin(option) is tuple:
            note, nullable = _note(hint), type(None) in options
            one = shape_of(get_args(option)[0])
            return Nested(one, many=True, nullable=nullable, least=note.least, single=note.single)
        if isinstance(option, type) and issubclass(option, Struct):
            return Nested(shape_of(option), many=False, nullable=type(None) in options)
    raise TypeError(f"{hint} cannot be read from a request")


def read(kind: type[S], value: Any, path: str) -> S:
    """`value` as a `kind`; `Invalid` names every field that cannot be.

    Without a `path` it is a whole body.
    """
    if not path and not isinstance(value, dict):
        raise Invalid("The body must be a JSON object.", fields={"body": ["must be a JSON object"]})
    problems: Problems = {}
    found = read_into(kind, value, path, problems)
    if problems:
        raise invalid(problems)
    return found


def read_into(kind: type[S], value: Any, path: str, problems: Problems) -> S:
    """As `read`, but adds to `problems` instead of raising."""
    found: S = _read_object(shape_of(kind), value, path, problems)
    return found


def invalid(problems: Mapping[str, list[str]]) -> Invalid:
    """One refusal for all `problems`; its sentence tells the first and how many more there are."""
    path, said = next(iter(problems.items()))
    more = len(problems) - 1
    tail = f" ({more} more field{'s' if more > 1 else ''} in errors)" if more else ""
    return Invalid(f"{path} {said[0]}{tail}.", fields=problems)


def unknown_field(name: str, known: list[str], path: str, problems: Problems) -> None:
    """Add to `problems` that no field has this name; of a long name, its beginning."""
    short = name if len(name) <= LONGEST_NAME else name[:LONGEST_NAME] + "…"
    problems[f"{path}.{short}" if path else short] = [f"is not a known field{nearest(short, known)}"]


def nearest(name: str, known: list[str]) -> str:
    """A hint that names the known word closest to `name`, or nothing."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if not close:
        plain, folded = name.lower().replace("_", ""), {word.lower(): word for word in known}
        close = [folded[plain]] if plain in folded else []
    return f" (did you mean {close[0]!r}?)" if close else ""


def _read_object(shape: Shape, value: Any, path: str, problems: Problems) -> Any:
    if not isinstance(value, dict):
        problems[path] = ["must be an object"]
        return None
    found: dict[str, Any] = {}
    for name, given in value.items():
        if len(problems) >= MOST_PROBLEMS:
            break
        field = shape.fields.get(name)
        if field is None:
            unknown_field(name, list(shape.fields), path, problems)
            continue
        attribute, reader = field
        known = found.get(attribute)
        if isinstance(reader, Reader):
            try:
                found[attribute] = _read_scalar(reader, given)
            except Unfit as error:
                problems[f"{path}.{name}" if path else name] = [str(error)]
        else:
            found[attribute] = _read_nested(reader, given, f"{path}.{name}" if path else name, problems)
        if known is not None:
            found[attribute] = _of_two_names(known, found[attribute], f"{path}.{name}", problems)
    for name in shape.required:
        if name not in value:
            problems[f"{path}.{name}" if path else name] = ["is required"]
    return shape.of(**found) if not problems else None


def _of_two_names(known: Any, given: Any, at: str, problems: Problems) -> Any:
    """The value of a field that was sent under two of its names; of those, null says nothing."""
    if given is not None and given != known:
        problems[at] = ["says otherwise than the same field under its other name"]
    return known


def _read_scalar(reader: Reader, given: Any) -> Any:
    if given is None or (given == "null" and reader.nullable):
        if not reader.nullable:
            raise Unfit("must not be null")
        return None
    if reader.listed and isinstance(given, str):
        given = _list_in_string(given) if given[:1] == "[" else given or []
    return reader.read(given)


def _read_nested(nested: Nested, given: Any, at: str, problems: Problems) -> Any:
    if nested.many and isinstance(given, str) and given[:1] == "[":
        given = _list_in_string(given)
    if given is None or given in ("", "null"):
        if nested.nullable:
            return None
        problems[at] = ["must not be empty"]
        return UNSET
    if not nested.many:
        return _read_object(nested.shape, given, at, problems)
    if nested.single and isinstance(given, dict):
        return (_read_object(nested.shape, given, at, problems),)
    wrong = _wrong_list(nested, given)
    if wrong:
        problems[at] = [wrong]
        return UNSET
    return tuple(
        _read_object(nested.shape, each, f"{at}[{index}]", problems) for index, each in enumerate(given)
    )


def _wrong_list(nested: Nested, given: Any) -> str:
    """What is wrong with `given` as a list, or nothing."""
    if not isinstance(given, list):
        return "must be a list of objects"
    if len(given) < nested.least:
        return f"must hold at least {nested.least}"
    return f"must hold at most {MOST_OBJECTS:,} objects" if len(given) > MOST_OBJECTS else ""


def _list_in_string(given: str) -> Any:
    """A bracketed list in a string is that list; `[a,b]`, as scope samples print it, is too."""
    try:
        return parse_json(given.encode("utf-8", "surrogatepass"))
    except Unreadable:
        return [word.strip() for word in given.strip("[] ").split(",") if word.strip()]
