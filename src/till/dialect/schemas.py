"""JSON Schemas: of what a request may say, and of what an answer shows in either profile."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Meta, Struct

from till.dialect.body import MOST_OBJECTS, Nested, Shape, shape_of
from till.dialect.readers import Reader

Schema = dict[str, Any]

REF = "#/components/schemas/"
# Marks on the fields of an answer: how the published samples print them (rulings.md §2.2).
IN_STRING = {"x-documented": "a list inside a string, in lists"}
ALWAYS_IN_STRING = {"x-documented": "a list inside a string"}
BLANK = {"x-documented": "an empty string where there is none"}
BLANK_AND_LISTED = {"x-documented": "an empty string where there is none, and in lists only"}
StringAlways = Meta(extra_json_schema=ALWAYS_IN_STRING)
StringInLists = Meta(extra_json_schema=IN_STRING)
Blank = Meta(extra_json_schema=BLANK)
BlankInLists = Meta(extra_json_schema=BLANK_AND_LISTED)
NOTHING: Schema = {"additionalProperties": False, "maxProperties": 0}
EMPTY: Schema = {"type": "string", "const": "", "description": "Nothing."}
AS_WORDS: dict[str, Schema] = {
    "integer": {"type": "string", "pattern": "^-?[0-9]+$"},
    "number": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    "boolean": {"type": "string", "enum": ["true", "false"]},
    "null": {"type": "string", "const": "null"},
}


def named(kind: type[Struct]) -> str:
    """The public name of a shape: `OrderOut` is an Order, `OrderIn` an OrderInput."""
    name = kind.__name__
    if name.endswith("Out"):
        return name.removesuffix("Out")
    return name.removesuffix("In") + "Input" if name.endswith("In") else name


def for_readers(sentence: str) -> str:
    """A docstring's sentence without what it cites for those who read the code."""
    return re.sub(r" \([a-z/_]+\.(md|py)[^)]*\)", "", sentence)


def ref(name: str) -> Schema:
    return {"$ref": REF + name}


def any_of(options: Iterable[Schema]) -> Schema:
    """One of `options`; those that are choices themselves are laid flat."""
    flat: list[Schema] = []
    for option in options:
        flat += option["anyOf"] if option.keys() == {"anyOf"} else [option]
    return {"anyOf": flat}


class RequestSchemas:
    """Gathers the components of all request shapes."""

    def __init__(self) -> None:
        self.found: dict[str, Schema] = {}

    def of(self, kind: type[Struct], *, partly: bool = False) -> Schema:
        """A reference to the schema of `kind`; `partly` is how it may be sent back unchanged.

        What is sent back need not be whole, and has an empty string where there is nothing.
        """
        return ref(self.name(kind, partly=partly))

    def name(self, kind: type[Struct], *, partly: bool = False) -> str:
        """The name of that schema among the components."""
        name = named(kind) + ("Unchanged" if partly else "")
        if name not in self.found:
            self.found[name] = {}
            self.found[name] = self._object(shape_of(kind), partly=partly)
        return name

    def _object(self, shape: Shape, *, partly: bool) -> Schema:
        properties = {}
        for wire, (_, reader) in shape.fields.items():
            schema = self._field(reader, partly=partly)
            if wire in shape.additive:
                schema = schema | {"x-source": "additive"}
            properties[wire] = schema
        found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
        if shape.of.__doc__:
            found["description"] = for_readers(shape.of.__doc__)
        if shape.required and not partly:
            found["required"] = list(shape.required)
        return found if properties else found | NOTHING

    def _field(self, reader: Reader | Nested, *, partly: bool) -> Schema:
        if isinstance(reader, Nested):
            return self._nested(reader, partly=partly)
        if reader.schema.get("readOnly"):
            return {**reader.schema, "description": "Owned by the server: taken, and not looked at."}
        options = [reader.schema]
        if reader.schema.get("type") == "array":
            options += [_in_string(), EMPTY]
        elif partly:
            options.append(EMPTY)
        if reader.nullable or partly:
            options.append({"enum": [None, "null"]})
        return any_of(options) if len(options) > 1 else reader.schema

    def _nested(self, nested: Nested, *, partly: bool) -> Schema:
        one = self.of(nested.shape.of, partly=partly)
        nullable = nested.nullable or partly
        nothing = [{"enum": [None, "null", ""]}] if nullable else []
        if not nested.many:
            return any_of([one, *nothing]) if nothing else one
        several: Schema = {"type": "array", "items": one, "maxItems": MOST_OBJECTS}
        if nested.least and not partly:
            several["minItems"] = nested.least
        alone = [one] if nested.single else []
        return any_of([several, *alone, _in_string(), *nothing])


def _in_string() -> Schema:
    return {"type": "string", "pattern": r"^\[", "description": "The same list inside a string."}


def parameter_schema(reader: Reader) -> Schema:
    """A query parameter's schema: in a query all is text, so of several spellings one is enough."""
    first: Schema = reader.schema["anyOf"][0] if "anyOf" in reader.schema else reader.schema
    return first


class AnswerSchemas:
    """Gathers the components of all answers, typed and documented."""

    def __init__(self) -> None:
        self.found: dict[str, Schema] = {}

    def of(self, kind: type[Struct], *, pick: bool = False) -> Schema:
        """The schema of answer `kind` in both profiles; `pick` where `fields` chooses its keys."""
        _, typed = msgspec.json.schema_components([kind], ref_template=REF + "{name}")
        typed = {_public(name): _renamed(schema) for name, schema in typed.items()}
        envelope = typed.pop(named(kind))
        for name, schema in typed.items():
            if self.found.setdefault(name, schema) != schema:
                raise TypeError(f"two answers have different parts of the name {name}")
        shown = {name: self._shown(value, pick=pick) for name, value in envelope["properties"].items()}
        self.found[named(kind)] = {**envelope, "properties": shown} | (NOTHING if not shown else {})
        return ref(named(kind))

    def _shown(self, value: Schema, *, pick: bool) -> Schema:
        """The schema of what stands in an envelope, as either profile shows it."""
        if "$ref" in value.get("items", {}):
            inner = value["items"]["$ref"].removeprefix(REF)
            names = [inner, self._documented(inner, listed=True)]
            names += [self._picked(name) for name in names] if pick else []
            return {"type": "array", "items": any_of(map(ref, names))}
        documented = self._as_documented(value, listed=False)
        return value if documented == value else any_of([value, documented])

    def _picked(self, name: str) -> str:
        schema = {key: value for key, value in self.found[name].items() if key != "required"}
        schema["description"] = f"An {name} with the keys that `fields` names."
        self.found[f"{name}Picked"] = schema | {"minProperties": 1}
        return f"{name}Picked"

    def _documented(self, name: str, *, listed: bool) -> str:
        """The name of the same component as the samples print it; one without scalars is itself."""
        typed = self.found[name]
        listed = listed and self._is_listed_otherwise(name)
        new = name + ("Listed" if listed else "Documented")
        if "properties" not in typed:
            return name
        if new not in self.found:
            self.found[new] = {}
            properties = {
                key: self._as_documented(value, listed=listed)
                for key, value in typed["properties"].items()
                if listed or value.get("x-documented") != BLANK_AND_LISTED["x-documented"]
            }
            self.found[new] = typed | {
                "title": new,
                "description": f"An {name} as the published samples print it: every scalar a string.",
                "properties": properties,
                "required": [key for key in typed["required"] if key in properties],
            }
        return new

    def _is_listed_otherwise(self, name: str) -> bool:
        """True when lists print the component, or one within it, in another way than single answers."""
        text = msgspec.json.encode(self.found[name]).decode()
        inner = {part.partition('"')[0] for part in text.split(REF)[1:]} - {name}
        marks = (IN_STRING["x-documented"], BLANK_AND_LISTED["x-documented"])
        return any(mark in text for mark in marks) or any(map(self._is_listed_otherwise, inner))

    def _as_documented(self, schema: Schema, *, listed: bool) -> Schema:
        if "$ref" in schema:
            return schema | ref(self._documented(schema["$ref"].removeprefix(REF), listed=listed))
        mark = schema.get("x-documented")
        if mark == ALWAYS_IN_STRING["x-documented"]:
            return {"type": "string", "pattern": r"^\[.*\]$", "description": "A list in brackets."}
        if mark == IN_STRING["x-documented"] and listed:
            return {"type": "string", "pattern": r"^\[.*\]$", "description": "A list as JSON."}
        found = dict(schema)
        if "items" in schema:
            found["items"] = self._as_documented(schema["items"], listed=listed)
        if "anyOf" in schema:
            found["anyOf"] = [self._as_documented(each, listed=listed) for each in schema["anyOf"]]
        word = AS_WORDS.get(str(schema.get("type")))
        if word is not None:
            kept = {key: value for key, value in schema.items() if key not in ("type", "examples")}
            found = {**kept, **word}
        if mark in (BLANK["x-documented"], BLANK_AND_LISTED["x-documented"]):
            some = [each for each in found.get("anyOf", [found]) if each.get("const") != "null"]
            return any_of([*some, EMPTY])
        return found

    def components(self) -> dict[str, Schema]:
        """All of them, without the marks."""
        return {name: _unmarked(schema) for name, schema in self.found.items()}


def _public(name: str) -> str:
    return name.removesuffix("Out")


def _renamed(schema: Any) -> Any:
    """`schema` with its references under the public names, and each enumeration typed."""
    if isinstance(schema, list):
        return [_renamed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _renamed(value) for key, value in schema.items()}
    if isinstance(schema.get("$ref"), str):
        found["$ref"] = REF + _public(schema["$ref"].removeprefix(REF))
    if isinstance(schema.get("title"), str):
        found["title"] = _public(schema["title"])
    if isinstance(schema.get("description"), str):
        found["description"] = for_readers(schema["description"])
    if isinstance(schema.get("enum"), list):
        found["type"] = "string"
    return found


def _unmarked(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_unmarked(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: _unmarked(value) for key, value in schema.items() if key != "x-documented"}
